"""Names that two things bear: a firm and its models, say, told by what a post lists them beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.listed import Listed
from kg.extract.markers import lists
from kg.extract.names import Named, NameHit, normalise


class Namesakes:
    """Tells which of two a name means: 「Llama、DeepSeekなどのモデル」 lists no firm.

    A post means one thing by a name: the less usual one where it is listed more often beside
    things of that one's class than beside things of the usual one's. A post that gives the usual
    one another name as well (「DeepSeek AI」) speaks of that.
    """

    def __init__(self, lexicon: Lexicon, listed: Listed) -> None:
        self.listed = listed
        self._other = lexicon.namesakes

    def tell(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> list[list[NameHit]]:
        """Return the known names of a post's sentences, each for what it means, adding that to the
        entities."""
        forms: dict[str, set[str]] = {}
        for s, found in zip(sentences, hits, strict=True):
            for h in found:
                forms.setdefault(h.entity, set()).add(normalise(s.text[h.start : h.end]))
        meant: dict[str, str] = {}
        for usual, written in forms.items():
            form, *more = written
            id = self._other.get(form)
            # An ontology may do without one of the two.
            if id and not more and id in self.listed:
                other = self.listed.get(id)
                if self._listed_with(usual, other.cls, sentences, hits, entities):
                    entities.setdefault(id, other)
                    meant[usual] = id
        if not meant:
            return list(map(list, hits))
        return [[replace(h, entity=meant.get(h.entity, h.entity)) for h in found] for found in hits]

    def _listed_with(
        self,
        usual: str,
        cls: str,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> bool:
        """Tell whether what is listed beside `usual` is rather of a class than of its own."""
        beside: Counter[str] = Counter()
        for s, found in zip(sentences, hits, strict=True):
            if any(h.entity == usual for h in found):
                groups = lists(normalise(s.text), [(h.start, h.end) for h in found])
                own = {g for g, h in zip(groups, found, strict=True) if h.entity == usual}
                beside.update(
                    entities[h.entity].cls
                    for g, h in zip(groups, found, strict=True)
                    if g in own and h.entity != usual
                )
        return beside[cls] > beside[entities[usual].cls]
