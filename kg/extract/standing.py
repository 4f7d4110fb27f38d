"""How a candidate stands among the other candidates of its post, by the words that speak for each.

A sentence has few subjects for one predicate, and a pair is rarely related in two ways at once, so
what a rival has going for it counts against a candidate, and what another sentence of the post says
of the same triple counts for it.
"""

from __future__ import annotations

from collections import defaultdict
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
    for column, group in enumerate(_GROUPS):
        members: dict[Hashable, list[int]] = defaultdict(list)
        for i, c in enumerate(candidates):
            members[group(c)].append(i)
        for found in members.values():
            rows = np.array(found)
            scores = words[rows]
            out[rows, column] = _lead(scores)
            if column == _TRIPLE:
                out[rows, 5] = _best_other(scores)
                out[rows, 6] = len(rows) - 1
                out[rows, 7] = np.logaddexp.reduce(scores)
            if column == _OBJECTS:
                out[rows, 8] = [(scores > s).sum() for s in scores]
    return out


def _best_other(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for each score the highest of the others."""
    if len(scores) == 1:
        return np.array([NOWHERE])
    second, first = np.partition(scores, -2)[-2:]
    best = np.full(len(scores), first)
    best[np.argmax(scores)] = second
    return best


def _lead(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if len(scores) == 1:
        return np.array([UNRIVALLED])
    lead: npt.NDArray[np.float64] = scores - _best_other(scores)
    return lead
