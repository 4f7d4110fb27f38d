import random

import networkx as nx
import pytest

from kg.errors import BadRequest, NoPath, UnknownEntity
from kg.graph.aggregate import Aggregate
from kg.graph.network import Network, to_json
from kg.graph.paths import explain_paths, hop_cost
from kg.graph.summary import PostSummary

POSTS = {
    "one": """
a:Company develops b:Chip asserted 0.9
c:CloudProvider uses b:Chip asserted 0.9
c:CloudProvider partnersWith d:Company asserted 0.9
a:Company competesWith d:Company hedged 0.5
c:CloudProvider offers b:Chip asserted 0.5
""",
    "two": """
a:Company develops x:Chip asserted 0.9
c:CloudProvider uses x:Chip asserted 0.9
z:Company develops y:Model asserted 0.9
c:CloudProvider uses b:Chip asserted 0.9
""",
}


@pytest.fixture(scope="module")
def network(schema, facts_of):
    aggregate = Aggregate(schema)
    for post, text in POSTS.items():
        aggregate.add(PostSummary.of(facts_of(text, post=post), schema))
    edges = aggregate.edges()
    return Network.from_json(to_json(aggregate.nodes(edges), edges), schema)


def ids(paths):
    return ["".join(n.id for n in p.nodes) for p in paths]


def test_shorter_and_better_supported_paths_come_first(network):
    assert ids(explain_paths(network, "a", "c")) == ["abc", "axc"]


def test_a_hop_tells_its_direction_and_what_else_connects(network):
    first, second = explain_paths(network, "a", "c")[0].hops
    assert (first.edge.predicate, first.forward) == ("develops", True)
    assert (second.edge.predicate, second.forward) == ("uses", False)
    assert [e.predicate for e in second.others] == ["offers"]


def test_hedged_edges_count_only_when_asked_for(network):
    assert ids(explain_paths(network, "a", "d")) == ["abcd", "axcd"]
    assert ids(explain_paths(network, "a", "d", modalities=None))[0] == "ad"


def test_limits(network):
    assert ids(explain_paths(network, "a", "d", limit=1)) == ["abcd"]
    with pytest.raises(NoPath, match="within 2 steps"):
        explain_paths(network, "a", "d", max_length=2)


def test_filters(network):
    assert ids(explain_paths(network, "a", "c", predicates=["develops", "offers"])) == ["abc"]
    with pytest.raises(NoPath):
        explain_paths(network, "a", "c", classes=["Model"])
    assert ids(explain_paths(network, "a", "b", classes=["Model"])) == ["ab"]


@pytest.mark.parametrize("seed", range(4))
def test_the_paths_are_those_of_yens_algorithm(schema, facts_of, seed):
    rng = random.Random(seed)
    names = [f"n{i}" for i in range(9)]
    pairs = {tuple(sorted(rng.sample(names, 2))) for _ in range(20)}
    text = "\n".join(
        f"{x}:Company partnersWith {y}:Company asserted {rng.randint(40, 99) / 100}"
        for x, y in sorted(pairs)
    )
    aggregate = Aggregate(schema)
    aggregate.add(PostSummary.of(facts_of(text, post="one"), schema))
    edges = aggregate.edges()
    network = Network.from_json(to_json(aggregate.nodes(edges), edges), schema)
    a, b = sorted(network.nodes)[:2]
    g = nx.Graph()
    for e in network.edges.values():
        g.add_edge(e.subject, e.object, cost=hop_cost(e, 4))
    every = [p for p in nx.shortest_simple_paths(g, a, b, weight="cost") if len(p) <= 5]
    costs = [nx.path_weight(g, p, "cost") for p in every]
    for limit in (1, 5, len(every) + 1):
        found = explain_paths(network, a, b, limit=limit)
        assert [p.cost for p in found] == pytest.approx(costs[:limit])
    assert {tuple(n.id for n in p.nodes) for p in found} == set(map(tuple, every))


def test_what_cannot_be(network):
    with pytest.raises(NoPath, match="nothing connects A and Z"):
        explain_paths(network, "a", "z")
    with pytest.raises(BadRequest, match="two entities"):
        explain_paths(network, "a", "a")
    with pytest.raises(UnknownEntity):
        explain_paths(network, "a", "nobody")
    with pytest.raises(BadRequest):
        explain_paths(network, "a", "b", limit=0)


def test_penalties_never_make_a_path_longer_than_one_more_hop(network):
    worst = max(hop_cost(e, 4) for e in network.edges.values())
    assert 4 * (worst - 1) < 1
