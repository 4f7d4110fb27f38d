"""Two readers judge together: the relation model over features, and a language model.

The first judges every candidate. The second, which takes much longer, reads the sentences again in
which the first finds one possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kg.extract.candidates import Candidate
from kg.extract.encoder import Encoder
from kg.extract.halves import MODEL
from kg.extract.passages import of_candidates
from kg.extract.readers import Readers, combined
from kg.extract.reading import Reading
from kg.extract.scorer import RelationModel

ENCODER = "encoder"
"""What the second reader's verdict is called beside the first one's columns."""


def _triple(c: Candidate) -> tuple[str, str, str]:
    return c.subject, c.predicate, c.object


@dataclass(frozen=True)
class TwoReaders(Readers[RelationModel]):
    """The relation model and the language model."""

    @classmethod
    def load(cls, folder: Path = MODEL) -> TwoReaders:
        """Read both models."""
        return cls(RelationModel.load(folder), Encoder.load(folder))

    @property
    def threshold(self) -> float:
        """The confidence from which a candidate is a claim."""
        return float(self.second.card["threshold"])

    def score(self, candidates: Sequence[Candidate], reading: Reading) -> list[float]:
        """Return the confidence of each candidate of a post, 0 to 1, calibrated."""
        scores = self.first.score(candidates, reading)
        odds = self.odds(candidates, reading, scores)
        weights = self.second.card["weights"]
        again = {i: self.calibrate(combined(scores[i], x, weights)) for i, x in odds.items()}
        best: dict[tuple[str, str, str], float] = {}
        for i, score in again.items():
            best[_triple(candidates[i])] = max(score, best.get(_triple(candidates[i]), 0.0))
        # A sentence that was not read again is worth no more than the one that says it best.
        return [
            again[i] if i in again else min(score, best.get(_triple(c), 1.0))
            for i, (c, score) in enumerate(zip(candidates, scores, strict=True))
        ]

    def odds(
        self, candidates: Sequence[Candidate], reading: Reading, scores: Sequence[float]
    ) -> dict[int, float]:
        """Return the log-odds of the second reader where it is heard, by index."""
        return self.hear(of_candidates, candidates, reading, scores)

    def contributions(
        self, candidates: Sequence[Candidate], reading: Reading, shown: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return what counted for and against those candidates whose indices are `shown`: the
        first reader's columns, and ENCODER, the log-odds of the second where it is heard, each as
        much as its reader counts.
        """
        first, second, _ = self.second.card["weights"]
        odds = self.odds(candidates, reading, self.first.score(candidates))
        added = self.first.contributions(candidates, shown)
        return [
            {column: first * x for column, x in some.items()}
            | ({ENCODER: second * odds[i]} if i in odds else {})
            for i, some in zip(shown, added, strict=True)
        ]

    def calibrate(self, raw: float) -> float:
        """Return the confidence for what both say together: the share of such claims that were
        right, and rather less."""
        xs, ys = self.second.card["calibration"]
        return round(float(np.interp(raw, xs, ys)), 3)
