"""What it takes for a model over features and the language model to judge together."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kg.extract.encoder import Encoder
from kg.extract.passages import Question, passages
from kg.extract.reading import Reading

# From which confidence of the first reader on the second is asked: from less on nothing changes on
# the posts that the two were weighed on.
ASKED = 0.05

# A confidence is taken to be no surer than this: log-odds have no end.
_LEAST, _MOST = 0.002, 0.99


def log_odds(confidence: float) -> float:
    """Return the log-odds of a confidence.

    >>> log_odds(0.5), round(log_odds(1.0), 1)
    (0.0, 4.6)
    """
    p = min(max(confidence, _LEAST), _MOST)
    return math.log(p / (1 - p))


def combined(confidence: float, odds: float, weights: Sequence[float]) -> float:
    """Return the probability that a confidence and log-odds of the two readers make together.

    `weights` are those of the two and a bias; the sum is calibrated afterwards.
    """
    first, second, bias = weights
    return 1 / (1 + math.exp(-(first * log_odds(confidence) + second * odds + bias)))


class FirstReader(Protocol):
    """A trained model over features."""

    @property
    def card(self) -> Mapping[str, Any]:
        """What it was trained on, and how its features are numbered."""
        ...

    @property
    def version(self) -> str:
        """What its verdicts depend on, for provenance."""
        ...


First = TypeVar("First", bound=FirstReader)
Asked = TypeVar("Asked")
Ask = Callable[[Sequence[Asked], Reading, Container[int]], Iterable[Question]]
"""What makes questions of those of a post's candidates or pairings that are at given positions."""


@dataclass(frozen=True)
class Readers(Generic[First]):
    """Both trained models, and how they were weighed (the second one's card)."""

    first: First
    second: Encoder

    @property
    def version(self) -> str:
        """The hashes of both models."""
        return f"{self.first.version}, {self.second.version}"

    @property
    def card(self) -> Mapping[str, Any]:
        """The card of the first reader, which says how its features are numbered."""
        return self.first.card

    def hear(
        self, ask: Ask[Asked], asked: Sequence[Asked], reading: Reading, scores: Sequence[float]
    ) -> dict[int, float]:
        """Return the log-odds of the second reader, by index, where the first one's `scores` say
        that something is possible."""
        possible = {i for i, score in enumerate(scores) if score >= ASKED}
        return self.second.read(passages(ask(asked, reading, possible), reading))
