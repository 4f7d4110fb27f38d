"""Two readers judge whose an amount is: the model of owners over features, and a language model.

As for relations (`two_readers`), the first judges every pairing, and the second reads those that the
first finds possible again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.extract.encoder import Encoder
from kg.extract.owner_model import OwnerModel
from kg.extract.owners import Pairing
from kg.extract.passages import of_pairings
from kg.extract.readers import Readers, combined
from kg.extract.reading import Reading


@dataclass(frozen=True)
class OwnerReaders(Readers[OwnerModel]):
    """The model of owners and the language model, weighed as `amounts` of its card says."""

    @classmethod
    def load(cls) -> OwnerReaders:
        """Read both models."""
        return cls(OwnerModel.load(), Encoder.load())

    @property
    def threshold(self) -> float:
        """The score from which an amount is a quantity."""
        return float(self.second.card["amounts"]["threshold"])

    def score(self, pairings: Sequence[Pairing], reading: Reading) -> list[float]:
        """Return how likely each amount of a post is a quantity of its entity, 0 to 1."""
        scores = self.first.score(pairings)
        odds = self.odds(pairings, reading, scores)
        weights = self.second.card["amounts"]["weights"]
        return [
            combined(score, odds[i], weights) if i in odds else 0.0
            for i, score in enumerate(scores)
        ]

    def odds(
        self, pairings: Sequence[Pairing], reading: Reading, scores: Sequence[float]
    ) -> dict[int, float]:
        """Return the log-odds of the second reader where it is heard, by index."""
        return self.hear(of_pairings, pairings, reading, scores)
