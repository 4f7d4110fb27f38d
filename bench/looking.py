"""Annotated posts as they look before any name is found in them that nobody lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.annotated import Annotated
from kg.annotation import fold
from kg.extract.document import Sentence, sentences
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.name_model import NOTHING
from kg.extract.names import Named, NameHit, Names, normalise
from kg.extract.posts import read_post
from kg.extract.said import Said
from kg.extract.tagged import TaggedNames
from kg.extract.unknown import NoNames, Unlisted
from kg.schema import Schema


@dataclass(frozen=True)
class Seen:
    """An annotated post: its sentences with the names that are listed, and what looks like another
    name, with its features."""

    post: Annotated
    said: Sequence[Said]
    unlisted: Sequence[tuple[Unlisted, Mapping[str, float]]]

    @property
    def classes(self) -> list[str]:
        """As what each of the unlisted is annotated, NOTHING where it is not."""
        annotated = annotated_as(self.post)
        return [annotated.get(fold(u.form), NOTHING) for u, _ in self.unlisted]


def annotated_as(post: Annotated) -> dict[str, str]:
    """Return the classes of the folded forms that an annotator gave."""
    return {fold(a): e.cls for e in post.gold.entities for a in e.aliases}


class _Looking(NoNames):
    """A judge that finds no name, and keeps what looked like one."""

    found: Sequence[tuple[Unlisted, Mapping[str, float]]] = ()

    def judge(
        self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]
    ) -> list[tuple[str, float]]:
        self.found = found
        return super().judge(found)


class _Reading(TaggedNames):
    """Finds no name, and keeps the sentences with those that are known."""

    said: Sequence[Said] = ()

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> list[list[NameHit]]:
        self.said = [
            Said.beside(normalise(s.text), ((h, entities[h.entity].cls) for h in known))
            for s, known in zip(sentences, hits, strict=True)
        ]
        return [list(known) for known in hits]


def look(posts: Iterable[Annotated], schema: Schema) -> Iterator[Seen]:
    """Yield posts as they look while only listed names are known."""
    lexicon = Lexicon.load(schema.folder, schema)
    looking = _Looking()
    finder = MentionFinder(schema, lexicon, Names.of(schema), looking)
    finder.tagged = reading = _Reading(schema, lexicon, looking)
    for post in posts:
        finder.find(sentences(read_post(post.path), lexicon.boilerplate))
        yield Seen(post, reading.said, looking.found)
