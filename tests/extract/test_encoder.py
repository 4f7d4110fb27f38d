import json

import pytest

from kg.extract.encoder import Encoder
from kg.extract.passages import Passage

from .test_passages import H100, NVIDIA, TSMC, candidate, passage


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load()


def test_what_is_related_gets_better_odds(encoder):
    ends = (NVIDIA, (0, 6)), (H100, (7, 11))
    found = [
        candidate(0, "nvidia", p, "h100", ((0, 6), (7, 11))) for p in ("develops", "investsIn")
    ]
    p = Passage("", "NVIDIAはH100を開発した。", ends, ((0, 1, 0),), (0, 1), (0, 0))
    odds = encoder.read(found, [p])
    assert odds[0] > 0 > odds[1]
    beside = encoder.read(found, [passage("TSMCは？", (TSMC, (0, 4)), (H100, (-1, -1))), p])
    assert {i: beside[i] for i in odds} == odds  # no passage changes what is read of another


def test_a_property_it_was_not_trained_on_is_left_out(encoder):
    found = [candidate(0, "nvidia", "bakes", "h100", ((0, 6), (7, 11)))]
    assert encoder.read(found, [passage("NVIDIAのH100", (NVIDIA, (0, 6)), (H100, (7, 11)))]) == {}


def test_the_card_matches_the_ontology_and_the_files(encoder, schema):
    assert set(encoder.card["classes"]) == set(schema.classes)
    assert set(encoder.card["properties"]) == set(schema.properties)
    assert encoder.card["pieces"] == len(encoder._tokenizer._pieces)
    assert encoder.version == f"encoder {encoder.card['version']}"
    assert set(encoder.card["trained_on"]).isdisjoint(encoder.card["weighed_on"])
    json.dumps(encoder.card)
