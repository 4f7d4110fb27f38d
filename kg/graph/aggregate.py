"""The facts of all posts together: nodes and edges of the network, with metrics and positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.graph.layout import positions
from kg.graph.metrics import communities, measure
from kg.graph.network import ASSERTED, MODALITIES, Edge, EdgeFilter, Node
from kg.graph.summary import PostSummary
from kg.graph.terms import edge_id
from kg.schema import Schema


@dataclass(slots=True)
class _Tally:
    """What posts say of one entity."""

    posts: int = 0
    mentions: int = 0
    names: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    aliases: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Said:
    """What posts say of one triple: the strongest modality and the date of each post."""

    modality: dict[str, str] = field(default_factory=dict)
    dates: set[str] = field(default_factory=set)
    confidence: float = 0.0


class Aggregate:
    """Gathers posts one at a time; what it ends with does not depend on their order."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._entities: dict[str, _Tally] = {}
        self._triples: dict[tuple[str, str, str], _Said] = {}

    @property
    def mentioned(self) -> Iterable[str]:
        """The ids of the entities that posts mention."""
        return self._entities.keys()

    def add(self, post: PostSummary) -> None:
        """Count what one more post says."""
        for id, cls, name, mentions, aliases in post.entities:
            tally = self._entities.setdefault(id, _Tally())
            tally.posts += 1
            tally.mentions += mentions
            tally.names[name] += 1
            tally.classes[cls] += 1
            tally.aliases.update(aliases)
        for subject, predicate, object_, modality, confidence in post.claims:
            said = self._triples.setdefault((subject, predicate, object_), _Said())
            before = said.modality.get(post.id, MODALITIES[-1])
            said.modality[post.id] = min(before, modality, key=MODALITIES.index)
            said.confidence = max(said.confidence, confidence)
            if post.day:
                said.dates.add(post.day)

    def edges(self) -> list[Edge]:
        """Return the edges, sorted by subject, property and object."""
        return [self._edge(triple, said) for triple, said in sorted(self._triples.items())]

    def _edge(self, triple: tuple[str, str, str], said: _Said) -> Edge:
        counts = Counter(said.modality.values())
        modalities = {m: counts[m] for m in MODALITIES if counts[m]}
        return Edge(
            id=edge_id(*triple),
            subject=triple[0],
            predicate=triple[1],
            object=triple[2],
            modality=next(iter(modalities)),
            support=len(said.modality),
            confidence=round(said.confidence, 4),
            modalities=modalities,
            first=min(said.dates, default=""),
            last=max(said.dates, default=""),
        )

    def nodes(self, edges: Iterable[Edge]) -> list[Node]:
        """Return the nodes, sorted by id, with metrics on asserted edges; communities and
        positions are on all edges, so that no filter of a drawing moves anything.
        """
        held = list(edges)
        asserted = EdgeFilter(None, frozenset(ASSERTED), 0.0)
        ids = sorted(self._entities)
        metrics = measure(ids, [e for e in held if asserted(e)])
        community = communities(ids, held)
        points = positions({i: community[i] for i in ids}, held)
        others: dict[str, set[str]] = {i: set() for i in ids}
        for e in held:
            if e.subject != e.object:
                others[e.subject].add(e.object)
                others[e.object].add(e.subject)
        return [self._node(i, metrics[i], community[i], points[i], len(others[i])) for i in ids]

    def _node(
        self,
        i: str,
        metrics: Mapping[str, float],
        community: int,
        point: tuple[float, float],
        degree: int,
    ) -> Node:
        tally, known = self._entities[i], self.schema.entities.get(i)
        name = known.name if known else _most(tally.names)
        name_ja = known.name_ja if known else ""
        written = sorted(tally.aliases, key=lambda a: (-tally.aliases[a], a))
        forms = dict.fromkeys([*(known.forms if known else ()), *written])
        return Node(
            id=i,
            cls=known.cls if known else _most(tally.classes),
            name=name,
            name_ja=name_ja,
            aliases=tuple(f for f in forms if f not in {name, name_ja}),
            known=known is not None,
            posts=tally.posts,
            mentions=tally.mentions,
            degree=degree,
            community=community,
            x=point[0],
            y=point[1],
            metrics=metrics,
        )


def _most(counts: Counter[str]) -> str:
    """Return the most frequent, of several the first in alphabetical order."""
    return min(counts, key=lambda k: (-counts[k], k))
