import shutil

import pytest

from kg.extract.context import ContextReader
from kg.extract.cue_features import FAR, NONE, OUTSIDE
from kg.extract.features import CATEGORICAL, FEATURES, FeatureMaker
from kg.extract.names import Named
from kg.extract.views import Stats
from kg.schema import Schema


@pytest.fixture(scope="module")
def describe(small, lexicon, read, parser):
    """Return the features of two entities of a one-sentence text under a property."""
    context = ContextReader(small, lexicon)
    maker = FeatureMaker(small, lexicon, list(small.classes), ["transitive", "comitative"])

    def go(text, subject, predicate, obj):
        _, parts, mentions = read(text)
        parses = dict(enumerate(parser.parse([s.text for s in parts])))
        *_, v = context.read(parts, mentions, parses)
        i, j = (next(k for k, a in enumerate(v.anchors) if a.entity == e) for e in (subject, obj))
        stats = Stats.of(parts, mentions, context.agents)
        shared = maker.pair(v, i, j, mentions.entities, stats)
        cue, role = maker.cues.best(v, predicate, i, j)
        ends = (mentions.entities[e] for e in (subject, obj))
        return cue, shared | role | maker.known(*ends).features(predicate)

    return go


def test_every_feature_has_one_name():
    assert len(set(FEATURES)) == len(FEATURES)
    assert set(CATEGORICAL) <= set(FEATURES)


@pytest.mark.parametrize(
    ("text", "subject", "predicate", "obj", "cue", "expected"),
    [
        (
            "AWSはTrainiumを開発した。", "aws", "develops", "trainium", "開発",
            {"forward": 1, "known_maker": 1, "cue_fit": 2, "cue_role_s": 1, "cue_role_o": 1, "cue_passive": 0, "gap": 1},
        ),
        (
            "TrainiumはAWSによって開発された。", "aws", "develops", "trainium", "開発",
            {"forward": 0, "cue_passive": 1, "cue_role_s": 1, "cue_role_o": 1},
        ),
        (
            "Googleが開発したTransformerは有名だ。", "google", "develops", "transformer", "開発",
            {"cue_fit": 2, "cues_between": 1, "known_maker": 0},
        ),
        (
            "NVIDIAのH100は高い。", "nvidia", "uses", "h100", None,
            {"gap_no": 1, "gap_owning": 1, "cues": 0, "cue_fit": 0, "cue_gap_o": FAR, "known_maker": 1},
        ),
        ("AWS、AMD、Googleは競合する。", "amd", "competesWith", "aws", "競合", {"listed": 1, "list_size_s": 3}),
        ("AWSはTPUを採用するのか？", "aws", "uses", "tpu", "採用", {"question": 1}),
        ("AWSはTPUを採用するだろう。", "aws", "uses", "tpu", "採用", {"hedge": 1, "negation": 0}),
        ("AWSはTPUを採用していない。", "aws", "uses", "tpu", "採用", {"negation": 1}),
        ("AWSは強い。\nTPUを採用した。", "aws", "uses", "tpu", "採用", {"gap": NONE, "cue_gap_s": OUTSIDE, "source_s": 2, "path": NONE}),
        ("AWSとAmazonは別だ。", "aws", "partOf", "amazon", None, {"known_parent": 1, "known_parent_rev": 0}),
        ("AMDよりNVIDIAがGPT-5とTPUを使う。", "amd", "uses", "tpu", None, {"orgs_between": 1, "nearest_org": 0}),
    ],
)  # fmt: skip
def test_features(describe, text, subject, predicate, obj, cue, expected):
    found, numbers = describe(text, subject, predicate, obj)
    assert set(FEATURES) <= set(numbers)
    if cue is not None:
        assert found.text == cue
        assert found.predicate == predicate
    assert {k: numbers[k] for k in expected} == expected


def test_an_unknown_class_or_frame_has_no_number(small, lexicon, read):
    maker = FeatureMaker(small, lexicon, ["Company"], [])
    _, parts, mentions = read("AWSはTrainiumを開発した。")
    context = ContextReader(small, lexicon)
    (v,) = context.read(parts, mentions, {})
    numbers = maker.pair(v, 0, 1, mentions.entities, Stats.of(parts, mentions, context.agents))
    assert (numbers["subject_class"], numbers["object_class"]) == (NONE, NONE)
    assert maker.cues.best(v, "develops", 0, 1)[1]["cue_frame"] == NONE


def test_general_knowledge_of_two_and_of_their_kin(small, lexicon, tmp_path):
    folder = tmp_path / "ontology"
    shutil.copytree(small.folder, folder)
    prefixes = (small.folder / "background.ttl").read_text("utf-8").partition("# -----")[0]
    (folder / "background.ttl").write_text(
        prefixes + "ent:nvidia kg:competesWith ent:amd . ent:tsmc kg:supplies ent:nvidia .", "utf-8"
    )
    maker = FeatureMaker(Schema.load(folder), lexicon, [], [])

    def known(subject, predicate, obj):
        ends = (Named(i, "", i, True, 1.0, m) for i, m in (subject, obj))
        return {f for f, v in maker.known(*ends).features(predicate).items() if v}

    nvidia, amd, tsmc = ("nvidia", ""), ("amd", ""), ("tsmc", "")
    assert {"known_fact", "known_fact_reversed"} <= known(amd, "competesWith", nvidia)
    assert "known_fact" in known(tsmc, "supplies", nvidia)
    assert known(nvidia, "supplies", tsmc) == {"known_fact_reversed"}
    assert known(nvidia, "uses", tsmc) == {"known_other_fact"}
    rivals = known(("h100", "nvidia"), "competesWith", ("amd-gpu", "amd"))
    assert rivals == {"known_fact_of_makers"}
