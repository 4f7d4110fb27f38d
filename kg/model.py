"""The values that pass between stages: posts, mentions, claims and their evidence.

Every offset is a count of code points into `Post.text`, the decoded text of the file itself, so
`post.text[span.start:span.end]` is what the span stands for, whatever the line ends.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Modality(StrEnum):
    """How a post states a claim."""

    ASSERTED = "asserted"
    HEDGED = "hedged"
    NEGATED = "negated"


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A passage of a post, `text == post.text[start:end]`."""

    start: int
    end: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the passage as a JSON object."""
        return {"start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Post:
    """A file that was read.

    `id` is the file's stem, `text` the whole decoded file (front matter included), `sha256` the
    hash of its bytes, `date` an ISO 8601 date or date-time, empty where the post has none.
    `warnings` are what a reader should know of the file's flaws, one line each.
    """

    id: str
    text: str
    sha256: str
    title: str = ""
    date: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A named thing as one post mentions it.

    `cls` is the local name of a class. `known` says whether the ontology lists the entity; one
    found by its form or context has a confidence below 1. `aliases` are the surface forms in
    this post, exactly as written, and `mentions` where they stand.
    """

    id: str
    cls: str
    name: str
    known: bool
    confidence: float
    aliases: tuple[str, ...]
    mentions: tuple[Evidence, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the entity in the shape of a gold file, with its mentions."""
        return {
            "id": self.id,
            "type": self.cls,
            "name": self.name,
            "aliases": list(self.aliases),
            "known": self.known,
            "confidence": self.confidence,
            "mentions": [m.to_json() for m in self.mentions],
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """What a post says of two of its entities (`subject` and `object` are entity ids).

    `frame` names the entry of the lexicon that found it; `evidence` holds every sentence that
    states it, in order, and is never empty. A symmetric claim is written once, ends sorted.
    """

    subject: str
    predicate: str
    object: str
    modality: Modality
    confidence: float
    frame: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the claim in the shape of a gold file, with offsets beside the evidence."""
        return {
            "subject": self.subject,
            "predicate": self.predicate,
            "object": self.object,
            "modality": self.modality.value,
            "confidence": self.confidence,
            "frame": self.frame,
            "evidence": [e.text for e in self.evidence],
            "spans": [e.to_json() for e in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a post ties to an entity: `value` in base units of `unit`."""

    about: str
    kind: str
    value: float
    unit: str
    text: str
    start: int
    end: int
    evidence: Evidence

    def to_json(self) -> dict[str, Any]:
        """Return the quantity in the shape of a gold file, with offsets."""
        return {
            "about": self.about,
            "kind": self.kind,
            "text": self.text,
            "value": self.value,
            "unit": self.unit,
            "start": self.start,
            "end": self.end,
            "evidence": self.evidence.text,
            "span": self.evidence.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate claim that was not made, and why."""

    subject: str
    predicate: str
    object: str
    frame: str
    reason: str
    confidence: float
    evidence: Evidence

    def to_json(self) -> dict[str, Any]:
        """Return the candidate as a JSON object."""
        return {
            "subject": self.subject,
            "predicate": self.predicate,
            "object": self.object,
            "frame": self.frame,
            "reason": self.reason,
            "confidence": self.confidence,
            "evidence": self.evidence.to_json(),
        }


@dataclass(frozen=True, slots=True)
class PostFacts:
    """Everything that was read from one post."""

    post: Post
    entities: tuple[Entity, ...]
    claims: tuple[Claim, ...]
    quantities: tuple[Quantity, ...] = ()
    rejected: tuple[Rejection, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The shape of a gold file, with offsets and confidence added."""
        return {
            "doc": self.post.id,
            "title": self.post.title,
            "date": self.post.date,
            "entities": [e.to_json() for e in self.entities],
            "relations": [c.to_json() for c in self.claims],
            "quantities": [q.to_json() for q in self.quantities],
            "warnings": list(self.post.warnings),
        }


_BLANK = re.compile(r"[\s・]+")


def fold(text: str) -> str:
    """Return the key under which two spellings of a name are the same name.

    >>> fold("Ｎｖｉｄｉａ "), fold("Google・Cloud")
    ('nvidia', 'googlecloud')
    """
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _BLANK.sub("", wide).casefold()


def slug(name: str) -> str:
    """Return a name as the local part of an IRI: letters and digits, hyphens between.

    Kana and kanji are letters of an IRI (RFC 3987) and stay; nothing else that a post may
    contain can. A name without a letter or digit gets a hash of itself.

    >>> slug("GPT-5.2 Pro"), slug("ねこ / AI")
    ('gpt-5-2-pro', 'ねこ-ai')
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    parts = "".join(c if c.isalnum() else "-" for c in text).split("-")
    return "-".join(p for p in parts if p) or "x" + digest(name)[:12]


def digest(*parts: str) -> str:
    """Return the SHA-256, in hex, of strings that cannot run into each other."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        h.update(len(data).to_bytes(8, "big") + data)
    return h.hexdigest()


def claim_id(post: str, subject: str, predicate: str, obj: str) -> str:
    """Return the id of a claim: stable over builds, since one post makes a claim once."""
    return digest("claim", post, subject, predicate, obj)[:20]


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """Return the items without repeats, in their first order."""
    return tuple(dict.fromkeys(items))
