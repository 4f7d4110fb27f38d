"""Names that are written like words, found where a tagger reads names."""

import numpy as np
import pytest

from kg.extract.document import sentences
from kg.extract.mentions import MentionFinder
from kg.extract.names import Names
from kg.extract.naming import OUTSIDE, Tags, tag, tags
from kg.extract.tagged import ReadsNothing
from kg.model import Post

CLASSES = ("Company", "Chip")


class Tagger(ReadsNothing):
    """Tags what it was told as a company, this surely, each character a token."""

    version = "test"

    def __init__(self, tagged, sure=0.9):
        self.tagged = tagged
        self.sure = sure
        self.read = []

    def judge(self, found):
        return [("", 0.0) for _ in found]

    def tags(self, said):
        self.read.append(said)
        likely = np.zeros((len(said.text), tags(len(CLASSES))), dtype=np.float32)
        likely[:, OUTSIDE] = 1
        for form in self.tagged:
            at = said.text.find(form)
            if at >= 0:
                likely[at : at + len(form)] = 0
                likely[at : at + len(form), OUTSIDE] = 1 - self.sure
                likely[at, tag(0, begins=True)] = self.sure
                likely[at + 1 : at + len(form), tag(0, begins=False)] = self.sure
        return Tags([(i, i + 1) for i in range(len(said.text))], likely)

    def named(self, likely):
        best = int(likely.argmax())
        return (CLASSES[best] if likely[best] >= 0.5 else ""), round(float(likely[best]), 2)


@pytest.fixture
def found(small, lexicon):
    """Return the names that nobody lists of a text in which these forms are tagged, by mention."""

    def go(text, *tagged, sure=0.9):
        tagger = Tagger(tagged, sure)
        finder = MentionFinder(small, lexicon, Names.of(small), tagger)
        parts = sentences(Post(id="p", text=text, sha256="0" * 64))
        got = finder.find(parts)
        return [
            (parts[m.sentence].text[m.start : m.end], got.entities[m.entity].name)
            for m in got.mentions
            if not got.entities[m.entity].known
        ]

    return go


def test_a_word_that_is_tagged_is_a_name_wherever_it_stands(found):
    text = "- 木曽電機が新しい。\n\nNVIDIAと木曽電機の競争。"
    assert found(text, "木曽電機") == [("木曽電機", "木曽電機")] * 2


def test_a_sentence_that_names_nothing_known_is_read_too(found):
    assert found("木曽電機が続く。", "木曽電機") == [("木曽電機", "木曽電機")]


def test_it_must_be_tagged_in_most_places(found):
    assert found("- 木にさくらが咲く。", "さくら") == [("さくら", "さくら")]
    # Of several in a sentence, the first is tagged.
    assert found("- さくら、さくら、木にさくらが咲く。", "さくら") == []


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("株式会社が増えた。", "株式会社"),
        ("国産の電機が強い。", "の電機"),
        ("木曽電機が新しい。", "曽電"),
        ("「木曽」電機が新しい。", "木曽」電"),
        ("AIが強い。", "AI"),
        ("独自チップが強い。", "独自チップ"),
        ("某AI企業が強い。", "某AI企業"),
        ("NVIDIAの話。", "NVIDIAの"),
    ],
)
def test_what_is_no_name_though_it_is_tagged(found, text, tagged):
    assert found(f"- {text}", tagged) == []


def test_a_firm_is_one_with_and_without_its_legal_form(found):
    text = "- 株式会社ミササ電機が出た。\n- ミササ電機は強い。"
    assert found(text, "株式会社ミササ電機") == [
        ("株式会社ミササ電機", "ミササ電機"),
        ("ミササ電機", "ミササ電機"),
    ]


def test_a_firm_is_one_with_and_without_its_title(found):
    text = "- ミササ電機社が出た。\n- ミササ電機は強い。"
    assert found(text, "ミササ電機社") == [
        ("ミササ電機社", "ミササ電機"),
        ("ミササ電機", "ミササ電機"),
    ]


def test_its_abbreviation_is_the_name_too(found):
    text = "- Kiso電機（KDK）が出た。\n- KDKは強い。"
    assert found(text, "Kiso電機") == [
        ("Kiso電機", "Kiso電機"),
        ("KDK", "Kiso電機"),
        ("KDK", "Kiso電機"),
    ]


def test_a_tag_that_ends_inside_a_word_means_all_of_it(found):
    assert found("- ミササ電機は強い。", "サ電機") == [("ミササ電機", "ミササ電機")]


@pytest.mark.parametrize("form", ["ミササAI", "Kiso電機", "goose"])
def test_no_form_that_looks_like_a_name_is_needed(found, form):
    assert found(f"- {form}は強い。", form) == [(form, form)]


def test_the_unsure_is_no_name(found):
    assert found("- 木曽電機が新しい。", "木曽電機", sure=0.45) == []


def test_only_japanese_is_read_and_the_known_names_with_it(small, lexicon):
    tagger = Tagger(())
    finder = MentionFinder(small, lexicon, Names.of(small), tagger)
    finder.find(
        sentences(Post(id="p", text="NVIDIAは強い。\n\nNVIDIA in English.", sha256="0" * 64))
    )
    (read,) = tagger.read
    assert (read.text, [n.at for n in read.names]) == ("NVIDIAは強い。", [(0, 6)])


def test_a_run_of_tags_ends_where_another_name_begins():
    likely = np.zeros((5, tags(1)), dtype=np.float32)
    begin, inside = tag(0, begins=True), tag(0, begins=False)
    for t, which in enumerate([begin, inside, begin, OUTSIDE, inside]):
        likely[t, which] = 1
    spans = Tags([(i, i + 1) for i in range(5)], likely).spans(0.5)
    assert list(spans) == [(0, 2), (2, 3), (4, 5)]
