"""What the trained models share: a linear half over words, trees over numbers, and a card.

The relation model (`scorer`) and the model of whose an amount is (`owner_model`) are both made so;
they differ in what they judge and in what their trees see.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from kg.errors import OntologyError

if TYPE_CHECKING:
    import lightgbm

MODEL = Path(__file__).parent / "model"


class Worded(Protocol):
    """Anything with string features."""

    @property
    def words(self) -> tuple[str, ...]:
        """The string features."""
        ...


@dataclass(frozen=True, slots=True)
class Files:
    """A model's files in its folder; `what` is what a message calls the model."""

    what: str
    card: str
    words: str
    trees: str

    def load(
        self, folder: Path, columns: Sequence[str]
    ) -> tuple[dict[str, Any], dict[str, float], lightgbm.Booster]:
        """Return card, weights of words and trees.

        Raises OntologyError where the trees were trained to see other columns.
        """
        import lightgbm  # noqa: PLC0415  (half a second to import; readers never need it)

        card = json.loads((folder / self.card).read_text("utf-8"))
        if card["features"] != list(columns):
            raise OntologyError(
                f"{folder}: {self.what} was trained with other features: train it again"
            )
        weights = read_weights(folder / self.words)
        return card, weights, lightgbm.Booster(model_file=str(folder / self.trees))


def read_weights(path: Path) -> dict[str, Any]:
    """Return the weights of a model's features."""
    with gzip.open(path, "rt", encoding="utf-8") as f:
        weights: dict[str, Any] = json.load(f)
    return weights


def word_scores(
    items: Sequence[Worded], weights: Mapping[str, float], bias: float
) -> npt.NDArray[np.float64]:
    """Return the log-odds that the weights of words give each item."""
    return np.array([bias + sum(weights.get(w, 0.0) for w in i.words) for i in items])
