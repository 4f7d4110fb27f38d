import pytest

from kg.extract.pipeline import candidate_finder
from kg.extract.scorer import FrameScorer


@pytest.fixture(scope="module")
def words(small, lexicon, read, parser):
    """Return the string features of a candidate of a text's last sentence."""
    finder = candidate_finder(small, lexicon, FrameScorer())

    def go(text, subject, predicate, obj):
        _, parts, mentions = read(text)
        parses = dict(enumerate(parser.parse([s.text for s in parts])))
        found = [
            c
            for c in finder.find(parts, mentions, finder.context.read(parts, mentions, parses))
            if (c.subject, c.predicate, c.object) == (subject, predicate, obj)
        ]
        return set(found[-1].words)

    return go


def test_the_head_of_a_column_says_what_stands_in_it(words):
    text = "| チップ | 開発元 |\n|---|---|\n| Trainium | AWS |\n"
    found = words(text, "aws", "develops", "trainium")
    assert {"develops|sh=開発元", "develops|oh=チップ"} <= found


@pytest.mark.parametrize(
    ("text", "predicate", "expected"),
    [
        (
            "AWSはTrainiumを開発した。",
            "develops",
            {
                "develops",
                "develops|tp=CloudProvider>Chip",
                "develops|known_maker",
                "develops|gap=fは",
                "develops|a=開発",
                "cue=develops/transitive/開発",
                "fit=develops/2.0",
            },
        ),
        ("TrainiumはAWSが開発した。", "develops", {"develops|dir=rCloudProvider>Chip"}),
        ("AWSは強い。\nTrainiumを開発した。", "develops", {"develops|ctx=20", "develops|c=開発"}),
    ],
)
def test_words_of_a_candidate(words, text, predicate, expected):
    assert expected <= words(text, "aws", predicate, "trainium")


def test_names_are_no_words(words):
    """The model learns how Japanese relates two things, not which things are related."""
    for word in words("NVIDIAがいるがAWSはTrainiumを開発した。", "aws", "develops", "trainium"):
        assert not {"NVIDIA", "Trainium", "nvidia", "trainium"} & set(word.split("="))
