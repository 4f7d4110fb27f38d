"""Names that have no form by which to look for them: 「木曽電機」, 「シオカゼAI」, found where the language
model reads one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.names import (
    LIKE_A_NAME,
    Named,
    NameHit,
    bounded,
    longest,
    normalise,
    script,
)
from kg.extract.naming import Tags
from kg.extract.said import Said
from kg.model import slug
from kg.schema import Schema

# From which probability on a token may be part of a name: how sure the whole is, is judged later.
INSIDE = 0.4
# Uses of a name from which its class is read: more say no more.
USES = 6
# How many sentences of a post are read at most: a list of ten thousand names is no prose.
MOST = 300

_JAPANESE = re.compile(r"[ぁ-ゖ一-龥々]")
# What holds together in writing: a tag that begins or ends inside one means all of it.
_WHOLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+\-'#.]*[A-Za-z0-9+#]|[ァ-ヺー]+")
_PARTICLES = "のはがをにでとも、。"
_PAIRS = (("（", "）"), ("(", ")"), ("「", "」"), ("『", "』"))
_SHORTEST = 2


Likely = npt.NDArray[np.float32]
"""How likely something is of each of the classes that a tagger knows."""


class NameTagger(Protocol):
    """Anything that tells which parts of a sentence are names."""

    def tags(self, said: Said, /) -> Tags | None:
        """Return how likely the parts of a sentence are names, its own being known; None if it
        cannot read."""
        ...

    def named(self, likely: Likely, /) -> tuple[str, float]:
        """Return the class of what it tagged so, or "" for no name, and how sure that is."""
        ...


class ReadsNothing:
    """A tagger that cannot read."""

    def tags(self, _said: Said, /) -> Tags | None:
        """Return None."""

    def named(self, _likely: Likely, /) -> tuple[str, float]:
        """Return that it names nothing."""
        return "", 0.0


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, normalised, and where its known names stand."""

    text: str
    known: Sequence[NameHit]

    def free(self, start: int, end: int) -> bool:
        """Tell whether a name may stand in a place: no other does, and no word goes on there."""
        return (
            not any(h.start < end and start < h.end for h in self.known)
            and bounded(self.text, start, end)
            and not any(
                script(self.text[at - 1]) == script(self.text[at]) == "kanji"
                for at in (start, end)
                if 0 < at < len(self.text)
            )
        )

    def places(self, form: str) -> Iterator[int]:
        """Yield where a form may name something."""
        at = self.text.find(form)
        while at >= 0:
            if self.free(at, at + len(form)):
                yield at
            at = self.text.find(form, at + len(form))

    def written(self, names: Mapping[str, str]) -> Iterator[NameHit]:
        """Yield where forms name something, given with the entity of each."""
        for form, id in names.items():
            yield from (NameHit(at, at + len(form), id) for at in self.places(form))


@dataclass(frozen=True, slots=True)
class _Read(_Sentence):
    """A sentence with its tags."""

    tags: Tags


class TaggedNames:
    """Finds names that are written like words, as far as a language model reads them as names."""

    def __init__(self, schema: Schema, lexicon: Lexicon, tagger: NameTagger) -> None:
        self.classes = schema.classes
        self._ordinary = lexicon.ordinary
        self._anonyms = tuple(a.text for a in lexicon.anonyms)
        # 「株式会社ミササ」 and 「ミササ社」 are ミササ, also where it is not said what that is.
        suffixes = any_of(k.text for k in lexicon.kinds.values() if k.suffix).pattern
        self._titles = re.compile(f"{any_of(lexicon.legal_forms).pattern}|(?:{suffixes})$")
        # 「独自チップ」 and 「高松のデータセンター」 are for who finds what belongs to a maker or a place.
        self._kinds = tuple(
            k.text for k in lexicon.kinds.values() if k.names_with_maker or k.names_with_place
        )
        self.tagger = tagger

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> list[list[NameHit]]:
        """Return the hits of the sentences with those of the names that are found, whose entities
        are added."""
        found: dict[str, str] = {}
        for form, likely in self.unjudged(sentences, hits, entities):
            cls, confidence = self.tagger.named(likely)
            name = self._titles.sub("", form).strip()
            # A model may know classes that the ontology has no more.
            if name and cls in self.classes:
                id = f"{slug(name)}-{cls.lower()}"
                entities.setdefault(id, Named(id, cls, name, False, confidence))
                for written in (form, name):
                    found.setdefault(written, id)
        if not found:
            return list(map(list, hits))
        spoken = [_Sentence(normalise(s.text), h) for s, h in zip(sentences, hits, strict=True)]
        return [longest([*s.known, *s.written(found)]) for s in spoken]

    def unjudged(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> list[tuple[str, Likely]]:
        """Return what may be a name, with how likely it is of each class."""
        return list(self._judged(self._read(sentences, hits, entities)))

    def _read(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> dict[int, _Read]:
        read: dict[int, _Read] = {}
        for i, (s, known) in enumerate(zip(sentences[:MOST], hits, strict=False)):
            text = normalise(s.text)
            if _JAPANESE.search(text):
                said = Said.beside(text, ((h, entities[h.entity].cls) for h in known))
                if tags := self.tagger.tags(said):
                    read[i] = _Read(text, known, tags)
        return read

    def _judged(self, read: Mapping[int, _Read]) -> Iterator[tuple[str, Likely]]:
        """Yield each form, with how likely it is of each class where it stands, on average."""
        for form in dict.fromkeys(form for r in read.values() for form in self._forms(r)):
            each = (
                r.tags.classes(at, at + len(form)) for r in read.values() for at in r.places(form)
            )
            yield form, np.mean(list(islice(each, USES)), axis=0)

    def _forms(self, r: _Read) -> Iterator[str]:
        """Yield what a sentence's tags show as names and that does not look like one (`unknown`)."""
        for span in r.tags.spans(INSIDE):
            start, end = _whole(r.text, *span)
            form = r.text[start:end]
            if (
                len(form) >= _SHORTEST
                and not LIKE_A_NAME.fullmatch(form)
                and form[0] not in _PARTICLES
                and form[-1] not in _PARTICLES
                and form not in self._ordinary
                and not (form.startswith(self._anonyms) or form.endswith(self._kinds))
                and all(form.count(a) == form.count(b) for a, b in _PAIRS)
                and r.free(start, end)
            ):
                yield form


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of whole words that a span of tokens stands for, without marks around them."""
    for m in _WHOLE.finditer(text):
        start = m.start() if m.start() < start < m.end() else start
        end = m.end() if m.start() < end < m.end() else end
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not (text[end - 1].isalnum() or text[end - 1] in "）)"):
        end -= 1
    return start, end
