import pytest

from kg.extract.encoder import Encoder
from kg.extract.readers import ASKED, combined, log_odds
from kg.extract.reading import Reading
from kg.extract.scorer import COLUMNS
from kg.extract.two_readers import ENCODER, TwoReaders

from .test_passages import candidate

CARD = {"weights": [0.5, 1.0, 0.0], "calibration": [[0.0, 1.0], [0.0, 1.0]], "threshold": 0.4}


class First:
    version = "first"

    def __init__(self, scores):
        self.scores = scores

    def score(self, candidates, reading=None):
        return list(self.scores)

    def contributions(self, candidates, shown):
        return [dict.fromkeys(COLUMNS, 2.0) for _ in shown]


class Second:
    version = "second"

    def __init__(self):
        self.card = CARD
        self.asked = []

    def read(self, passages):
        self.asked = list(passages)
        return {i: 3.0 for p in self.asked for i, _, _ in p.asked}


@pytest.fixture
def readers(read):
    """Two readers of a post with a claim in each of three sentences, and what they are asked."""
    post, sentences, mentions = read("NVIDIAはH100を作る。TSMCもH100を作る。AMDとH100。")
    at = [i for i, s in enumerate(sentences) if "H100" in s.text]
    subjects = ("nvidia", "tsmc", "amd")
    found = [
        candidate(i, s, "develops", "h100", ((0, 3), (5, 9)))
        for i, s in zip(at, subjects, strict=True)
    ]
    return found, Reading(post, sentences, mentions, ())


def test_log_odds_have_an_end():
    assert log_odds(0.0) == log_odds(0.001) == pytest.approx(-6.2, abs=0.1)
    assert log_odds(1.0) == log_odds(0.99) > log_odds(0.6) > log_odds(0.5) == 0


def test_either_reader_raises_what_both_say():
    weights = (0.8, 0.3, -0.1)
    assert combined(0.6, 1.0, weights) > combined(0.5, 1.0, weights) > combined(0.5, 0.0, weights)
    assert 0 < combined(0.0, -30.0, weights) < combined(1.0, 30.0, weights) <= 1


def test_only_what_is_possible_is_read_again(readers):
    found, reading = readers
    second = Second()
    both = TwoReaders(First([0.5, ASKED / 2, 0.9]), second)
    scores = both.score(found, reading)
    assert [[i for i, _, _ in p.asked] for p in second.asked] == [[0], [2]]
    assert scores[1] == ASKED / 2
    assert scores[0] == pytest.approx(combined(0.5, 3.0, CARD["weights"]), abs=1e-3)
    assert scores[2] > scores[0] > 0.5
    assert TwoReaders(First([]), second).score([], reading) == []


def test_what_counted_is_told_with_the_weight_of_each_reader(readers):
    found, reading = readers
    both = TwoReaders(First([0.5, 0.0, 0.9]), Second())
    first, ruled_out = both.contributions(found, reading, [0, 1])
    assert first[ENCODER] == 3.0
    assert ENCODER not in ruled_out
    assert {first[c] for c in COLUMNS} == {1.0}


def test_the_shipped_readers_are_weighed_and_calibrated():
    both = TwoReaders.load()
    first, second, _ = both.second.card["weights"]
    assert first > 0 < second
    steps = [both.calibrate(x / 50) for x in range(51)]
    assert steps == sorted(steps)
    assert 0 <= steps[0] < both.threshold < steps[-1] < 1
    assert both.version == f"{both.first.version}, {Encoder.load().version}"
    assert both.card is both.first.card
