"""Mentions: which entities a post names, known ones and those its form or context gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.extract.anonyms import Anonyms
from kg.extract.document import Sentence
from kg.extract.identities import Identities
from kg.extract.kinds import MakersKinds
from kg.extract.lexicon import Lexicon
from kg.extract.listed import Listed
from kg.extract.names import (
    COUNTER,
    LISTING,
    Named,
    NameHit,
    Names,
    bounded,
    longest,
    normalise,
    short_forms,
)
from kg.extract.namesakes import Namesakes
from kg.extract.people import People
from kg.extract.places import Places
from kg.extract.tagged import TaggedNames
from kg.extract.unknown import NameJudge, UnknownNames
from kg.model import slug
from kg.schema import Schema

# How far after its maker a product may stand to be known by its short form.
BESIDE = 30

_RELEASE = re.compile(r" \d{1,2}\.\d{1,2}")
_NUMBER = re.compile(r"[ \-]?[vV]?\d+(?:\.\d+)*[A-Za-z]{0,2}(?![A-Za-z])")


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """sentences[sentence].text[start:end] names `entity`.

    `whole` is where the whole expression starts, before `start` where the name needs its maker's
    to be one: 「NVIDIAの最新GPU」.
    """

    sentence: int
    start: int
    end: int
    entity: str
    whole: int = -1


@dataclass(frozen=True, slots=True)
class Mentions:
    """All mentions of a post in order, and the entities they name."""

    entities: dict[str, Named]
    mentions: tuple[Mention, ...]


class MentionFinder:
    """Finds mentions: known names, versions of known families, a maker with a kind of thing,
    abbreviations introduced in the post, and unknown names that context explains."""

    def __init__(self, schema: Schema, lexicon: Lexicon, names: Names, judge: NameJudge) -> None:
        self.schema = schema
        self.lexicon = lexicon
        self.names = names
        self._versioned_classes = schema.versioned
        self._released_classes = schema.below("DigitalProduct")
        self._short = short_forms(schema.entities, lexicon.ordinary)
        self._short_of = {id: form for forms in self._short.values() for form, id in forms.items()}
        self.listed = Listed(schema)
        versions = "|".join(map(re.escape, lexicon.version_words))
        self._version = re.compile(
            rf"(?:{_NUMBER.pattern})?(?:[ \-](?:{versions})(?![A-Za-z]))*(?:[ ]?\d+(?:\.\d+)*(?![A-Za-z\d]))?"
        )
        version = rf"(?:v\d+(?:\.\d+)?[a-z]?|{versions})"
        self._listed_version = re.compile(rf"{version}(?:[ ]\d+(?:\.\d+)*)?(?! ?[A-Za-z0-9])")
        self._last_version = re.compile(rf"[ \-]?{version}$")
        series = "|".join(map(re.escape, lexicon.sortals))
        self._opening = re.compile(rf"(?:{series})?[（(] ?")
        self._series = re.compile(rf"(?:{series})$")
        self.kinds = MakersKinds(lexicon, self.listed)
        self.places = Places(lexicon, self.listed)
        self.people = People(lexicon)
        self.namesakes = Namesakes(lexicon, self.listed)
        self.anonyms = Anonyms(lexicon)
        self.unknown = UnknownNames(schema, lexicon, judge)
        self.tagged = TaggedNames(schema, lexicon, judge)
        self.identities = Identities(schema, lexicon)

    def find(self, sentences: Sequence[Sentence]) -> Mentions:
        """Return the mentions of a post, given as its sentences."""
        entities: dict[str, Named] = {}
        hits: list[list[NameHit]] = []
        for s in sentences:
            known = self.names.find(s.text)
            found = [v for h in known for v in self._versioned(s.text, h, entities)]
            more = [v for h in found for v in self._listed_versions(s.text, h, entities)]
            spans = {(h.start, h.end) for h in more}
            kept = [h for h in found if (h.start, h.end) not in spans]
            hits.append(longest(kept + more) if more else found)
        hits = self.namesakes.tell(sentences, hits, entities)
        local = self._abbreviations(sentences, hits)
        local.update(self._shortened(entities))
        local.update(self.anonyms.find(sentences, hits, entities))
        for i, s in enumerate(sentences):
            hits[i] = longest(hits[i] + list(self._beside_maker(s.text, hits[i], entities)))
        local.update(self.people.find(sentences, hits, entities))
        local.update(self.unknown.find(sentences, hits, entities, set(local)))
        self._add_local(sentences, hits, local)
        hits = self.tagged.find(sentences, hits, entities)
        self._add_local(sentences, hits, self._abbreviations(sentences, hits))
        hits = self.identities.tell(sentences, hits, entities)
        for i, s in enumerate(sentences):
            more = [
                *self.kinds.find(s.text, hits[i], entities),
                *self.places.find(s.text, entities),
            ]
            hits[i] = longest(hits[i] + more)
        products = self.kinds.made(entities)
        for i, s in enumerate(sentences):
            hits[i] = longest(hits[i] + list(self.kinds.own(s.text, hits[i], entities, products)))
        mentions = tuple(
            Mention(i, h.start, h.end, h.entity, h.whole)
            for i, found in enumerate(hits)
            for h in found
        )
        named = {m.entity for m in mentions}
        return Mentions({k: v for k, v in entities.items() if k in named}, mentions)

    # ------------------------------------------------------------ known names

    def _versioned(self, text: str, hit: NameHit, entities: dict[str, Named]) -> Iterator[NameHit]:
        """Yield the hit, lengthened where a version follows that the ontology does not list."""
        family = self.listed.get(hit.entity)
        plain = normalise(text)
        m = self._version.match(plain, hit.end)
        if m and m.group().strip() and self._comes_in_versions(family.cls, m.group()):
            end, version = m.end(), m.group()
            if bounded(plain, hit.start, end) and not COUNTER.match(plain, end):
                # "Trainium9" is "Trainium 9": a version is one thing however it is joined.
                name = family.name + ("" if version[0] in " -" else " ") + version
                written = plain[hit.start : end]
                new = Named(slug(name), family.cls, name, False, 0.9, family.maker, family.id)
                found = self.listed.find(written, name) or new
                entities.setdefault(found.id, found)
                yield NameHit(hit.start, end, found.id)
                return
        if bounded(plain, hit.start, hit.end):
            entities[hit.entity] = family
            yield hit

    def _comes_in_versions(self, cls: str, version: str) -> bool:
        """Tell whether what follows a name of a class is its version: 「GPT-5」, 「Copilot 2.0」."""
        released = cls in self._released_classes and bool(_RELEASE.fullmatch(version))
        return cls in self._versioned_classes or released

    def _listed_versions(
        self, text: str, hit: NameHit, entities: dict[str, Named]
    ) -> Iterator[NameHit]:
        """Yield the versions listed after a name without repeating it: 「Claude 3 Opus、Sonnet」,
        「TPU v4、v5e」, 「Claude 3ファミリー（Opus、Haiku）」."""
        first = entities[hit.entity]
        if first.cls not in self._versioned_classes:
            return
        plain = normalise(text)
        written = plain[hit.start : hit.end]
        inside = self._opening.match(plain, hit.end)
        last = self._last_version.search(written)
        if inside:
            stem, parent, at = self._series.sub("", written), first.id, inside.end()
        elif last and last.start() and (joint := LISTING.match(plain, hit.end)):
            stem, parent, at = written[: last.start()], first.parent, joint.end()
        else:
            return
        while m := self._listed_version.match(plain, at):
            name = f"{stem} {m.group()}"
            new = Named(slug(name), first.cls, name, False, 0.8, first.maker, parent)
            found = self.listed.find(name) or new
            entities.setdefault(found.id, found)
            yield NameHit(m.start(), m.end(), found.id)
            joint = LISTING.match(plain, m.end())
            if joint is None:
                return
            at = joint.end()

    # ------------------------------------------------------------ names introduced by the post

    def _shortened(self, entities: dict[str, Named]) -> dict[str, str]:
        """Return the short forms of what the post names in full: Aurora after Amazon Aurora."""
        return {self._short_of[id]: id for id in sorted(entities) if id in self._short_of}

    def _beside_maker(
        self, text: str, hits: Sequence[NameHit], entities: dict[str, Named]
    ) -> Iterator[NameHit]:
        """Yield products that are named without their maker, but after it in the sentence."""
        plain = normalise(text)
        for hit in hits:
            for form, id in self._short.get(hit.entity, {}).items():
                at = plain.find(form, hit.end)
                if 0 <= at <= hit.end + BESIDE and bounded(plain, at, at + len(form)):
                    entities.setdefault(id, self.listed.get(id))
                    yield NameHit(at, at + len(form), id)

    def _abbreviations(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
    ) -> dict[str, str]:
        """Return the forms that parentheses declare: 「Elastic Fabric Adapter (EFA)」."""
        local: dict[str, str] = {}
        for s, found in zip(sentences, hits, strict=True):
            taken = [range(h.start, h.end) for h in found]
            for h in found:
                m = re.match(r" ?[（(]([A-Z][A-Za-z0-9\-]{1,11})[）)]", s.text[h.end :])
                if m and not any(h.end + m.start(1) in r for r in taken):
                    form = m.group(1)
                    full = "".join(w[0] for w in re.findall(r"[A-Za-z]+", s.text[h.start : h.end]))
                    if (
                        len(form) >= 2
                        and form[0].casefold() == full[:1].casefold()
                        and form.isupper()
                    ):
                        local.setdefault(form, h.entity)
        return local

    def _add_local(
        self, sentences: Sequence[Sentence], hits: list[list[NameHit]], local: Mapping[str, str]
    ) -> None:
        if not local:
            return
        pattern = re.compile("|".join(map(re.escape, sorted(local, key=lambda f: (-len(f), f)))))
        for i, s in enumerate(sentences):
            plain = normalise(s.text)
            more = [
                NameHit(m.start(), m.end(), local[m.group()])
                for m in pattern.finditer(plain)
                if bounded(plain, m.start(), m.end())
            ]
            if more:
                hits[i] = longest(hits[i] + more)
