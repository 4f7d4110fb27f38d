import math
import subprocess
import sys

import networkx as nx
import pytest

from kg.errors import BadRequest
from kg.graph.layout import pack, positions, sunflower
from kg.graph.metrics import MEASURES, centrality, communities, measure, projection
from kg.graph.network import Edge, Network, Node


def edge(a, b, predicate="uses", support=1, modality="asserted"):
    counts = {modality: support}
    return Edge(f"{a}{predicate}{b}", a, predicate, b, modality, support, 0.9, counts, "", "")


STAR = [edge("hub", x) for x in "abcd"]
PARTS = ["a", "b", "c", "d", "hub", "lone"]


def test_projection_adds_supports_and_leaves_out_loops():
    g = projection("ab", [edge("a", "b", support=2), edge("b", "a", "offers"), edge("a", "a")])
    assert list(g.edges(data="weight")) == [(0, 1, 3)]


def test_measures_of_a_star_by_hand():
    found = measure(PARTS, STAR)
    assert found["hub"]["degree"] == pytest.approx(4 / 5)
    assert found["a"]["degree"] == pytest.approx(1 / 5)
    # All six pairs of leaves pass through the hub, of the ten pairs of the five others.
    assert found["hub"]["betweenness"] == pytest.approx(6 / 10)
    assert found["a"]["betweenness"] == 0
    # Wasserman and Faust: (r / sum of distances) * (r / (n - 1)).
    assert found["hub"]["closeness"] == pytest.approx(4 / 4 * 4 / 5)
    assert found["a"]["closeness"] == pytest.approx(4 / 7 * 4 / 5)
    assert found["hub"]["eigenvector"] == pytest.approx(1 / math.sqrt(2), abs=1e-6)
    assert found["a"]["eigenvector"] == pytest.approx(1 / math.sqrt(8), abs=1e-6)
    assert found["hub"]["core"] == 1
    assert all(found["lone"][m] == 0 for m in MEASURES if m != "pagerank")
    assert sum(v["pagerank"] for v in found.values()) == pytest.approx(1)


def test_closeness_is_that_of_networkx():
    g = nx.gnp_random_graph(30, 0.08, seed=4)
    found = measure(map(str, g), [edge(str(a), str(b)) for a, b in g.edges], ["closeness"])
    for n, value in nx.closeness_centrality(g).items():
        assert found[str(n)]["closeness"] == pytest.approx(value)


def test_empty_and_edgeless_networks_have_measures_too():
    assert measure([], []) == {}
    assert set(measure(["a"], [])["a"]) == set(MEASURES)
    assert set(measure(["a", "b"], [])["a"]) == set(MEASURES)


def test_communities_are_numbered_from_the_largest():
    ring = [edge(a, b) for a, b in ("ab", "bc", "ca", "xy")]
    found = communities("abcxyz", ring)
    assert {i: found[i] for i in "abcxyz"} == {"a": 0, "b": 0, "c": 0, "x": 1, "y": 1, "z": 2}


SEEDED = """
from kg.graph.network import Edge
from kg.graph.metrics import measure, communities
from kg.graph.layout import positions
es = [Edge(str(i), f'n{i % 40}', 'uses', f'n{i * 7 % 40}', 'asserted', 1, 1.0, {}, '', '')
      for i in range(60)]
ids = sorted({x for e in es for x in (e.subject, e.object)})
c = communities(ids, es)
print(measure(ids, es), sorted(c.items()), positions({i: c[i] for i in ids}, es))
"""


def test_results_do_not_depend_on_the_hash_seed():
    found = {
        subprocess.run(
            [sys.executable, "-c", SEEDED],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.fixture
def network(schema):
    edges = [*STAR, edge("a", "b", modality="hedged"), edge("a", "c", modality="hedged")]
    metrics = measure(PARTS, STAR)
    nodes = [
        Node(i, "Chip" if i == "hub" else "Service", i, "", (), True, 1, 1, 1, 0, 0, 0, metrics[i])
        for i in PARTS
    ]
    return Network(nodes, edges, schema)


def test_centrality_ranks_and_limits(network):
    found = centrality(network, "degree", limit=2)
    assert [(n.id, v) for n, v in found] == [("hub", 0.8), ("a", 0.2)]


def test_centrality_with_other_modalities_is_computed_anew(network):
    found = {n.id: v for n, v in centrality(network, "degree", modalities=None)}
    assert found["a"] == pytest.approx(3 / 5)
    found = {n.id: v for n, v in centrality(network, "degree", modalities=["hedged"])}
    assert found["hub"] == 0


def test_classes_choose_what_is_listed(network):
    assert [n.id for n, _ in centrality(network, "degree", classes=["Chip"])] == ["hub"]


@pytest.mark.parametrize(
    "bad", [{"by": "fame"}, {"by": "degree", "limit": 0}, {"by": "degree", "classes": ["Potato"]}]
)
def test_a_wrong_argument_is_named(network, bad):
    with pytest.raises(BadRequest):
        centrality(network, **bad)


def test_positions_fill_a_square_and_are_apart():
    found = positions(dict.fromkeys(PARTS, 0), STAR)
    assert set(found) == set(PARTS)
    assert len(set(found.values())) == len(PARTS)
    assert max(max(abs(x), abs(y)) for x, y in found.values()) == 1


def test_discs_do_not_overlap():
    radii = [3.0, 2.0, 2.0, 1.0, 1.0, 1.0]
    placed = list(zip(pack(radii), radii, strict=True))
    for i, ((x, y), r) in enumerate(placed):
        for (a, b), s in placed[:i]:
            assert math.hypot(x - a, y - b) >= r + s


def test_a_sunflower_stays_in_its_disc():
    assert all(math.hypot(*sunflower(i, 50)) <= 1 for i in range(50))
    assert positions({}, []) == {}
