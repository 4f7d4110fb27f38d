import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extract.blocks import Kind
from kg.extract.document import MAX_SENTENCE, sentences
from kg.model import Post

BOILERPLATE = ("関連記事", "広告")


def post_of(text):
    return Post(id="p", text=text, sha256="0" * 64)


def check(text, found):
    """What must hold of the sentences of any post."""
    for s in found:
        assert len(s.text) == len(s.offsets) > 0
        assert "".join(text[i] for i in s.offsets) == s.text
        assert list(s.offsets) == sorted(set(s.offsets))
        assert s.text == s.text.strip()
        assert "\r" not in s.text
        assert "\n" not in s.text
        whole = s.evidence(post_of(text))
        assert (whole.start, whole.end) == (s.start, s.end)
        assert text[whole.start : whole.end] == whole.text
    assert len({s.text for s in found}) == len(found)
    order = [s.start for s in found if s.kind is not Kind.TITLE]
    assert order == sorted(order)


def texts(text):
    found = sentences(post_of(text), BOILERPLATE)
    check(text, found)
    return [s.text for s in found]


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一つ。二つ！三つ？", ["一つ。", "二つ！", "三つ？"]),
        ("本当！？次だ。", ["本当！？", "次だ。"]),
        ("末尾に句点がない", ["末尾に句点がない"]),
        ("「文。引用の中。」と語った。次。", ["「文。引用の中。」と語った。", "次。"]),
        ("『二重。』（注。）【印。】だ。次。", ["『二重。』（注。）【印。】だ。", "次。"]),
        ("Yahoo!は2.5倍。v1.0だ。", ["Yahoo!は2.5倍。", "v1.0だ。"]),
        ("行で\n切れる\n\n段落", ["行で", "切れる", "段落"]),
        ("　全角の　空白。　次。", ["全角の　空白。", "次。"]),
        ("同じ文。同じ文。違う文。", ["同じ文。", "違う文。"]),
        ("", []),
        ("\n\n　\n", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert texts(text) == expected
    assert texts(text.replace("\n", "\r\n")) == expected


def test_a_line_without_an_end_is_cut():
    line = "".join(map(chr, range(0x4E00, 0x4E00 + 2 * MAX_SENTENCE + 5)))
    found = texts(line)
    assert "".join(found) == line
    assert max(map(len, found)) <= MAX_SENTENCE + 1


# ---------------------------------------------------------------- markup


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**太字**と__下線__と~~取消~~。", ["太字と下線と取消。"]),
        ("AWSは*強調*だ。", ["AWSは強調だ。"]),
        ("2 * 3は6。", ["2 * 3は6。"]),
        ("`nvidia-smi`を使う。", ["nvidia-smiを使う。"]),
        (
            "長い前置きのあとに[リンク](https://a.example/b)がある。",
            ["長い前置きのあとにリンクがある。"],
        ),
        ("前。![図](a.png)のある行は長く続いている。", ["前。", "のある行は長く続いている。"]),
        ("詳細は<https://a.example/>と https://b.example/c を見る。", ["詳細はと  を見る。"]),
        ("<b>太字</b>と<br/>改行。", ["太字と改行。"]),
        ("文だ。{: .note}", ["文だ。"]),
        ("# 見出し #1\n本文。", ["見出し #1", "本文。"]),
        (
            "- 項目。\n* 項目二。\n1. 番号。\n2) 番号二。",
            ["項目。", "項目二。", "番号。", "番号二。"],
        ),
        ("- [ ] 未。\n- [x] 済。", ["未。", "済。"]),
        ("> 引用だ。\n>> 二重だ。", ["引用だ。", "二重だ。"]),
        ("```\ncode\n```\n\n    字下げ\n\n本文。", ["本文。"]),
        ("[関連](https://a.example/)\n\n本文。", ["本文。"]),
        ("- [関連](https://a.example/)\n- [別](https://b.example/)\n", []),
        ("零\u200b幅\ufeffだ。", ["零幅だ。"]),
        ("古い\r改行。\u2028行区切り。\x0b縦。", ["古い", "改行。", "行区切り。", "縦。"]),
    ],
)
def test_markup_is_left_out_and_offsets_kept(text, expected):
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AWSは[Trainiumを発表](https://a.example/a/b/c/d/e/f)。", ["AWSはTrainiumを発表。"]),
        ("![図](a.example/b/c/d/e/f.png)注。", ["注。"]),
        ("<!-- 注 -->\n\n本文。", ["本文。"]),
        ("本文<!-- 注 -->だ。", ["本文だ。"]),
    ],
)
def test_markup_that_is_not_read_well_yet(text, expected):
    assert texts(text) == expected


def test_evidence_spans_the_markup_between():
    text = "前の文。AWSは**Trainium**を開発した。"
    post = post_of(text)
    s = sentences(post)[1]
    assert s.text == "AWSはTrainiumを開発した。"
    assert s.evidence(post).text == "AWSは**Trainium**を開発した。"
    assert s.evidence(post, 4, 12).text == "Trainium"
    assert s.evidence(post, 3, 13).text == "は**Trainium**を"


def test_kind_block_section_and_heading():
    text = (
        "---\ntitle: 題\nexcerpt: 要約。\n---\n前書き。\n## 章**一**\n段落。同じ段落。\n\n"
        "- 項目。\n\n| a | b |\n|---|---|\n| AWS | x |\n"
    )
    found = sentences(post_of(text))
    check(text, found)
    assert [(s.text, s.kind, s.section, s.head) for s in found] == [
        ("題", Kind.TITLE, 0, ""),
        ("要約。", Kind.TITLE, 0, ""),
        ("前書き。", Kind.PARAGRAPH, 0, ""),
        ("章一", Kind.HEADING, 1, "章一"),
        ("段落。", Kind.PARAGRAPH, 1, "章一"),
        ("同じ段落。", Kind.PARAGRAPH, 1, "章一"),
        ("項目。", Kind.ITEM, 1, "章一"),
        ("| a | b |", Kind.ROW, 1, "章一"),
        ("| AWS | x |", Kind.ROW, 1, "章一"),
    ]
    by_text = {s.text: s.block for s in found}
    assert by_text["段落。"] == by_text["同じ段落。"] != by_text["項目。"]


# ---------------------------------------------------------------- what is left out


def test_boilerplate_sections_are_skipped_with_what_is_below_them():
    text = (
        "# 題\n本文。\n## 関連記事はこちら\nNVIDIAの話。\n### その下\nAMDの話。\n"
        "## 次の章\n続き。\n\n**広告** AWSの宣伝。\n"
    )
    assert texts(text) == ["題", "本文。", "次の章", "続き。"]


def test_a_post_may_go_on_below_its_adverts_with_headings_of_their_level():
    text = (
        "# 題\n本文。\n## 関連記事\n### 本の名\nNVIDIAの本。\n\n---\n*広告です*\n\n"
        "### 次の節\n続き。\n"
    )
    assert texts(text) == ["題", "本文。", "次の節", "続き。"]


def test_three_dashes_below_a_paragraph_are_a_break_and_more_make_a_heading_of_it():
    text = "## 関連記事\n広告。\n---\n続き。\n\n小見出し\n------\n本文。\r\n---\r\n終わり。"
    found = [(s.text, s.kind, s.head) for s in sentences(post_of(text), BOILERPLATE)]
    assert found == [
        ("続き。", Kind.PARAGRAPH, ""),
        ("小見出し", Kind.HEADING, "小見出し"),
        ("本文。", Kind.PARAGRAPH, "小見出し"),
        ("終わり。", Kind.PARAGRAPH, "小見出し"),
    ]


def test_a_line_that_is_all_bold_or_stands_alone_with_a_mark_is_a_heading():
    text = (
        "## 章\n🟠 **AWS：公開**（9/1）\n本文。\n\n**強調した文だ。**\n**AWS**は強い。\n\n● 一つ\n  - 項目\n● 二つ\n"
        "  - 項目だ\n\n● い\n● ろ\n"
    )
    found = sentences(post_of(text))
    assert [(s.text, s.level) for s in found if s.kind is Kind.HEADING] == [
        ("章", 2),
        ("🟠 AWS：公開（9/1）", 7),
        ("● 一つ", 7),
        ("● 二つ", 7),
    ]
    assert {s.text: s.head for s in found}["項目だ"] == "● 二つ"


def test_what_stands_below_an_item_is_told():
    found = sentences(post_of("- 一\n  続き\n  - 二\n    - 三\n- 四\n\n五\n"))
    blocks = {s.block: s.text for s in found} | {0: ""}
    assert [(s.text, blocks[s.under]) for s in found] == [
        ("一", ""), ("続き", "一"), ("二", "一"), ("三", "二"), ("四", ""), ("五", ""),
    ]  # fmt: skip


def test_a_heading_as_long_as_a_paragraph_is_one():
    long = "生成AIの市場は広がっている。" * 12
    (found,) = sentences(post_of(f"## {long}関連記事\n"), ())[:1]
    assert (found.kind, found.head) == (Kind.PARAGRAPH, "")


def test_a_copy_of_a_passage_is_read_once_where_it_first_stands():
    text = "---\ntitle: 題だ\n---\n題だ\n\nAWSの文。次の文。\n\n- AWSの文。\n\n---END---\n\nAWSの文。\n"
    found = sentences(post_of(text))
    assert [s.text for s in found] == ["題だ", "AWSの文。", "次の文。", "---END---"]
    assert found[0].start == text.index("題だ")
    assert found[1].start == text.index("AWSの文。")


# ---------------------------------------------------------------- any Markdown at all

WORDS = st.sampled_from(
    ["AWS", "ＡＷＳ", "は", "開発した", "。", "！", "「", "」", "（", "）", "　", " ", "😀", "が\u3099", "GPT-5", "\ufffd", "|"]
)  # fmt: skip
MARKUP = st.sampled_from(
    ["**", "*", "__", "`", "~~", "[", "](http://x)", "![a](b)", "<b>", "</b>", "<!--", "-->",
     "\n", "\r\n", "\r", "\n\n", "\n# ", "\n- ", "\n1. ", "\n> ", "\n| a | b |\n|---|---|\n| ",
     "\n```\n", "\n    ", "{: .x}", "\n---\n", "\\", "https://x.example/y ", "&amp;", "\u2028", "\u200b",
     "\n## 関連記事\n"]
)  # fmt: skip
MARKDOWN = st.lists(st.one_of(WORDS, WORDS, MARKUP), max_size=40).map("".join)
HEADS = st.sampled_from(["", "---\ntitle: 題 **名**\n---\n", "\ufeff---\r\ntitle: '題'\r\n---\r\n"])


@settings(max_examples=300, deadline=None)
@given(HEADS, MARKDOWN)
def test_every_character_stands_where_its_offset_says(head, body):
    check(head + body, sentences(post_of(head + body), BOILERPLATE))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_read(text):
    check(text, sentences(post_of(text)))


def test_a_link_is_read_where_it_heads_something():
    text = (
        "## [見出し](https://a.example/x_y)\n[記事](https://a.example/1)\n→ 感想。\n\n"
        "**[太い_記事](https://a.example/x_2)** ★★\n本文。\n\n- [題](https://a.example/3)\n  - 説明\n"
        "- [末尾](https://a.example/4)\n\n[一](https://a.example/5)\n[二](https://a.example/6)\n"
    )
    assert [(s.text, s.level) for s in sentences(post_of(text))] == [
        ("見出し", 2),
        ("記事", 7),
        ("→ 感想。", 0),
        ("太い_記事 ★★", 7),
        ("本文。", 0),
        ("題", 0),
        ("説明", 0),
    ]
