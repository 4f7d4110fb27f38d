import io

import pytest

from kg.errors import BadRequest, UnknownEntity
from kg.graph.asking import bindings, load_query
from kg.graph.network import Network
from kg.graph.queries import parse_named
from kg.graph.store import Snapshot

TEXT = """# title: Q
# parameter e (entity, default AWS): which
# parameter since (date, default 2025-01-01): from
# parameter word (text, default x): what
SELECT ?e ?since ?word {}"""


@pytest.fixture
def network(data, schema):
    return lambda: Network.load(Snapshot.open(data), schema)


def test_defaults_and_values(network):
    query = parse_named("q", TEXT)
    found = bindings(query, ["e=エヌビディア", "word=a=b"], network)
    assert found["e"]["value"].endswith("/entity/nvidia")
    assert found["since"]["datatype"].endswith("#date")
    assert found["word"] == {"type": "literal", "value": "a=b"}


@pytest.mark.parametrize(
    "given", [["x=1"], ["word"], ["since=today"], ["since=2025-02-30"], ["since=2025-1-1"]]
)
def test_wrong_parameters(network, given):
    with pytest.raises(BadRequest):
        bindings(parse_named("q", TEXT), given, network)


def test_an_unknown_entity_is_told_but_not_for_a_default(network):
    with pytest.raises(UnknownEntity):
        bindings(parse_named("q", TEXT), ["e=nobody here"], network)
    other = TEXT.replace("default AWS", "default Nobody Inc")
    assert "e" not in bindings(parse_named("q", other), [], network)


def test_where_a_query_comes_from(tmp_path):
    (tmp_path / "q.rq").write_text(TEXT, "utf-8")
    assert load_query(str(tmp_path / "q.rq"), io.StringIO()).title == {"en": "Q"}
    assert load_query("-", io.StringIO(TEXT)).text == TEXT
    assert load_query("most-central", io.StringIO()).id == "most-central"
    with pytest.raises(BadRequest, match="most-central"):
        load_query("no-such", io.StringIO())
    (tmp_path / "bad.rq").write_bytes(b"\xff")
    with pytest.raises(BadRequest, match=r"bad\.rq"):
        load_query(str(tmp_path / "bad.rq"), io.StringIO())
