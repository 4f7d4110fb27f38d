import csv
import http.server
import io
import json
import os
import threading
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kg.errors import BadRequest, QueryError, QueryTimeout, SnapshotError
from kg.graph.queries import named_queries, negotiate, run_query
from kg.graph.store import Snapshot
from kg.settings import Settings

ALL = "SELECT * { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture
def ask(data):
    path = Snapshot.open(data).path

    def run(text, **options):
        settings = replace(Settings(), **options.pop("limits", {}))
        return run_query(path, text, settings=settings, **options)

    return run


def rows(result):
    found = json.loads(result.content)["results"]["bindings"]
    return [{k: v["value"] for k, v in row.items()} for row in found]


def test_the_union_of_graphs_is_asked_and_prefixes_are_known(ask):
    result = ask("SELECT ?o { ent:nvidia kg:develops ?o }")
    assert (result.kind, result.format, result.rows) == ("select", "json", 1)
    assert rows(result)[0]["o"].endswith("entity/nvidia-h100")


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_formats_of_a_select(ask, form):
    result = ask("SELECT ?t ?none { ?p a kg:Post ; dcterms:title ?t } ORDER BY ?t", format=form)
    text = result.content.decode()
    if form == "json":
        assert [r["t"] for r in rows(result)] == ["One", "Two <b>bold</b>"]
    elif form == "xml":
        space = "{http://www.w3.org/2005/sparql-results#}"
        found = [e.text for e in ElementTree.fromstring(text).iter(space + "literal")]  # noqa: S314
        assert found == ["One", "Two <b>bold</b>"]
    elif form == "csv":
        assert list(csv.reader(io.StringIO(text))) == [
            ["t", "none"],
            ["One", ""],
            ["Two <b>bold</b>", ""],
        ]
    else:
        assert text.splitlines() == ["?t\t?none", '"One"\t', '"Two <b>bold</b>"\t']


def test_control_characters_do_not_break_xml(ask):
    result = ask('SELECT ?x { BIND("a\\u0001\\u000Bb" AS ?x) }', format="xml")
    assert "a\ufffd\ufffdb" in [e.text for e in ElementTree.fromstring(result.content).iter()]  # noqa: S314


def test_ask_and_construct(ask):
    assert json.loads(ask("ASK { ent:nvidia ?p ?o }").content)["boolean"] is True
    result = ask("CONSTRUCT { ?s kg:develops ?o } WHERE { ?s kg:develops ?o }")
    assert (result.kind, result.media_type) == ("construct", "text/turtle; charset=utf-8")
    assert b"ent:nvidia kg:develops ent:nvidia-h100" in result.content


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
def test_formats_of_triples(ask, form):
    result = ask("CONSTRUCT WHERE { ?s kg:develops ?o }", format=form)
    assert result.format == form
    assert b"nvidia-h100" in result.content


def test_rows_beyond_the_limit_are_cut_and_that_is_said(ask):
    result = ask(ALL, limits={"query_rows": 3})
    assert (result.rows, result.truncated, len(rows(result))) == (3, True, 3)
    result = ask("SELECT ?s { ?s a kg:Post }", limits={"query_rows": 2})
    assert (result.rows, result.truncated) == (2, False)
    result = ask("CONSTRUCT WHERE { ?s ?p ?o }", limits={"query_rows": 3})
    assert (result.rows, result.truncated) == (3, True)


def test_a_query_over_its_time_is_stopped(ask):
    with pytest.raises(QueryTimeout, match=r"limit of 0\.3 s"):
        ask(SLOW, limits={"query_seconds": 0.3})


def test_a_query_over_its_memory_is_stopped(ask):
    with pytest.raises(QueryTimeout, match="bytes of memory"):
        ask(
            "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a",
            limits={"query_memory": 50_000_000},
        )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1: the query is empty"),
        ("SELECT * {\n  ?s foo:bar ?o }", "line 2, column 6: the prefix foo: is not declared"),
        ("SELECT * { ?s ?p ?o ", "line 1, column 10: this { is not closed"),
        ("SELECT * {\n ?s ?p }", "line 2, column 2: '?s ?p }'"),
        ("SELEKT * {}", "a query begins with SELECT"),
        ("INSERT DATA { ent:a kg:b ent:c }", "INSERT is an update"),
        ("PREFIX a: <a:/>\nDELETE WHERE { ?s ?p ?o }", "line 2, column 1: DELETE is an update"),
        ("LOAD <http://x.example/>", "LOAD is an update"),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "unbound"),
    ],
)
def test_what_is_no_query_is_told_with_its_place(ask, text, told):
    with pytest.raises(QueryError) as e:
        ask(text)
    assert told in str(e.value)
    assert "\n" not in str(e.value)


@pytest.fixture
def listener():
    """A web server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "ASK {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ VALUES ?u {{ <{url}> }} SERVICE ?u {{ ?s ?p ?o }} }}",
        "SELECT * {{ ?a ?b ?c . FILTER(?a <'>' ) SERVICE <{url}> {{ ?s ?p ?o }} }} # '",
        "SELECT * {{ {{ SELECT * {{ sErViCe <{url}> {{ ?s ?p ?o }} }} }} }}",
        "SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        "SELECT * {{ GRAPH <{url}> {{ ?s ?p ?o }} }}",
    ],
)
def test_nothing_is_ever_fetched(ask, listener, text):
    url, asked = listener
    try:
        result = ask(text.format(url=url))
    except QueryError as e:
        assert "SERVICE" in str(e) or "not SPARQL" in str(e)
    else:
        assert result.rows <= 1
    assert asked == []


def test_the_word_service_may_stand_in_a_string(ask):
    assert ask('SELECT ?s { ?s rdfs:label "SERVICE {" }').rows == 0
    assert ask("SELECT ?service { ?service a kg:Service } # service").rows == 0


def test_bindings_are_terms_and_not_text(ask):
    text = "SELECT ?t ?p { ?p dcterms:title ?t }"
    assert ask(text, bindings={"t": {"type": "literal", "value": "One"}}).rows == 1
    assert ask(text, bindings={"t": {"type": "literal", "value": '" } #'}}).rows == 0


def test_a_format_that_does_not_fit_is_refused(ask):
    with pytest.raises(BadRequest, match="a select result cannot be written as 'turtle'"):
        ask(ALL, format="turtle")
    with pytest.raises(BadRequest, match="triples cannot be written"):
        ask("CONSTRUCT WHERE { ?s ?p ?o }", accept="text/csv")
    with pytest.raises(BadRequest, match="is not one of"):
        ask(ALL, format="yaml")


def test_a_store_that_is_not_there(tmp_path):
    with pytest.raises(SnapshotError, match="store"):
        run_query(tmp_path, ALL, settings=Settings())


@pytest.mark.parametrize(
    ("accept", "formats"),
    [
        ("", ["*"]),
        ("*/*", ["*"]),
        ("text/csv", ["csv"]),
        ("text/html, text/csv;q=0.1, text/turtle;q=0.9", ["turtle", "csv"]),
        ("application/json;q=0, text/csv", ["csv"]),
        ("application/sparql-results+xml, */*;q=0.1", ["xml", "*"]),
        ("image/png", []),
        ("text/csv;q=nonsense", []),
    ],
)
def test_negotiation(accept, formats):
    assert negotiate(accept) == formats


def test_a_stopped_query_leaves_no_process(ask):
    with pytest.raises(QueryTimeout):
        ask(SLOW, limits={"query_seconds": 0.3})
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    assert not any(b"kg.graph.worker" in c for c in commands)


QUERIES = {q.id: q for q in named_queries()}


def test_there_are_questions():
    assert len(QUERIES) >= 10


@pytest.mark.parametrize("name", QUERIES)
def test_a_named_query_is_explained_and_runs(ask, name):
    query = QUERIES[name]
    assert set(query.title) == set(query.description) == {"en", "ja"}
    assert all(p.help and p.default for p in query.parameters)
    assert all(f"?{p.name}" in query.text for p in query.parameters)
    ask(query.text)
