"""The network of entities: what `network.json` of a snapshot holds, with names resolved.

Reading it needs neither the store nor a model, so commands start at once. An edge is one
(subject, property, object) over all posts; a node is an entity that at least one post mentions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from kg.errors import BadRequest, SnapshotError, UnknownEdge, UnknownEntity
from kg.graph.store import Snapshot
from kg.model import Modality, fold
from kg.schema import Schema

if TYPE_CHECKING:
    import networkx as nx

ASSERTED = (Modality.ASSERTED.value,)
MODALITIES = tuple(m.value for m in Modality)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity. `posts` and `mentions` count over the snapshot.

    `degree` is the number of other entities that any claim, of whatever modality, connects it
    with; `metrics` are on asserted edges (see `kg.graph.metrics`). `x` and `y` lie in [-1, 1].
    `community` is 0 for the largest. `aliases` are all its forms: the ontology's, then others
    that posts write.
    """

    id: str
    cls: str
    name: str
    name_ja: str
    aliases: tuple[str, ...]
    known: bool
    posts: int
    mentions: int
    degree: int
    community: int
    x: float
    y: float
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Edge:
    """What posts together say of two entities.

    `modality` is the strongest that a post uses (asserted, then hedged, then negated),
    `modalities` the number of posts for each, `support` the number of posts in all, `confidence`
    the highest of any claim, `first` and `last` the dates of its posts (empty where unknown).
    The ends of a symmetric property are in alphabetical order.
    """

    id: str
    subject: str
    predicate: str
    object: str
    modality: str
    support: int
    confidence: float
    modalities: Mapping[str, int]
    first: str
    last: str

    def other(self, node_id: str) -> str:
        """Return the end that is not `node_id`."""
        return self.object if self.subject == node_id else self.subject


class _Content(msgspec.Struct):
    """What network.json holds."""

    nodes: list[Node]
    edges: list[Edge]


def to_json(nodes: Iterable[Node], edges: Iterable[Edge]) -> bytes:
    """Return the content of network.json, the same bytes for the same nodes and edges."""
    return msgspec.json.encode(_Content(list(nodes), list(edges)), order="deterministic")


class Network:
    """Nodes and edges of one snapshot, keyed by id."""

    def __init__(self, nodes: Iterable[Node], edges: Iterable[Edge], schema: Schema) -> None:
        self.schema = schema
        self.nodes: Mapping[str, Node] = MappingProxyType({n.id: n for n in nodes})
        self.edges: Mapping[str, Edge] = MappingProxyType({e.id: e for e in edges})

    @classmethod
    def load(cls, snapshot: Snapshot, schema: Schema) -> Network:
        """Read the network of a snapshot; raises SnapshotError."""
        try:
            return cls.from_json(snapshot.network(), schema)
        except ValueError as e:
            raise SnapshotError(f"{snapshot.path}: its network is not readable ({e})") from e

    @classmethod
    def from_json(cls, content: bytes, schema: Schema) -> Network:
        """Return the network that `to_json` wrote; raises ValueError."""
        held = msgspec.json.decode(content, type=_Content)
        return cls(held.nodes, held.edges, schema)

    @cached_property
    def incident(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges of each node, in the order of `edges`."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for e in self.edges.values():
            found[e.subject].append(e)
            if e.object != e.subject:
                found[e.object].append(e)
        return {n: tuple(found.get(n, ())) for n in self.nodes}

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """Ids by folded name, the best reading first: ids, then preferred names, then forms."""
        found: dict[str, dict[str, tuple[int, float, str]]] = defaultdict(dict)
        for n in self.nodes.values():
            for rank, forms in enumerate(((n.id,), (n.name, n.name_ja), n.aliases)):
                for form in forms:
                    if key := fold(form):
                        mark = (rank, -rank_of(n), n.id)
                        found[key][n.id] = min(mark, found[key].get(n.id, mark))
        return {k: tuple(sorted(ids, key=ids.__getitem__)) for k, ids in found.items()}

    def node(self, node_id: str) -> Node:
        """Return a node by its id; raises UnknownEntity."""
        found = self.nodes.get(node_id)
        if found is None:
            raise UnknownEntity(node_id, self.suggest(node_id))
        return found

    def edge(self, edge: str) -> Edge:
        """Return an edge by its id; raises UnknownEdge."""
        found = self.edges.get(edge)
        if found is None:
            raise UnknownEdge(f"no edge has the id {edge!r}")
        return found

    def resolve(self, name: str) -> Node:
        """Return the node with this id or any of its names, whatever the script, width or case.

        Raises UnknownEntity, with near names of entities that exist.
        """
        if name in self.nodes:
            return self.nodes[name]
        found = self._names.get(fold(name))
        if not found:
            raise UnknownEntity(name, self.suggest(name))
        return self.nodes[found[0]]

    def suggest(self, name: str, limit: int = 5) -> tuple[str, ...]:
        """Return names of entities near to one that is not there, best first."""
        return tuple(n.name for n in self.search(name, limit))

    def search(self, text: str, limit: int, classes: Collection[str] | None = None) -> list[Node]:
        """Return the nodes a text may mean: exact names, then those with a name that begins with
        it, then those that contain it, then similar ones; within each, by PageRank.
        """
        key = fold(text)
        if not key:
            return []
        best: dict[str, float] = {}
        for name, ids in self._names.items():
            score = 3.0 if name == key else 2.0 if name.startswith(key) else float(key in name)
            if score:
                for i in ids:
                    best[i] = max(score, best.get(i, 0.0))
        allowed = [i for i in best if classes is None or self.nodes[i].cls in classes]
        if len(allowed) < limit:
            for i, score in self._similar(key):
                if i not in best and (classes is None or self.nodes[i].cls in classes):
                    best[i] = score
                    allowed.append(i)
        allowed.sort(key=lambda i: (-best[i], -rank_of(self.nodes[i]), i))
        return [self.nodes[i] for i in allowed[:limit]]

    def _similar(self, key: str) -> list[tuple[str, float]]:
        from rapidfuzz import fuzz, process  # most commands never need it

        found: dict[str, float] = {}
        # 60 of 100 lets "nvdia" find "nvidia" and one wrong kana of four pass, not much more.
        for name, score, _ in process.extract(
            key, self._names.keys(), scorer=fuzz.ratio, score_cutoff=60, limit=50
        ):
            for i in self._names[name]:
                found[i] = max(score / 101, found.get(i, 0.0))
        return sorted(found.items(), key=lambda x: (-x[1], x[0]))

    def matching(
        self,
        *,
        predicates: Collection[str] | None = None,
        modalities: Collection[str] | None = None,
        min_confidence: float = 0.0,
    ) -> EdgeFilter:
        """Return a test for edges; raises BadRequest for a name that is not in the ontology."""
        check(predicates, self.schema.properties, "property")
        check(modalities, MODALITIES, "modality")
        return EdgeFilter(
            None if predicates is None else frozenset(predicates),
            None if modalities is None else frozenset(modalities),
            min_confidence,
        )

    def graph(self, *, modalities: Collection[str] | None = ASSERTED) -> nx.MultiDiGraph[str]:
        """Return the network as a NetworkX multigraph, edges keyed by property.

        Each edge runs from subject to object and carries the fields of `Edge`. Centrality is
        computed on the simple projection of it that `kg.graph.metrics.projection` states.
        """
        import networkx as nx  # a third of a second that most commands save

        allowed = self.matching(modalities=modalities)
        g: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for n in self.nodes.values():
            g.add_node(n.id, name=n.name, cls=n.cls, posts=n.posts, community=n.community)
        for e in self.edges.values():
            if allowed(e):
                g.add_edge(
                    e.subject,
                    e.object,
                    key=e.predicate,
                    id=e.id,
                    predicate=e.predicate,
                    modality=e.modality,
                    support=e.support,
                    confidence=e.confidence,
                )
        return g


@dataclass(frozen=True, slots=True)
class EdgeFilter:
    """A test whether an edge has one of some properties, one of some modalities, and enough
    confidence; None allows all. An edge that posts both assert and hedge has both modalities.
    """

    predicates: frozenset[str] | None = None
    modalities: frozenset[str] | None = None
    min_confidence: float = 0.0

    def __call__(self, e: Edge) -> bool:
        """Tell whether the edge passes."""
        return (
            (self.predicates is None or e.predicate in self.predicates)
            and (self.modalities is None or any(m in self.modalities for m in e.modalities))
            and e.confidence >= self.min_confidence
        )


def rank_of(n: Node) -> float:
    """Return what orders nodes that are otherwise equal: PageRank."""
    return n.metrics.get("pagerank", 0.0)


def check(values: Collection[str] | None, allowed: Iterable[str], what: str) -> None:
    """Raise BadRequest, with the values there are, for one that is not among them."""
    names = list(allowed)
    for v in values or ():
        if v not in names:
            raise BadRequest(f"{what} {v!r} is not one of {', '.join(names)}")
