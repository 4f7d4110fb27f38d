from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

CHIPS = "SELECT ?l WHERE { ent:aws kg:develops ?c . ?c rdfs:label ?l }"
POST = "https://ai-infra-kg.example/post/100%25%20富岳"
PERCENT = f"SELECT DISTINCT ?t WHERE {{ <{POST}> dcterms:title ?t }}"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}


def title(response):
    assert response.status_code == 200, response.text
    return [b["t"]["value"] for b in response.json()["results"]["bindings"]]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.2, application/sparql-results+xml", "application/sparql-results+xml"),
    ],
)
@pytest.mark.parametrize("query", [CHIPS, "ASK { ?s ?p ?o }"])
def test_select_and_ask_formats(client, query, accept, media_type):
    headers = {"Accept": accept} if accept else {"Accept": ""}
    r = client.get("/sparql", params={"query": query}, headers=headers)
    assert r.status_code == 200
    assert r.headers["content-type"] == media_type
    assert ("Trainium" if query == CHIPS else "true") in r.text
    assert r.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "media_type", "format"),
    [
        ("*/*", "text/turtle; charset=utf-8", ox.RdfFormat.TURTLE),
        ("text/turtle", "text/turtle; charset=utf-8", ox.RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", ox.RdfFormat.JSON_LD),
    ],
)
@pytest.mark.parametrize(
    "query", ["CONSTRUCT WHERE { ent:aws kg:develops ?c }", "DESCRIBE ent:aws"]
)
def test_construct_and_describe_formats(client, query, accept, media_type, format):
    r = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert r.status_code == 200
    assert r.headers["content-type"] == media_type
    triples = {q.triple for q in ox.parse(r.content, format=format)}
    ent, kg = "https://ai-infra-kg.example/entity/", "https://ai-infra-kg.example/ontology/"
    assert (
        ox.Triple(
            ox.NamedNode(ent + "aws"), ox.NamedNode(kg + "develops"), ox.NamedNode(ent + "trainium")
        )
        in triples
    )


@pytest.mark.parametrize("accept", ["image/png", "text/turtle", "text/csv;q=0"])
def test_a_format_that_cannot_be_is_not_acceptable(client, accept):
    r = client.get("/sparql", params={"query": CHIPS}, headers={"Accept": accept})
    assert r.status_code == 406
    assert r.headers["content-type"] == "application/problem+json"
    assert "text/csv" in r.json()["detail"]


def test_iris_with_percent_are_decoded_once_by_get(client):
    assert title(client.get("/sparql?query=" + quote(PERCENT, safe=""))) == ["富岳の今"]


def test_iris_with_percent_are_decoded_once_in_a_form(client):
    body = urlencode({"query": PERCENT})
    assert "%2525" in body
    assert title(client.post("/sparql", content=body, headers=FORM)) == ["富岳の今"]


def test_iris_with_percent_are_not_decoded_in_a_plain_body(client):
    r = client.post("/sparql", content=PERCENT.encode(), headers=QUERY)
    assert title(r) == ["富岳の今"]


def test_charset_and_case_of_the_media_type(client):
    headers = {"Content-Type": "Application/SPARQL-Query; charset=UTF-8"}
    assert title(client.post("/sparql", content=PERCENT.encode(), headers=headers)) == ["富岳の今"]


def test_a_plus_in_a_form_is_a_space_and_an_encoded_plus_stays(client):
    body = "query=" + quote('SELECT ("a+b" AS ?t) {}', safe="").replace("%20", "+")
    assert title(client.post("/sparql", content=body, headers=FORM)) == ["a+b"]


@pytest.mark.parametrize(
    "case",
    [
        ("GET", "/sparql", None, {}, 400, "no query"),
        ("GET", "/sparql?query=", None, {}, 400, "no query"),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, {}, 400, "2 times"),
        ("GET", "/sparql?query=%E3%81", None, {}, 400, "UTF-8"),
        ("GET", "/sparql?query=SELECT", None, {}, 400, "line 1"),
        ("GET", "/sparql?query=ASK%7B%7D&format=doc", None, {}, 400, "turtle"),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=x", None, {}, 400, "FROM"),
        ("POST", "/sparql", "update=CLEAR%20ALL", FORM, 400, "read-only"),
        ("POST", "/sparql", "query=DROP%20ALL", FORM, 400, "read-only"),
        ("POST", "/sparql", b"\xff", QUERY, 400, "UTF-8"),
        ("POST", "/sparql?query=ASK%7B%7D", "ASK {}", QUERY, 400, "both"),
        ("POST", "/sparql", "ASK {}", {"Content-Type": "text/plain"}, 415, "sparql-query"),
        ("POST", "/sparql", "#" * 1_000_001, QUERY, 413, "larger"),
        ("POST", "/sparql", "&".join(["a=b"] * 101), FORM, 400, "fields"),
        ("POST", "/sparql", "ASK { SERVICE <http://x.example/> {} }", QUERY, 400, "SERVICE"),
        ("PUT", "/sparql", "x", QUERY, 405, "/sparql"),
    ],
)  # fmt: skip
def test_what_is_not_a_query_is_a_problem(client, case):
    method, url, content, headers, status, says = case
    r = client.request(method, url, content=content, headers=headers)
    assert r.status_code == status, r.text
    assert r.headers["content-type"] == "application/problem+json"
    assert says in r.json()["detail"]


def test_a_query_without_end_is_stopped_and_others_are_answered(client, settings):
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    r = client.post("/sparql", content=endless, headers=QUERY)
    assert r.status_code == 503
    assert r.json()["title"] == "Query limit reached"
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_rows_over_the_limit_are_cut_and_it_is_said(settings, client):
    many = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    r = client.post("/sparql", content=many, headers=QUERY)
    assert r.headers["x-truncated"] == "true"
    assert len(r.json()["results"]["bindings"]) == settings.query_rows == int(r.headers["x-rows"])


def test_format_parameter_beats_accept(client):
    r = client.get("/sparql", params={"query": CHIPS, "format": "csv"}, headers={"Accept": "*/*"})
    assert r.text.splitlines() == ["l", "Trainium"] or r.text.splitlines()[0] == "l"
    assert r.headers["content-type"].startswith("text/csv")


def test_a_browser_without_a_query_gets_the_query_page(client):
    r = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"}, follow_redirects=False)
    assert (r.status_code, r.headers["location"]) == (303, "/query")


def test_every_named_query_runs(client):
    for q in client.get("/api/queries").json():
        r = client.post("/sparql", content=q["text"].encode(), headers=QUERY)
        assert r.status_code == 200, (q["id"], r.text)


def test_hostile_text_is_data_in_json(client):
    query = 'SELECT ?t { ?p nif:anchorOf ?t FILTER(CONTAINS(?t, "<script>")) }'
    r = client.get("/sparql", params={"query": query})
    assert "<script>" in json.loads(r.text)["results"]["bindings"][0]["t"]["value"]
    assert r.headers["x-content-type-options"] == "nosniff"
