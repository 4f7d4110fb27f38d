"""A toy extractor, so that graphs can be built in tests from a few lines and without a model.

A line `nvidia:Company develops nvidia-h100:Chip asserted 0.9` of a post is a claim whose evidence
is the line, `aws:CloudProvider investment 20 USD` is a quantity, and any other line is only text.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator

from kg.model import Claim, Entity, Evidence, Modality, Post, PostFacts, Quantity
from kg.schema import Schema

_CLAIM = re.compile(r"(\S+):(\w+) (\w+) (\S+):(\w+) (asserted|hedged|negated) ([\d.]+)$", re.M)
_QUANTITY = re.compile(r"(\S+):(\w+) (\w+) ([\d.]+) (\w+)$", re.M)


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


class Hostile(Toy):
    """Dies of a post with the line "die", hangs on "hang", fails on "fail"; the rest is slow."""

    def facts(self, post: Post) -> PostFacts:
        for line in post.text.splitlines():
            match line:
                case "die":
                    os._exit(13)
                case "hang":
                    time.sleep(3600)
                case "fail":
                    raise ValueError("what a post")
                case "slow":
                    time.sleep(0.05)
        return super().facts(post)
