import pytest

from kg.extract.candidates import Candidate
from kg.extract.claims import MAX_EVIDENCE, make_claims, presupposed
from kg.extract.document import sentences
from kg.extract.entries import Cue, Frame
from kg.extract.features import FEATURES
from kg.extract.modality import ModalityReader
from kg.extract.views import Source
from kg.model import Modality, Post

CUE = Cue("採用", "uses", Frame("transitive", ("が",), ("を",)), "verbalNoun", False)
TEXT = "AWSはTPUを採用した。AWSはTPUを採用するだろう。AWSはTPUを採用していない。" + "".join(
    f"AWSはTPUを採用した、その{i}。" for i in range(8)
)
POST = Post(id="p", text=TEXT, sha256="0" * 64)
SENTENCES = sentences(POST)


def candidate(sentence, predicate="uses", cue=CUE, subject="aws", obj="tpu", **numbers):
    values = dict.fromkeys(FEATURES, 0.0) | {"cue_fit": 2.0, "cue_len": 2.0} | numbers
    return Candidate(
        sentence=sentence,
        subject=subject,
        predicate=predicate,
        object=obj,
        cue=cue,
        source=Source.SENTENCE,
        subject_at=(0, 3),
        object_at=(4, 7),
        numbers=tuple(values[f] for f in FEATURES),
        pair_words=(),
        own_words=(),
    )


@pytest.fixture
def claims(lexicon):
    def go(*scored, threshold=0.5):
        return make_claims(
            POST,
            SENTENCES,
            [c for c, _ in scored],
            [score for _, score in scored],
            threshold=threshold,
            modality=ModalityReader(lexicon),
        )

    return go


def test_one_claim_a_triple_with_all_that_supports_it(claims):
    made, rejected = claims((candidate(1), 0.6), (candidate(0), 0.9), (candidate(3), 0.2))
    assert len(made) == 1
    assert rejected == ()
    claim = made[0]
    assert (claim.subject, claim.predicate, claim.object) == ("aws", "uses", "tpu")
    assert claim.confidence == 0.9
    assert claim.frame == "uses/transitive/採用"
    # In the order of the post; the third supports it too little.
    assert [e.text for e in claim.evidence] == [SENTENCES[0].text, SENTENCES[1].text]
    assert all(TEXT[e.start : e.end] == e.text for e in claim.evidence)


@pytest.mark.parametrize(
    ("at", "modality"),
    [
        ([0], Modality.ASSERTED),
        ([1], Modality.HEDGED),
        ([2], Modality.NEGATED),
        ([1, 0], Modality.ASSERTED),
        ([2, 1], Modality.HEDGED),
    ],
)
def test_the_strongest_modality_of_its_sentences(claims, at, modality):
    made, _ = claims(*((candidate(i), 0.9) for i in at))
    assert [c.modality for c in made] == [modality]


def test_evidence_that_is_too_weak_does_not_change_the_modality(claims):
    made, _ = claims((candidate(1), 0.9), (candidate(0), 0.3))
    assert [(c.modality, len(c.evidence)) for c in made] == [(Modality.HEDGED, 1)]


def test_only_the_best_sentences_are_quoted(claims):
    made, _ = claims(*((candidate(i), 0.5 + i / 100) for i in range(len(SENTENCES))))
    assert len(made[0].evidence) == MAX_EVIDENCE < len(SENTENCES)
    assert made[0].evidence[-1].text == SENTENCES[-1].text


def test_below_the_threshold_a_candidate_is_rejected_with_a_reason(claims):
    made, rejected = claims(
        (candidate(0), 0.49), (candidate(0, "offers", None), 0.2), (candidate(0, "runsOn"), 0.05)
    )
    assert made == ()
    assert [(r.predicate, r.confidence) for r in rejected] == [("offers", 0.2), ("uses", 0.49)]
    for r in rejected:
        assert "0.5" in r.reason
        assert r.evidence.text == SENTENCES[0].text
    assert rejected[0].frame == "offers/pair"


def test_order_of_candidates_does_not_matter(claims):
    scored = [(candidate(i, p), 0.9 - i / 20) for i in range(4) for p in ("uses", "offers")]
    assert claims(*scored) == claims(*scored[::-1])
    assert [c.predicate for c in claims(*scored)[0]] == ["offers", "uses"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"gap_no": 1}, True),
        ({"paren": 1}, True),
        ({"gap_no": 1, "cues_between": 1}, False),
        ({"cue_len": 0}, True),
        ({"known_maker": 1}, True),
        ({}, False),
    ],
)
def test_what_a_sentence_takes_for_granted(claims, numbers, expected):
    assert presupposed(candidate(0, **numbers).numbers) is expected
    made, _ = claims((candidate(1, **numbers), 0.9))
    assert (made[0].modality is Modality.ASSERTED) is expected
