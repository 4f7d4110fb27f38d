"""The figures of an evaluation and the mistakes behind them (`kg.evaluation` defines each)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of what was right, what was spurious and what was missed, and the usual ratios."""

    right: int = 0
    spurious: int = 0
    missed: int = 0

    @property
    def gold(self) -> int:
        """How many there are to find."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """right / (right + spurious), 0 where nothing was found."""
        return _ratio(self.right, self.right + self.spurious)

    @property
    def recall(self) -> float:
        """right / gold, 0 where there is nothing to find."""
        return _ratio(self.right, self.gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall.

        >>> Figures(right=2, spurious=2, missed=2).f1
        0.5
        """
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.right + other.right, self.spurious + other.spurious, self.missed + other.missed
        )

    def to_json(self) -> dict[str, float]:
        """Return precision, recall and F1, rounded to four places, and how many are gold."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `total`; there is no share of nothing."""

    right: int = 0
    total: int = 0

    @property
    def value(self) -> float | None:
        """right / total."""
        return self.right / self.total if self.total else None

    def __add__(self, other: Share) -> Share:
        return Share(self.right + other.right, self.total + other.total)

    def to_json(self) -> float | None:
        """Return the share, rounded to four places."""
        return None if self.value is None else round(self.value, 4)


class Cause(StrEnum):
    """What is behind a disagreement, as far as two annotations tell. The first that applies."""

    NOT_NAMED = "entity missed"
    NOT_AN_ENTITY = "entity spurious"
    WRONG_CLASS = "entity of wrong class"
    WRONG_DIRECTION = "wrong direction"
    WRONG_PREDICATE = "wrong predicate for the right pair"
    DENIED = "negation disagrees"
    NOT_RELATED = "pair not related"
    SPURIOUS_PAIR = "spurious pair"
    OF_ANOTHER = "number tied to another entity"
    NO_NUMBER = "number missed"
    SPURIOUS_NUMBER = "number spurious"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A disagreement: something gold that is `missed`, or something predicted that is not gold.

    `part` is entity, relation or quantity, `label` the class, property or unit, `what` reads as
    text, `quote` is the evidence, and `key` the triple in gold ids (those of predicted entities
    that are aligned with none start with "?").
    """

    doc: str
    part: str
    missed: bool
    label: str
    what: str
    cause: Cause
    quote: str = ""
    key: Triple | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the mistake as it reads, without ids."""
        return {
            "doc": self.doc,
            "part": self.part,
            "missed": self.missed,
            "label": self.label,
            "what": self.what,
            "cause": self.cause.value,
            "quote": self.quote,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one or more posts, and every mistake in them."""

    posts: int = 0
    entity: Figures = Figures()
    relation: Figures = Figures()
    quantity: Figures = Figures()
    modality: Share = Share()
    evidence: Share = Share()
    by_class: Mapping[str, Figures] = field(default_factory=dict)
    by_property: Mapping[str, Figures] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the figures, rounded to four places; mistakes are left out."""
        return {
            "posts": self.posts,
            "entity": self.entity.to_json(),
            "relation": self.relation.to_json(),
            "quantity": self.quantity.to_json(),
            "modality_accuracy": self.modality.to_json(),
            "evidence_hit": self.evidence.to_json(),
            "by_type": {c: f.to_json() for c, f in self.by_class.items()},
            "by_predicate": {p: f.to_json() for p, f in self.by_property.items()},
        }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
