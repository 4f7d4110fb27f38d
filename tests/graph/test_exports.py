import csv
import io
import json

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.errors import BadRequest
from kg.graph.exports import FORMATS, export
from kg.graph.network import Network
from kg.graph.store import Snapshot


@pytest.fixture
def written(data, schema):
    snapshot = Snapshot.open(data)

    def write(name):
        return b"".join(export(snapshot, name, lambda: Network.load(snapshot, schema)))

    return write


def quads(content, form):
    return {str(q) for q in ox.parse(content, format=form)}


def test_nquads_are_sorted_graph_by_graph_and_whole(written, data):
    content = written("nquads")
    lines = content.split(b"\n")[:-1]
    assert lines == sorted(set(lines), key=lambda line: (line.rsplit(b" ", 2)[1], line))
    assert len(lines) == len(list(Snapshot.open(data).quads()))


@pytest.mark.parametrize(
    ("name", "form"), [("trig", ox.RdfFormat.TRIG), ("jsonld", ox.RdfFormat.JSON_LD)]
)
def test_other_datasets_say_the_same(written, name, form):
    assert quads(written(name), form) == quads(written("nquads"), ox.RdfFormat.N_QUADS)


def test_turtle_is_the_union(written):
    triples = {
        str(ox.Triple(q.subject, q.predicate, q.object))
        for q in ox.parse(written("nquads"), format=ox.RdfFormat.N_QUADS)
    }
    found = [
        str(ox.Triple(q.subject, q.predicate, q.object))
        for q in ox.parse(written("turtle"), format=ox.RdfFormat.TURTLE)
    ]
    assert sorted(found) == sorted(triples)


def test_graphml_is_read_by_networkx(written):
    g = nx.read_graphml(io.BytesIO(written("graphml")), force_multigraph=True)
    assert g.has_edge("nvidia", "nvidia-h100")
    assert {d["predicate"] for *_, d in g.edges(data=True)} == {"develops", "uses", "competesWith"}


def test_tables(written):
    edges = list(csv.DictReader(io.StringIO(written("csv").decode())))
    row = next(e for e in edges if (e["subject"], e["predicate"]) == ("aws", "uses"))
    assert (row["object_name"], row["support"], row["hedged"]) == ("NVIDIA H100", "2", "1")
    nodes = list(csv.DictReader(io.StringIO(written("csv-nodes").decode())))
    assert {n["id"]: n["known"] for n in nodes}["新星"] == "false"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_the_same_twice(written, name):
    assert written(name) == written(name)


def test_an_unknown_format(written):
    with pytest.raises(BadRequest, match="nquads"):
        written("yaml")


def test_jsonld_names_no_context_elsewhere(written):
    content = json.loads(written("jsonld"))
    assert "http" not in str(content.get("@context", "") if isinstance(content, dict) else "") or (
        isinstance(content["@context"], dict)
    )
