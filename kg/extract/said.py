"""A sentence as the language model is shown it: its text and what its names are of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.extract.names import NameHit


@dataclass(frozen=True, slots=True)
class End:
    """One of a pair: its name, its class, and the span of its sentence, (-1, -1) outside it."""

    name: str
    cls: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and the entities it names: the ends that a pair may have in it."""

    text: str
    names: tuple[End, ...] = ()

    @classmethod
    def beside(cls, text: str, known: Iterable[tuple[NameHit, str]]) -> Said:
        """Return a sentence whose known names are given with their classes."""
        return cls(text, tuple(End("", named, (h.start, h.end)) for h, named in known))
