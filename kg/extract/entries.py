"""What the entries of the lexicon say: cues, frames, kinds of things, units."""

from __future__ import annotations

from dataclasses import dataclass

from kg.model import Modality


@dataclass(frozen=True, slots=True)
class Frame:
    """The particles by which a word's subject and object hang on it."""

    name: str
    subject: tuple[str, ...]
    object: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that expresses a property; `reversed` where its grammatical subject is the object."""

    text: str
    predicate: str
    frame: Frame
    part_of_speech: str
    reversed: bool

    @property
    def name(self) -> str:
        """What a claim calls the entry: property, frame and word."""
        return f"{self.predicate}/{self.frame.name}/{self.text}"


@dataclass(frozen=True, slots=True)
class ModalityCue:
    """A word that hedges or denies; `scope` is final, before or anywhere."""

    text: str
    modality: Modality
    scope: str


@dataclass(frozen=True, slots=True)
class KindNoun:
    """A word for a kind of thing.

    With a maker or a place in front some name an entity (`canonical`); a `suffix` follows a name directly
    (「X氏」), and one that `introduces` has a name after it with の (「スタートアップのX」). One that is
    `joined` names an entity only where a particle joins it to its maker (「OpenAIのモデル」).
    An `honorific` follows nothing but a person's name.
    """

    text: str
    cls: str
    canonical: str
    names_with_maker: bool
    suffix: bool = False
    introduces: bool = False
    names_with_place: bool = False
    joined: bool = False
    honorific: bool = False


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A word that points back; `number` is one, two or many."""

    text: str
    cls: str
    number: str


@dataclass(frozen=True, slots=True)
class Anonym:
    """What a post calls something of a class without its name; "" as `entity` where any may be
    meant."""

    text: str
    cls: str
    entity: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's word, the unit it stands for, the factor to that, and what it usually measures.

    What is `counted` is so by bare numbers too that stand elsewhere in its sentence.
    """

    text: str
    unit: str
    factor: float
    kinds: tuple[str, ...]
    counted: bool = False
