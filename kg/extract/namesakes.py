"""Names that two things bear: a firm and its models, say, told by what a post lists them beside and
says to be theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.listed import Listed
from kg.extract.markers import lists, possession
from kg.extract.names import Named, NameHit, normalise


class Namesakes:
    """Tells which of two a name means: 「Llama、DeepSeekなどのモデル」 lists no firm.

    A post means one thing by a name: the less usual one where more speaks for that one's class than
    for the usual one's. What the name is listed beside speaks for its class; what it is said to own
    (「ARMのNeoverse」), for that of the maker; another name of the usual one (「DeepSeek AI」), for
    that.
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
        bare = {
            (h.entity, form)
            for s, found in zip(sentences, hits, strict=True)
            for h in found
            if (form := h.written(s.text)) in self._other
        }
        meant: dict[tuple[str, str], str] = {}
        for usual, form in sorted(bare):
            id = self._other[form]
            # An ontology may do without one of the two.
            if id in self.listed:
                other = self.listed.get(id)
                spoken: Counter[str] = Counter()
                for s, found in zip(sentences, hits, strict=True):
                    spoken.update(self._spoken_for(usual, form, other, s, found, entities))
                if spoken[other.cls] > spoken[entities[usual].cls]:
                    entities.setdefault(id, other)
                    meant[usual, form] = id
        if not meant:
            return list(map(list, hits))
        return [
            [replace(h, entity=meant.get((h.entity, h.written(s.text)), h.entity)) for h in found]
            for s, found in zip(sentences, hits, strict=True)
        ]

    def _spoken_for(
        self,
        usual: str,
        form: str,
        other: Named,
        sentence: Sentence,
        hits: Sequence[NameHit],
        entities: Mapping[str, Named],
    ) -> Iterator[str]:
        """Yield the classes that a sentence speaks for, one of two that bear a name of this form."""
        named = [k for k, h in enumerate(hits) if h.entity == usual]
        at = [k for k in named if hits[k].written(sentence.text) == form]
        yield from [entities[usual].cls] * (len(named) - len(at))
        if not at:
            return
        text, spans = normalise(sentence.text), [(h.start, h.end) for h in hits]
        groups = lists(text, spans)
        own = {groups[k] for k in at}
        for group, h in zip(groups, hits, strict=True):
            if group in own and h.entity != usual:
                yield entities[h.entity].cls
        for k in at:
            thing = possession(text, spans[k], spans)
            maker = entities[hits[thing].entity].maker if thing is not None else ""
            if maker in {usual, other.id}:
                yield self.listed.get(maker).cls
