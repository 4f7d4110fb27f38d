"""How two entities are connected: short paths, each hop with the edges behind it."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass

from kg.errors import BadRequest, NoPath
from kg.graph.network import ASSERTED, Edge, Network, Node, check


@dataclass(frozen=True, slots=True)
class Hop:
    """A step from one node to the next.

    `edge` is the best supported edge between them and `others` the rest; `forward` says whether
    `edge` runs in the direction of the step.
    """

    edge: Edge
    forward: bool
    others: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """A path: its nodes in order, one hop fewer than nodes, and its cost (lower is better)."""

    nodes: tuple[Node, ...]
    hops: tuple[Hop, ...]
    cost: float


def hop_cost(edge: Edge, max_length: int) -> float:
    """Return the cost of a hop: 1, and a penalty for doubt and thin support.

    cost = 1 + ((1 - confidence) + 1 / (1 + support)) / (2 * (max_length + 1)). All penalties of a
    path sum to less than 1, so a shorter path always comes before a longer one, and among equally
    long ones those that more posts state, with more certainty, come first.
    """
    doubt = (1 - edge.confidence) + 1 / (1 + edge.support)
    return 1 + doubt / (2 * (max_length + 1))


def explain_paths(
    network: Network,
    a: str,
    b: str,
    *,
    limit: int = 5,
    max_length: int = 4,
    predicates: Collection[str] | None = None,
    modalities: Collection[str] | None = ASSERTED,
    classes: Collection[str] | None = None,
    min_confidence: float = 0.0,
) -> list[Path]:
    """Return up to `limit` paths of at most `max_length` hops between two ids, best first.

    Edges may be followed against their direction. `classes` restricts the nodes between the ends,
    the other filters the edges. Paths visit no node twice and are found by Yen's algorithm (1971).
    Raises UnknownEntity, NoPath, and BadRequest for equal ends or values out of range.
    """
    import networkx as nx

    source, target = network.node(a), network.node(b)
    if source.id == target.id:
        raise BadRequest(f"a path needs two entities; both names mean {source.name}")
    if limit < 1 or max_length < 1:
        raise BadRequest(f"limit and max_length must be at least 1, not {limit} and {max_length}")
    check(classes, network.schema.classes, "class")
    allowed = network.matching(
        predicates=predicates, modalities=modalities, min_confidence=min_confidence
    )
    between: dict[tuple[str, str], list[Edge]] = {}
    for e in network.edges.values():
        ends = {e.subject, e.object}
        inner = ends - {a, b}
        if (
            len(ends) == 2
            and allowed(e)
            and (classes is None or all(network.nodes[i].cls in classes for i in inner))
        ):
            between.setdefault((min(ends), max(ends)), []).append(e)
    g: nx.Graph[str] = nx.Graph()
    g.add_nodes_from((a, b))
    for (x, y), edges in sorted(between.items()):
        edges.sort(key=lambda e: (hop_cost(e, max_length), e.predicate, e.id))
        g.add_edge(x, y, cost=hop_cost(edges[0], max_length))
    no_path = (
        f"nothing connects {source.name} and {target.name} within {max_length} steps"
        " of the edges asked for"
    )
    try:
        found = itertools.takewhile(
            lambda ids: len(ids) <= max_length + 1,
            nx.shortest_simple_paths(g, a, b, weight="cost"),
        )
        paths = [_path(network, ids, between, max_length) for ids in itertools.islice(found, limit)]
    except nx.NetworkXNoPath as e:
        raise NoPath(no_path) from e
    if not paths:
        raise NoPath(no_path)
    return sorted(paths, key=lambda p: (round(p.cost, 9), [n.id for n in p.nodes]))


def _path(
    network: Network, ids: list[str], between: dict[tuple[str, str], list[Edge]], max_length: int
) -> Path:
    hops = []
    for x, y in itertools.pairwise(ids):
        best, *others = between[min(x, y), max(x, y)]
        hops.append(Hop(best, best.subject == x, tuple(others)))
    return Path(
        nodes=tuple(network.nodes[i] for i in ids),
        hops=tuple(hops),
        cost=sum(hop_cost(h.edge, max_length) for h in hops),
    )
