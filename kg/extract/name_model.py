"""Whether something that looks like a name is one, and of what: a small trained model.

One logistic regression per class over the features of `name_features`, trained by
`bench/train_names.py` on what looks like a name in annotated posts, and on the names of the ontology
in their surroundings, each as if nobody listed it; `model/names.json` says on how many, how well it
did, and what it is for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.extract.halves import MODEL, read_weights
from kg.extract.tagged import ReadsNothing
from kg.extract.unknown import Unlisted

CARD, WEIGHTS = "names.json", "names.weights.json.gz"
NOTHING = ""


def likeliest(likely: Mapping[str, float], threshold: float) -> tuple[str, float]:
    """Return the likeliest class and how sure that is, NOTHING for the class below a threshold."""
    cls = max(likely, key=lambda c: (likely[c], c), default=NOTHING)
    sure = likely.get(cls, 0.0)
    return cls if sure >= threshold else NOTHING, round(sure, 3)


@dataclass(frozen=True)
class NameModel(ReadsNothing):
    """The trained model. `weights[feature]` says what a feature adds to the log-odds of the classes
    at these positions; the class "" is what names nothing."""

    card: Mapping[str, Any]
    weights: Mapping[str, Sequence[tuple[int, float]]]

    @classmethod
    def load(cls, folder: Path = MODEL) -> NameModel:
        """Read the model."""
        weights = {
            feature: tuple((int(i), w) for i, w in some.items())
            for feature, some in read_weights(folder / WEIGHTS).items()
        }
        return cls(json.loads((folder / CARD).read_text("utf-8")), weights)

    @property
    def version(self) -> str:
        """The hash of the trained model."""
        return f"names {self.card['version']}"

    @property
    def threshold(self) -> float:
        """The confidence from which something is a name."""
        return float(self.card["threshold"])

    def judge(
        self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]
    ) -> list[tuple[str, float]]:
        """Return the likeliest class of each and how sure that is, or ("", …) for no name."""
        return [likeliest(self.probabilities(features), self.threshold) for _, features in found]

    def probabilities(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return how likely each class is, without what names nothing; they sum to less than 1."""
        classes: list[str] = self.card["classes"]
        odds: list[float] = list(self.card["bias"])
        for feature, share in features.items():
            for i, weight in self.weights.get(feature, ()):
                odds[i] += share * weight
        each = [1 / (1 + math.exp(-x)) for x in odds]
        total = sum(each)
        return {c: p / total for c, p in zip(classes, each, strict=True) if c != NOTHING}
