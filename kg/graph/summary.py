"""What a post adds to the network and to the manifest: all that a build needs of its facts.

A summary is a tenth of the facts and of the graph, so a build can hold those of all posts, and the
cache keeps it as JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.graph.rdf import dates, flaws, in_order
from kg.model import PostFacts
from kg.schema import Schema

Mentioned = tuple[str, str, str, int, tuple[str, ...]]
"""Of an entity: its id, class and name, the number of its mentions, its surface forms."""

Claimed = tuple[str, str, str, str, float]
"""Of a claim: subject, property, object (a symmetric one's ends sorted), modality, confidence."""


@dataclass(frozen=True, slots=True)
class PostSummary:
    """A post in the manifest, its entities and claims in the network, and counts for the report.

    `day` is the post's date without a time, empty where it has none; `rejected` counts the
    candidates that were not made claims, by reason.
    """

    id: str
    title: str
    date: str
    sha256: str
    day: str
    warnings: tuple[str, ...] = ()
    entities: tuple[Mentioned, ...] = ()
    claims: tuple[Claimed, ...] = ()
    quantities: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: PostFacts, schema: Schema) -> PostSummary:
        """Return the summary of a post's facts."""
        post = facts.post
        return cls(
            id=post.id,
            title=post.title,
            date=post.date,
            sha256=post.sha256,
            day=next((v.value for p, v in dates(post.date) if p.value.endswith("/date")), ""),
            warnings=flaws(post),
            entities=tuple(
                (e.id, e.cls, e.name, len(e.mentions), e.aliases) for e in facts.entities
            ),
            claims=tuple(
                (*in_order(c, schema), c.modality.value, c.confidence) for c in facts.claims
            ),
            quantities=len(facts.quantities),
            rejected=dict(sorted(Counter(r.reason for r in facts.rejected).items())),
        )

    def pack(self) -> str:
        """Return the summary as JSON."""
        return json.dumps(
            [
                *(self.id, self.title, self.date, self.sha256, self.day, self.warnings),
                *(self.entities, self.claims, self.quantities, self.rejected),
            ],
            ensure_ascii=True,
            separators=(",", ":"),
        )

    @classmethod
    def unpack(cls, text: str) -> PostSummary:
        """Return what `pack` has written."""
        id, title, date, sha256, day, warnings, entities, claims, quantities, rejected = json.loads(
            text
        )
        return cls(
            *(id, title, date, sha256, day, tuple(warnings)),
            tuple((i, c, name, n, tuple(forms)) for i, c, name, n, forms in entities),
            tuple(map(tuple, claims)),
            *(quantities, rejected),
        )


class Tally:
    """Counts of claims and quantities over posts."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.claims: Counter[tuple[str, str]] = Counter()
        self.rejected: Counter[str] = Counter()
        self.quantities = 0

    def add(self, post: PostSummary) -> None:
        """Count what one more post says."""
        self.claims.update((c[1], c[3]) for c in post.claims)
        self.rejected.update(post.rejected)
        self.quantities += post.quantities

    def to_json(self) -> dict[str, object]:
        """Return the counts as the manifest has them."""
        by_modality: Counter[str] = Counter()
        by_property: dict[str, dict[str, int]] = {}
        for (predicate, modality), n in sorted(self.claims.items()):
            by_modality[modality] += n
            by_property.setdefault(predicate, {})[modality] = n
        return {
            "claims": self.claims.total(),
            "quantities": self.quantities,
            "claims_by_modality": dict(sorted(by_modality.items())),
            "claims_by_property": {
                p: by_property[p] for p in self.schema.properties if p in by_property
            },
            "candidates_rejected": self.rejected.total(),
            "candidates_rejected_by_reason": dict(sorted(self.rejected.items())),
        }
