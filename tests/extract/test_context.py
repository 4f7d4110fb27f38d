import pytest

from kg.extract.carried import TOPIC_REACH
from kg.extract.context import ContextReader
from kg.extract.views import Source, Stats


@pytest.fixture(scope="module")
def views(small, lexicon, read):
    """Return the views of a text's sentences by the start of each sentence's text."""
    reader = ContextReader(small, lexicon)

    def go(text):
        _, parts, mentions = read(text)
        return list(reader.read(parts, mentions, {}))

    return go


def anchors(view):
    return {(a.entity, a.source) for a in view.anchors}


def outside(view):
    return {(a.entity, a.source) for a in view.anchors if not a.inside}


def test_a_sentence_of_which_nothing_is_known_has_no_view(views):
    assert [v.text for v in views("晴れだ。\n\nAWSは強い。\n\n## 章\n\n雨だ。")] == ["AWSは強い。"]


def test_text_is_narrowed_and_anchors_stand_in_it(views):
    (v,) = views("ＡＷＳはＴＰＵと動く。")
    assert v.text == "AWSはTPUと動く。"
    assert [(v.text[a.start : a.end], a.entity) for a in v.anchors] == [
        ("AWS", "aws"),
        ("TPU", "tpu"),
    ]
    assert v.markers == ("は", "と")


# ---------------------------------------------------------------- what is carried in


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("AWSは強い。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("AWSも強い。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("「AWS」は強い。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("AWSが動いた。\nH100が届いた。", {("aws", Source.TOPIC)}),
        # 「は」 comes before 「が」, and the later topic takes the place of the earlier.
        ("AMDがいるがAWSは強い。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("AWSは強い。\nAMDは弱い。\nH100が届いた。", {("amd", Source.TOPIC)}),
        # An agent opens the text without a particle that marks it.
        ("AWSの話。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("AWSは強い。\n晴れだ。\n雨だ。\nH100が届いた。", {("aws", Source.TOPIC)}),
        ("AWSは強い。\n晴れだ。\n雨だ。\n雪だ。\nH100が届いた。", set()),
        # A heading starts anew, and is carried on itself.
        ("AWSは強い。\n\n## 章\n\nH100が届いた。", set()),
        ("## NVIDIAの章\n\nH100が届いた。", {("nvidia", Source.HEADING)}),
        ("## NVIDIAの章\n\n## 次\n\nH100が届いた。", set()),
        # Where it names nothing, the heading that it stands under; not the one of the whole post.
        ("## NVIDIAの章\n\n### 節\n\nH100が届いた。", {("nvidia", Source.HEADING)}),
        ("# NVIDIAの話\n\n## 章\n\nH100が届いた。", set()),
        ("## NVIDIAの章\n\n**AWS、始める**\nH100が届いた。", {("aws", Source.HEADING)}),
        # What an item names that it stands below.
        ("- TPUの項\n  - 点\n    - H100が届いた。", {("tpu", Source.HEADING)}),
        ("- TPUの項\n- 次の項\n  - H100が届いた。", set()),
        # The title's first agent reaches everywhere, and so does the first of what else it names.
        (
            "---\ntitle: TPUとAWS、AMD、GPT\n---\nH100が届いた。",
            {("aws", Source.TITLE), ("tpu", Source.TITLE)},
        ),
        # The sentence before, in the same block only.
        ("TPUと比べた。H100が届いた。", {("tpu", Source.PREVIOUS)}),
        ("TPUと比べた。\n\nH100が届いた。", set()),
        # What labels a paragraph or an item of a list is what all of it is about.
        (
            "- **AWS**（米国）: GPTが出た。TPUと比べた。H100が届いた。",
            {("gpt", Source.TOPIC), ("aws", Source.TOPIC), ("tpu", Source.PREVIOUS)},
        ),
        ("- **AWS**: 強い。\n- H100が届いた。", {("aws", Source.TOPIC)}),
        (
            "- AWSとは: 強い。TPUと比べた。H100が届いた。",
            {("aws", Source.TOPIC), ("tpu", Source.PREVIOUS)},
        ),
        # An item that a firm labels is not about the firm of the title; one that else labels may be.
        ("---\ntitle: AMDの話\n---\n- **AWS**: 強い。H100が届いた。", {("aws", Source.TOPIC)}),
        (
            "---\ntitle: AMDの話\n---\n- **TPU**: 強い。H100が届いた。",
            {("tpu", Source.TOPIC), ("amd", Source.TITLE)},
        ),
        # Someone who is not named is not who was spoken of before.
        ("AWSは強い。\n某社は弱い。\nH100が届いた。", set()),
        # What stands in the sentence itself is not carried in.
        ("H100は強い。\nH100が届いた。", set()),
    ],
)
def test_what_reaches_a_sentence(views, text, carried):
    assert TOPIC_REACH == 3
    last = views(text)[-1]
    assert last.text == "H100が届いた。"
    assert outside(last) == carried


TABLE = "| 項目 | AWS | Google Cloud |\n|---|---|---|\n| チップ | Trainium | TPU |\n"


def test_what_heads_a_column_reaches_its_cells(views):
    head, row = views(TABLE)
    assert (head.head, [a.column for a in head.anchors]) == (None, [1, 2])
    assert [(a.entity, a.source, a.column) for a in row.anchors] == [
        ("trainium", Source.SENTENCE, 1),
        ("tpu", Source.SENTENCE, 2),
        ("aws", Source.COLUMN, 1),
        ("google-cloud", Source.COLUMN, 2),
    ]
    assert row.head.text(1) == "AWS"


def test_what_heads_a_column_reaches_the_cells_that_are_ticked(views):
    table = "| 項目 | AWS | Google Cloud |\n|---|---|---|\n| Trainium | ○ | × |\n| 料金 | ○ | ○ |\n"
    _, trainium, price = views(table)
    assert [(a.entity, a.source, a.column) for a in trainium.anchors] == [
        ("trainium", Source.SENTENCE, 0),
        ("aws", Source.COLUMN, 1),
    ]
    assert not [a for a in price.anchors if a.source is Source.COLUMN]


def test_what_heads_a_column_is_not_carried_twice_nor_where_it_stands(views):
    text = TABLE.replace("| TPU |", "| AWSとTPU |")
    *_, row = views("---\ntitle: AWSとGoogle Cloud\n---\n" + text)
    assert [a.source for a in row.anchors if a.entity == "aws"] == [Source.SENTENCE]
    assert [a.source for a in row.anchors if a.entity == "google-cloud"] == [Source.COLUMN]


# ---------------------------------------------------------------- words that point back


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWSは強い。\n同社はTPUを採用した。", {("tpu", Source.SENTENCE), ("aws", Source.ANAPHOR)}),
        (
            "NVIDIAはTSMCと組んだ。\n同社はTPUを採用した。",
            {("tpu", Source.SENTENCE), ("tsmc", Source.ANAPHOR), ("nvidia", Source.TOPIC)},
        ),
        # Whom the title, the topic and most of the text name is meant, though another was named last.
        (
            "---\ntitle: NVIDIA\n---\nNVIDIAはTSMCと組んだ。\n同社はTPUを採用した。",
            {("tpu", Source.SENTENCE), ("nvidia", Source.ANAPHOR)},
        ),
        # Whoever was spoken of last is not known.
        ("AWSが動く。\n某社も動く。\n同社はTPUを採用した。", {("tpu", Source.SENTENCE)}),
        ("H100は速い。\n同社はTPUを採用した。", {("tpu", Source.SENTENCE), ("h100", Source.TOPIC)}),
        ("同社はTPUを採用した。", {("tpu", Source.SENTENCE)}),
    ],
)
def test_a_word_that_points_back(views, text, expected):
    last = views(text)[-1]
    assert last.text == "同社はTPUを採用した。"
    assert anchors(last) == expected
    for a in last.anchors:
        if a.source is Source.ANAPHOR:
            assert last.text[a.start : a.end] == "同社"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # Those that a sentence named last together, of the kind that the word says.
        ("NVIDIAとTSMCは強い。\nAWSも強い。\n両社はTPUを採用した。", {"nvidia", "tsmc"}),
        ("NVIDIAはH100とGH200を作る。\nこれらのチップはTransformerに向く。", {"h100", "gh200"}),
        ("NVIDIA、TSMC、AMD、Arm、Metaは強い。\nこれらの企業はTPUを採用した。",
         {"nvidia", "tsmc", "amd", "arm"}),
        ("NVIDIAは強い。\n両社はTPUを採用した。", set()),
    ],
)  # fmt: skip
def test_a_word_that_points_back_to_several(views, text, meant):
    last = views(text)[-1]
    assert {a.entity for a in last.anchors if a.source is Source.ANAPHOR} == meant


def test_a_maker_inside_a_name_is_named_where_the_post_names_it(views):
    alone, both = "Amazon Bedrockは速い。", "Amazonは強い。\nAmazon Bedrockは速い。"
    assert anchors(views(alone)[-1]) == {("bedrock", Source.SENTENCE)}
    last = views(both)[-1]
    inside = next(a for a in last.anchors if a.source is Source.INSIDE_NAME)
    assert (inside.entity, last.text[inside.start : inside.end]) == ("amazon", "Amazon")


# ---------------------------------------------------------------- lists and cues


def test_lists_share_the_marker_at_their_end(views):
    (v,) = views("AWS、AMD、NVIDIAはTPUを採用した。")
    by_entity = dict(zip((a.entity for a in v.anchors), v.group_markers, strict=True))
    assert by_entity == {"aws": "は", "amd": "は", "nvidia": "は", "tpu": "を"}
    assert v.groups[0] == v.groups[1] == v.groups[2] != v.groups[3]


def test_cues_are_found_outside_names(views):
    (v,) = views("AWSはTPUを採用し、Transformerを開発した。")
    words = {p: [v.text[h.start : h.end] for h in hits] for p, hits in v.cues.items()}
    assert "採用" in words["uses"]
    assert "開発" in words["develops"]
    for hits in v.cues.values():
        for h in hits:
            assert not any(a.start < h.end and h.start < a.end for a in v.anchors if a.inside)


def test_stats(small, lexicon, read):
    _, parts, mentions = read("---\ntitle: AWSの題\n---\nAMDはAWSとAWSに。\n\nAWSはTPUだ。\n")
    stats = Stats.of(parts, mentions, ContextReader(small, lexicon).agents)
    assert stats.count == {"aws": 4, "amd": 1, "tpu": 1}
    assert stats.title == {"aws"}
    assert stats.sentences == {"amd": {1}, "aws": {1, 2}, "tpu": {2}}
    assert stats.first == {"amd": 1, "aws": 1, "tpu": 2}
    assert stats.rank == {"aws": 0, "amd": 1}


# ---------------------------------------------------------------- what stands around


def test_the_words_around_a_sentence(views):
    text = "---\ntitle: 提携の話\n---\n## 競合\n\nAWSは開発した。\nTPUが届いた。\n買収の話だ。\n"
    (v,) = [v for v in views(text) if v.text.startswith("TPU")]
    assert "開発" in v.around.before["develops"]
    assert "買収" in v.around.after["acquires"]
    assert "競合" in v.around.heading["competesWith"]
    assert "提携" in v.around.title["partnersWith"]


def test_nothing_of_another_section_stands_around(views):
    (v,) = [v for v in views("開発の話。\n\n## 章\n\nTPUが届いた。") if v.text.startswith("TPU")]
    assert not v.around.before
    assert not v.around.after


def test_a_family_is_carried_in_where_the_post_names_it(views):
    at = {v.text: outside(v) for v in views("Amazonの話。\n\n## 章\n\nAWSが動く。")}
    assert ("amazon", Source.FAMILY) in at["AWSが動く。"]
    (v,) = views("AWSが動く。")
    assert outside(v) == set()
