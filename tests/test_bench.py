"""What `bench.quality` compares with: baselines, ablations, causes."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="training needs scikit-learn")

from bench import causes
from bench.annotated import WRITTEN, WRITTEN_CHECKS, Annotated, own, written
from bench.baselines import Found, Names, Usual, extract
from bench.causes import NO_CANDIDATE, TOO_LOW, errors
from bench.lessons import AGAIN, again
from bench.looking import look
from bench.masked import WINDOW, masked, windows
from bench.named import AnnotatedNames
from bench.systems import REMOVED, Prediction, Without, fewer_entities, in_gold_ids, reliability
from bench.weigh import WORTH, cautious, design_effect, worth_saying
from kg.annotation import Annotation
from kg.evaluation import evaluate
from kg.extract.scorer import FrameScorer
from kg.extract.tokens import START, STOP, UNKNOWN

SAME = frozenset({"near"})
GOLD = {
    "entities": [
        {"id": "n", "type": "Maker", "name": "Nova", "aliases": ["Nova", "ノヴァ"]},
        {"id": "c", "type": "Chip", "name": "Nova One", "aliases": ["Nova One", "One"]},
        {"id": "m", "type": "Maker", "name": "Mira", "aliases": ["Mira"]},
    ],
    "relations": [
        {"subject": "n", "predicate": "makes", "object": "c", "evidence": ["NovaのOne"]},
        {"subject": "n", "predicate": "near", "object": "m", "evidence": ["NovaとMira"]},
        {"subject": "m", "predicate": "wants", "object": "c", "modality": "negated"},
    ],
}


@pytest.fixture
def post(tmp_path):
    path = tmp_path / "p.md"
    path.write_text("ノヴァはNova Oneを作る。MiraはOneroとNovaを見る。\n", "utf-8")
    return Annotated(Annotation.from_json("p", json.loads(json.dumps(GOLD))), path)


def test_names_are_matched_longest_first_within_bounds(post):
    names = Names([post])
    text = "ノヴァはNova Oneを作る。MiraはOneroとNovaを見る。"
    assert [(text[f.start : f.end], f.entity, f.cls) for f in names(text)] == [
        ("ノヴァ", "nova", "Maker"),
        ("Nova One", "novaone", "Chip"),
        ("Mira", "mira", "Maker"),
        ("Nova", "nova", "Maker"),
    ]


def test_the_usual_property_of_two_classes(post):
    usual = Usual.of([post], SAME)
    maker, other = Found(0, 1, "n", "Maker"), Found(5, 6, "m", "Maker")
    chip, event = Found(2, 3, "c", "Chip"), Found(7, 8, "e", "Event")
    # Whatever the order in the text, the classes say which is the subject.
    assert usual.choose(maker, chip)[::2] == usual.choose(chip, maker)[::2] == ("n", "c")
    assert usual.choose(maker, other) == ("n", "near", "m")
    assert usual.choose(maker, event) is None


def test_a_baseline_relates_what_stands_in_one_sentence(post):
    said = extract(post, Names([post]), Usual.of([post], SAME))
    assert {t.id for t in said.entities} == {"nova", "novaone", "mira"}
    assert [(r.subject, r.object) for r in said.relations] == [
        ("mira", "nova"),
        ("nova", "novaone"),
    ]
    result = evaluate({"p": said}, {"p": post.gold}, SAME)
    assert (result.entity.f1, result.relation.f1) == (1.0, 1.0)


def test_the_same_third_of_the_entities_is_removed(schema):
    fewer = fewer_entities(schema)
    assert len(fewer.entities) == pytest.approx(len(schema.entities) * (1 - REMOVED), abs=1)
    assert fewer.entities == fewer_entities(schema).entities
    for e in fewer.entities.values():
        assert not e.maker or e.maker in fewer.entities
        assert not e.parent or e.parent in fewer.entities


def test_what_is_taken_away_has_no_chance():
    class Sure(FrameScorer):
        def score(self, candidates, reading=None):
            return [0.9 for _ in candidates]

    assert Without(Sure(), lambda c: c == "b").score(["a", "b"], None) == [0.9, 0.0]


def test_causes_tell_what_was_no_candidate_from_what_scored_too_low(post):
    said = Annotation("p", post.gold.entities)
    for candidates, cause in (
        (frozenset(), NO_CANDIDATE),
        ({("n", "makes", "c"), ("m", "near", "n")}, TOO_LOW),
    ):
        found = {"p": Prediction(said, {}, frozenset(candidates))}
        result = evaluate({"p": said}, {"p": post.gold}, SAME)
        (group,) = errors(result, found, [post], SAME)
        assert (group.part, group.cause, group.missed, group.spurious) == ("relation", cause, 2, 0)


def test_what_is_set_aside_is_counted_but_not_shown(post, monkeypatch):
    said = Annotation("p", post.gold.entities)
    found = {"p": Prediction(said, {}, frozenset())}
    result = evaluate({"p": said}, {"p": post.gold}, SAME)
    (shown,) = errors(result, found, [post], SAME)
    monkeypatch.setattr(causes, "SET_ASIDE", frozenset({"p"}))
    (kept_back,) = errors(result, found, [post], SAME)
    assert shown.example
    assert kept_back == replace(shown, example="")


def test_a_claim_is_right_where_gold_says_so_in_the_same_way(post):
    relations = [r for r in post.gold.relations if r.predicate != "near"]
    said = Annotation("p", post.gold.entities, tuple(relations))
    confidence = {("n", "makes", "c"): 0.9, ("m", "wants", "c"): 0.5}
    found = {"p": Prediction(said, confidence, frozenset())}
    assert reliability(found, [post], SAME) == [(0.9, True), (0.5, True)]
    assert in_gold_ids(found["p"], post, SAME)(("n", "near", "m")) == ("m", "near", "n")
    nothing = Annotated(Annotation("p", post.gold.entities), post.path)
    assert reliability(found, [nothing], SAME) == [(0.9, False), (0.5, False)]


def test_a_calibration_from_few_points_says_less():
    xs, few = cautious([0.0, 1.0], [0.2, 0.8], 20)
    _, many = cautious([0.0, 1.0], [0.2, 0.8], 2000)
    assert xs == [0.0, 1.0]
    assert all(0 <= f < m < y for f, m, y in zip(few, many, [0.2, 0.8], strict=True))


def test_what_goes_wrong_together_counts_less():
    alike = [[(0.5, right)] * 4 for right in (True, False)]
    apart = [[(0.5, True), (0.5, False)] * 2] * 2
    assert design_effect(alike) == pytest.approx(4.0)  # four that are one
    assert design_effect(apart) == 1.0  # no better than if each were right by itself
    assert design_effect([[], *alike]) == design_effect(alike)


def test_a_guess_is_worth_saying_while_it_is_right_often_enough():
    sure = [(0.9, "Chip", "Chip"), (0.7, "Chip", "Chip")]
    unsure = [(0.4, "Chip", ""), (0.4, "Chip", "Model"), (0.4, "Chip", "Chip")]
    assert 1 / len(unsure) < WORTH
    threshold, found = worth_saying([*sure, *unsure])
    assert 0.4 < threshold <= 0.7
    assert found == {"said": 2, "right": 2, "names": 4}


def test_what_nobody_lists_is_seen_with_what_it_is_annotated_as(tmp_path, schema):
    path = tmp_path / "p.md"
    path.write_text("NVIDIAはZognarを買収した。ZognarのBreepは速い。\n", "utf-8")
    content = {"entities": [{"id": "z", "type": "Company", "name": "Z", "aliases": ["Zognar"]}]}
    post = Annotated(Annotation.from_json("p", content), path)
    (seen,) = look([post], schema)
    assert [u.form for u, _ in seen.unlisted] == ["Zognar", "Breep"]
    assert seen.classes == ["Company", ""]


def test_names_stand_where_an_annotator_said_the_makers_apart():
    forms = {"Company": ["NVIDIA", "Arm"], "Chip": ["NVIDIAのGPU", "NVIDIA製チップ", "H100"]}
    content = {
        "entities": [
            {"id": cls, "type": cls, "name": cls, "aliases": some} for cls, some in forms.items()
        ]
    }
    names = AnnotatedNames.of(Annotated(Annotation.from_json("p", content), Path("p.md")))
    text = "ArmadaのNVIDIAのGPU、H100、GPUと、ArmとNVIDIA製チップ"
    assert [(text[a:b], cls) for a, b, cls in names.find(text)] == [
        ("NVIDIA", "Company"),
        ("GPU", "Chip"),
        ("H100", "Chip"),
        ("Arm", "Company"),
        ("NVIDIA", "Company"),
        ("チップ", "Chip"),
    ]


def test_a_line_is_read_once_and_texts_stand_apart():
    found = windows(["ab\n\nab\ncd", "cd\nef"], lambda line: [ord(c) for c in line])
    assert found == [[START, 97, 98, STOP, 99, 100, STOP], [START, 101, 102, STOP]]


def test_a_long_text_is_read_in_windows_that_leave_nothing_out():
    ids = list(range(10, 400))
    found = windows(["x"], lambda _: ids)
    assert all(w[0] == START and len(w) <= WINDOW for w in found)
    assert [i for w in found for i in w[1:]] == [*ids, STOP]


def test_what_is_masked_can_be_told_and_the_rest_is_shown():
    rng, ids = random.Random(0), [START, *range(10, 135), STOP]
    many = [masked(ids, 1000, rng) for _ in range(200)]
    for m in many:
        assert [ids[at] for at in m.places] == m.pieces
        assert 0 not in m.places and len(ids) - 1 not in m.places
        shown = [i for at, i in enumerate(m.shown) if at not in m.places]
        assert shown == [i for at, i in enumerate(ids) if at not in m.places]
    places = sum(len(m.places) for m in many)
    assert 0.17 < places / sum(len(m.shown) for m in many) < 0.23
    unknown = sum(m.shown[at] == UNKNOWN for m in many for at in m.places)
    assert 0.75 < unknown / places < 0.85


def test_with_each_new_post_some_old_ones_are_read_again(post):
    old = [replace(post, gold=replace(post.gold, doc=f"old {i}")) for i in range(20)]
    new = [replace(post, gold=replace(post.gold, doc=f"new {i}")) for i in range(2)]
    seen = {p.doc for p in old}
    read = again([*old, *new], seen)
    assert [p for p in read if p.doc not in seen] == new
    assert len({p.doc for p in read}) == len(read) == 2 + 2 * AGAIN
    assert again(old, seen) == []
    assert len(again([*old[:3], *new], seen)) == 5


def test_a_post_that_we_wrote_is_learnt_from_or_weighed_on_never_both():
    learnt, weighed = written(), own(WRITTEN, WRITTEN_CHECKS)
    assert sorted(p.path for p in learnt + weighed) == sorted(WRITTEN.glob("*.md"))
    assert not {p.doc for p in learnt} & {p.doc for p in weighed}


def test_what_we_annotated_stands_in_what_we_wrote():
    for post in written() + own(WRITTEN, WRITTEN_CHECKS):
        text = post.path.read_text("utf-8")
        for e in post.gold.entities:
            assert all(alias in text for alias in e.aliases), (post.doc, e)
        ids = {e.id for e in post.gold.entities}
        for r in post.gold.relations:
            assert {r.subject, r.object} <= ids, (post.doc, r)
