import pytest

from kg.extract.features import FEATURES
from kg.extract.pipeline import candidate_finder
from kg.extract.scorer import FrameScorer
from kg.extract.views import Source


@pytest.fixture(scope="module")
def find(small, lexicon, read, parser):
    finder = candidate_finder(small, lexicon, FrameScorer())

    def go(text):
        _, parts, mentions = read(text)
        worth = finder.worth_parsing(parts, mentions)
        parses = dict(zip(worth, parser.parse([parts[i].text for i in worth]), strict=True))
        return finder.find(parts, mentions, finder.context.read(parts, mentions, parses))

    return go


def triples(candidates):
    return {(c.subject, c.predicate, c.object) for c in candidates}


def test_domains_and_ranges_prune(find, small):
    found = find("AWSはTrainiumを開発した。")
    assert ("aws", "develops", "trainium") in triples(found)
    assert ("trainium", "develops", "aws") not in triples(found)
    classes = {"aws": "CloudProvider", "trainium": "Chip"}
    for c in found:
        assert small.allows(classes[c.subject], c.predicate, classes[c.object])
    every = {p for p in small.properties if small.allows("CloudProvider", p, "Chip")}
    assert {c.predicate for c in found if c.subject == "aws"} == every


def test_a_symmetric_claim_has_one_form(find, small):
    found = triples(find("NVIDIAはAMDと競合する。"))
    assert ("amd", "competesWith", "nvidia") in found
    assert ("nvidia", "competesWith", "amd") not in found
    assert {("amd", "acquires", "nvidia"), ("nvidia", "acquires", "amd")} <= found


def test_a_pair_is_taken_once_a_sentence_where_it_stands_nearest(find):
    found = [
        c
        for c in find("AWSの話。AWS、つまりAWSはTrainiumを開発した。")
        if c.predicate == "develops"
    ]
    assert [c.sentence for c in found] == [1]
    text = "AWS、つまりAWSはTrainiumを開発した。"
    assert found[0].subject_at[0] == text.rindex("AWS")


def test_what_heads_a_column_is_paired_with_its_own_cells_only(find):
    text = "| 項目 | AWS | Google Cloud |\n|---|---|---|\n| チップ | Trainium | TPU |\n"
    carried = [c for c in find(text) if c.source is Source.COLUMN]
    owned = {t for t in triples(carried) if t[1] == "develops"}
    assert owned == {("aws", "develops", "trainium"), ("google-cloud", "develops", "tpu")}


def test_a_candidate_says_where_it_comes_from(find):
    by = {
        (c.subject, c.predicate): c
        for c in find("AWSは強い。\n同社はTPUを採用した。\nH100も採用した。")
    }
    there = by["aws", "uses"]
    assert there.source in {Source.ANAPHOR, Source.TOPIC}
    assert there.cue.text == "採用"
    assert len(there.numbers) == len(FEATURES)
    assert "uses" in there.words


def test_a_family_that_is_carried_in_meets_its_members_only(find):
    found = triples(find("Amazonの話。\n\n## 章\n\nAWSとNVIDIAが動く。"))
    assert ("aws", "partOf", "amazon") in found
    assert not {t for t in found if {"amazon", "nvidia"} <= set(t)}


def test_titles_make_no_candidates(find):
    assert find("---\ntitle: AWSはTrainiumを開発した\n---\n晴れだ。\n") == []


def test_only_sentences_that_name_something_are_worth_parsing(read, small, lexicon):
    _, parts, mentions = read("---\ntitle: AWSの題\n---\n晴れだ。AWSは強い。\n")
    finder = candidate_finder(small, lexicon, FrameScorer())
    assert [parts[i].text for i in finder.worth_parsing(parts, mentions)] == ["AWSは強い。"]
