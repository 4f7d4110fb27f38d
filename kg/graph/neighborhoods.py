"""What stands around a node of the network, as far as filters let one go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import BadRequest
from kg.graph.network import Edge, Network, Node, check, rank_of


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """The part of the network around a node, and how much of it there is in all.

    `nodes` are nearest first (`center` is the first), then by PageRank; `edges` run among them.
    `total_nodes` and `total_edges` count the same neighbourhood without a limit.
    """

    center: str
    depth: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    distances: Mapping[str, int]
    total_nodes: int
    total_edges: int


def around(
    network: Network,
    node_id: str,
    *,
    depth: int = 1,
    limit: int = 100,
    predicates: Collection[str] | None = None,
    modalities: Collection[str] | None = None,
    classes: Collection[str] | None = None,
    min_confidence: float = 0.0,
) -> Neighborhood:
    """Return the nodes within `depth` edges of a node and the edges among them.

    Filters hold for every edge and node on the way (the centre itself may have any class).
    At most `limit` nodes besides the centre are returned, the nearest and then those with
    the highest PageRank. Raises UnknownEntity, and BadRequest for a value out of range.
    """
    if depth < 1 or limit < 1:
        raise BadRequest(f"depth and limit must be at least 1, not {depth} and {limit}")
    check(classes, network.schema.classes, "class")
    allowed = network.matching(
        predicates=predicates, modalities=modalities, min_confidence=min_confidence
    )
    distances = {network.node(node_id).id: 0}
    frontier: Sequence[str] = [node_id]
    for distance in range(1, depth + 1):
        reached: list[str] = []
        for at in frontier:
            for e in network.incident[at]:
                to = e.other(at)
                if (
                    to not in distances
                    and allowed(e)
                    and (classes is None or network.nodes[to].cls in classes)
                ):
                    distances[to] = distance
                    reached.append(to)
        frontier = reached
    ranked = sorted(distances, key=lambda i: (distances[i], -rank_of(network.nodes[i]), i))
    every = [e for e in network.edges.values() if _within(e, distances) and allowed(e)]
    kept = ranked[: limit + 1]
    shown = {i: distances[i] for i in kept}
    return Neighborhood(
        center=node_id,
        depth=depth,
        nodes=tuple(network.nodes[i] for i in kept),
        edges=tuple(e for e in every if _within(e, shown)),
        distances=shown,
        total_nodes=len(distances),
        total_edges=len(every),
    )


def _within(e: Edge, nodes: Collection[str]) -> bool:
    return e.subject in nodes and e.object in nodes
