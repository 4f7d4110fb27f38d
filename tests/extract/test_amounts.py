from dataclasses import replace

import pytest

from kg.extract.amounts import AmountReader, number
from kg.extract.entries import Unit
from kg.extract.names import normalise


@pytest.fixture(scope="module")
def reader(lexicon):
    return AmountReader(lexicon)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("1,650", 1650), ("2.5", 2.5), ("3万", 3e4), ("3.5万", 3.5e4), ("200億", 2e10),
        ("1兆", 1e12), ("1兆2000億", 1.2e12), ("1兆2,000億", 1.2e12), ("3億5000万", 3.5e8), ("5千", 5e3),
        ("5百万", 5e6), ("5千億", 5e11), ("2十億", 2e9),
    ],
)  # fmt: skip
def test_numbers_with_myriads(text, value):
    assert number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200億ドル", [(2e10, "USD", "200億ドル")]),
        ("２００億ドル", [(2e10, "USD", "200億ドル")]),
        ("１，６５０円", [(1650, "JPY", "1,650円")]),
        ("約30万台", [(3e5, "count", "約30万台")]),
        ("1兆2000億円", [(1.2e12, "JPY", "1兆2000億円")]),
        ("3.5倍", [(3.5, "ratio", "3.5倍")]),
        ("80％と80%", [(80, "percent", "80%"), (80, "percent", "80%")]),
        ("10億〜20億ドル", [(1e9, "USD", "10億〜20億ドル"), (2e9, "USD", "10億〜20億ドル")]),
        ("5～10倍", [(5, "ratio", "5~10倍"), (10, "ratio", "5~10倍")]),
        ("$5B", [(5e9, "USD", "$5B")]),
        ("$1.5Tと¥300", [(1.5e12, "USD", "$1.5T"), (300, "JPY", "¥300")]),
        ("＄40億", [(4e9, "USD", "$40億")]),
        ("$5Bの", [(5e9, "USD", "$5B")]),
        (
            "$5 billion、€1.25 billion",
            [(5e9, "USD", "$5 billion"), (1.25e9, "EUR", "€1.25 billion")],
        ),
        (
            "$5〜20、$1〜2B",
            [
                (5, "USD", "$5〜20"),
                (20, "USD", "$5〜20"),
                (1e9, "USD", "$1〜2B"),
                (2e9, "USD", "$1〜2B"),
            ],
        ),
        (
            "107.9Bドル、110億ポンド",
            [(1.079e11, "USD", "107.9Bドル"), (1.1e10, "GBP", "110億ポンド")],
        ),
        ("1ギガワット、500MW", [(1e9, "W", "1ギガワット"), (5e8, "W", "500MW")]),
        ("80GB、3.35TB/s", [(8e10, "byte", "80GB"), (3.35e12, "byte/s", "3.35TB/s")]),
        ("700億パラメータ", [(7e10, "parameter", "700億パラメータ")]),
        (
            "8割、3分の1、1/20",
            [(80, "percent", "8割"), (1 / 3, "ratio", "3分の1"), (0.05, "ratio", "1/20")],
        ),
        ("8万5000社以上", [(85000, "count", "8万5000社")]),
        ("128Kトークン、10万GPU", [(128000, "count", "128Kトークン"), (1e5, "count", "10万GPU")]),
        ("有料会員は200万を超えた", [(2e6, "count", "200万")]),
        ("コストが半減", [(50, "percent", "半減")]),
        # Scores: behind a benchmark, with a point and without a unit.
        ("MMLUで91.8、HumanEvalで90.2", [(91.8, "count", "91.8"), (90.2, "count", "90.2")]),
        ("MMLU 88.7とGPQA: 59.4", [(88.7, "count", "88.7"), (59.4, "count", "59.4")]),
        ("| MMLU | 88.7% | 88.9 |", [(88.7, "percent", "88.7%"), (88.9, "count", "88.9")]),
        ("MMLUの2.5倍、Claude 3.5、GPT-4.1", [(2.5, "ratio", "2.5倍")]),
        ("MMLUXで91.8", []),
        ("91.8のMMLU", []),
        ("LMArenaで1501 Elo", [(1501, "count", "1501 Elo")]),
        ("LMArenaのスコアは1501点", [(1501, "count", "1501")]),
        ("MMLUは2024年、HumanEvalは1024社", [(1024, "count", "1024社")]),
        # Dates.
        ("1/20 発表", []),
        ("発表（1/20）", []),
        # Part of a name, a process node, a number of nothing.
        ("H100台", []),
        ("GPT4倍", []),
        ("3nm", []),
        ("2025", []),
        ("", []),
    ],
)
def test_amounts(reader, text, expected):
    text = normalise(text)
    found = reader.read(text)
    assert [(a.value, a.unit, text[a.start : a.end]) for a in found] == [
        (pytest.approx(v), unit, written) for v, unit, written in expected
    ]


def test_both_ends_of_a_range_share_their_myriad(reader):
    assert [a.value for a in reader.read("10〜20億ドル")] == [1e9, 2e9]


def test_only_a_number_without_a_unit_is_bare(reader):
    assert [a.bare for a in reader.read("700億、700億ドル")] == [True, False]


def test_a_unit_that_is_added_to_the_lexicon_is_read(lexicon):
    wider = replace(lexicon, units=(*lexicon.units, Unit("量子ビット", "qubit", 1.0, ("count",))))
    assert [(a.value, a.unit) for a in AmountReader(wider).read("9量子ビット")] == [(9, "qubit")]
