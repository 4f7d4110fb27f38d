import pytest

from kg.extract.context import ContextReader
from kg.extract.owner_features import FEATURES, OwnerFeatures
from kg.extract.owners import OwnerFinder


@pytest.fixture
def pairings(small, lexicon, read):
    finder = OwnerFinder(
        lexicon, OwnerFeatures(lexicon, list(small.classes), ["USD"], ["investment"])
    )

    def go(text):
        _, parts, mentions = read(text)
        views = ContextReader(small, lexicon).read(parts, mentions, {})
        return finder.find(parts, mentions, {v.index: v for v in views})

    return go


def of(pairing, feature):
    return pairing.numbers[FEATURES.index(feature)]


def test_every_entity_around_may_own_an_amount(pairings):
    found = pairings("# AWSの計画\n\nNVIDIAが語った。\n\nGoogleは200億ドルを投資する。\n")
    assert {p.entity for p in found} == {"aws", "nvidia", "google"}
    assert {p.entity for p in found if p.at != (-1, -1)} == {"google"}
    assert {p.entity for p in found if of(p, "in_heading")} == {"aws"}
    assert {p.entity: of(p, "back") for p in found}["nvidia"] == 1


def test_the_head_of_the_column_may_own_an_amount(pairings):
    found = pairings("| 項目 | AWS | Google |\n|---|---|---|\n| 投資 | 1ドル | 2ドル |\n")
    assert {p.amount.value: p.entity for p in found if of(p, "head_cell")} == {
        1: "aws",
        2: "google",
    }
    assert {p.kind for p in found} == {"investment"}


def test_the_head_of_the_column_names_the_unit_of_a_bare_number(pairings):
    found = pairings("| モデル | パラメータ数 |\n|---|---|\n| Claude | 700億 |\n")
    assert {(p.amount.value, p.amount.unit) for p in found} == {(7e10, "parameter")}


def test_the_sentence_names_the_unit_of_a_bare_number(pairings):
    found = pairings("Claudeのパラメータ数は70億から300億になった。")
    assert {(p.amount.value, p.amount.unit) for p in found} == {
        (7e9, "parameter"),
        (3e10, "parameter"),
    }


def test_what_an_amount_is_compared_with_comes_last(pairings):
    found = pairings("TPUは、H100と比べて3倍の性能だ。")
    assert [p.entity for p in found] == ["tpu", "h100"]
    assert [of(p, "compared") for p in found] == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "GPT-5は速い。",
        "AWSは2025年に動く。",
        "200億ドルを投じる。",
        "AWSは100万トークンあたりで測る。",
    ],
)
def test_where_nothing_is_said_of_anything_nothing_is_paired(pairings, text):
    assert pairings(text) == []
