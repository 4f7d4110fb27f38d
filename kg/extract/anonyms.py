"""Firms that a post speaks of without their names, as 「某AI企業」: those that its title names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.extract.blocks import Kind
from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.names import Named, NameHit


class Anonyms:
    """Tells whom a post means by an anonym."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._anonyms = lexicon.anonyms

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> dict[str, str]:
        """Return the entity that each anonym means in a post whose names are found.

        An anonym that stands for one entity means that, where the title names it; any other means
        the only one of its class that the title names.
        """
        titled = {
            h.entity
            for s, found in zip(sentences, hits, strict=True)
            if s.kind is Kind.TITLE
            for h in found
        }
        meant: dict[str, str] = {}
        for a in self._anonyms:
            of_class = {e for e in titled if entities[e].cls == a.cls}
            if a.entity in of_class:
                meant[a.text] = a.entity
            elif not a.entity and len(of_class) == 1:
                (meant[a.text],) = of_class
        return meant
