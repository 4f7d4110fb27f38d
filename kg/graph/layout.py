"""Positions for a drawing, computed once at build time, so that no page has to run physics.

Each community is laid out by NetworkX's spring layout in a disc of its own, and the discs are
packed around the largest. Entities without edges share one disc. The same network always gets
the same positions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from kg.graph.metrics import SEED, projection
from kg.graph.network import Edge

Point = tuple[float, float]

GAP = 0.8
"""Space between discs, where the mean distance of nodes in a disc is about 1."""


def positions(community: Mapping[str, int], edges: Iterable[Edge]) -> dict[str, Point]:
    """Return a point in [-1, 1] x [-1, 1] for each node of a community mapping."""
    ids = list(community)
    g = projection(ids, edges)
    groups: dict[int, list[int]] = {}
    for number, i in enumerate(ids):
        groups.setdefault(community[i] if g.degree(number) else -1, []).append(number)
    ordered = [groups[k] for k in sorted(groups, key=lambda k: (k < 0, -len(groups[k]), k))]
    radii = [math.sqrt(len(group)) for group in ordered]
    found: dict[int, Point] = {}
    for group, radius, (cx, cy) in zip(ordered, radii, pack(radii), strict=True):
        for number, (x, y) in zip(group, _disc(g.subgraph(group), group), strict=True):
            found[number] = (cx + radius * x, cy + radius * y)
    reach = max((abs(c) for p in found.values() for c in p), default=0.0) or 1.0
    return {
        i: (round(found[n][0] / reach, 5), round(found[n][1] / reach, 5)) for n, i in enumerate(ids)
    }


def _disc(g: nx.Graph[int], group: Sequence[int]) -> list[Point]:
    """Return points in the unit disc, in the order of `group`."""
    if len(group) == 1:
        return [(0.0, 0.0)]
    if g.number_of_edges() == 0:
        return [sunflower(i, len(group)) for i in range(len(group))]
    # A copy with sorted insertion: a subgraph view goes through its nodes in the order of a set.
    ordered: nx.Graph[int] = nx.Graph()
    ordered.add_nodes_from(sorted(group))
    ordered.add_edges_from(sorted((min(a, b), max(a, b)) for a, b in g.edges))
    placed = nx.spring_layout(ordered, seed=SEED, iterations=80, weight=None, method="force")
    points = [(float(placed[n][0]), float(placed[n][1])) for n in group]
    reach = max(math.hypot(x, y) for x, y in points) or 1.0
    return [(x / reach, y / reach) for x, y in points]


def sunflower(i: int, n: int) -> Point:
    """Return the i-th of n points that fill the unit disc evenly (Vogel 1979)."""
    r, angle = math.sqrt((i + 0.5) / n), i * math.pi * (3 - math.sqrt(5))
    return r * math.cos(angle), r * math.sin(angle)


def pack(radii: Sequence[float]) -> list[Point]:
    """Return centres at which discs of these radii do not overlap, each as near to the first as a
    walk along a spiral finds.

    >>> pack([2.0, 1.0])[0]
    (0.0, 0.0)
    """
    placed: list[tuple[float, float, float]] = []
    # Where a disc as large as this one found no room, there is none now: more have been placed.
    reached: dict[float, float] = {}
    for radius in radii:
        turn = reached.get(radius, 0.0)
        while True:
            # An Archimedean spiral; the step shortens outwards, so that arcs stay about as long.
            distance = 0.25 * turn
            x, y = distance * math.cos(turn), distance * math.sin(turn)
            if all(math.hypot(x - a, y - b) >= radius + r + GAP for a, b, r in placed):
                break
            turn += 0.6 / max(1.0, distance)
        reached[radius] = turn
        placed.append((x, y, radius))
    return [(x, y) for x, y, _ in placed]
