import re

import pytest

from kg.errors import BadRequest, SnapshotError, UnknownEdge, UnknownEntity
from kg.graph.aggregate import Aggregate
from kg.graph.neighborhoods import around
from kg.graph.network import Network, to_json
from kg.graph.store import Snapshot
from kg.graph.summary import PostSummary
from kg.graph.terms import edge_id

LINES = """
nvidia:Company develops nvidia-h100:Chip asserted 0.9
aws:CloudProvider uses nvidia-h100:Chip asserted 0.8
aws:CloudProvider competesWith azure:CloudProvider asserted 0.7
azure:CloudProvider uses nova-1:Chip hedged 0.4
"""
AGAIN = """
nvidia:Company develops nvidia-h100:Chip hedged 0.5
azure:CloudProvider competesWith aws:CloudProvider negated 0.6
"""


@pytest.fixture(scope="module")
def network(schema, facts_of):
    aggregate = Aggregate(schema)
    aggregate.add(PostSummary.of(facts_of(LINES, post="one", date="2025-12-20"), schema))
    aggregate.add(PostSummary.of(facts_of(AGAIN, post="two", date="2026-01-05T09:00:00"), schema))
    edges = aggregate.edges()
    return Network.from_json(to_json(aggregate.nodes(edges), edges), schema)


def edge(network, *triple):
    return network.edge(edge_id(*triple))


def test_an_edge_gathers_what_posts_say(network):
    e = edge(network, "nvidia", "develops", "nvidia-h100")
    assert (e.support, e.modality, e.confidence) == (2, "asserted", 0.9)
    assert e.modalities == {"asserted": 1, "hedged": 1}
    assert (e.first, e.last) == ("2025-12-20", "2026-01-05")


def test_a_symmetric_edge_is_one_whichever_way_it_was_said(network):
    e = edge(network, "aws", "competesWith", "azure")
    assert e.modalities == {"asserted": 1, "negated": 1}


def test_nodes_count_posts_mentions_and_neighbours(network):
    aws = network.node("aws")
    assert (aws.posts, aws.mentions, aws.degree) == (2, 3, 2)
    assert network.node("nova-1").known is False


def test_the_order_of_posts_does_not_matter(schema, facts_of, network):
    aggregate = Aggregate(schema)
    aggregate.add(PostSummary.of(facts_of(AGAIN, post="two", date="2026-01-05T09:00:00"), schema))
    aggregate.add(PostSummary.of(facts_of(LINES, post="one", date="2025-12-20"), schema))
    edges = aggregate.edges()
    content = to_json(aggregate.nodes(edges), edges)
    assert Network.from_json(content, schema).nodes == network.nodes
    assert Network.from_json(content, schema).edges == network.edges


@pytest.mark.parametrize(
    "name", ["nvidia", "NVIDIA", "ＮＶＩＤＩＡ", " Nvidia ", "エヌビディア", "エヌ・ビディア"]
)
def test_names_resolve_in_any_script_width_and_case(network, name):
    assert network.resolve(name).id == "nvidia"


@pytest.mark.parametrize("name", ["nvdia", "Nvidiaa", "エヌビディ"])
def test_an_unknown_name_suggests_near_ones(network, name):
    with pytest.raises(UnknownEntity) as e:
        network.resolve(name)
    assert e.value.suggestions[0] == "NVIDIA"


@pytest.mark.parametrize("name", ["", "   ", "completely different"])
def test_a_name_like_no_other_suggests_nothing(network, name):
    with pytest.raises(UnknownEntity) as e:
        network.resolve(name)
    assert e.value.suggestions == ()


def test_search_prefers_exact_then_prefix_then_inside(network):
    found = [n.id for n in network.search("nvidia", 10)]
    assert found[:2] == ["nvidia", "nvidia-h100"]
    assert network.search("h100", 10)[0].id == "nvidia-h100"
    assert [n.id for n in network.search("nvidia", 10, ["Chip"])] == ["nvidia-h100"]
    assert network.search("・", 10) == []


def test_neighborhood_says_n_of_m(network):
    found = around(network, "nvidia-h100", limit=1)
    assert (len(found.nodes), found.total_nodes) == (2, 3)
    assert (len(found.edges), found.total_edges) == (1, 2)
    assert found.nodes[0].id == "nvidia-h100"


def test_neighborhood_goes_as_deep_as_asked(network):
    assert set(around(network, "nvidia", depth=1).distances) == {"nvidia", "nvidia-h100"}
    found = around(network, "nvidia", depth=3)
    assert found.distances == {"nvidia": 0, "nvidia-h100": 1, "aws": 2, "azure": 3}


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"predicates": ["uses"]}, {"azure", "nova-1"}),
        ({"modalities": ["asserted"]}, {"azure", "aws"}),
        ({"modalities": ["negated"]}, {"azure", "aws"}),
        ({"modalities": ["hedged"]}, {"azure", "nova-1"}),
        ({"classes": ["Chip"]}, {"azure", "nova-1"}),
        ({"min_confidence": 0.5}, {"azure", "aws"}),
        ({"predicates": []}, {"azure"}),
    ],
)
def test_neighborhood_filters(network, filters, ids):
    assert set(around(network, "azure", **filters).distances) == ids


@pytest.mark.parametrize(
    "bad",
    [
        {"depth": 0},
        {"limit": 0},
        {"predicates": ["eats"]},
        {"modalities": ["perhaps"]},
        {"classes": ["Potato"]},
    ],
)
def test_a_wrong_argument_says_what_is_allowed(network, bad):
    with pytest.raises(BadRequest, match=r"must be|is not one of"):
        around(network, "aws", **bad)


def test_unknown_ids(network):
    with pytest.raises(UnknownEntity):
        around(network, "nobody")
    with pytest.raises(UnknownEdge):
        network.edge("none")


def test_graph_for_networkx(network):
    g = network.graph()
    assert g.is_multigraph()
    assert g.has_edge("nvidia", "nvidia-h100", key="develops")
    assert not g.has_edge("azure", "nova-1")
    assert network.graph(modalities=None).has_edge("azure", "nova-1", key="uses")


def test_a_network_that_is_not_one_names_its_folder(tmp_path, schema):
    (tmp_path / "network.json").write_bytes(b'{"nodes": [{"id": 1}], "edges": []}')
    snapshot = Snapshot(tmp_path, {"revision": "r", "base": "https://x.example/"})
    with pytest.raises(SnapshotError, match=re.escape(str(tmp_path))):
        Network.load(snapshot, schema)
