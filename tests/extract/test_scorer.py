import json
import shutil

import numpy as np
import pytest

from kg.errors import OntologyError
from kg.extract.candidates import Candidate
from kg.extract.entries import Cue, Frame
from kg.extract.features import FEATURES
from kg.extract.halves import MODEL, word_scores
from kg.extract.scorer import (
    COLUMNS,
    DOUBTFUL,
    FIRST,
    FrameScorer,
    RelationModel,
    frame_score,
    table,
)
from kg.extract.views import Source

CUE = Cue("開発", "develops", Frame("transitive", ("が",), ("を",)), "verbalNoun", False)


def candidate(predicate="develops", cue=CUE, pair_words=(), **numbers):
    values = dict.fromkeys(FEATURES, 0.0) | numbers
    return Candidate(
        sentence=0,
        subject="a",
        predicate=predicate,
        object="b",
        cue=cue,
        source=Source.SENTENCE,
        subject_at=(0, 1),
        object_at=(2, 3),
        numbers=tuple(values[f] for f in FEATURES),
        pair_words=pair_words,
        own_words=(predicate,),
    )


@pytest.fixture(scope="module")
def model():
    return RelationModel.load()


@pytest.mark.parametrize(
    ("numbers", "score"),
    [
        ({"cue_fit": 2}, 0.6),
        ({"cue_fit": 1.5}, 0.4),
        ({"cue_fit": 1, "cue_role_s": 1, "cue_role_o": 1}, 0.4),
        ({"cue_fit": 1, "cue_role_s": 1}, 0.1),
        ({"cue_fit": 0.5}, 0.05),
        ({}, 0.0),
    ],
)
def test_how_well_a_frame_is_filled(numbers, score):
    assert frame_score(candidate(**numbers)) == pytest.approx(score)
    assert FrameScorer().score([candidate(**numbers)]) == [pytest.approx(score)]


def test_without_a_word_there_is_no_frame():
    assert frame_score(candidate(cue=None, cue_fit=2)) == 0.0


def test_only_a_filled_frame_reaches_the_threshold_of_frames():
    assert frame_score(candidate(cue_fit=2)) >= FrameScorer.threshold
    assert frame_score(candidate(cue_fit=1)) < FrameScorer.threshold


# ---------------------------------------------------------------- the trained model


def test_the_card_matches_the_program_and_the_ontology(model, schema):
    assert model.card["features"] == list(COLUMNS)
    assert set(model.card["classes"]) == set(schema.classes)
    assert set(model.card["properties"]) == set(schema.properties)
    assert model.trees.num_feature() == len(COLUMNS)
    assert model.version == f"relations {model.card['version']}"
    assert 0 < model.threshold < 1


def test_the_calibration_rises_from_nothing_to_certainty(model):
    xs, ys = model.card["calibration"]
    assert xs == sorted(xs)
    assert ys == sorted(ys)
    assert 0 <= model.calibrate(0.0) <= model.calibrate(0.5) <= model.calibrate(1.0) <= 1
    assert all(0 <= model.calibrate(x / 50) <= 1 for x in range(51))


def test_scores_are_confidences_one_a_candidate(model):
    found = [candidate(), candidate("uses", cue_fit=2), candidate("develops", known_maker=1)]
    scores = model.score(found)
    assert len(scores) == 3
    assert all(0 <= s <= 1 for s in scores)
    assert model.score(found) == scores
    assert model.score([]) == []


def test_the_trees_see_how_candidates_compare(model):
    found = [candidate(), candidate("uses")]
    alone = model._table(found[:1])[0]
    beside = model._table(found)[0]
    lead = COLUMNS.index("lead_over_properties")
    assert alone[lead] != beside[lead]
    words = model.words(found)
    assert beside[lead] == pytest.approx(words[0] - words[1], abs=1e-4)


def test_the_hopeful_are_judged_by_all_trees(model):
    rng = np.random.default_rng(0)
    some = [candidate(known_maker=n % 2, between=n) for n in range(20)]
    some += [candidate("investsIn", between=n, gap=99) for n in range(20)]
    rows = model._table(some)
    rows[:, COLUMNS.index("words")] = rng.uniform(-6, 4, len(rows))
    for c in ("lead_over_properties", "lead_over_pair"):
        rows[:, COLUMNS.index(c)] = rng.uniform(-9, 4, len(rows))
    asked, whole = model._ask(rows), model.trees.predict(rows)
    first = model.trees.predict(rows, num_iteration=FIRST, raw_score=True)
    assert 0 < sum(first >= DOUBTFUL) < len(rows)
    assert asked == pytest.approx(np.where(first >= DOUBTFUL, whole, 0))


def test_words_of_a_pair_count_under_each_property(model):
    found = {w.partition("|") for w in model.weights}
    words = tuple(sorted({w for p, bar, w in found if bar and p == "develops"})[::50])
    two = [candidate(pair_words=words), candidate("uses", pair_words=words), candidate()]
    bias = float(model.card["bias"])
    assert model.words(two) == pytest.approx(word_scores(two, model.weights, bias), abs=1e-9)
    assert len(set(model.words(two))) == 3


def test_a_property_the_model_was_not_trained_on_is_judged_by_its_frame(model):
    new = [candidate("bakes", cue_fit=2), candidate("bakes", cue_fit=1)]
    assert model.score(new) == [frame_score(c) for c in new]
    assert model.score(new)[0] >= model.threshold > model.score(new)[1]


def test_a_model_of_other_features_is_refused(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["features"] = card["features"][1:]
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(OntologyError, match="train it again"):
        RelationModel.load(folder)


def test_contributions_say_what_counted(model):
    """Shapley values of two candidates differ by what the trees' log-odds of the two do."""
    two = [candidate(cue_fit=2, cue_role_s=1, cue_role_o=1), candidate(cue=None)]
    good, poor = model.contributions(two, [0, 1])
    assert set(good) == set(COLUMNS)
    columns = table(two, model.words(two), model.card["properties"])
    raw = model.trees.predict(columns, raw_score=True, num_threads=1)
    assert sum(good.values()) - sum(poor.values()) == pytest.approx(raw[0] - raw[1], abs=1e-4)
    assert model.contributions([candidate(predicate="unheardOf")], [0]) == [{}]
    assert model.contributions(two, []) == []
