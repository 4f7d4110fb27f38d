import pytest

from kg.extract.document import sentences
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.names import Names
from kg.model import Post


def named(read, text):
    _, _, mentions = read(text)
    return set(mentions.entities)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("ソフトバンクグループは出資する。ソフトバンクは強い。", {"softbank-group"}),
        # Who is named first by the short name is not the holding.
        ("ソフトバンクは強い。ソフトバンクグループは出資する。", {"softbank", "softbank-group"}),
        ("Google（Alphabet）は強い。Alphabetは大きい。", {"google"}),
        ("Alphabet（Google）は強い。Googleは大きい。", {"google"}),
        ("GoogleとAlphabetは強い。", {"google", "alphabet"}),
        # Another firm in brackets is its owner, not its name.
        ("DeepSeek（Arm）は強い。", {"deepseek", "arm"}),
        ("Claude 3 Haikuは速い。Haikuは安い。", {"claude-3-haiku"}),
        ("Claude 3 HaikuとClaude 3.5 Haikuは速い。Haikuは安い。",
         {"claude-3-haiku", "claude-3-5-haiku", "claude-haiku"}),
        # Who says the family's name in full means the family.
        ("Claude 3 Haikuは速い。Claude Haikuは安い。", {"claude-3-haiku", "claude-haiku"}),
    ],
)  # fmt: skip
def test_names_that_are_listed_are_one_only_where_the_post_says_so(read, text, one):
    assert named(read, text) == one


class Judge:
    """Takes every unlisted name for one of a class."""

    version = "test"

    def __init__(self, cls):
        self.cls = cls

    def judge(self, found):
        return [(self.cls, 0.8) for _ in found]

    def tags(self, _said):
        return None

    def named(self, _likely):
        return "", 0.0


@pytest.fixture
def find(small, lexicon):
    def go(text, cls):
        finder = MentionFinder(small, lexicon, Names.of(small), Judge(cls))
        found = finder.find(sentences(Post(id="p", text=text, sha256="0" * 64), ()))
        return {e.name for e in found.entities.values()}

    return go


@pytest.mark.parametrize(
    ("text", "cls", "names"),
    [
        # The end or the beginning of a longer name.
        ("新しいZebra Quaggaを出した。このQuaggaは便利だ。", "Service", {"Zebra Quagga"}),
        ("Guardrails for Amazon Bedrockは新しい。このGuardrailsは守る。", "Service",
         {"Guardrails for Amazon Bedrock"}),
        # Not of two, unless one of them is shorter.
        ("Zebra Quaggaを出した。Koala Quaggaも出した。このQuaggaは便利だ。", "Service",
         {"Zebra Quagga", "Koala Quagga", "Quagga"}),
        ("Zebra Quaggaを出した。Little Koala Quaggaも出した。このQuaggaは便利だ。", "Service",
         {"Zebra Quagga", "Little Koala Quagga"}),
        # Another name in brackets, the listed one or else the first.
        ("台湾のワンウィン（Wistron）は作る。ワンウィンは強い。", "Company", {"Wistron"}),
        ("台湾のワンウィン（Wanwinn）は作る。Wanwinnは強い。", "Company", {"ワンウィン"}),
        # Of another class it is something else.
        ("Guardrails for Amazon Bedrockは新しい。Guardrailsという会社だ。", "Company",
         {"Guardrails for Amazon Bedrock", "Guardrails"}),
    ],
)  # fmt: skip
def test_an_unlisted_name_may_be_short_for_another(find, text, cls, names):
    assert find(text, cls) == names


def test_every_holding_and_its_firm_are_known(schema):
    holdings = Lexicon.load(schema.folder, schema).holdings
    assert holdings
    assert {*holdings, *holdings.values()} <= set(schema.entities)
