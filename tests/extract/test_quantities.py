from dataclasses import replace

import pytest

from kg.extract.context import ContextReader
from kg.extract.lexicon import Unit
from kg.extract.names import normalise
from kg.extract.quantities import QuantityReader, number


@pytest.fixture(scope="module")
def reader(lexicon):
    return QuantityReader(lexicon)


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
        ("1ギガワット、500MW", [(1e9, "W", "1ギガワット"), (5e8, "W", "500MW")]),
        ("80GB、3.35TB/s", [(8e10, "byte", "80GB"), (3.35e12, "byte/s", "3.35TB/s")]),
        ("700億パラメータ", [(7e10, "parameter", "700億パラメータ")]),
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
    found = reader.amounts(text)
    assert [(a.value, a.unit, text[a.start : a.end]) for a in found] == [
        (pytest.approx(v), unit, written) for v, unit, written in expected
    ]


def test_a_unit_that_is_added_to_the_lexicon_is_read(small, lexicon, read):
    wider = replace(lexicon, units=(*lexicon.units, Unit("量子ビット", "qubit", 1.0, "count")))
    post, parts, mentions = read("TPUは9量子ビットだ。")
    (view,) = ContextReader(small, wider).read(parts, mentions, {})
    found = QuantityReader(wider).read(post, view, mentions.entities)
    assert [(q.about, q.value, q.unit) for q in found] == [("tpu", 9, "qubit")]


def test_both_ends_of_a_range_share_their_myriad(reader):
    assert [a.value for a in reader.amounts("10〜20億ドル")] == [1e9, 2e9]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWSは200億ドルを投資する。", [("aws", "investment", 2e10, "USD", "200億ドル")]),
        (
            "ＡＷＳは約２００億ドルを投資する。",
            [("aws", "investment", 2e10, "USD", "約２００億ドル")],
        ),
        ("NVIDIAの売上は300億ドルだ。", [("nvidia", "revenue", 3e10, "USD", "300億ドル")]),
        (
            "GoogleよりAWSは200億ドルの投資で先行。",
            [("aws", "investment", 2e10, "USD", "200億ドル")],
        ),
        # Before its owner.
        ("200億ドルの投資をAWSが決めた。", [("aws", "investment", 2e10, "USD", "200億ドル")]),
        # Money is said of who acts, performance of what is made.
        ("AWSのTrainiumに200億ドルを投資する。", [("aws", "investment", 2e10, "USD", "200億ドル")]),
        ("AWSのTrainiumは性能が3倍だ。", [("trainium", "performance", 3, "ratio", "3倍")]),
        ("TPUは、H100と比べて3倍の性能だ。", [("tpu", "performance", 3, "ratio", "3倍")]),
        # Of nothing that is named, or of the market as a whole.
        ("200億ドルを投資する。", []),
        ("AWSによれば市場は200億ドルだ。", []),
        # A name is no amount.
        ("H100の投資。", []),
    ],
)
def test_quantities_of_a_sentence(reader, read, small, lexicon, text, expected):
    post, parts, mentions = read(text)
    views = ContextReader(small, lexicon).read(parts, mentions, {})
    found = [q for v in views for q in reader.read(post, v, mentions.entities)]
    assert [(q.about, q.kind, q.value, q.unit, q.text) for q in found] == expected
    for q in found:
        assert post.text[q.start : q.end] == q.text
        assert post.text[q.evidence.start : q.evidence.end] == q.evidence.text == text
