"""Names that nobody lists: what looks like one, what is said of it, and what the model makes of it."""

import math

import pytest

from kg.extract.document import sentences
from kg.extract.mentions import MentionFinder
from kg.extract.name_features import Clues
from kg.extract.name_model import NameModel
from kg.extract.names import Names
from kg.extract.tagged import ReadsNothing
from kg.extract.unknown import NoNames
from kg.model import Post


class Remembering(ReadsNothing):
    """Says that everything is a chip, and remembers what it was asked."""

    version = "test"

    def __init__(self):
        self.asked = {}

    def judge(self, found):
        self.asked = {u.form: u for u, _ in found}
        return [("Chip", 0.7) for _ in found]


@pytest.fixture
def asked(small, lexicon):
    """Return what looks like a name in a text, as it is shown to the judge."""

    def go(text):
        judge = Remembering()
        finder = MentionFinder(small, lexicon, Names.of(small), judge)
        found = finder.find(sentences(Post(id="p", text=text, sha256="0" * 64), ()))
        assert {e.name.split(" ")[-1] for e in found.entities.values() if not e.known} <= {
            form.split(" ")[-1] for form in judge.asked
        }
        return judge.asked

    return go


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Quxcorpが新しい。", ["Quxcorp"]),
        ("xQuxとQux-7 ProとQux of Things", ["xQux", "Qux-7 Pro", "Qux of Things"]),
        ("シグマノヴァとジョン・スミス", ["シグマノヴァ", "ジョン・スミス"]),
        # Small letters, numbers, one letter, short katakana.
        ("quxcorpの16GBとQとネコ", []),
        # Common words, kinds of things, and places.
        ("プラットフォームとAIとシリコンバレー", []),
        # Inside a longer word, and inside names that are known.
        ("NVIDIA H100とメタバース", []),
        # The tail of a product's name is asked with it.
        ("GPT-5 Superbは新しい。", ["GPT-5 Superb"]),
        # What stands for a name in brackets, an abbreviation in full.
        ("Amazon（QUXZ）と NPU（Numeric Pile Unit）", []),
        ("Amazon（旧QUXZ）", ["QUXZ"]),
        # Capitals of English prose.
        ("The Quxcorp Engine is the Best in its Class.", []),
        ("Quxcorp Engine", []),
        ("「The Quxcorp Engine is the Best in its Class」と", []),
    ],
)
def test_what_looks_like_a_name(asked, text, forms):
    assert list(asked(text)) == forms


def test_the_beginning_of_an_agents_name_is_that_agent(small, lexicon):
    class Firms(Remembering):
        def judge(self, found):
            return [("Company", 0.7) for _ in super().judge(found)]

    finder = MentionFinder(small, lexicon, Names.of(small), Firms())
    text = "United States Governmentは動いた。Unitedも、Unilateralも動いた。"
    found = finder.find(sentences(Post(id="p", text=text, sha256="0" * 64), ()))
    assert [m.entity for m in found.mentions] == [
        "us-government",
        "us-government",
        "unilateral-company",
    ]


def test_a_name_after_its_maker_is_its_product(small, lexicon):
    finder = MentionFinder(small, lexicon, Names.of(small), Remembering())
    found = finder.find(
        sentences(Post(id="p", text="NVIDIA Quxをリリース。Quxは速い。", sha256="0" * 64), ())
    )
    qux = found.entities["nvidia-qux-chip"]
    assert (qux.name, qux.cls, qux.maker, qux.known, qux.confidence) == (
        "NVIDIA Qux", "Chip", "nvidia", False, 0.7,
    )  # fmt: skip
    assert [m.entity for m in found.mentions] == ["nvidia", "nvidia-qux-chip", "nvidia-qux-chip"]


def test_uses_are_gathered_over_the_post(asked):
    assert [u.text for u in asked("Quxが出た。\n\nAMDとQuxの競争。")["Qux"].uses] == [
        "Quxが出た。",
        "AMDとQuxの競争。",
    ]


def test_a_class_that_the_ontology_lacks_is_none(small, lexicon):
    class Stranger(Remembering):
        def judge(self, found):
            return [("Ship", 0.9) for _ in found]

    finder = MentionFinder(small, lexicon, Names.of(small), Stranger())
    assert (
        finder.find(sentences(Post(id="p", text="Quxが出た。", sha256="0" * 64), ())).entities == {}
    )


def test_nothing_is_a_name_to_who_knows_none(small, lexicon):
    finder = MentionFinder(small, lexicon, Names.of(small), NoNames())
    text = "半導体企業「シグマノヴァ」とQuxcorp"
    assert finder.find(sentences(Post(id="p", text=text, sha256="0" * 64), ())).entities == {}


# ---------------------------------------------------------------- features


@pytest.fixture
def described(asked, lexicon):
    """Return the features of the only form of a text that looks like a name."""

    def go(text):
        ((form, unlisted),) = asked(text).items()
        return Clues(lexicon).describe(form, unlisted.uses)

    return go


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quxcorp Capitalは", {"ending=Company", "last=capital", "script=latin/2", "shape=Aa Aa"}),
        ("新興企業のQuxcorpが", {"called<Company", "kind<Company/False", "noun<新興企業"}),
        ("「シグマノヴァ」という半導体", {"called>Chip", "quoted=True", "script=katakana/1"}),
        ("シグマノヴァという半導体", {"kind>Chip/True/False", "quoted=False"}),
        ("AMD、Quxcorp、TSMCが", {"list<Company", "list>Company", "names=2"}),
        ("AMDの新しいQuxcorp", {"beside<Companyの新しい"}),
        ("- Quxcorpへ", {"in=item", "uses=1"}),
    ],
)
def test_features(described, text, expected):
    assert expected <= set(described(text))


def test_apposition_needs_quotes_or_latin_letters(described):
    assert not any(f.startswith("called") for f in described("シグマノヴァという半導体"))


def test_a_feature_of_some_uses_counts_their_share(described):
    found = described("AMDの横にQuxcorp。\n\nQuxcorpは。")
    assert math.isclose(found[">は"], 0.5)
    assert math.isclose(found["last=quxcorp"], 1)


# ---------------------------------------------------------------- the shipped model


@pytest.fixture(scope="module")
def named(small, lexicon):
    finder = MentionFinder(small, lexicon, Names.of(small), NameModel.load())

    def go(text):
        found = finder.find(sentences(Post(id="p", text=text, sha256="0" * 64), ()))
        return {e.name: e.cls for e in found.entities.values() if not e.known}

    return go


@pytest.mark.parametrize(
    ("text", "cls"),
    [
        ("スタートアップのQuxcorpは1億ドルを調達した。", "Company"),
        ("AMD、Quxcorp、TSMCなどの半導体メーカーが並ぶ。", "Company"),
        ("Quxcorp Capitalが出資した。", "Company"),
        ("ジョン・スミスCEOはこう語った。", "Person"),
        ("OpenAIは新しい言語モデル「Quxcorp」を発表した。", "Model"),
    ],
)
def test_the_model_reads_the_surroundings(named, text, cls):
    assert list(named(text).values()) == [cls]


@pytest.mark.parametrize(
    "text", ["AI Assistantは便利だ。", "「エコシステム」というモデル", "シグマノヴァという言葉"]
)
def test_the_model_lets_words_be(named, text):
    assert named(text) == {}


def test_an_odd_threshold_changes_what_is_said():
    model = NameModel.load()
    weights = {"a": ((model.card["classes"].index("Chip"), 9.0),)}
    card = {**model.card, "bias": [-5.0] * len(model.card["classes"])}
    ((cls, sure),) = NameModel({**card, "threshold": 0.5}, weights).judge([(None, {"a": 1.0})])
    assert cls == "Chip"
    assert NameModel({**card, "threshold": 0.999}, weights).judge([(None, {"a": 1.0})]) == [
        ("", sure)
    ]


@pytest.mark.parametrize(
    ("text", "japanese"),
    [
        (
            "Zephyr Robotics、Alder Medical、Kiso Partners、Birch Health、Median Labs といった企業が続く。",
            True,
        ),
        ("He said that Zephyr Robotics and Alder Medical will merge, と。", False),
    ],
)
def test_names_in_a_list_that_japanese_commas_join_may_be_names(asked, text, japanese):
    assert ("Alder Medical" in asked(text)) == japanese
