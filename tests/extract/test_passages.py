import numpy as np
import pytest

from kg.extract.blocks import Kind
from kg.extract.candidates import Candidate
from kg.extract.context import ContextReader
from kg.extract.encoder import Encoder
from kg.extract.features import FEATURES
from kg.extract.names import Named
from kg.extract.owner_features import OwnerFeatures
from kg.extract.owners import OwnerFinder
from kg.extract.passages import (
    AMOUNT,
    ENOUGH,
    SAID_OF,
    End,
    Passage,
    Said,
    of_candidates,
    of_pairings,
    passages,
    sayings,
)
from kg.extract.reading import Reading
from kg.extract.tokens import LONGEST, PLACES, START, STOP
from kg.extract.views import Source

NVIDIA = Named("nvidia", "Company", "NVIDIA", True, 1.0)
H100 = Named("h100", "Chip", "NVIDIA H100", True, 1.0)
TSMC = Named("tsmc", "Company", "TSMC", True, 1.0)


def candidate(sentence, subject, predicate, obj, at, source=Source.SENTENCE):
    return Candidate(
        sentence=sentence,
        subject=subject,
        predicate=predicate,
        object=obj,
        cue=None,
        source=source,
        subject_at=at[0],
        object_at=at[1],
        numbers=(0.0,) * len(FEATURES),
        pair_words=(),
        own_words=(),
    )


def passage(text, *ends, before=(), property="develops"):
    """Return a passage that asks for a property of its first two ends."""
    ends = tuple(End(named.name, named.cls, at) for named, at in ends)
    said = Said(text, tuple(e for e in ends if e.at[0] >= 0))
    return Passage(said, before=before, ends=ends, pairs=((0, 1, 0),), asked=((0, 0, property),))


@pytest.fixture(scope="module")
def encoder():
    return Encoder.load()


@pytest.fixture(scope="module")
def spelt(encoder):
    """Return what the tokens of each end of a passage spell."""

    def go(p):
        tokens = encoder._tokenizer.tokens(p)
        pieces = encoder._tokenizer._pieces
        return [pieces.decode(list(tokens.ids[a:b])) for a, b in tokens.spans], tokens

    return go


def test_candidates_of_a_sentence_are_read_together(read):
    post, sentences, mentions = read("# 発表\n\nNVIDIAはH100を作る。\n\nTSMCも関わった。\n")
    at = next(i for i, s in enumerate(sentences) if "H100" in s.text)
    far = (-1, -1)
    found = [
        candidate(at, "nvidia", "develops", "h100", ((0, 6), (7, 11))),
        candidate(at, "nvidia", "offers", "h100", ((0, 6), (7, 11))),
        candidate(at + 1, "tsmc", "manufactures", "h100", ((0, 4), far), Source.TOPIC),
    ]
    reading = Reading(post, sentences, mentions, ())
    first, second = passages(of_candidates(found, reading), reading)
    names = End("NVIDIA", "Company", (0, 6)), End("NVIDIA H100", "Chip", (7, 11))
    assert first.said == Said("NVIDIAはH100を作る。", names)
    assert first.before == (Said("発表"),)
    assert [(e.cls, e.at) for e in first.ends] == [("Company", (0, 6)), ("Chip", (7, 11))]
    assert first.pairs == ((0, 1, 0),)
    assert first.asked == ((0, 0, "develops"), (1, 0, "offers"))
    assert second.before == (Said("発表"), first.said)
    assert second.title == Said("")
    assert sayings(reading) == [Said("発表"), first.said, second.said]
    assert second.pairs == ((0, 1, int(Source.TOPIC)),)
    assert second.asked == ((2, 0, "manufactures"),)
    assert list(passages(of_candidates(found, reading, {2}), reading)) == [second]


def test_amounts_are_asked_of_whom_they_are_said(small, lexicon, read):
    post, sentences, mentions = read("NVIDIAが語った。Googleは100万ドルから200万ドルを投じる。")
    finder = OwnerFinder(lexicon, OwnerFeatures(lexicon, list(small.classes), [], []))
    views = {v.index: v for v in ContextReader(small, lexicon).read(sentences, mentions, {})}
    pairings = finder.find(sentences, mentions, views)
    reading = Reading(post, sentences, mentions, ())
    (p,) = passages(of_pairings(pairings, reading), reading)
    assert {p.said.text[slice(*e.at)] for e in p.ends if e.cls == AMOUNT} == {
        "100万ドル",
        "200万ドル",
    }
    assert {e.at for e in p.ends if e.name == "Google"} == {(0, 6)}
    assert {e.at for e in p.ends if e.name == "NVIDIA"} == {(-1, -1)}
    assert {name for _, _, name in p.asked} == {SAID_OF}
    assert len(p.asked) == len(pairings) == 4
    assert {source for s, _, source in p.pairs if p.ends[s].name == "Google"} == {Source.SENTENCE}


def test_no_more_is_told_of_what_was_said_before_than_is_read(read):
    post, sentences, mentions = read(
        "---\ntitle: 題\n---\n" + "".join(f"長い話の{n}。" for n in range(40)) + "NVIDIAとTSMC。"
    )
    last = len(sentences) - 1
    found = [candidate(last, "nvidia", "partnersWith", "tsmc", ((0, 6), (7, 11)))]
    reading = Reading(post, sentences, mentions, ())
    (p,) = passages(of_candidates(found, reading), reading)
    assert ENOUGH <= sum(len(s.text) for s in p.before) < 2 * ENOUGH
    assert sentences[0].kind is Kind.TITLE
    assert p.title == Said("題")
    assert p.title not in p.before


def test_ends_are_the_tokens_that_spell_them(spelt, encoder):
    text = "新しいH100を、😀 NVIDIAが発表"
    at = text.index("NVIDIA")
    p = passage(
        text, (NVIDIA, (at, at + 6)), (H100, (3, 7)), (TSMC, (-1, -1)), before=(Said("前の文。"),)
    )
    found, tokens = spelt(p)
    assert found[0].strip() == "NVIDIA"
    assert found[1].strip() == "H100"
    assert found[2] == "TSMC"
    classes = encoder.card["classes"]
    numbers = [{tokens.classes[t] for t in range(*span)} for span in tokens.spans]
    assert numbers == [{classes.index(c) + 1} for c in ("Company", "Chip", "Company")]
    assert tokens.ids[0] == START
    assert tokens.ids.count(STOP) == 3  # after what was said before, the sentence, and the name


def test_what_was_named_before_is_read_where_it_was_last(spelt):
    twice = tuple(End("NVIDIA", "Company", (at, at + 6)) for at in (0, 8))
    before = (
        Said("「TSMC」の話。", (End("TSMC", "Company", (1, 5)),)),
        Said("NVIDIAと「NVIDIA」。", twice),
    )
    p = passage("H100を出した。", (NVIDIA, (-1, -1)), (H100, (0, 4)), before=before)
    found, tokens = spelt(p)
    assert found[0].strip() == "NVIDIA"
    named = [t for t, c in enumerate(tokens.classes[: tokens.first]) if c]
    assert named[0] < tokens.spans[0][0]
    assert tokens.spans[0][1] - 1 == named[-1]
    assert tokens.ids.count(STOP) == 2  # after what was said before, and the sentence


def test_what_stands_beyond_the_longest_is_the_whole_sentence(spelt):
    text = "あのね、" * LONGEST + "NVIDIA"
    _, tokens = spelt(passage(text, (NVIDIA, (len(text) - 6, len(text))), (TSMC, (-1, -1))))
    assert tokens.spans[0] == (0, 1)
    assert len(tokens.ids) < LONGEST + 20


def test_no_more_names_are_carried_in_than_there_are_places(spelt):
    far = [(Named(str(n), "Company", "あ" * 50, False, 0.5), (-1, -1)) for n in range(99)]
    _, tokens = spelt(passage("あのね、" * LONGEST, *far))
    assert len(tokens.ids) < PLACES
    assert tokens.spans[-1] == (0, 1)
    assert len(tokens.spans) == len(far)


def test_broken_text_is_read_all_the_same(spelt):
    found, _ = spelt(
        passage("\ud83dとNVIDIA", (NVIDIA, (2, 8)), (TSMC, (-1, -1)), before=(Said("\ud83d"),))
    )
    assert found[0].strip() == "NVIDIA"


def test_inputs_average_over_the_tokens_of_an_end(spelt):
    p = passage("NVIDIAとTSMC", (NVIDIA, (0, 6)), (TSMC, (7, 11)))
    _, tokens = spelt(p)
    inputs = tokens.inputs(p.pairs)
    assert inputs["means"].shape == (2, len(tokens.ids))
    assert inputs["means"].sum(1) == pytest.approx([1, 1])
    for row, (start, stop) in zip(inputs["means"], tokens.spans, strict=True):
        assert set(np.flatnonzero(row)) == set(range(start, stop))
