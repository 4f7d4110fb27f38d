"""What an explanation of a post holds (`kg.extract.explain` makes one)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from kg.model import Evidence


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the lexicon in the post: `entry` is its property, frame and form there."""

    entry: str
    at: Evidence


@dataclass(frozen=True, slots=True)
class Idle(Word):
    """A word that fired for nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """A subject or object: `at` is its name, or the word that points back to it, in the sentence
    (None where it is carried in from outside), `hangs` says how it relates to the frame's word,
    and `particle` by which particle ("" for none).
    """

    entity: str
    name: str
    cls: str
    at: Evidence | None
    hangs: str
    particle: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A modality, the rule that decided it, and the words it was read from, if any."""

    modality: str
    rule: str
    at: Evidence | None


@dataclass(frozen=True, slots=True)
class Weight:
    """What a feature added to a candidate's log-odds; `value` is the feature's, as far as it reads
    as one."""

    feature: str
    value: str
    effect: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A triple that a sentence might state. `made` tells whether the post's claims hold it, and
    `reason` why this sentence is or is not evidence for it."""

    subject: End
    predicate: str
    object: End
    confidence: float
    made: bool
    reason: str
    word: Word | None
    stated: Stated
    weights: tuple[Weight, ...]

    @property
    def triple(self) -> tuple[str, str, str]:
        """The ids of subject, property and object."""
        return (self.subject.entity, self.predicate, self.object.entity)


@dataclass(frozen=True, slots=True)
class Explained:
    """A sentence with its verdicts, most confident first, and the words that fired for nothing."""

    at: Evidence
    verdicts: tuple[Verdict, ...]
    idle: tuple[Idle, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """An entity that the ontology does not list, and how sure it is that it is one."""

    entity: str
    name: str
    cls: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A post's sentences that made or nearly made a claim, in order.

    `threshold` is the confidence that a claim needs; candidates below `least` are left out.
    """

    post: str
    title: str
    claims: int
    rejected: int
    threshold: float
    least: float
    unlisted: tuple[Guess, ...]
    sentences: tuple[Explained, ...]

    def of(self, triple: tuple[str, str, str]) -> Explanation:
        """Return the part of the explanation that is about one triple."""
        kept = (
            replace(s, verdicts=tuple(v for v in s.verdicts if v.triple == triple), idle=())
            for s in self.sentences
        )
        return replace(self, sentences=tuple(s for s in kept if s.verdicts))

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON; passages have `start`, `end` and `text`."""
        return asdict(self)
