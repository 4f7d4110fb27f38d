"""A toy extractor, so that graphs can be built in tests from a few lines and without a model.

A line `nvidia:Company develops nvidia-h100:Chip asserted 0.9` of a post is a claim whose evidence
is the line, `aws:CloudProvider investment 20 USD` is a quantity, and any other line is only text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.build import Reporter, build
from kg.model import Claim, Entity, Evidence, Modality, Post, PostFacts, Quantity
from kg.schema import Schema
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.extract.parse import Parser
    from kg.extract.pipeline import Extractor

_CLAIM = re.compile(r"(\S+):(\w+) (\w+) (\S+):(\w+) (asserted|hedged|negated) ([\d.]+)$", re.M)
_QUANTITY = re.compile(r"(\S+):(\w+) (\w+) ([\d.]+) (\w+)$", re.M)

ONE = """---
title: "One"
date: 2025-12-20 08:00:00 +0900
---
nvidia:Company develops nvidia-h100:Chip asserted 0.9
aws:CloudProvider uses nvidia-h100:Chip asserted 0.8
aws:CloudProvider competesWith azure:CloudProvider asserted 0.7
aws:CloudProvider investment 20000000000 USD
"""

TWO = """---
title: "Two <b>bold</b>"
date: 2026-01-05
---
nvidia:Company develops nvidia-h100:Chip asserted 0.95
aws:CloudProvider uses nvidia-h100:Chip hedged 0.6
azure:CloudProvider competesWith google-cloud:CloudProvider negated 0.7
新星:Company develops nova-1:Chip hedged 0.5
"""


class Toy:
    """Reads the lines described above."""

    version = "toy 1"

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.seen: list[str] = []

    def extract(self, posts: Iterable[Post]) -> Iterator[PostFacts]:
        for post in posts:
            self.seen.append(post.id)
            yield self.facts(post)

    def facts(self, post: Post) -> PostFacts:
        entities: dict[str, Entity] = {}

        def entity(i: str, cls: str, at: int) -> None:
            known = self.schema.entities.get(i)
            mention = Evidence(at, at + len(i), post.text[at : at + len(i)])
            before = entities[i].mentions if i in entities else ()
            name = known.name if known else i.upper()
            entities[i] = Entity(
                i, cls, name, known is not None, 1.0 if known else 0.6, (i,), (*before, mention)
            )

        claims = []
        for m in _CLAIM.finditer(post.text):
            entity(m[1], m[2], m.start(1))
            entity(m[4], m[5], m.start(4))
            where = (Evidence(m.start(), m.end(), m[0]),)
            claims.append(Claim(m[1], m[3], m[4], Modality(m[6]), float(m[7]), "toy", where))
        quantities = []
        for m in _QUANTITY.finditer(post.text):
            entity(m[1], m[2], m.start(1))
            place = Evidence(m.start(), m.end(), m[0])
            value = float(m[4])
            quantities.append(Quantity(m[1], m[3], value, m[5], m[4], m.start(4), m.end(4), place))
        return PostFacts(post, tuple(entities.values()), tuple(claims), tuple(quantities))


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema.load(Settings().ontology)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"parser", "extractor"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.ginza)


@pytest.fixture(scope="session")
def parser() -> Parser:
    """GiNZA, loaded once for all tests that need real parses."""
    from kg.extract.parse import Parser

    return Parser()


@pytest.fixture(scope="session")
def extractor(schema: Schema, parser: Parser) -> Extractor:
    """The extractor that a build uses."""
    from kg.extract.pipeline import Extractor

    return Extractor(schema, parser=parser)


@pytest.fixture(scope="session")
def toy(schema: Schema) -> Toy:
    return Toy(schema)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A folder with two posts."""
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "one.md").write_text(ONE, "utf-8")
    (folder / "two.md").write_text(TWO, "utf-8")
    return folder


@pytest.fixture(scope="session")
def facts_of(toy: Toy) -> Callable[..., PostFacts]:
    """Return the facts of a post with this text."""

    def facts(text: str, post: str = "p", **fields: str) -> PostFacts:
        return toy.facts(Post(id=post, text=text, sha256="0" * 64, **fields))

    return facts


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, toy: Toy) -> Path:
    """A data folder with a snapshot of the two posts; tests only read it."""
    folder = tmp_path_factory.mktemp("published")
    posts = folder / "posts"
    posts.mkdir()
    (posts / "one.md").write_text(ONE, "utf-8")
    (posts / "two.md").write_text(TWO, "utf-8")
    build([posts], folder / "data", Settings(), report=Reporter(), extractor=toy)
    return folder / "data"
