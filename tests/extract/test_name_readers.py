"""Names that nobody lists, as the model of names and the language model judge them together."""

import numpy as np
import pytest

from kg.extract import name_readers
from kg.extract.encoder import Encoder
from kg.extract.name_model import NOTHING, NameModel
from kg.extract.name_readers import READ, NameReaders
from kg.extract.names import NameHit
from kg.extract.naming import OUTSIDE, Tags, tag, tags
from kg.extract.said import End, Said
from kg.extract.unknown import NoNames, UnknownNames

CLASSES = ("Company", "Chip")


class First:
    version = "first"

    def __init__(self, sure):
        self.sure = sure

    def probabilities(self, features):
        return dict.fromkeys(CLASSES, self.sure / 2)


class Second:
    """Says that what stands at the start of a sentence is a chip, the less the longer that is."""

    version = "second"

    def __init__(self, threshold):
        weighed = {"weights": [0.0, 1.0, 0.0], "threshold": threshold, "tagged": 0.7}
        self.card = {"named": list(CLASSES), "names": weighed}
        self.read = []

    def name(self, said):
        self.read.append(said)
        likely = np.zeros((len(said.text), tags(len(CLASSES))), dtype=np.float32)
        likely[:, OUTSIDE] = 1.0
        likely[:3, OUTSIDE], likely[:3, tag(1, begins=True)] = 0.4, 0.6
        return Tags([(i, i + 1) for i in range(len(said.text))], likely)


@pytest.fixture
def unlisted(small, lexicon, read):
    """Return what looks like a name in a text, without features."""

    def go(text):
        _, sentences, mentions = read(text)
        hits = [[] for _ in sentences]

        for m in mentions.mentions:
            if mentions.entities[m.entity].known:
                hits[m.sentence].append(NameHit(m.start, m.end, m.entity))
        found = UnknownNames(small, lexicon, NoNames()).unlisted(sentences, hits, mentions.entities)
        return [(u, {}) for u in found]

    return go


def test_the_language_model_is_heard(unlisted):
    (qux, zog) = unlisted("Quxはよい。NVIDIAのZogもよい。")
    readers = NameReaders(First(0.5), Second(0.5))
    assert readers.judge([qux]) == [("Chip", 0.6)]
    assert readers.judge([zog])[0][0] == NOTHING
    assert NameReaders(First(0.5), Second(0.7)).judge([qux]) == [(NOTHING, 0.6)]


def test_what_both_find_likely_is_surer(unlisted):
    found = unlisted("Quxはよい。")
    second = Second(0.0)
    second.card["names"]["weights"] = [1.0, 1.0, 0.0]
    ((_, unsure),) = NameReaders(First(0.6), second).judge(found)
    ((_, sure),) = NameReaders(First(1.6), second).judge(found)
    assert unsure < 0.6 < sure


def test_it_reads_a_sentence_once_and_knows_its_listed_names(unlisted):
    second = Second(0.5)
    NameReaders(First(0.5), second).judge(unlisted("NVIDIAのZogとBarrよ。"))
    assert second.read == [Said("NVIDIAのZogとBarrよ。", (End("", "Company", (0, 6)),))]


def test_it_is_not_asked_of_what_is_hardly_a_name(unlisted):
    second = Second(0.5)
    assert NameReaders(First(0.01), second).judge(unlisted("Quxはよい。")) == [(NOTHING, 0.0)]
    assert not second.read


def test_it_reads_few_sentences_of_a_name(unlisted):
    second = Second(0.5)
    NameReaders(First(0.5), second).judge(unlisted("".join(f"{n}番目のQuxだ。" for n in range(9))))
    assert len(second.read) == READ


def test_it_does_not_read_without_end(unlisted, monkeypatch):
    monkeypatch.setattr(name_readers, "MOST", 2)
    second = Second(0.5)
    found = unlisted("Quxだ。Zogだ。Barrだ。")
    verdicts = NameReaders(First(0.5), second).verdicts(found)
    assert [bool(v) for v in verdicts] == [True, True, False]
    assert len(second.read) == 2


@pytest.fixture
def tagged():
    """The tags of six characters: a name, rather of a chip, of the two tokens of the 2nd to the 4th."""
    likely = np.zeros((5, tags(2)), dtype=np.float32)
    likely[1, tag(1, begins=True)] = 0.8
    likely[2, tag(1, begins=False)] = 0.6
    likely[2, tag(0, begins=False)] = 0.2
    return Tags([(0, 1), (1, 3), (3, 4), (4, 5), (5, 6)], likely)


def test_a_name_is_as_likely_as_its_tokens_are_on_average(tagged):
    assert tagged.classes(1, 4) == pytest.approx([0.1, 0.7])
    assert tagged.classes(9, 12) == pytest.approx([0.0, 0.0])  # beyond what was read


def test_part_of_a_name_is_no_name(tagged):
    assert tagged.classes(1, 3) == pytest.approx([0.0, 0.8 * 0.2])
    assert tagged.classes(3, 4) == pytest.approx([0.2 * 0.2, 0.6 * 0.2])


def test_what_is_called_a_company_is_likelier_one_than_a_common_word():
    encoder = Encoder.load()
    text = "スタートアップのQuxoraが、新しいシステムを発表した。"
    found = encoder.name(Said(text))
    company = encoder.card["named"].index("Company")
    name, word = (text.index(w) for w in ("Quxora", "システム"))
    assert found.classes(name, name + 6)[company] > 0.5
    assert found.classes(word, word + 4).sum() < 0.2


def test_both_are_named():
    readers = NameReaders(NameModel.load(), Encoder.load())
    assert readers.version == f"{readers.first.version}, {readers.second.version}"
    assert set(readers.first.card["classes"]) - {NOTHING} <= set(readers.second.card["named"])


def test_what_only_the_language_model_tags_has_a_threshold_of_its_own():
    readers = NameReaders(First(0.5), Second(0.0))
    assert readers.named(np.array([0.1, 0.8], dtype=np.float32)) == ("Chip", 0.8)
    assert readers.named(np.array([0.1, 0.6], dtype=np.float32)) == (NOTHING, 0.6)
    assert readers.tags(Said("Quxはよい。")).classes(0, 3).tolist() == pytest.approx([0.0, 0.6])
