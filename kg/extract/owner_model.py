"""How likely an amount is said of an entity: a small trained model.

Like the relation model (`scorer`) it has two halves: a linear one weighs words, boosted trees weigh
numbers together with the linear half's verdict. Both were trained by `bench/train_quantities.py`;
`model/quantities.json` says on which posts, how well it did, and what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.extract.halves import MODEL, Files, word_scores
from kg.extract.owner_features import FEATURES
from kg.extract.owners import Pairing
from kg.extract.reading import Reading

COLUMNS = (*FEATURES, "words")
"""What the trees see of a pairing: its features and the linear half's verdict."""

FILES = Files(
    "the model of quantities",
    card="quantities.json",
    words="quantities.words.json.gz",
    trees="quantities.txt",
)


def table(pairings: Sequence[Pairing], words: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the matrix (pairings × COLUMNS) that the trees see."""
    return np.column_stack([np.array([p.numbers for p in pairings]), words]).astype(np.float32)


@dataclass(frozen=True)
class OwnerModel:
    """The trained model; `threshold` is the score from which an amount is a quantity."""

    card: Mapping[str, Any]
    weights: Mapping[str, float]
    trees: Any

    @classmethod
    def load(cls, folder: Path = MODEL) -> OwnerModel:
        """Read the model; raise OntologyError where it does not match this program's features."""
        return cls(*FILES.load(folder, COLUMNS))

    @property
    def version(self) -> str:
        """The hash of the trained model."""
        return f"quantities {self.card['version']}"

    @property
    def threshold(self) -> float:
        """The score with the best F1 in cross-validation."""
        return float(self.card["threshold"])

    def score(
        self,
        pairings: Sequence[Pairing],
        reading: Reading | None = None,  # noqa: ARG002  (pairings say it all)
    ) -> list[float]:
        """Return how likely each amount is a quantity of its entity, 0 to 1."""
        if not pairings:
            return []
        words = word_scores(pairings, self.weights, float(self.card["bias"]))
        return [float(p) for p in self.trees.predict(table(pairings, words), num_threads=1)]
