import pytest

from kg.extract.amounts import Amount
from kg.extract.owner_features import FEATURES
from kg.extract.owner_readers import OwnerReaders
from kg.extract.owners import ELSEWHERE, Pairing
from kg.extract.readers import ASKED, combined
from kg.extract.reading import Reading
from kg.extract.views import Source

WEIGHTS = [0.5, 1.0, 0.0]


class First:
    version = "first"

    def __init__(self, scores):
        self.scores = scores

    def score(self, pairings, reading=None):
        return list(self.scores)


class Second:
    version = "second"

    def __init__(self):
        self.card = {"amounts": {"weights": WEIGHTS, "threshold": 0.4}}
        self.asked = []

    def read(self, passages):
        self.asked = list(passages)
        return {i: 3.0 for p in self.asked for i, _, _ in p.asked}


@pytest.fixture
def said(read):
    """A reading of a post with an amount in each of two sentences, and pairings of both."""
    post, sentences, mentions = read("AWSは2億ドルを投じる。\n\nGoogleは3億ドルを投じる。\n")
    numbers = (0.0,) * len(FEATURES)

    def pairing(n, entity, at, source):
        sentence = sentences[n].text
        start, end = sentence.index("は") + 1, sentence.index("を")
        amount = Amount(start, end, 1.0, "USD", ())
        return Pairing(n, amount, "", entity, at, source, -1, numbers, ())

    pairings = [
        pairing(0, "aws", (0, 3), Source.SENTENCE),
        pairing(1, "google", (0, 6), Source.SENTENCE),
        pairing(1, "aws", (-1, -1), ELSEWHERE),
    ]
    return pairings, Reading(post, sentences, mentions, ())


def test_only_what_is_possible_is_read_again(said):
    second = Second()
    readers = OwnerReaders(First([ASKED / 2, 0.6, ASKED / 2]), second)
    scores = readers.score(*said)
    assert [[i for i, _, _ in p.asked] for p in second.asked] == [[1]]
    assert scores == [0.0, pytest.approx(combined(0.6, 3.0, WEIGHTS)), 0.0]


def test_nothing_is_asked_of_nothing(said):
    _, reading = said
    second = Second()
    assert OwnerReaders(First([]), second).score([], reading) == []
    assert second.asked == []


def test_the_shipped_readers_are_weighed():
    readers = OwnerReaders.load()
    first, second, _ = readers.second.card["amounts"]["weights"]
    assert first > 0 < second
    assert 0 < readers.threshold < 1
    assert readers.version == f"{readers.first.version}, {readers.second.version}"
    assert readers.card is readers.first.card
