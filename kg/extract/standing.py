"""How a candidate stands among the other candidates of its post, by the words that speak for each.

A sentence has few subjects for one predicate, and a pair is rarely related in two ways at once, so
what a rival has going for it counts against a candidate, and what another sentence of the post says
of the same triple counts for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import numpy.typing as npt

from kg.extract.candidates import Candidate

STANDING = (
    "lead_over_subjects", "lead_over_objects", "lead_over_properties", "lead_over_sentences",
    "lead_over_pair", "best_elsewhere", "sentences", "words_of_all_sentences", "better_objects",
)  # fmt: skip
"""Names of the columns that `standing` returns."""

# What stands for a lead where there is no rival, and for a score where there is no other sentence:
# farther out than log-odds of words get.
UNRIVALLED, NOWHERE = 9.0, -20.0

_GROUPS: tuple[Callable[[Candidate], Hashable], ...] = (
    lambda c: (c.sentence, c.predicate, c.object),
    lambda c: (c.sentence, c.subject, c.predicate),
    lambda c: (c.sentence, c.subject, c.object),
    lambda c: (c.subject, c.predicate, c.object),
    lambda c: (c.sentence, frozenset((c.subject, c.object))),
)
_OBJECTS, _TRIPLE = 1, 3


def standing(
    candidates: Sequence[Candidate], words: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return a row for each candidate of a post, with the columns of STANDING.

    `words` holds the log-odds that the linear half of the model gives each. A lead is the
    difference to the best rival: another subject, object, property or sentence for the same rest,
    or anything else between the same two entities in the sentence.
    """
    out = np.zeros((len(candidates), len(STANDING)))
    if not candidates:
        return out
    for column, group in enumerate(_GROUPS):
        numbers: dict[Hashable, int] = {}
        ids = np.array([numbers.setdefault(group(c), len(numbers)) for c in candidates])
        order = np.lexsort((-words, ids))  # by group, the best first
        scores, of = words[order], ids[order]
        first = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
        size = np.diff(np.r_[first, len(of)])
        start = np.repeat(first, size)
        alone = np.repeat(size, size) == 1
        best = scores[start]
        leads = np.arange(len(of)) == start
        best[leads] = scores[np.minimum(start + 1, len(of) - 1)][leads]
        out[order, column] = np.where(alone, UNRIVALLED, scores - best)
        if column == _TRIPLE:
            out[order, 5] = np.where(alone, NOWHERE, best)
            out[order, 6] = np.repeat(size, size) - 1
            out[order, 7] = np.repeat(np.logaddexp.reduceat(scores, first), size)
        if column == _OBJECTS:
            # Of equal scores none is better than another.
            new = np.r_[True, (scores[1:] != scores[:-1]) | (of[1:] != of[:-1])]
            at = np.maximum.accumulate(np.where(new, np.arange(len(of)), 0))
            out[order, 8] = at - start
    return out
