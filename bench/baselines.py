"""Two extractors that a real one must beat: names, or GiNZA's entities, related by co-occurrence.

Both relate two entities of a sentence by the property that is usual for their classes in the
training posts (see `Usual`), always asserted. Everything else that they know is learned there too.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import spacy

from bench.annotated import Annotated
from kg.annotation import Annotation, Relation, Thing, fold
from kg.extract.document import Sentence, sentences
from kg.extract.posts import read_post
from kg.model import Modality


@dataclass(frozen=True, slots=True)
class Found:
    """text[start:end] of a sentence names an entity."""

    start: int
    end: int
    entity: str
    cls: str


Finder = Callable[[str], list[Found]]


@dataclass(frozen=True)
class Usual:
    """How often each property relates a class to another in gold claims that hold."""

    counts: dict[tuple[str, str], Counter[str]]

    @classmethod
    def of(cls, posts: Iterable[Annotated], symmetric: frozenset[str]) -> Usual:
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for p in posts:
            classes = {t.id: t.cls for t in p.gold.entities}
            for r in p.gold.relations:
                if r.modality is Modality.NEGATED:
                    continue
                ends = classes[r.subject], classes[r.object]
                counts[ends][r.predicate] += 1
                if r.predicate in symmetric and ends[0] != ends[1]:
                    counts[ends[::-1]][r.predicate] += 1
        return cls(dict(counts))

    def choose(self, a: Found, b: Found) -> tuple[str, str, str] | None:
        """Return the usual triple of two entities, `a` before `b` in the text."""
        options = [
            (n, first is a, (first.entity, predicate, second.entity))
            for first, second in ((a, b), (b, a))
            for predicate, n in self.counts.get((first.cls, second.cls), Counter()).items()
        ]
        return max(options)[2] if options else None


def extract(post: Annotated, find: Finder, usual: Usual) -> Annotation:
    """Return what a baseline says of a post."""
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    classes: dict[str, str] = {}
    claims: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for s in split(post):
        found = find(s.text)
        for f in found:
            surfaces[f.entity][s.text[f.start : f.end]] += 1
            classes[f.entity] = f.cls
        pairs = {
            frozenset((a.entity, b.entity)): (a, b)
            for a, b in combinations(found, 2)
            if a.entity != b.entity
        }
        for a, b in pairs.values():
            triple = usual.choose(a, b)
            if triple is not None:
                claims[triple].append(s.text)
    return Annotation(
        post.doc,
        tuple(
            Thing(id, classes[id], id, frozenset(map(fold, forms)), tuple(forms))
            for id, forms in sorted(surfaces.items())
        ),
        tuple(
            Relation(s, p, o, Modality.ASSERTED, tuple(map(fold, quoted)), " / ".join(quoted))
            for (s, p, o), quoted in sorted(claims.items())
        ),
    )


def split(post: Annotated) -> list[Sentence]:
    return sentences(read_post(post.path))


class Names:
    """The surface forms of gold entities, longest match first; each stands for the entity and the
    class that it stands for most often."""

    def __init__(self, posts: Iterable[Annotated]) -> None:
        meanings: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for p in posts:
            for t in p.gold.entities:
                for alias in {*t.aliases, t.name} - {""}:
                    meanings[alias][fold(t.name), t.cls] += 1
        self._means = {alias: max(sorted(c), key=c.__getitem__) for alias, c in meanings.items()}
        longest = sorted(self._means, key=lambda a: (-len(a), a))
        self._any = re.compile("|".join(map(_bounded, longest)) or r"(?!)")

    def __call__(self, text: str) -> list[Found]:
        return [
            Found(m.start(), m.end(), *self._means[m.group()]) for m in self._any.finditer(text)
        ]


def _bounded(form: str) -> str:
    before = r"(?<![A-Za-z0-9])" if form[:1].isascii() else ""
    after = r"(?![A-Za-z0-9])" if form[-1:].isascii() else ""
    return before + re.escape(form) + after


class Recogniser:
    """GiNZA's named entity recogniser; texts are read once."""

    def __init__(self) -> None:
        self._nlp = spacy.load(
            "ja_ginza", exclude=["parser", "bunsetu_recognizer", "morphologizer"]
        )
        self._read: dict[str, list[tuple[int, int, str]]] = {}

    def read(self, texts: Sequence[str]) -> None:
        new = sorted(set(texts) - self._read.keys(), key=lambda t: (len(t), t))
        for text, doc in zip(new, self._nlp.pipe(new), strict=True):
            self._read[text] = [(e.start_char, e.end_char, e.label_) for e in doc.ents]

    def entities(self, text: str) -> list[tuple[int, int, str]]:
        """Return (start, end, label) of each entity."""
        if text not in self._read:
            self.read([text])
        return self._read[text]


class Ginza:
    """GiNZA's entities; each of its labels stands for the class whose names it hits most often in
    the training posts, and a label that hits none stands for none."""

    def __init__(self, recogniser: Recogniser, posts: Iterable[Annotated]) -> None:
        self.recogniser = recogniser
        hits: dict[str, Counter[str]] = defaultdict(Counter)
        for p in posts:
            classes = {form: t.cls for t in p.gold.entities for form in t.forms}
            for s in split(p):
                for start, end, label in recogniser.entities(s.text):
                    cls = classes.get(fold(s.text[start:end]))
                    if cls is not None:
                        hits[label][cls] += 1
        self._class_of = {label: max(sorted(c), key=c.__getitem__) for label, c in hits.items()}

    def __call__(self, text: str) -> list[Found]:
        return [
            Found(start, end, fold(text[start:end]), self._class_of[label])
            for start, end, label in self.recogniser.entities(text)
            if label in self._class_of and fold(text[start:end])
        ]
