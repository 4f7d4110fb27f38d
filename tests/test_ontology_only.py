"""A relation, an entity and their words, added in Turtle alone, come out at every end."""

import json
import shutil
import subprocess

import httpx
import pyoxigraph as ox
import pytest
from web.server import serving

from kg.build import build
from kg.extract.lexicon import Lexicon
from kg.extract.posts import read_post
from kg.graph.network import Network
from kg.graph.queries import run_query
from kg.graph.store import Snapshot
from kg.model import Modality
from kg.schema import Schema
from kg.settings import Settings, data_folder
from kg.turtle import ENT, KG
from kg.web.app import create_app
from kg.web.standalone import write_page

# A relation between firms, the last of the legend.
CORE = """
kg:licensesTo a owl:ObjectProperty ; rdfs:label "licenses to"@en , "ライセンス供与"@ja ;
    kg:colour "#123456" ; kg:order 14 ; owl:inverseOf kg:licensedFrom ;
    rdfs:domain kg:CorporateAgent ; rdfs:range kg:CorporateAgent ;
    skos:definition "The subject lets the object use what it owns."@en ,
        "主語が目的語に、自らのもつ権利の利用を許す。"@ja .
kg:licensedFrom a owl:ObjectProperty ; rdfs:label "licensed from"@en , "供与元"@ja .
"""
ENTITIES = """
ent:zetta-silicon a kg:Company ; skos:prefLabel "Zetta Silicon"@en , "ゼッタシリコン"@ja ;
    skos:altLabel "Zetta"@en .
"""
LEXICON = """
[] a ontolex:LexicalEntry ; lexinfo:partOfSpeech lexinfo:verbalNoun ;
    ontolex:canonicalForm [ ontolex:writtenRep "ライセンス供与"@ja ] ;
    ontolex:otherForm [ ontolex:writtenRep "使用許諾"@ja ] ;
    ontolex:sense [ ontolex:reference kg:licensesTo ] ; synsem:synBehavior lex:dative .
"""
POST = """---
title: "小さな半導体企業の動き"
date: 2026-01-15
---
ゼッタシリコンはNVIDIAにライセンス供与した。

## 別の話題

NVIDIAはAMDに使用許諾するかもしれない。
"""
SENTENCE = "ゼッタシリコンはNVIDIAにライセンス供与した。"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ontology-only")


@pytest.fixture(scope="module")
def wider(folder):
    """The ontology that ships with the additions, and nothing else changed."""
    ontology = folder / "ontology"
    shutil.copytree(data_folder("ontology"), ontology)
    for name, more in (
        ("core.ttl", CORE),
        ("entities.ttl", ENTITIES),
        ("lexicon.ttl", LEXICON),
    ):
        with (ontology / name).open("a", encoding="utf-8") as f:
            f.write(more)
    return Schema.load(ontology)


@pytest.fixture(scope="module")
def post(folder):
    path = folder / "posts" / "news.md"
    path.parent.mkdir()
    path.write_text(POST, "utf-8")
    return path


@pytest.fixture(scope="module")
def wide_extractor(wider, parser):
    from kg.extract.pipeline import Extractor

    return Extractor(wider, parser=parser)


@pytest.fixture(scope="module")
def settings(folder, wider, post, wide_extractor):
    """The post, built with the wider ontology."""
    settings = Settings(ontology=wider.folder, data=folder / "data")
    report = build([post], settings.data, settings, extractor=wide_extractor, strict=True)
    assert report.problems == ()
    return settings


@pytest.fixture(scope="module")
def url(settings):
    with serving(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def get(url):
    def go(path, **params):
        response = httpx.get(url + path, params=params, timeout=60)
        response.raise_for_status()
        return response.json()

    return go


def test_the_program_as_it_ships_knows_neither(schema, extractor, post):
    assert "licensesTo" not in schema.properties
    assert "zetta-silicon" not in schema.entities
    assert "ライセンス供与" not in {c.text for c in Lexicon.load(schema.folder, schema).cues}
    (found,) = extractor.extract([read_post(post)])
    assert "zetta-silicon" not in {e.id for e in found.entities}
    assert "licensesTo" not in {c.predicate for c in found.claims}


def test_the_claim(wide_extractor, post):
    (found,) = wide_extractor.extract([read_post(post)])
    entity = next(e for e in found.entities if e.id == "zetta-silicon")
    assert (entity.cls, entity.known, entity.aliases) == ("Company", True, ("ゼッタシリコン",))
    claims = {(c.subject, c.object): c for c in found.claims if c.predicate == "licensesTo"}
    assert set(claims) == {("zetta-silicon", "nvidia"), ("nvidia", "amd")}
    claim = claims["zetta-silicon", "nvidia"]
    assert claim.modality is Modality.ASSERTED
    assert claim.frame == "licensesTo/dative/ライセンス供与"
    assert [e.text for e in claim.evidence] == [SENTENCE]
    assert claims["nvidia", "amd"].modality is Modality.HEDGED
    relations = json.loads(json.dumps(found.to_json()))["relations"]
    assert "licensesTo" in {r["predicate"] for r in relations}


def test_the_triple(settings):
    store = Snapshot.open(settings.data).store
    term = ox.NamedNode(KG + "licensesTo")
    plain = {(q.subject.value, q.object.value) for q in store.quads_for_pattern(None, term, None)}
    # What is only hedged is a claim, not a fact.
    assert plain == {(ENT + "zetta-silicon", ENT + "nvidia")}
    predicate = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate")
    assert len({q.subject for q in store.quads_for_pattern(None, predicate, term)}) == 2
    labels = store.quads_for_pattern(
        term, ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), None
    )
    assert {q.object.value for q in labels} == {"licenses to", "ライセンス供与"}


def test_the_answer_of_sparql(settings):
    snapshot = Snapshot.open(settings.data)
    text = f"SELECT ?o WHERE {{ <{ENT}zetta-silicon> <{KG}licensesTo> ?o }}"
    result = run_query(snapshot.path, text, settings=settings, accept="text/csv")
    assert result.content.split() == [b"o", f"{ENT}nvidia".encode()]


def test_the_edge_of_the_network(settings, wider):
    network = Network.load(Snapshot.open(settings.data), wider)
    assert network.resolve("ゼッタシリコン").id == network.resolve("zetta").id == "zetta-silicon"
    edges = {(e.subject, e.object, e.modality) for e in network.edges.values()
             if e.predicate == "licensesTo"}  # fmt: skip
    assert edges == {("zetta-silicon", "nvidia", "asserted"), ("nvidia", "amd", "hedged")}


def test_the_answer_of_rest(get):
    found = get("/api/entities/ゼッタシリコン/neighborhood", predicate="licensesTo")
    assert [(e["subject"], e["predicate"], e["object"]) for e in found["edges"]] == [
        ("zetta-silicon", "licensesTo", "nvidia")
    ]
    other = get("/api/entities/zetta-silicon/neighborhood", predicate="acquires")
    assert other["edges"] == []
    evidence = get(f"/api/edges/{found['edges'][0]['id']}")
    assert SENTENCE in json.dumps(evidence, ensure_ascii=False)


def test_the_entry_of_the_schema(get):
    properties = get("/api/schema")["properties"]
    names = [p["name"] for p in properties]
    assert names[-1] == "licensesTo"
    entry = properties[names.index("licensesTo")]
    assert entry["label"] == {"en": "licenses to", "ja": "ライセンス供与"}
    assert entry["inverse_label"] == {"en": "licensed from", "ja": "供与元"}
    assert entry["colour"] == "#123456"
    assert entry["definition"]["ja"].startswith("主語が目的語に、")
    assert entry["domain"] == entry["range"] == ["CloudProvider", "Company", "Organization"]


def test_the_legend_of_the_explorer(url, folder):
    """As Chromium draws it: a row with the label and the number of edges."""
    program = next((p for name in BROWSERS if (p := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium or Chrome was found; install the Debian package `chromium`")
    done = subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--lang=ja",
         f"--user-data-dir={folder / 'chromium'}", "--virtual-time-budget=20000", "--dump-dom", url + "/"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    _, _, row = done.stdout.partition('data-name="licensesTo"')
    row = row[: row.index("data-name=")]
    assert "ライセンス供与" in row or "licenses to" in row
    assert "#123456" in row or "rgb(18, 52, 86)" in row


def test_the_page_that_stands_alone(settings, wider, folder):
    snapshot = Snapshot.open(settings.data)
    page = folder / "graph.html"
    write_page(Network.load(snapshot, wider), wider, snapshot, page)
    text = page.read_text("utf-8")
    assert "licensesTo" in text
    assert "ゼッタシリコン" in text
