import pytest

from kg.errors import UnknownClaim
from kg.graph.evidence import claim, evidence, mentions, quantities
from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.graph.terms import edge_id


def test_an_edge_has_the_sentences_of_every_post(data, schema):
    snapshot = Snapshot.open(data)
    network = Network.load(snapshot, schema)
    found = evidence(snapshot, network.edge(edge_id("aws", "uses", "nvidia-h100")))
    assert [(c.post, c.date, c.modality, c.confidence, c.frame) for c in found] == [
        ("one", "2025-12-20", "asserted", 0.8, "toy"),
        ("two", "2026-01-05", "hedged", 0.6, "toy"),
    ]
    assert found[1].title == "Two <b>bold</b>"
    for c in found:
        text = (data.parent / "posts" / f"{c.post}.md").read_text("utf-8")
        assert [text[s.start : s.end] for s in c.sentences] == [s.text for s in c.sentences]
        assert c.sentences


def test_only_the_surest_claims_are_asked_for(data, schema):
    snapshot = Snapshot.open(data)
    edge = Network.load(snapshot, schema).edge(edge_id("aws", "uses", "nvidia-h100"))
    assert [c.post for c in evidence(snapshot, edge, 1)] == ["one"]
    assert evidence(snapshot, edge, 2) == evidence(snapshot, edge)


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


def test_a_claim_is_found_by_its_iri_or_the_end_of_it(data, schema):
    snapshot = Snapshot.open(data)
    edge = Network.load(snapshot, schema).edge(edge_id("新星", "develops", "nova-1"))
    (view,) = evidence(snapshot, edge)
    for id in (view.id, view.id.rpartition("/")[2]):
        found = claim(snapshot, id)
        assert (found.subject, found.predicate, found.object) == ("新星", "develops", "nova-1")
        assert found.view == view


@pytest.mark.parametrize(
    "id", ["nope", "", "x> ?p ?o . } #", "https://ai-infra-kg.example/claim/ "]
)
def test_no_such_claim(data, id):
    with pytest.raises(UnknownClaim, match="no claim has the id"):
        claim(Snapshot.open(data), id)
