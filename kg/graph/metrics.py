"""Centrality and communities, computed by NetworkX on a stated simple projection.

The projection is undirected: whether a post says that A makes B or that B is made by A is a matter
of grammar, and a measure must not depend on it. Each pair of entities has one edge, whose weight
is the number of posts behind all edges between them; loops are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from kg.errors import BadRequest
from kg.graph.network import ASSERTED, Edge, EdgeFilter, Network, Node, check

if TYPE_CHECKING:
    import networkx as nx

EXACT_NODES = 1500
"""Up to this many nodes betweenness is exact; above, it is estimated from as many pivots as
`PIVOTS` (Brandes and Pich 2007), drawn with a fixed seed."""

PIVOTS = 400
ROWS = 256
"""Nodes whose distances to all others are held at a time."""

SEED = 20250801


@dataclass(frozen=True, slots=True)
class Measure:
    """A centrality measure: `help` for people, and how to compute it on a projection."""

    help: str
    compute: Callable[[nx.Graph[int]], Mapping[int, float]]


def _pagerank(g: nx.Graph[int]) -> Mapping[int, float]:
    import networkx as nx

    return nx.pagerank(g, alpha=0.85, weight="weight", tol=1e-12, max_iter=1000)


def _betweenness(g: nx.Graph[int]) -> Mapping[int, float]:
    import networkx as nx

    pivots = PIVOTS if g.number_of_nodes() > EXACT_NODES else None
    return nx.betweenness_centrality(g, k=pivots, normalized=True, seed=SEED)


def _closeness(g: nx.Graph[int]) -> Mapping[int, float]:
    """Closeness with the Wasserman and Faust factor for graphs in several parts.

    C(u) = (r - 1) / sum of distances * (r - 1) / (n - 1), with r the nodes that u reaches. It is
    NetworkX's closeness_centrality, on SciPy's breadth-first search, which is compiled.
    """
    import networkx as nx
    import numpy as np
    from scipy.sparse.csgraph import shortest_path

    n = g.number_of_nodes()
    matrix = nx.to_scipy_sparse_array(g, nodelist=range(n), weight=None, format="csr")
    found: dict[int, float] = {}
    for start in range(0, n, ROWS):
        block = range(start, min(n, start + ROWS))
        distances = shortest_path(matrix, unweighted=True, directed=False, indices=block)
        for u, far in zip(block, distances, strict=True):
            reached = far[np.isfinite(far)]
            r, total = len(reached) - 1, float(reached.sum())
            found[u] = r / total * r / (n - 1) if total else 0.0
    return found


def _degree(g: nx.Graph[int]) -> Mapping[int, float]:
    import networkx as nx

    return nx.degree_centrality(g)


def _eigenvector(g: nx.Graph[int]) -> Mapping[int, float]:
    """Eigenvector centrality of the largest connected part; 0 elsewhere.

    Where the two largest eigenvalues are almost the same, the power iteration is slow to decide
    between their parts of the graph, and is asked for fewer digits.
    """
    import networkx as nx

    parts = sorted(nx.connected_components(g), key=lambda part: (-len(part), min(part)))
    part: nx.Graph[int] = nx.Graph()
    part.add_nodes_from(sorted(parts[0]))
    inside = sorted((min(e), max(e)) for e in g.subgraph(parts[0]).edges)
    part.add_weighted_edges_from((a, b, g[a][b]["weight"]) for a, b in inside)
    found = dict.fromkeys(g, 0.0)
    for tolerance in (1e-9, 1e-7, 1e-5):
        try:
            return found | nx.eigenvector_centrality(
                part, weight="weight", tol=tolerance, max_iter=5000
            )
        except nx.PowerIterationFailedConvergence:
            continue
    return found | nx.eigenvector_centrality(part, weight="weight", tol=1e-3, max_iter=100_000)


def _core(g: nx.Graph[int]) -> Mapping[int, float]:
    import networkx as nx

    return {k: float(v) for k, v in nx.core_number(g).items()}


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "pagerank": Measure(
            "share of a random walk along edges, weighted by posts, that is at the entity "
            "(damping 0.85)",
            _pagerank,
        ),
        "betweenness": Measure(
            f"share of shortest paths that pass through it (above {EXACT_NODES} entities an "
            f"estimate from {PIVOTS})",
            _betweenness,
        ),
        "closeness": Measure(
            "how near it is to all others (Wasserman and Faust's, for graphs in several parts)",
            _closeness,
        ),
        "degree": Measure("share of all others that it is directly connected with", _degree),
        "eigenvector": Measure(
            "how well connected its neighbours are in turn, weighted by posts", _eigenvector
        ),
        "core": Measure(
            "the largest k such that it is among entities with k connections to each other", _core
        ),
    }
)
"""The measures by name; `kg:NAME` is the property of the metrics graph that holds one."""


def projection(nodes: Iterable[str], edges: Iterable[Edge]) -> nx.Graph[int]:
    """Return the simple weighted projection that this module states, on node numbers.

    Numbers stand for ids in the order given: the order in which Python goes through a set of
    strings differs between processes, and some algorithms go through sets.
    """
    import networkx as nx

    number = {n: i for i, n in enumerate(nodes)}
    weights: dict[tuple[int, int], int] = {}
    for e in edges:
        a, b = sorted((number[e.subject], number[e.object]))
        if a != b:
            weights[a, b] = weights.get((a, b), 0) + e.support
    g: nx.Graph[int] = nx.Graph()
    g.add_nodes_from(range(len(number)))
    g.add_weighted_edges_from((a, b, w) for (a, b), w in sorted(weights.items()))
    return g


def measure(
    nodes: Iterable[str], edges: Iterable[Edge], names: Iterable[str] = tuple(MEASURES)
) -> dict[str, dict[str, float]]:
    """Return the named measures by node: `{"aws": {"pagerank": 0.1, …}, …}`.

    Values have nine significant digits, so that they do not differ by the rounding of one
    processor or another.
    """
    ids = list(nodes)
    g = projection(ids, edges)
    found: dict[str, dict[str, float]] = {i: {} for i in ids}
    if not ids:
        return found
    for name in names:
        values = MEASURES[name].compute(g)
        for number, i in enumerate(ids):
            found[i][name] = float(f"{values[number]:.9g}")
    return found


def communities(nodes: Iterable[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Return the community of each node by the Louvain method, numbered from the largest.

    An entity without edges is a community of its own.
    """
    import networkx as nx

    ids = list(nodes)
    parts = nx.community.louvain_communities(projection(ids, edges), weight="weight", seed=SEED)
    ranked = sorted(parts, key=lambda part: (-len(part), min(part)))
    return {ids[n]: k for k, part in enumerate(ranked) for n in part}


def centrality(
    network: Network,
    by: str,
    *,
    limit: int = 20,
    classes: Collection[str] | None = None,
    predicates: Collection[str] | None = None,
    modalities: Collection[str] | None = ASSERTED,
    min_confidence: float = 0.0,
) -> list[tuple[Node, float]]:
    """Return the most central nodes and their values, highest first.

    The measure is computed on the edges that the filters leave, among all entities; `classes`
    only chooses which of them are listed. On asserted edges without further filters the build
    has computed it already. Raises BadRequest for a name there is not.
    """
    check([by], MEASURES, "measure")
    check(classes, network.schema.classes, "class")
    if limit < 1:
        raise BadRequest(f"limit must be at least 1, not {limit}")
    allowed = network.matching(
        predicates=predicates, modalities=modalities, min_confidence=min_confidence
    )
    if allowed == EdgeFilter(None, frozenset(ASSERTED), 0.0):
        values = {i: n.metrics.get(by, 0.0) for i, n in network.nodes.items()}
    else:
        kept = [e for e in network.edges.values() if allowed(e)]
        values = {i: v[by] for i, v in measure(network.nodes, kept, [by]).items()}
    shown = [n for n in network.nodes.values() if classes is None or n.cls in classes]
    shown.sort(key=lambda n: (-values[n.id], n.id))
    return [(n, values[n.id]) for n in shown[:limit]]
