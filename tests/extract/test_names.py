import pytest

from kg.extract.names import NameHit, Names, bounded, longest, lower, normalise, variants
from kg.schema import KnownEntity


def entity(id, *forms, cls="Company"):
    return KnownEntity(id=id, cls=cls, name=forms[0], name_ja="", forms=forms)


NAMES = Names(
    [
        entity("nvidia", "NVIDIA", "エヌビディア"),
        entity("h100", "NVIDIA H100", "H100", cls="Chip"),
        entity("gh200", "GH200", cls="Chip"),
        entity("arm", "Arm"),
        entity("meta", "Meta", "メタ"),
        entity("aws", "AWS", "Amazon Web Services"),
        entity("amazon", "Amazon", "アマゾン"),
        entity("gpt", "GPT", cls="Model"),
        entity("gpt-5", "GPT-5", cls="Model"),
        entity("gpt-5-2", "GPT-5.2", cls="Model"),
        entity("llama-3", "Llama 3", cls="Model"),
        entity("google", "Google"),
        entity("google-cloud", "Google Cloud", "グーグル・クラウド"),
        entity("x", "X"),
        entity("fugaku", "富岳", cls="Facility"),
    ]
)


def found(text):
    return [(text[h.start : h.end], h.entity) for h in NAMES.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Kana, kanji and signs beside a Latin name are not part of it.
        ("最新の研究にはNVIDIAが投資した", [("NVIDIA", "nvidia")]),
        ("米NVIDIA社", [("NVIDIA", "nvidia")]),
        ("「NVIDIA」、(AWS)", [("NVIDIA", "nvidia"), ("AWS", "aws")]),
        ("NVIDIAデータ", [("NVIDIA", "nvidia")]),
        # Latin letters and digits hold together, and so does katakana.
        ("ArmadaとArm", [("Arm", "arm")]),
        ("NVIDIANVIDIA", []),
        ("GH200とH100", [("GH200", "gh200"), ("H100", "h100")]),
        ("AH100とH1000", []),
        ("メタバースとメタ", [("メタ", "meta")]),
        ("スーパーメタ", []),
        ("メタは", [("メタ", "meta")]),
        ("メタ社", [("メタ", "meta")]),
        # Kanji names have no such boundary.
        ("新富岳計画", [("富岳", "fugaku")]),
        # Short forms are written in their own case, longer ones in any.
        ("armの話とARMの話", []),
        ("metaデータ", []),
        ("awsは", []),
        ("Nvidiaとnvidia", [("Nvidia", "nvidia"), ("nvidia", "nvidia")]),
        ("xとX", [("X", "x")]),
        # The longest name wins.
        ("NVIDIA H100", [("NVIDIA H100", "h100")]),
        ("Google Cloudはグーグル・クラウド", [("Google Cloud", "google-cloud"), ("グーグル・クラウド", "google-cloud")]),
        ("GoogleのCloud", [("Google", "google")]),
        ("Amazon Web Services", [("Amazon Web Services", "aws")]),
        # Full-width letters, digits and spaces.
        ("ＡＷＳは", [("ＡＷＳ", "aws")]),
        ("ＮＶＩＤＩＡ　Ｈ１００", [("ＮＶＩＤＩＡ　Ｈ１００", "h100")]),
        ("ﾒﾀは", [("ﾒﾀ", "meta")]),
        # A name and its number, joined in any of the usual ways.
        ("GPT-5とGPT 5とGPT5", [("GPT-5", "gpt-5"), ("GPT 5", "gpt-5"), ("GPT5", "gpt-5")]),
        ("gpt-5", [("gpt-5", "gpt-5")]),
        ("GPT-5.2とGPT5.2", [("GPT-5.2", "gpt-5-2"), ("GPT5.2", "gpt-5-2")]),
        ("GPT-52", [("GPT", "gpt")]),
        ("Llama-3とLlama3", [("Llama-3", "llama-3"), ("Llama3", "llama-3")]),
        ("H 100", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_in_text(text, expected):
    assert found(text) == expected


def test_a_listed_form_wins_over_one_made_from_another():
    names = Names([entity("a", "Nova 1"), entity("b", "Nova-1")])
    assert [h.entity for h in names.find("Nova 1、Nova-1、Nova1")] == ["a", "b", "a"]


def test_two_entities_that_differ_in_case_only_are_told_apart():
    names = Names([entity("a", "Stability"), entity("b", "STABILITY")])
    assert [h.entity for h in names.find("STABILITY Stability")] == ["b", "a"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("GPT-5", {"GPT-5", "GPT 5", "GPT5"}),
        ("Llama 3", {"Llama 3", "Llama-3", "Llama3"}),
        ("Trainium2", {"Trainium2", "Trainium 2", "Trainium-2"}),
        ("H100", {"H100"}),
        ("MI300X", {"MI300X"}),
        ("A-1", {"A-1", "A 1"}),
        ("NVIDIA", {"NVIDIA"}),
    ],
)
def test_variants(form, expected):
    assert set(variants(form)) == expected
    assert next(variants(form)) == form


@pytest.mark.parametrize("text", ["ＡＷＳ　と", "㍿①ﾊﾟ", "がＡ", "😀Ａ", "", "abc", "ŉǰİß"])
def test_normalising_keeps_every_character_in_its_place(text):
    assert len(normalise(text)) == len(text)
    assert len(lower(text)) == len(text)


def test_boundaries_at_the_ends_of_a_text():
    assert bounded("AWS", 0, 3)
    assert not bounded("AWS", 0, 2)
    assert not bounded("AWS", 1, 3)


def test_longest_first_then_leftmost():
    a, b, c = NameHit(0, 2, "a"), NameHit(1, 5, "b"), NameHit(5, 6, "c")
    assert longest([a, c, b]) == [b, c]
    assert longest([NameHit(1, 3, "r"), NameHit(0, 2, "l")]) == [NameHit(0, 2, "l")]
