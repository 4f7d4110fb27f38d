"""How likely an amount is said of an entity: a small trained model.

Like the relation model (`scorer`) it has two halves: a linear one weighs words, boosted trees weigh
numbers together with the linear half's verdict. Both were trained by `bench/train_quantities.py`;
`model/quantities.json` says on which posts, how well it did, and what it is for.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.errors import OntologyError
from kg.extract.owners import FEATURES, Pairing
from kg.extract.scorer import MODEL

TREES, WORDS, CARD = "quantities.txt", "quantities.words.json.gz", "quantities.json"


@dataclass(frozen=True)
class OwnerModel:
    """The trained model; `threshold` is the score from which an amount is a quantity."""

    card: Mapping[str, Any]
    weights: Mapping[str, float]
    trees: Any

    @classmethod
    def load(cls, folder: Path = MODEL) -> OwnerModel:
        """Read the model; raise OntologyError where it does not match this program's features."""
        import lightgbm  # noqa: PLC0415  (half a second to import; readers never need it)

        card = json.loads((folder / CARD).read_text("utf-8"))
        if card["features"] != [*FEATURES, "words"]:
            raise OntologyError(
                f"{folder}: the model of quantities was trained with other features: train it again"
            )
        with gzip.open(folder / WORDS, "rt", encoding="utf-8") as f:
            weights = json.load(f)
        return cls(card, weights, lightgbm.Booster(model_file=str(folder / TREES)))

    @property
    def version(self) -> str:
        """The hash of the trained model."""
        return f"quantities {self.card['version']}"

    @property
    def threshold(self) -> float:
        """The score with the best F1 in cross-validation."""
        return float(self.card["threshold"])

    def score(self, pairings: Sequence[Pairing]) -> list[float]:
        """Return how likely each amount is a quantity of its entity, 0 to 1."""
        if not pairings:
            return []
        return [float(p) for p in self.trees.predict(self._table(pairings), num_threads=1)]

    def _table(self, pairings: Sequence[Pairing]) -> npt.NDArray[np.float32]:
        bias = float(self.card["bias"])
        return np.array(
            [(*p.numbers, bias + sum(self.weights.get(w, 0.0) for w in p.words)) for p in pairings],
            dtype=np.float32,
        )
