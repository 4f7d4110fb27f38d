"""Two readers judge what nobody lists: the model of names over features, and the language model.

The first judges everything that looks like a name. The second reads sentences of what the first does
not rule out, knowing the names that are listed, and they judge together. What does not look like a
name is tagged by the second alone (`tagged`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from kg.extract.name_model import NameModel, likeliest
from kg.extract.naming import Tags
from kg.extract.readers import Readers, combined, log_odds
from kg.extract.said import Said
from kg.extract.tagged import MOST, Likely
from kg.extract.unknown import Unlisted

# From which confidence of the first reader in some class something may be a name, and of how many of
# its uses the second reads the sentences.
ASKED, READ = 0.02, 2
# Of how many sentences the tags are kept: half of those of such posts stand in other posts too.
KEPT = 10_000


Verdicts = dict[str, tuple[float, float]]
"""How likely the two readers find that something names a thing of each class."""


def likely(verdicts: Verdicts, weights: Sequence[float]) -> dict[str, float]:
    """Return how likely each class is by what the two readers say."""
    return {c: combined(p, log_odds(q), weights) for c, (p, q) in verdicts.items()}


@dataclass(frozen=True)
class NameReaders(Readers[NameModel]):
    """The model of names and the language model."""

    @property
    def threshold(self) -> float:
        """The confidence from which something is a name."""
        return float(self.second.card["names"]["threshold"])

    def judge(
        self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]
    ) -> list[tuple[str, float]]:
        """Return the likeliest class of each and how sure that is, or ("", …) for no name."""
        weights = self.second.card["names"]["weights"]
        return [likeliest(likely(v, weights), self.threshold) for v in self.verdicts(found)]

    def verdicts(self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]) -> list[Verdicts]:
        """Return how likely the first and the second find each to name something of which class;
        nothing for what the first rules out, or what stands beyond what the second reads."""
        classes: list[str] = self.second.card["named"]
        read: set[Said] = set()
        out: list[Verdicts] = []
        for unlisted, features in found:
            before = self.first.probabilities(features)
            heard = self._hear(unlisted, read) if max(before.values()) >= ASKED else []
            out.append(
                {c: (before[c], p) for c, p in zip(classes, heard, strict=False) if c in before}
            )
        return out

    def tags(self, said: Said) -> Tags:
        """Return how likely the second finds the parts of a sentence to be names."""
        return self._tags(said)

    def named(self, likely: Likely) -> tuple[str, float]:
        """Return the likeliest class of what only the second tagged, or ("", …) for no name."""
        classes = dict(zip(self.second.card["named"], map(float, likely), strict=True))
        return likeliest(classes, float(self.second.card["names"]["tagged"]))

    @cached_property
    def _tags(self) -> Callable[[Said], Tags]:
        return lru_cache(KEPT)(self.second.name)

    def _hear(self, unlisted: Unlisted, read: set[Said]) -> list[float]:
        """Return how likely something is of each class in the sentences that use it, on average,
        adding these to those that were read; nothing where no more are read."""
        each = []
        for use in unlisted.uses[:READ]:
            said = Said.beside(use.text, use.beside)
            if said in read or len(read) < MOST:
                read.add(said)
                each.append(self._tags(said).classes(use.start, use.end))
        return [float(p) for p in np.mean(each, axis=0)] if each else []
