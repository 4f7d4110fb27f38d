"""Figures that can be worked out by hand, and agreement with the scorer beside the gold files."""

import importlib.util
import json
from pathlib import Path

import pytest

from kg.annotation import SUFFIX, Annotation, Thing, fold, read_file, read_gold
from kg.errors import AnnotationError
from kg.evaluation import align, evaluate, key
from kg.figures import Cause, Figures, Share

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"
SYMMETRIC = frozenset({"near"})


def thing(id, cls="A", *forms):
    return {"id": id, "type": cls, "name": id, "aliases": list(forms)}


def claim(s, p, o, modality="asserted", *evidence):
    return {
        "subject": s, "predicate": p, "object": o, "modality": modality, "evidence": list(evidence),
    }  # fmt: skip


def number(about, value, unit="USD"):
    return {"about": about, "value": value, "unit": unit}


def said(entities, relations=(), quantities=(), doc="p"):
    return Annotation.from_json(
        doc,
        {"entities": entities, "relations": list(relations), "quantities": list(quantities)},
    )


def compare(predicted, gold):
    return evaluate({"p": predicted}, {"p": gold}, SYMMETRIC)


def causes(result):
    return {(m.part, m.missed, m.what): m.cause for m in result.mistakes}


def test_what_is_said_twice_is_right():
    one = said(
        [thing("x"), thing("y")],
        [claim("x", "makes", "y", "hedged", "x makes y")],
        [number("x", 2)],
    )
    result = compare(one, one)
    assert (result.entity, result.relation, result.quantity) == (
        Figures(2, 0, 0), Figures(1, 0, 0), Figures(1, 0, 0),
    )  # fmt: skip
    assert (result.modality, result.evidence) == (Share(1, 1), Share(1, 1))
    assert result.mistakes == ()


def test_ratios_by_hand():
    """Of 3 gold entities 2 are found, and 1 more: P 2/3, R 2/3; of 2 gold claims 1, and none more."""
    gold = said(
        [thing("x"), thing("y"), thing("z")], [claim("x", "makes", "y"), claim("y", "makes", "z")]
    )
    found = said([thing("x"), thing("y"), thing("w")], [claim("x", "makes", "y")])
    result = compare(found, gold)
    assert result.to_json()["entity"] == {
        "precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "gold": 3,
    }  # fmt: skip
    assert result.to_json()["relation"] == {
        "precision": 1.0, "recall": 0.5, "f1": 0.6667, "gold": 2,
    }  # fmt: skip
    assert result.by_property == {"makes": Figures(1, 0, 1)}
    assert causes(result) == {
        ("entity", False, "w"): Cause.NOT_AN_ENTITY,
        ("entity", True, "z"): Cause.NOT_NAMED,
        ("relation", True, "y makes z"): Cause.NOT_NAMED,
    }


def test_nothing_divided_by_nothing():
    result = evaluate({}, {}, SYMMETRIC)
    assert result.posts == 0
    assert result.relation.f1 == 0
    assert result.modality.value is None


def test_figures_are_micro_averages_over_posts():
    gold = {d: said([thing("x"), thing("y")], doc=d) for d in ("a", "b")}
    result = evaluate({"a": said([thing("x")], doc="a"), "c": gold["b"]}, gold, SYMMETRIC)
    assert result.posts == 2
    assert result.entity == Figures(1, 0, 3)
    assert {m.doc for m in result.mistakes} == {"a", "b"}


def test_alignment_prefers_most_shared_forms_then_class():
    def things(*items):
        return [Thing(id, cls, id, frozenset(forms)) for id, cls, forms in items]

    gold = things(("g1", "A", {"aws", "amazon"}), ("g2", "B", {"amazon"}))
    assert align(things(("p", "B", {"aws", "amazon"})), gold) == {"p": "g1"}
    assert align(things(("p", "B", {"amazon"})), gold) == {"p": "g2"}
    assert align(things(("p", "A", {"amazon"})), gold) == {"p": "g1"}
    # One to one: the better match takes g1, the other what is left.
    assert align(things(("p", "A", {"amazon"}), ("q", "A", {"aws", "amazon"})), gold) == {
        "p": "g2",
        "q": "g1",
    }
    assert align(things(("p", "A", {"other"})), gold) == {}


def test_a_wrong_class_is_wrong_but_aligned():
    gold = said([thing("x", "A"), thing("y", "A")], [claim("x", "makes", "y")])
    result = compare(
        said([thing("p", "B", "x"), thing("y", "A")], [claim("p", "makes", "y")]), gold
    )
    assert result.entity == Figures(1, 1, 1)
    assert result.by_class == {"A": Figures(1, 0, 1), "B": Figures(0, 1, 0)}
    assert result.relation == Figures(1, 0, 0)
    assert set(causes(result).values()) == {Cause.WRONG_CLASS}


def test_a_symmetric_claim_has_no_direction():
    assert key("b", "near", "a", SYMMETRIC) == ("a", "near", "b")
    assert key("b", "makes", "a", SYMMETRIC) == ("b", "makes", "a")
    ends = [thing("x"), thing("y")]
    near = compare(said(ends, [claim("y", "near", "x")]), said(ends, [claim("x", "near", "y")]))
    assert near.relation == Figures(1, 0, 0)
    turned = compare(said(ends, [claim("y", "makes", "x")]), said(ends, [claim("x", "makes", "y")]))
    assert turned.relation == Figures(0, 1, 1)
    assert set(causes(turned).values()) == {Cause.WRONG_DIRECTION}


@pytest.mark.parametrize(
    ("predicted", "gold", "relation", "modality"),
    [
        ("asserted", "hedged", Figures(1, 0, 0), Share(0, 1)),
        ("asserted", "negated", Figures(0, 1, 0), Share(0, 1)),
        ("negated", "asserted", Figures(0, 0, 1), Share(0, 1)),
        ("negated", "negated", Figures(0, 0, 0), Share(1, 1)),
    ],
)
def test_negation(predicted, gold, relation, modality):
    ends = [thing("x"), thing("y")]
    result = compare(
        said(ends, [claim("x", "makes", "y", predicted)]),
        said(ends, [claim("x", "makes", "y", gold)]),
    )
    assert (result.relation, result.modality) == (relation, modality)
    assert {m.cause for m in result.mistakes} <= {Cause.DENIED}


@pytest.mark.parametrize(
    ("quoted", "hit"),
    [("x makes y.", 1), ("**x makes y**", 1), ("makes", 1), ("x sells y", 0), ("", 0)],
)
def test_evidence_overlaps(quoted, hit):
    ends = [thing("x"), thing("y")]
    result = compare(
        said(ends, [claim("x", "makes", "y", "asserted", quoted)]),
        said(ends, [claim("x", "makes", "y", "asserted", "X makes y.")]),
    )
    assert result.evidence == Share(hit, 1)


def test_causes_of_claims():
    ends = [thing("x"), thing("y"), thing("z"), thing("v")]
    gold = said(ends, [claim("x", "makes", "y"), claim("y", "makes", "z")])
    found = said(ends, [claim("x", "sells", "y"), claim("z", "sells", "v")])
    assert causes(compare(found, gold)) == {
        ("relation", True, "x makes y"): Cause.WRONG_PREDICATE,
        ("relation", False, "x sells y"): Cause.WRONG_PREDICATE,
        ("relation", True, "y makes z"): Cause.NOT_RELATED,
        ("relation", False, "z sells v"): Cause.SPURIOUS_PAIR,
    }


def test_a_second_claim_of_a_pair_is_no_wrong_predicate():
    ends = [thing("x"), thing("y")]
    gold = said(ends, [claim("x", "makes", "y"), claim("x", "sells", "y")])
    assert causes(compare(said(ends, [claim("x", "makes", "y")]), gold)) == {
        ("relation", True, "x sells y"): Cause.NOT_RELATED
    }


def test_quantities_are_counted_as_often_as_they_are_said():
    ends = [thing("x"), thing("y")]
    gold = said(ends, quantities=[number("x", 1), number("x", 1), number("x", 2), number("x", 3)])
    found = said(
        [*ends, thing("w")],
        quantities=[number("x", 1), number("y", 2), number("w", 5), number("x", 3, "JPY")],
    )
    result = compare(found, gold)
    assert result.quantity == Figures(1, 3, 3)
    assert {k[1:]: c for k, c in causes(result).items() if k[0] == "quantity"} == {
        (True, "x 1 USD"): Cause.NO_NUMBER,
        (True, "x 2 USD"): Cause.OF_ANOTHER,
        (True, "x 3 USD"): Cause.NO_NUMBER,
        (False, "x 3 JPY"): Cause.SPURIOUS_NUMBER,
        (False, "y 2 USD"): Cause.OF_ANOTHER,
        (False, "w 5 USD"): Cause.NOT_AN_ENTITY,
    }


def test_facts_and_their_json_are_one_annotation(facts_of):
    facts = facts_of(
        "aws:CloudProvider uses h100:Chip hedged 0.8\naws:CloudProvider investment 20 USD\n"
    )
    through_json = Annotation.from_json("p", json.loads(json.dumps(facts.to_json())))
    assert Annotation.of(facts) == through_json
    assert len(through_json.entities) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"entities": {}}', "entities is not a list"),
        ('{"entities": [1]}', "entities[0] is not an object"),
        ('{"entities": [{"id": 1}]}', "entities[0].id: 1 is not text"),
        ('{"entities": [{"id": "a", "type": "A", "aliases": "a"}]}', "entities[0].aliases"),
        (
            '{"entities": [{"id": "a", "type": "A"}, {"id": "a", "type": "B"}]}',
            "'a' is there twice",
        ),
        (
            '{"relations": [{"subject": "a", "predicate": "p", "object": "b"}]}',
            "no entity has the id 'a'",
        ),
        (
            '{"relations": [{"subject": "a", "predicate": "p", "object": "b", "modality": "m"}]}',
            "'m' is not one of asserted",
        ),
        ('{"quantities": [{"about": "a", "value": "1", "unit": "USD"}]}', "'1' is not a number"),
    ],
)
def test_a_broken_gold_file_is_named(tmp_path, content, told):
    path = tmp_path / f"p{SUFFIX}"
    path.write_text(content)
    with pytest.raises(AnnotationError) as error:
        read_file(path)
    assert str(path) in str(error.value)
    assert told in str(error.value)


def test_gold_files_are_found(tmp_path):
    for doc in ("b", "a"):
        (tmp_path / f"{doc}{SUFFIX}").write_text('{"entities": [{"id": "x", "type": "A"}]}')
    assert list(read_gold([tmp_path])) == ["a", "b"]
    with pytest.raises(AnnotationError, match="annotates that post too"):
        read_gold([tmp_path, tmp_path / f"a{SUFFIX}"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(AnnotationError, match="no gold files"):
        read_gold([tmp_path / "empty"])
    with pytest.raises(AnnotationError, match="no such file"):
        read_gold([tmp_path / "none"])


def test_fold():
    assert fold("「Ｇｏｏｇｌｅ・Cloud」 ") == "googlecloud"


@pytest.fixture(scope="module")
def scorer():
    """The scorer that is kept beside the gold files."""
    path = GOLD / "score.py"
    if not path.is_file() or not (GOLD / "dev").is_dir():
        pytest.skip(f"no annotation by hand in {GOLD}")
    spec = importlib.util.spec_from_file_location("gold_scorer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_figures_are_those_of_the_gold_scorer(scorer, schema, extractor):
    """On the dev posts, as they are extracted: every figure, to the last place."""
    from kg.extract.posts import read_post

    symmetric = frozenset(p.name for p in schema.properties.values() if p.symmetric)
    assert symmetric == scorer.SYMMETRIC
    files = sorted((GOLD / "dev").glob("*.md"))[:3]
    gold = {f.stem: json.loads((GOLD / "dev" / f"{f.stem}{SUFFIX}").read_text()) for f in files}
    facts = list(extractor.extract(map(read_post, files)))
    theirs = scorer.score({f.post.id: json.loads(json.dumps(f.to_json())) for f in facts}, gold)
    ours = evaluate(
        {f.post.id: Annotation.of(f) for f in facts},
        {d: Annotation.from_json(d, g) for d, g in gold.items()},
        symmetric,
    )
    assert ours.to_json() == theirs
    assert 0 < ours.relation.f1 < 1


def test_mistakes_are_those_of_the_gold_scorer(scorer, schema):
    """On the dev posts, each compared with the gold of the next: much is wrong in every way."""
    symmetric = frozenset(p.name for p in schema.properties.values() if p.symmetric)
    files = sorted((GOLD / "dev").glob(f"*{SUFFIX}"))
    contents = [json.loads(f.read_text()) for f in files]
    shifted = contents[1:] + contents[:1]
    errors = []
    theirs = scorer.score(
        {f.name: s for f, s in zip(files, shifted, strict=True)},
        {f.name: c for f, c in zip(files, contents, strict=True)},
        errors,
    )
    ours = evaluate(
        {f.name: Annotation.from_json(f.name, s) for f, s in zip(files, shifted, strict=True)},
        {f.name: Annotation.from_json(f.name, c) for f, c in zip(files, contents, strict=True)},
        symmetric,
    )
    assert ours.to_json() == theirs
    sign = {True: "-", False: "+"}
    assert sorted(
        (m.doc, m.part + sign[m.missed]) for m in ours.mistakes if m.part != "quantity"
    ) == (sorted(tuple(e.split("\t")[:2]) for e in errors))
