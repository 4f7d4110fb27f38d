"""How two entities are connected: short paths, each hop with the edges behind it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    the other filters the edges. Paths visit no node twice. Raises UnknownEntity, NoPath, and BadRequest for equal ends or values out of range.
    """
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
    costs: dict[str, dict[str, float]] = {a: {}, b: {}}
    for (x, y), edges in between.items():
        edges.sort(key=lambda e: (hop_cost(e, max_length), e.predicate, e.id))
        cost = hop_cost(edges[0], max_length)
        costs.setdefault(x, {})[y] = costs.setdefault(y, {})[x] = cost
    found = itertools.islice(_cheapest_first(costs, a, b, max_length), limit)
    paths = [_path(network, ids, between, max_length) for ids in found]
    if not paths:
        raise NoPath(
            f"nothing connects {source.name} and {target.name} within {max_length} steps"
            " of the edges asked for"
        )
    return sorted(paths, key=lambda p: (round(p.cost, 9), [n.id for n in p.nodes]))


def _cheapest_first(
    costs: Mapping[str, Mapping[str, float]], a: str, b: str, max_length: int
) -> Iterator[tuple[str, ...]]:
    """Yield the paths from a to b of at most `max_length` hops that visit no node twice, the
    cheapest first.

    This is A* (Hart, Nilsson and Raphael, 1968, https://doi.org/10.1109/TSSC.1968.300136) going on
    after the goal, with the exact cost of the rest as its estimate, so it follows little that leads
    nowhere. NetworkX has Yen's algorithm for this, but takes longer to import than this to search.
    """
    rest = _cost_to(b, costs)
    heap: list[tuple[float, float, tuple[str, ...]]] = []
    if a in rest:
        heap.append((rest[a], 0.0, (a,)))
    while heap:
        _, spent, path = heapq.heappop(heap)
        if path[-1] == b:
            yield path
            continue
        for node, cost in costs[path[-1]].items():
            # The whole part of a cost is its number of hops (see `hop_cost`).
            near = node in rest and len(path) + int(rest[node]) <= max_length
            if near and node not in path:
                heapq.heappush(heap, (spent + cost + rest[node], spent + cost, (*path, node)))


def _cost_to(goal: str, costs: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the least cost from every node that is connected with the goal (Dijkstra, 1959)."""
    out: dict[str, float] = {}
    heap = [(0.0, goal)]
    while heap:
        cost, node = heapq.heappop(heap)
        if node not in out:
            out[node] = cost
            for other, step in costs[node].items():
                if other not in out:
                    heapq.heappush(heap, (cost + step, other))
    return out


def _path(
    network: Network,
    ids: Sequence[str],
    between: dict[tuple[str, str], list[Edge]],
    max_length: int,
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
