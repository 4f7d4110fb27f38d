from dataclasses import replace

import pytest

from kg.errors import OntologyError
from kg.graph.rdf import PostWriter
from kg.graph.validate import Validator
from kg.model import Evidence
from kg.schema import Schema
from kg.settings import Settings

BASE = "https://x.example/"
GOOD = "nvidia:Company develops nvidia-h100:Chip asserted 0.9"


@pytest.fixture(scope="module")
def validator(schema):
    return Validator(schema)


def check(validator, *many):
    posts = [
        (f.post.id, PostWriter(f, validator.schema, BASE, BASE + "run/1").quads()) for f in many
    ]
    return {c.post: [str(v) for v in c.violations] for c in validator.posts(posts)}


def test_good_posts_pass(validator, facts_of):
    text = GOOD + "\naws:CloudProvider investment 20 USD"
    assert check(validator, facts_of(text, title="T", date="2025-12-20")) == {"p": []}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nvidia-h100:Chip develops nvidia:Company asserted 0.9", "the subject of develops"),
        ("nvidia:Company develops aws:Company hedged 0.9", "the object of develops"),
        ("nvidia:Company eats nvidia-h100:Chip asserted 0.9", "a property of the ontology"),
        ("nvidia:Company develops nvidia-h100:Potato asserted 0.9", "a class of the ontology"),
        ("nvidia:Company uses nvidia:Company asserted 0.9", "two different entities"),
        ("nvidia:Company develops nvidia-h100:Chip asserted 1.5", "at most 1"),
        ("nvidia:Company develops nvidia-h100:Chip asserted 0", "above 0"),
    ],
)
def test_a_wrong_claim_is_named(validator, facts_of, line, told):
    found = check(validator, facts_of(line))["p"]
    assert any(told in v for v in found), found


def test_a_claim_needs_evidence(validator, facts_of):
    facts = facts_of(GOOD)
    bare = replace(facts, claims=(replace(facts.claims[0], evidence=()),))
    assert any("has evidence" in v for v in check(validator, bare)["p"])


def test_a_passage_ends_after_it_begins(validator, facts_of):
    facts = facts_of(GOOD)
    odd = replace(facts.claims[0], evidence=(Evidence(5, 5, "x"),))
    assert any("before its end" in v for v in check(validator, replace(facts, claims=(odd,)))["p"])


def test_a_number_that_is_not_finite_is_no_decimal(validator, facts_of):
    facts = facts_of("aws:CloudProvider investment 20 USD")
    odd = replace(facts.quantities[0], value=float("nan"))
    assert any(
        "numericValue" in v for v in check(validator, replace(facts, quantities=(odd,)))["p"]
    )


def test_only_the_wrong_post_of_a_batch_is_rejected(validator, facts_of):
    bad = facts_of("nvidia-h100:Chip develops nvidia:Company asserted 0.9", post="bad")
    found = check(validator, facts_of(GOOD, post="a"), bad, facts_of(GOOD, post="z"))
    assert {k: bool(v) for k, v in found.items()} == {"a": False, "bad": True, "z": False}


def test_posts_may_class_an_entity_differently(validator, facts_of):
    one = facts_of("aws:Company develops x:Chip asserted 0.9", post="one")
    two = facts_of("aws:Company develops x:Hardware asserted 0.9", post="two")
    assert check(validator, one, two) == {"one": [], "two": []}


def test_one_post_may_not_have_two_classes_for_an_entity(validator, facts_of):
    facts = facts_of("aws:Company develops x:Chip asserted 0.9")
    both = (*facts.entities, replace(facts.entities[1], cls="Hardware"))
    assert any(
        "exactly one class" in v for v in check(validator, replace(facts, entities=both))["p"]
    )


def test_validation_does_not_change_its_shapes(validator, facts_of):
    before = len(validator._shapes)
    check(validator, facts_of(GOOD))
    assert len(validator._shapes) == before


@pytest.fixture
def ontology(tmp_path):
    for path in Settings().ontology.glob("*.ttl"):
        text = path.read_text("utf-8")
        # A few entities will do, and are quick to read.
        if path.name == "entities.ttl":
            text = "\n".join(x for x in text.splitlines() if x.startswith("@prefix"))
        (tmp_path / path.name).write_text(text, "utf-8")
    return tmp_path


def add(ontology, name, text):
    path = ontology / name
    path.write_text(path.read_text("utf-8") + "\n" + text, "utf-8")


def test_the_ontology_is_valid(schema):
    assert Validator(schema).ontology() == []


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        (
            'kg:eats a owl:ObjectProperty ; rdfs:label "eats"@en ; kg:colour "#123456" ;'
            " kg:order 99 ; rdfs:domain kg:Person ; rdfs:range kg:Chip .",
            "rdfs:label in Japanese",
        ),
        ('kg:Company kg:colour "red" .', "#rrggbb"),
        ("kg:develops rdfs:domain kg:Person .", "owl:unionOf"),
    ],
)
def test_a_flaw_of_the_ontology_is_named(ontology, addition, told):
    add(ontology, "core.ttl", addition)
    found = [str(v) for v in Validator(Schema.load(ontology)).ontology()]
    assert any(told in v for v in found), found


def test_broken_shapes_are_an_error_that_names_the_file(ontology, facts_of):
    schema = Schema.load(ontology)
    (ontology / "shapes.ttl").write_text("kg:A a .", "utf-8")
    with pytest.raises(OntologyError, match=r"shapes\.ttl"):
        check(Validator(schema), facts_of(GOOD))
