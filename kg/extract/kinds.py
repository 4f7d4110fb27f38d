"""A maker with a kind of thing: 「NVIDIAの最新GPU」, 「Appleは自社開発のチップを」."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kg.extract.lexicon import Lexicon, any_of
from kg.extract.listed import Listed
from kg.extract.markers import SUBJECT, TOPIC
from kg.extract.names import Named, NameHit, normalise
from kg.model import slug


class MakersKinds:
    """Finds the things that are known by their maker and what kind of thing they are."""

    def __init__(self, lexicon: Lexicon, listed: Listed) -> None:
        self.listed = listed
        self._makers = listed.schema.below("CorporateAgent")
        self._kind_of = {k.text: k for k in lexicon.kinds.values() if k.names_with_maker}
        kinds = any_of(self._kind_of).pattern
        # 「NVIDIA製チップ向けのモデル」 is no model of NVIDIA's.
        word = rf"(?:(?!{kinds})[A-Za-z0-9ァ-ヺー一-龥々・]){{1,12}}"
        purpose = rf"{word}(?:{any_of(lexicon.purposes).pattern})"
        modifiers = rf"(?:(?:{any_of(lexicon.modifiers).pattern}|{purpose})(?:の|な)?)*"
        firm = any_of(k.text for k in lexicon.kinds.values() if k.suffix and k.cls in self._makers)
        kind = rf"(?P<kind>{kinds})(?![A-Za-z0-9ァ-ヺー「『])"
        self._made = re.compile(
            rf"(?P<owning>(?:{firm.pattern})?(?:の|製の?)|{firm.pattern}|自身の|独自の)?{modifiers}{kind}"
        )
        own = any_of(lexicon.own_modifiers).pattern
        subject = "|".join((SUBJECT, *TOPIC))
        self._own = re.compile(
            rf"(?:{subject})、?[^。、はがも]{{0,16}}?(?P<thing>(?:{own})(?:の|な)?{modifiers}{kind})"
        )

    def find(
        self, text: str, hits: Sequence[NameHit], entities: dict[str, Named]
    ) -> Iterator[NameHit]:
        """Yield 「NVIDIAの最新GPU」 as a mention of the maker's chips."""
        plain = normalise(text)
        starts = {h.start for h in hits}
        for hit in hits:
            if entities[hit.entity].cls not in self._makers:
                continue
            m = self._made.match(plain, hit.end)
            if m is None or m.end() in starts:
                continue
            if self._kind_of[m.group("kind")].joined and m.start("kind") == hit.end:
                continue
            entity = self._entity(entities[hit.entity], m.group("kind"), entities)
            start = hit.end + len(m.group("owning") or "")
            yield NameHit(start, m.end(), entity.id, whole=hit.start)

    @staticmethod
    def made(entities: Mapping[str, Named]) -> frozenset[tuple[str, str]]:
        """Return the makers of what a post names, each with the class of what it makes."""
        own = {(e.maker, e.cls) for e in entities.values() if e.maker}
        parents = {(entities[m].parent, cls) for m, cls in own if m in entities}
        return frozenset(own | {(parent, cls) for parent, cls in parents if parent})

    def own(
        self,
        text: str,
        hits: Sequence[NameHit],
        entities: dict[str, Named],
        products: frozenset[tuple[str, str]],
    ) -> Iterator[NameHit]:
        """Yield 「自社開発のチップ」 as a mention of the chips of whom the sentence speaks.

        Only of a maker of whose chips the post names none (`products`): otherwise these are meant.
        """
        plain = normalise(text)
        taken = [range(h.start, h.end) for h in hits]
        for hit in hits:
            maker = entities[hit.entity]
            m = self._own.match(plain, hit.end) if maker.cls in self._makers else None
            # Whoever is named in between owns the thing: 「BroadcomはOpenAIのカスタムチップを」.
            if m is None or any(hit.end < r.stop and r.start < m.end() for r in taken):
                continue
            cls = self._kind_of[m.group("kind")].cls
            if not products & {(maker.id, cls), (maker.parent, cls)}:
                entity = self._entity(maker, m.group("kind"), entities)
                yield NameHit(m.start("thing"), m.end(), entity.id)

    def _entity(self, maker: Named, word: str, entities: dict[str, Named]) -> Named:
        """Return, and add, what a maker's thing of this kind is called."""
        kind = self._kind_of[word]
        name = f"{maker.name} {kind.canonical}"
        new = Named(slug(name), kind.cls, name, False, 0.9, maker.id)
        thing = self.listed.find(name) or new
        return entities.setdefault(thing.id, thing)
