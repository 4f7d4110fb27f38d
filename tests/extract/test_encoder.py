import json
from dataclasses import replace

import pytest

from kg.extract.encoder import Encoder
from kg.extract.passages import AMOUNT, SAID_OF, Passage
from kg.extract.said import End, Said

from .test_passages import H100, NVIDIA, passage


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load()


def test_what_is_related_gets_better_odds(encoder):
    ends = End("NVIDIA", "Company", (0, 6)), End("NVIDIA H100", "Chip", (7, 11))
    asked = (0, 0, "develops"), (1, 0, "investsIn")
    p = Passage(Said("NVIDIAはH100を開発した。", ends), ends=ends, pairs=((0, 1, 0),), asked=asked)
    odds = encoder.read([p])
    assert odds[0] > 0 > odds[1]
    other = replace(p, said=Said("TSMCはH100も作る。"), asked=((2, 0, "develops"),))
    assert encoder.read([other, p]).items() > odds.items()  # none changes what is read of another


def test_pairs_that_are_asked_about_apart_get_about_the_same_odds(encoder, monkeypatch):
    names = [("NVIDIA", "Company"), ("H100", "Chip"), ("TSMC", "Company")]
    text = "NVIDIAはH100を開発し、TSMCが製造する。"
    ends = tuple(End(n, cls, (text.index(n), text.index(n) + len(n))) for n, cls in names)
    pairs = ((0, 1, 0), (2, 1, 0), (0, 2, 0))
    asked = ((0, 0, "develops"), (1, 1, "manufactures"), (2, 2, "investsIn"))
    p = Passage(Said(text, ends), ends=ends, pairs=pairs, asked=asked)
    together = encoder.read([p])
    monkeypatch.setattr("kg.extract.encoder.MOST", 1)
    apart = encoder.read([p])
    assert together.keys() == apart.keys() == {0, 1, 2}
    # What is read together is rounded together.
    assert all(abs(together[i] - apart[i]) < 1.0 for i in together)
    assert together[0] > together[2] and apart[0] > apart[2]


def test_an_amount_is_said_of_one(encoder):
    text = "NVIDIAによれば、Googleは200億ドルを投資した。"
    of = {
        part: (text.index(part), text.index(part) + len(part))
        for part in ("NVIDIA", "Google", "200億ドル")
    }
    ends = (
        End("NVIDIA", "Company", of["NVIDIA"]),
        End("Google", "Company", of["Google"]),
        End("", AMOUNT, of["200億ドル"]),
    )
    asked = (0, 0, SAID_OF), (1, 1, SAID_OF)
    said = Said(text, ends[:2])
    odds = encoder.read([Passage(said, ends=ends, pairs=((0, 2, 0), (1, 2, 0)), asked=asked)])
    assert odds[1] > 0 > odds[0]


def test_a_property_it_was_not_trained_on_is_left_out(encoder):
    p = passage("NVIDIAのH100", (NVIDIA, (0, 6)), (H100, (7, 11)), property="bakes")
    assert encoder.read([p]) == {}


def test_the_card_matches_the_ontology_and_the_files(encoder, schema):
    assert set(encoder.card["classes"]) == {*schema.classes, AMOUNT}
    assert set(encoder.card["properties"]) == {*schema.properties, SAID_OF}
    assert encoder.card["pieces"] == len(encoder._tokenizer._pieces)
    assert encoder.version == f"encoder {encoder.card['version']}"
    assert set(encoder.card["trained_on"]).isdisjoint(encoder.card["weighed_on"])
    json.dumps(encoder.card)
