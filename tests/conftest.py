"""What tests share: the toy extractor and a snapshot made with it, and the real extractor."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from toy import Toy

from kg.build import Reporter, build
from kg.model import Post, PostFacts
from kg.schema import Schema
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.extract.parse import Parser
    from kg.extract.pipeline import Extractor

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


FEW = """
@prefix kg:   <https://ai-infra-kg.example/ontology/> .
@prefix ent:  <https://ai-infra-kg.example/entity/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ent:nvidia a kg:Company ; skos:prefLabel "NVIDIA"@en .
ent:nvidia-h100 a kg:Chip ; skos:prefLabel "NVIDIA H100"@en ; kg:knownMaker ent:nvidia .
ent:aws a kg:CloudProvider ; skos:prefLabel "Amazon Web Services"@en .
ent:azure a kg:CloudProvider ; skos:prefLabel "Azure"@en .
"""


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with the usual ontology, but few entities: it loads in no time."""
    folder = tmp_path_factory.mktemp("few") / "ontology"
    shutil.copytree(Settings().ontology, folder)
    (folder / "entities.ttl").write_text(FEW, "utf-8")
    return Settings(ontology=folder)


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
