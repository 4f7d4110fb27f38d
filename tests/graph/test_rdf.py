from dataclasses import replace

import pyoxigraph as ox
import pytest

from kg.graph import terms
from kg.graph.rdf import PostWriter, dates, decimal, flaws, lines, literal, named
from kg.model import Claim, Evidence, Modality, Post
from kg.turtle import KG

BASE = "https://x.example/"
RUN = BASE + "run/1"


def quads(facts, schema):
    return PostWriter(facts, schema, BASE, RUN).quads()


def having(found, predicate):
    return [q for q in found if q.predicate.value == predicate]


def test_an_asserted_claim_has_its_plain_triple_and_a_hedged_one_has_not(facts_of, schema):
    text = (
        "nvidia:Company develops nvidia-h100:Chip asserted 0.9\n"
        "aws:CloudProvider uses nvidia-h100:Chip hedged 0.5\n"
        "aws:CloudProvider offers nvidia-h100:Chip negated 0.5\n"
    )
    found = quads(facts_of(text), schema)
    assert len(having(found, KG + "develops")) == 1
    assert not having(found, KG + "uses") + having(found, KG + "offers")
    assert [q.object.value for q in having(found, KG + "modality")] == [
        KG + "asserted",
        KG + "hedged",
        KG + "negated",
    ]
    assert {q.graph_name.value for q in found} == {BASE + "post/p"}


def test_evidence_is_an_offset_range_of_the_post(facts_of, schema):
    line = "nvidia:Company develops nvidia-h100:Chip asserted 0.9"
    found = quads(facts_of("前置き\n" + line), schema)
    claim = having(found, terms.RDF + "subject")[0].subject
    phrase = next(q.object for q in having(found, KG + "evidence") if q.subject == claim)
    assert phrase.value == f"{BASE}post/p#char=4,{4 + len(line)}"
    about = {q.predicate.value: q.object.value for q in found if q.subject == phrase}
    assert about[terms.NIF + "anchorOf"] == line
    assert about[terms.NIF + "referenceContext"] == BASE + "post/p"


def test_symmetric_claims_are_stored_in_one_order(facts_of, schema):
    text = "b:CloudProvider competesWith a:CloudProvider asserted 0.9"
    found = having(quads(facts_of(text), schema), KG + "competesWith")
    assert [(q.subject.value, q.object.value) for q in found] == [
        (terms.entity_iri("a"), terms.entity_iri("b"))
    ]


def test_what_posts_write_stays_inside_its_literal(facts_of, schema):
    evil = '" .\n<x:s> <x:p> <x:o> . "\u2028\x85\x00\x1b'
    facts = facts_of("x", title=evil)
    found = lines(quads(facts, schema))
    parsed = list(ox.parse(b"\n".join(found), format=ox.RdfFormat.N_QUADS))
    assert len(parsed) == len(found)
    assert evil in {q.object.value for q in parsed if isinstance(q.object, ox.Literal)}


def test_lone_surrogates_become_replacement_characters():
    assert literal("a\ud800b").value == "a\ufffdb"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9, "0.9"),
        (1.0, "1"),
        (2e10, "20000000000"),
        (1e-7, "0.0000001"),
        (1e300, "1" + "0" * 300),
    ],
)
def test_decimals_are_canonical(value, text):
    assert decimal(value).value == text


@pytest.mark.parametrize(
    ("date", "issued", "day"),
    [
        ("2025-12-20", "2025-12-20", "2025-12-20"),
        ("2025-12-20T08:00:00", "2025-12-20T08:00:00", "2025-12-20"),
        ("2025-12-20T08:00:00+09:00", "2025-12-19T23:00:00Z", "2025-12-20"),
        ("2025-12-20T08:00:00.500", "2025-12-20T08:00:00.5", "2025-12-20"),
    ],
)
def test_dates(date, issued, day):
    found = {p.value.removeprefix(terms.DCTERMS): v.value for p, v in dates(date)}
    assert found == {"issued": issued, "date": day}


@pytest.mark.parametrize("date", ["", "yesterday", "2025-13-01"])
def test_what_is_no_date_gives_none(date):
    assert list(dates(date)) == []


def test_warnings_do_not_depend_on_where_the_file_was():
    post = Post("seed", "t", "0", warnings=("/a: b/seed.txt: broken YAML: line 3", "odd"))
    assert flaws(post) == ("broken YAML: line 3", "odd")


def test_blank_nodes_get_names_from_what_they_say():
    text = b"@prefix : <x:/> . :a :p [ :q ( 1 2 ) ] . :b :p [ :q ( 1 2 ) ] . :c :p [ :q ( 2 ) ] ."

    def parse():
        triples = ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        return named([ox.Triple(q.subject, q.predicate, q.object) for q in triples], BASE)

    found = parse()
    assert found == parse()
    assert "_:" not in "".join(map(str, found))
    ends = {t.subject.value: t.object for t in found if t.predicate.value == "x:/p"}
    assert ends["x:/a"] == ends["x:/b"] != ends["x:/c"]


def test_a_cycle_of_blank_nodes_is_refused():
    a, b, p = ox.BlankNode(), ox.BlankNode(), ox.NamedNode("x:/p")
    with pytest.raises(ValueError, match="cycle"):
        named([ox.Triple(a, p, b), ox.Triple(b, p, a)], BASE)


def test_an_unknown_property_is_written_for_validation_to_find(facts_of, schema):
    facts = facts_of("nvidia:Company develops nvidia-h100:Chip asserted 0.9")
    odd = Claim("nvidia", "eats", "nvidia-h100", Modality.HEDGED, 0.5, "f", (Evidence(0, 1, "n"),))
    found = quads(replace(facts, claims=(odd,)), schema)
    assert KG + "eats" in {q.object.value for q in having(found, terms.RDF + "predicate")}
