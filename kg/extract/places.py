"""Places that stand for something: a country for its government, a site for what is built there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.lexicon import Finder, Lexicon, any_of
from kg.extract.listed import Listed
from kg.extract.markers import SUBJECT, TOPIC
from kg.extract.names import Named, NameHit, bounded, normalise, script
from kg.model import slug

# What stands between a place and what is built there: 「アリゾナに大規模な工場」.
_AT = r"(?:州|市|県|郡)?(?:の|での|に|には)?[^、。，・「」（）()|はがをへと]{0,14}?"


class Places:
    """Finds what the name of a place stands for.

    A country that acts (「米国は輸出を規制した」, 「米国の輸出規制」) is its government, as only the
    subject of a sentence and what states do shows: 「米国の市場」 and 「米国では」 are places. A
    plant or data center at a place (「メンフィスのデータセンター」) is a facility, though not all those
    of a country.
    """

    def __init__(self, lexicon: Lexicon, listed: Listed) -> None:
        self.listed = listed
        self._government = lexicon.governments
        self._acts = (SUBJECT, *TOPIC, *lexicon.acts_of_state)
        self._country = Finder(lexicon.governments)
        self._site = Finder(lexicon.sites)
        built = {k.text: k.cls for k in lexicon.kinds.values() if k.names_with_place}
        self._class_of = built
        self._built = re.compile(f"{_AT}(?P<kind>{any_of(built).pattern})")

    def find(self, text: str, entities: dict[str, Named]) -> Iterator[NameHit]:
        """Yield what the places of a sentence stand for, adding it to the entities."""
        plain = normalise(text)
        for start, country in self._country.find(plain):
            end = start + len(country)
            if plain.startswith(self._acts, end) and _alone(plain, start):
                id = self._government[country]
                # An ontology may do without: then its country is only a place.
                if id in self.listed:
                    entities.setdefault(id, self.listed.get(id, 0.8))
                    yield NameHit(start, end, id)
        for start, place in self._site.find(plain):
            m = self._built.match(plain, start + len(place))
            if m and bounded(plain, start, m.end()) and _alone(plain, start):
                entity = self._at(place, m.group("kind"))
                entities.setdefault(entity.id, entity)
                yield NameHit(start, m.end(), entity.id)

    def _at(self, place: str, kind: str) -> Named:
        """Return what stands at a place: one thing, whatever its size is said to be."""
        name = place + kind
        cls = self._class_of[kind]
        new = Named(f"{slug(name)}-{cls.lower()}", cls, name, False, 0.6)
        return self.listed.find(f"{place}の{kind}", name, confidence=0.8) or new


def _alone(text: str, start: int) -> bool:
    """Tell whether no longer word ends in what starts here: 対中国, 東日本."""
    return bounded(text, start, len(text)) and (start == 0 or script(text[start - 1]) != "kanji")
