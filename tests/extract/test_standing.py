import numpy as np
import pytest

from kg.extract.candidates import Candidate
from kg.extract.standing import NOWHERE, STANDING, UNRIVALLED, standing
from kg.extract.views import Source


def candidate(subject, predicate, obj, sentence=0):
    at = (0, 1)
    return Candidate(sentence, subject, predicate, obj, None, Source.SENTENCE, at, at, (), (), ())


def rows(candidates, words):
    found = standing(candidates, np.array(words, dtype=float))
    return [dict(zip(STANDING, row, strict=True)) for row in found]


def test_alone_there_is_no_rival():
    (row,) = rows([candidate("a", "uses", "b")], [1.5])
    assert [row[f] for f in STANDING if f.startswith("lead")] == [UNRIVALLED] * 5
    assert row["best_elsewhere"] == NOWHERE
    assert row["sentences"] == 0
    assert row["words_of_all_sentences"] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("rival", "column"),
    [
        (candidate("c", "uses", "b"), "lead_over_subjects"),
        (candidate("a", "uses", "c"), "lead_over_objects"),
        (candidate("a", "offers", "b"), "lead_over_properties"),
        (candidate("a", "uses", "b", sentence=1), "lead_over_sentences"),
        (candidate("b", "uses", "a"), "lead_over_pair"),
    ],
)
def test_a_rival_takes_from_the_lead(rival, column):
    first, second = rows([candidate("a", "uses", "b"), rival], [2.0, 0.5])
    assert first[column] == pytest.approx(1.5)
    assert second[column] == pytest.approx(-1.5)
    others = {f for f in STANDING if f.startswith("lead")} - {column, "lead_over_pair"}
    assert {first[f] for f in others} == {UNRIVALLED}


def test_other_sentences_speak_for_a_triple():
    found = rows([candidate("a", "uses", "b", sentence=i) for i in range(3)], [0.0, 1.0, -1.0])
    assert [r["best_elsewhere"] for r in found] == [1.0, 0.0, 1.0]
    assert {r["sentences"] for r in found} == {2}
    total = np.log(np.exp(0.0) + np.exp(1.0) + np.exp(-1.0))
    assert {round(r["words_of_all_sentences"], 6) for r in found} == {round(float(total), 6)}


def test_better_objects_are_counted():
    found = rows([candidate("a", "uses", o) for o in "bcd"], [0.0, 2.0, 1.0])
    assert [r["better_objects"] for r in found] == [2, 0, 1]
