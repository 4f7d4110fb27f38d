"""Explanations of real readings, and the commands `kg eval` and `kg explain`."""

import json
import sys

import pytest

import kg.build
from kg.cli import explained, main
from kg.engine import choose
from kg.engine.choose import in_process
from kg.extract.explain import explain
from kg.extract.modality import BARE, FINAL, PRESUPPOSED
from kg.extract.pipeline import Extractor
from kg.extract.posts import read_post
from kg.extract.scorer import FrameScorer
from kg.graph.evidence import evidence
from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.model import Post

MAKES = "MicrosoftはOpenAIと提携した。"
TEXT = f"""---
title: "提携の行方"
---
{MAKES}

## AWSの動き

新しいサービスを発表した。TrainiumはH100を買収した。AnthropicがGoogleと提携する可能性がある。
"""


@pytest.fixture(scope="module")
def told(extractor):
    """An explanation by frames alone, which no training changes."""
    frames = Extractor(extractor.schema, scorer=FrameScorer(), parser=extractor.parser)
    return explain(frames, Post("p", TEXT, "0" * 64, "提携の行方"))


def sentence(told, text):
    return next(s for s in told.sentences if s.at.text == text)


def verdict(told, text, triple):
    (found,) = (v for v in sentence(told, text).verdicts if v.triple == triple)
    return found


def test_passages_are_passages_of_the_post(told):
    def passages(value):
        if isinstance(value, dict):
            if {"start", "end", "text"} <= value.keys():
                yield value
            for v in value.values():
                yield from passages(v)
        elif isinstance(value, (list, tuple)):
            for v in value:
                yield from passages(v)

    found = list(passages(json.loads(json.dumps(told.to_json()))))
    assert len(found) > 10
    assert [TEXT[p["start"] : p["end"]] for p in found] == [p["text"] for p in found]


def test_names_that_nobody_lists_are_told(extractor):
    text = "スタートアップのQuxcorpは1億ドルを調達した。NVIDIAも出資した。"
    told = explain(extractor, Post("p", text, "0" * 64, ""))
    (guess,) = told.unlisted
    assert (guess.entity, guess.name, guess.cls) == ("quxcorp-company", "Quxcorp", "Company")
    assert extractor.judge.threshold <= guess.confidence < 1
    assert f"names that nobody lists: Quxcorp (Company, {guess.confidence:g})" in explained.text(
        told
    )


def test_a_claim_shows_its_word_ends_and_modality(told):
    v = verdict(told, MAKES, ("microsoft", "partnersWith", "openai"))
    assert v.made
    assert v.word.entry == "partnersWith/comitative/提携"
    assert v.word.at.text == "提携"
    assert (v.object.at.text, v.object.particle) == ("OpenAI", "と")
    assert (v.subject.at.text, v.subject.particle) == ("Microsoft", "は")
    assert {v.subject.hangs, v.object.hangs} == {"on the word"}
    assert v.stated.modality == "asserted"
    assert v.weights == ()


def test_a_hedge_is_shown(told):
    v = next(
        v
        for v in sentence(told, "AnthropicがGoogleと提携する可能性がある。").verdicts
        if v.triple == ("anthropic", "partnersWith", "google")
    )
    assert (v.stated.modality, v.stated.rule, v.stated.at.text) == ("hedged", FINAL, "可能性")
    assert v.stated.at.start == TEXT.index("可能性")


def test_a_word_without_fitting_ends_is_idle(told):
    (word,) = sentence(told, "TrainiumはH100を買収した。").idle
    assert word.entry == "acquires/transitive/買収"
    assert word.at.text == "買収"
    assert word.reason == "no two entities here fit domain and range of acquires"


def test_a_symmetric_claim_may_fit_its_word_the_other_way_round(extractor):
    """The claim's ends are sorted: here its subject is what the word's object is."""
    frames = Extractor(extractor.schema, scorer=FrameScorer(), parser=extractor.parser)
    text = "NVIDIAは強い。\nAMDと提携した。\n"
    v = verdict(
        explain(frames, Post("p", text, "0" * 64)),
        "AMDと提携した。",
        ("amd", "partnersWith", "nvidia"),
    )
    # The sentence names one entity only, so it is not parsed: the particle alone is known.
    assert (v.subject.hangs, v.subject.particle) == ("", "と")
    assert v.object.hangs == "from the topic of a sentence before"
    assert v.word.at.text == "提携"


@pytest.mark.parametrize("number", range(5))
def test_every_seed_is_explained(extractor, number):
    from kg.settings import data_folder

    told = explain(extractor, read_post(sorted(data_folder("seeds").glob("*.txt"))[number]))
    assert told.claims
    assert told.sentences


def test_verdicts_agree_with_what_is_extracted(extractor):
    """With the real model, on a real post: what is marked as made is what is claimed."""
    from kg.settings import data_folder

    post = read_post(sorted(data_folder("seeds").glob("*.txt"))[3])
    (facts,) = extractor.extract([post])
    told = explain(extractor, post)
    verdicts = [(s, v) for s in told.sentences for v in s.verdicts]
    assert {v.triple for _, v in verdicts if v.made} == {
        (c.subject, c.predicate, c.object) for c in facts.claims
    }
    rejected = {(r.subject, r.predicate, r.object) for r in facts.rejected}
    assert rejected <= {v.triple for _, v in verdicts if not v.made}
    assert (told.claims, told.rejected) == (len(facts.claims), len(facts.rejected))
    quoted = {(c.subject, c.predicate, c.object, e.start) for c in facts.claims for e in c.evidence}
    shown = {(*v.triple, s.at.start) for s, v in verdicts if v.reason == "the claim's evidence"}
    assert quoted <= shown
    assert {r for _, v in verdicts if v.word is None for r in [v.subject.hangs, v.object.hangs]} <= {
        "", "from the topic of a sentence before", "from the heading", "from the title",
        "from the sentence before",
    }  # fmt: skip
    for _, v in verdicts:
        assert v.stated.rule in {BARE, PRESUPPOSED} or v.stated.at is not None
        assert v.weights


def test_one_triple_of_an_explanation(told):
    triple = ("microsoft", "partnersWith", "openai")
    part = told.of(triple)
    assert {v.triple for s in part.sentences for v in s.verdicts} == {triple}
    assert told.of(("a", "b", "c")).sentences == ()


@pytest.fixture
def run(monkeypatch, capfd, toy, extractor):
    """Run a command line; builds read toy posts, explanations real ones."""
    monkeypatch.setattr(kg.build, "load_extractor", lambda _schema: toy)
    monkeypatch.setattr(choose, "local_engine", lambda _: lambda job, _: in_process(job, toy))
    monkeypatch.setattr("kg.extract.pipeline.Extractor", lambda _schema: extractor)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["kg", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as e:
            code = e.code or 0
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture
def post(tmp_path):
    path = tmp_path / "p.md"
    path.write_text(TEXT + "\n\x1b[31mNVIDIAのH100は速い。\n", "utf-8")
    return path


def test_explain_prints_sentences_with_verdicts(run, post):
    code, out, err = run("explain", post)
    assert (code, err) == (0, "")
    assert out.startswith("p: ")
    assert f"[{TEXT.index(MAKES)}:{TEXT.index(MAKES) + len(MAKES)}] {MAKES}\n" in out
    assert "partnersWith" in out
    assert "(partnersWith/comitative/提携)" in out
    assert "      for: words " in out
    assert "\x1b" not in out


def test_explain_as_json(run, post, extractor):
    code, out, _ = run("explain", post, "--json")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(explain(extractor, read_post(post)).to_json()))


@pytest.fixture
def one_claim(data, schema):
    snapshot = Snapshot.open(data)
    edge = next(iter(Network.load(snapshot, schema).edges.values()))
    return evidence(snapshot, edge)[0]


def test_explain_a_claim_of_a_snapshot(run, data, one_claim):
    code, out, err = run("explain", "--claim", one_claim.id, "--data", data)
    assert code == 0
    assert one_claim.sentences[0].text in out
    assert f"name the file of {one_claim.post} too" in err
    short = one_claim.id.rpartition("/")[2]
    code, out, _ = run("explain", "--claim", short, "--data", data, "--json")
    assert json.loads(out)["claim"]["view"]["id"] == one_claim.id
    assert json.loads(out)["explanation"] is None


def test_explain_a_claim_with_its_post(run, data, one_claim, tmp_path):
    file = data.parent / "posts" / f"{one_claim.post}.md"
    code, out, err = run("explain", file, "--claim", one_claim.id, "--data", data)
    assert (code, err) == (0, "")
    assert f"\n{one_claim.post}: " in out
    changed = tmp_path / file.name
    changed.write_text(file.read_text("utf-8") + "x", "utf-8")
    code, out, err = run("explain", changed, "--claim", one_claim.id, "--data", data)
    assert (code, "not the text that the snapshot was built from" in err) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "name a post"),
        (["nowhere.md"], 1, "nowhere.md: "),
        (["."], 2, "a folder"),
        (["--claim", "nope"], 2, "no claim has the id 'nope'"),
        (["--claim", "nope", "--data", "none"], 5, "kg build"),
    ],
)
def test_what_explain_cannot_do(run, data, words, code, told):
    where = [] if "--data" in words else ["--data", data]
    found = run("explain", *words, *where)
    assert found[:2] == (code, "")
    assert told in found[2]
    assert found[2].count("\n") == 1


def test_a_claim_of_another_post(run, data, one_claim, post):
    code, _, err = run("explain", post, "--claim", one_claim.id, "--data", data)
    assert (code, f"the claim is made by {one_claim.post}" in err) == (2, True)


@pytest.fixture
def gold(tmp_path):
    """Of what post one says, gold has two of three claims, and one more."""
    entities = [
        {"id": "n", "type": "Company", "name": "NVIDIA", "aliases": ["nvidia"]},
        {"id": "h", "type": "Chip", "name": "H100", "aliases": ["nvidia-h100"]},
        {"id": "a", "type": "CloudProvider", "name": "AWS", "aliases": ["aws"]},
        {"id": "z", "type": "CloudProvider", "name": "Azure", "aliases": ["azure"]},
    ]
    relations = [
        ("n", "develops", "h", "asserted"),
        ("z", "competesWith", "a", "asserted"),
        ("z", "uses", "h", "hedged"),
    ]
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "one.gold.json").write_text(
        json.dumps(
            {
                "entities": entities,
                "relations": [
                    {"subject": s, "predicate": p, "object": o, "modality": m, "evidence": []}
                    for s, p, o, m in relations
                ],
                "quantities": [{"about": "a", "value": 2e10, "unit": "USD"}],
            }
        )
    )
    return folder


def test_eval_prints_figures(run, posts, gold):
    code, out, err = run("eval", posts, gold, "--errors")
    assert code == 0
    assert "1 posts have no gold file" in err
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if len(line.split()) > 3}
    assert rows["entities"] == ["1.000", "1.000", "1.000", "4", "0", "0"]
    assert rows["relations"] == ["0.667", "0.667", "0.667", "2", "1", "1"]
    assert rows["quantities"] == ["1.000", "1.000", "1.000", "1", "0", "0"]
    assert rows["Chip"] == ["チップ", "1.000", "1.000", "1.000", "1", "0", "0"]
    assert rows["uses"] == ["利用", "0.000", "0.000", "0.000", "0", "1", "1"]
    assert "AWS uses H100" in out
    assert "Azure uses H100" in out


def test_eval_as_json(run, posts, gold):
    code, out, _ = run("eval", posts / "one.md", gold, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["relation"] == {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "gold": 3}
    assert found["modality_accuracy"] == 1.0
    assert "errors" not in found
    found = json.loads(run("eval", posts / "one.md", gold, "--json", "--errors")[1])
    assert {(e["missed"], e["what"]) for e in found["errors"]} == {
        (True, "Azure uses H100"), (False, "AWS uses H100"),
    }  # fmt: skip


def test_gold_without_a_post_counts_as_nothing_found(run, posts, gold):
    (gold / "gone.gold.json").write_text('{"entities": [{"id": "x", "type": "Chip", "name": "X"}]}')
    code, out, err = run("eval", posts, gold, "--json")
    assert code == 0
    assert "no post for the gold of gone" in err
    assert json.loads(out)["entity"]["gold"] == 5


@pytest.mark.parametrize(
    ("content", "told"), [("{", "one.gold.json: not JSON"), (None, "no gold files")]
)
def test_eval_names_what_is_wrong_with_gold(run, posts, gold, content, told):
    if content is None:
        (gold / "one.gold.json").unlink()
    else:
        (gold / "one.gold.json").write_text(content)
    code, out, err = run("eval", posts, gold)
    assert (code, out, told in err) == (2, "", True)


def test_eval_without_a_common_post(run, posts, gold):
    code, out, err = run("eval", posts / "two.md", gold)
    assert (code, out) == (2, "")
    assert "annotates any of the 1 posts" in err
