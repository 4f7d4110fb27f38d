import json
import shutil

import pytest

from kg.errors import OntologyError
from kg.extract.context import ContextReader
from kg.extract.halves import MODEL
from kg.extract.owner_model import FILES, OwnerModel
from kg.extract.quantities import QuantityReader, owned
from kg.extract.reading import Reading


@pytest.fixture(scope="module")
def reader(lexicon):
    return QuantityReader(lexicon, OwnerModel.load())


class Likely:
    """Scores by entity."""

    version, threshold = "test", 0.5

    def __init__(self, small, scores):
        self.card = {"classes": list(small.classes), "units": [], "kinds": []}
        self.scores = scores

    def score(self, pairings, reading):
        return [self.scores.get(p.entity, 0.0) for p in pairings]


@pytest.fixture
def quantities(small, lexicon, read):
    def go(text, reader):
        post, parts, mentions = read(text)
        views = ContextReader(small, lexicon).read(parts, mentions, {})
        found = reader.read(Reading(post, parts, mentions, tuple(views)))
        for q in found:
            assert post.text[q.start : q.end] == q.text
            assert post.text[q.evidence.start : q.evidence.end] == q.evidence.text
        return found

    return go


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWSは200億ドルを投資する。", [("aws", "investment", 2e10, "USD", "200億ドル")]),
        (
            "ＡＷＳは約２００億ドルを投資する。",
            [("aws", "investment", 2e10, "USD", "約２００億ドル")],
        ),
        ("NVIDIAの売上は300億ドルだ。", [("nvidia", "revenue", 3e10, "USD", "300億ドル")]),
        ("AWSのTrainiumは性能が3倍だ。", [("trainium", "performance", 3, "ratio", "3倍")]),
        ("TPUは、H100と比べて3倍の性能だ。", [("tpu", "performance", 3, "ratio", "3倍")]),
        # Of nothing that is named; a name is no amount.
        ("200億ドルを投資する。", []),
        ("H100の投資。", []),
    ],
)
def test_quantities_of_a_sentence(reader, quantities, text, expected):
    found = quantities(text, reader)
    assert [(q.about, q.kind, q.value, q.unit, q.text) for q in found] == expected


def test_the_likeliest_owner_above_the_threshold_is_taken(small, lexicon, quantities):
    text = "AWSによれば、Googleは200億ドルを投資する。"
    for scores, about in (
        ({"aws": 0.9, "google": 0.6}, ["aws"]),
        ({"aws": 0.5, "google": 0.6}, ["google"]),
        ({"aws": 0.4, "google": 0.4}, []),
    ):
        reader = QuantityReader(lexicon, Likely(small, scores))
        assert [q.about for q in quantities(text, reader)] == about


def test_those_of_one_list_own_an_amount_together(small, lexicon, quantities):
    reader = QuantityReader(lexicon, Likely(small, {"tpu": 0.9, "trainium": 0.8, "google": 0.8}))
    found = quantities("Googleによれば、TPUとTrainiumの料金は20%下がる。", reader)
    assert {q.about for q in found} == {"tpu", "trainium"}


def test_a_figure_is_given_once(small, lexicon, quantities):
    reader = QuantityReader(lexicon, Likely(small, {"aws": 0.9}))
    found = quantities("AWSは200億ドルを投資する。AWSの200億ドルは多い。", reader)
    assert [(q.about, q.start) for q in found] == [("aws", 4)]


def test_money_is_an_investment_of_a_firm_and_the_price_of_a_product(small, lexicon, quantities):
    for about, kind in (("aws", "investment"), ("trainium", "price")):
        reader = QuantityReader(lexicon, Likely(small, {about: 0.9}))
        assert [q.kind for q in quantities("AWSのTrainiumは20ドルだ。", reader)] == [kind]


def test_nothing_holds_of_nothing():
    assert owned([], [], 0.5) == []
    assert OwnerModel.load().score([]) == []


def test_a_model_with_other_features_is_refused(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder)
    card = json.loads((folder / FILES.card).read_text("utf-8"))
    card["features"] = card["features"][1:]
    (folder / FILES.card).write_text(json.dumps(card), "utf-8")
    with pytest.raises(OntologyError, match="train it again"):
        OwnerModel.load(folder)
