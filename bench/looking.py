"""Annotated posts as they look before any name is found in them that nobody lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.annotated import Annotated
from kg.annotation import fold
from kg.extract.document import sentences
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.name_model import NOTHING
from kg.extract.names import Names
from kg.extract.posts import read_post
from kg.extract.unknown import NoNames, Unlisted
from kg.schema import Schema


@dataclass(frozen=True)
class Seen:
    """An annotated post and what looks like a name in it and is not listed, with its features."""

    post: Annotated
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


def look(posts: Iterable[Annotated], schema: Schema) -> Iterator[Seen]:
    """Yield posts as they look while only listed names are known."""
    lexicon = Lexicon.load(schema.folder, schema)
    looking = _Looking()
    finder = MentionFinder(schema, lexicon, Names.of(schema), looking)
    for post in posts:
        finder.find(sentences(read_post(post.path), lexicon.boilerplate))
        yield Seen(post, looking.found)
