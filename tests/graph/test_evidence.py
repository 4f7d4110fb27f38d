from kg.graph.evidence import evidence, mentions, quantities
from kg.graph.network import Network, edge_id
from kg.graph.store import Snapshot


def test_an_edge_has_the_sentences_of_every_post(data, schema):
    snapshot = Snapshot.open(data)
    network = Network.load(snapshot, schema)
    found = evidence(snapshot, network.edge(edge_id("aws", "uses", "nvidia-h100")))
    assert [(c.post, c.date, c.modality, c.confidence, c.frame) for c in found] == [
        ("one", "2025-12-20", "asserted", 0.8, "toy"),
        ("two", "2026-01-05", "hedged", 0.6, "toy"),
    ]
    assert found[1].title == "Two <b>bold</b>"
    for claim in found:
        text = (data.parent / "posts" / f"{claim.post}.md").read_text("utf-8")
        assert [text[s.start : s.end] for s in claim.sentences] == [s.text for s in claim.sentences]
        assert claim.sentences


def test_every_edge_has_evidence(data, schema):
    snapshot = Snapshot.open(data)
    for edge in Network.load(snapshot, schema).edges.values():
        found = evidence(snapshot, edge)
        assert len({c.post for c in found}) == edge.support
        assert all(c.sentences for c in found)


def test_numbers_of_an_entity(data):
    (found,) = quantities(Snapshot.open(data), "aws")
    assert (found.kind, found.value, found.unit, found.post) == ("investment", 2e10, "USD", "one")


def test_places_where_an_entity_is_mentioned(data):
    found = mentions(Snapshot.open(data), "新星")
    assert [(m.post, [s.text for s in m.mentions]) for m in found] == [("two", ["新星"])]


def test_ids_never_become_sparql(data):
    snapshot = Snapshot.open(data)
    assert quantities(snapshot, "x> ?p ?o . } #") == []
    assert mentions(snapshot, '"} INSERT') == []
