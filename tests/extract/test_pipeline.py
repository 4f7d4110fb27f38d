import json
from pathlib import Path

import pytest

from kg.extract.pipeline import CHUNK, Extractor, extractor_version
from kg.extract.posts import find_posts, read_post
from kg.extract.scorer import FrameScorer
from kg.model import Modality, Post
from kg.settings import data_folder

SEEDS = find_posts([data_folder("seeds")])


@pytest.fixture(scope="module")
def seeds(extractor):
    return list(extractor.extract([read_post(p) for p in SEEDS]))


@pytest.fixture(scope="module")
def facts(extractor):
    def go(text):
        (found,) = extractor.extract([Post(id="p", text=text, sha256="0" * 64)])
        return found

    return go


def as_json(facts):
    return json.dumps(
        {**facts.to_json(), "rejected": [r.to_json() for r in facts.rejected]}, ensure_ascii=False
    )


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("text", "triple", "modality"),
    [
        ("AWSはTrainiumを開発した。", ("AWS", "develops", "Trainium"), Modality.ASSERTED),
        ("ＡＷＳはＴｒａｉｎｉｕｍを開発した。", ("AWS", "develops", "Trainium"), Modality.ASSERTED),
        ("Googleが開発したTransformerは有名だ。", ("Google", "develops", "Transformer"), Modality.ASSERTED),
        ("AnthropicはGoogleのTPUを採用するかもしれない。", ("Anthropic", "uses", "TPU"), Modality.HEDGED),
        ("NVIDIAはTSMCと提携した。", ("NVIDIA", "partnersWith", "TSMC"), Modality.ASSERTED),
        ("NVIDIAはTSMCと提携した。\\n同社はH100を開発した。", ("NVIDIA", "develops", "H100"), Modality.ASSERTED),
    ],
)  # fmt: skip
def test_a_claim_is_read_from_a_sentence(facts, schema, text, triple, modality):
    text = text.replace("\\n", "\n")
    found = facts(text)
    # Ids may be renamed in the ontology; the names here may not.
    ids = {alias: e.id for e in found.entities for alias in (*e.aliases, e.name)}
    for e in found.entities:
        known = schema.entities[e.id]
        ids.update(dict.fromkeys(known.forms, e.id))
    subject, predicate, obj = ids[triple[0]], triple[1], ids[triple[2]]
    made = {(c.subject, c.predicate, c.object): c for c in found.claims}
    assert made[subject, predicate, obj].modality is modality
    assert all(e.known for e in found.entities)


def test_a_post_that_names_nothing_has_no_facts(facts):
    found = facts("今日はいい天気だ。\n")
    assert (found.entities, found.claims, found.quantities, found.rejected) == ((), (), (), ())
    assert facts("").entities == ()


def test_a_hostile_post_is_text(facts):
    text = '<script>alert("AWS")</script> AWSは`"; DROP GRAPH`TrainiumとH100を採用した。\u202e\x07'
    found = facts(text)
    for e in found.entities:
        assert all(text[m.start : m.end] == m.text for m in e.mentions)


# ---------------------------------------------------------------- the seeds


def test_every_passage_stands_where_it_says(seeds):
    assert [f.post.id for f in seeds] == [p.stem for p in SEEDS]
    for f in seeds:
        text = f.post.text
        spans = [m for e in f.entities for m in e.mentions]
        spans += [e for c in f.claims for e in c.evidence]
        spans += [q.evidence for q in f.quantities] + [r.evidence for r in f.rejected]
        for s in spans:
            assert text[s.start : s.end] == s.text
        for q in f.quantities:
            assert text[q.start : q.end] == q.text
            assert q.evidence.start <= q.start < q.end <= q.evidence.end
        for e in f.entities:
            # An alias may hold the maker in front (「NVIDIAの最新GPU」) that its mention leaves out.
            assert all(any(a.endswith(m.text) for a in e.aliases) for m in e.mentions)
            assert all(a in text for a in e.aliases)


def test_the_offsets_hold_in_the_file_as_bytes_decode(seeds):
    """With no universal newlines in between, as any other program reads it."""
    for path, f in zip(SEEDS, seeds, strict=True):
        text = Path(path).read_bytes().decode("utf-8")
        assert all(text[m.start : m.end] == m.text for e in f.entities for m in e.mentions)


def test_the_facts_of_the_seeds_keep_to_the_ontology(seeds, schema, extractor):
    for f in seeds:
        entities = {e.id: e for e in f.entities}
        assert len(entities) == len(f.entities)
        for e in f.entities:
            assert e.cls in schema.classes
            assert e.known == (e.id in schema.entities)
            assert 0 < e.confidence <= 1
            assert e.mentions
        triples = [(c.subject, c.predicate, c.object) for c in f.claims]
        assert triples == sorted(set(triples))
        for c in f.claims:
            s, o = entities[c.subject], entities[c.object]
            assert schema.allows(s.cls, c.predicate, o.cls)
            assert c.subject != c.object
            assert not schema.properties[c.predicate].symmetric or c.subject < c.object
            assert extractor.scorer.threshold <= c.confidence <= 1
            assert c.evidence == tuple(sorted(c.evidence)) != ()
        for q in f.quantities:
            assert q.about in entities
            assert q.kind
        assert {(r.subject, r.predicate, r.object) for r in f.rejected}.isdisjoint(triples)


def test_two_runs_are_equal(seeds, extractor):
    again = extractor.extract([read_post(p) for p in SEEDS])
    assert list(map(as_json, again)) == list(map(as_json, seeds))


def test_a_post_is_read_the_same_in_any_company(seeds, extractor):
    alone = [as_json(f) for p in SEEDS[::2] for f in extractor.extract([read_post(p)])]
    assert alone == [as_json(f) for f in seeds[::2]]
    backwards = extractor.extract([read_post(p) for p in SEEDS[::-1]])
    assert [as_json(f) for f in backwards] == [as_json(f) for f in seeds[::-1]]


def test_line_ends_only_move_offsets(seeds, extractor):
    path = SEEDS[1]
    before = seeds[1]
    text = before.post.text.replace("\n", "\r\n")
    (after,) = extractor.extract([Post(id=path.stem, text=text, sha256="0" * 64)])
    assert [(e.id, e.aliases) for e in after.entities] == [
        (e.id, e.aliases) for e in before.entities
    ]
    claims = [
        [(c.subject, c.predicate, c.object, c.modality, c.confidence) for c in f.claims]
        for f in (before, after)
    ]
    assert claims[0] == claims[1]
    assert all(text[m.start : m.end] == m.text for e in after.entities for m in e.mentions)


# ---------------------------------------------------------------- the stream


def test_posts_come_in_order_chunk_by_chunk(extractor):
    posts = [Post(id=f"p{i}", text="AWSは強い。", sha256="0" * 64) for i in range(CHUNK + 3)]
    assert [f.post.id for f in extractor.extract(iter(posts))] == [p.id for p in posts]
    assert list(extractor.extract([])) == []


def test_a_chunk_is_done_before_the_next_is_read(extractor):
    read = []

    def posts():
        for i in range(2 * CHUNK):
            read.append(i)
            yield Post(id=f"p{i}", text="晴れだ。", sha256="0" * 64)

    next(extractor.extract(posts()))
    assert len(read) == CHUNK


def test_frames_alone_make_claims_too(small, parser):
    extractor = Extractor(small, scorer=FrameScorer(), parser=parser)
    post = Post(id="p", text="AWSはTrainiumを開発した。", sha256="0" * 64)
    (found,) = extractor.extract([post])
    assert ("aws", "develops", "trainium") in {
        (c.subject, c.predicate, c.object) for c in found.claims
    }
    assert extractor.scorer.version in extractor.version.split(", ")


def test_the_version_names_all_that_the_facts_depend_on(extractor):
    named = extractor.version.split(", ")
    assert len(set(named)) == len(named)
    for read_by in (
        extractor.parser,
        extractor.judge,
        extractor.scorer,
        extractor.quantities.scorer,
    ):
        assert set(read_by.version.split(", ")) <= set(named)
    assert extractor.version == extractor_version()
