import pytest

from kg.extract.parse import Parse, parser_version
from kg.settings import data_folder

SEEDS = sorted(data_folder("seeds").glob("*.txt"))

# 「Aが作った石」: A ← 作る, が → A, 作る → 石 (the root).
TREE = Parse(
    starts=(0, 1, 2, 4, 5),
    ends=(1, 2, 4, 5, 6),
    lemmas=("A", "が", "作る", "た", "石"),
    tags=("PROPN", "ADP", "VERB", "AUX", "NOUN"),
    deps=("nsubj", "case", "acl", "aux", "ROOT"),
    heads=(2, 0, 4, 2, 4),
)


@pytest.mark.parametrize(
    ("offset", "token"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (9, 4)]
)
def test_the_token_at_an_offset(offset, token):
    assert TREE.token_at(offset) == token


@pytest.mark.parametrize(
    ("start", "end", "head"), [(0, 1, 0), (0, 2, 0), (2, 5, 2), (0, 6, 4), (5, 6, 4), (5, 5, 4)]
)
def test_the_head_of_a_span(start, end, head):
    assert TREE.span_head(start, end) == head


def test_the_path_to_the_root():
    assert TREE.path_up(1) == [1, 0, 2, 4]
    assert TREE.path_up(4) == [4]


STRANGE = [
    "AWSはTrainiumを開発した。",
    "NVIDIA \t 　 H100 \xa0を開発",
    "AWS\x1f\x7fが",
    "絵文字😀👨‍👩‍👧と①㍿とか\u3099",
    "｜",
    "x",
]


def test_tokens_cover_the_text_they_stand_in(parser):
    parses = list(parser.parse(STRANGE))
    assert len(parses) == len(STRANGE)
    for text, p in zip(STRANGE, parses, strict=True):
        tokens = [text[a:b] for a, b in zip(p.starts, p.ends, strict=True)]
        assert "".join(tokens).replace(" ", "") == text.replace(" ", "")
        assert all(0 <= h < len(p.heads) for h in p.heads)
        assert all(p.path_up(i) for i in range(len(p.heads)))


def test_parses_do_not_depend_on_what_else_is_parsed(parser):
    together = list(parser.parse(STRANGE))
    assert [next(parser.parse([t])) for t in STRANGE] == together
    assert list(parser.parse([])) == []


def test_the_version_names_the_model(parser):
    assert parser.version.startswith("ginza ")
    assert "ja_ginza" in parser.version


def test_a_parse_does_not_depend_on_its_batch(parser):
    """What makes a build from scratch, one that goes on, and a cluster come to the same bytes."""
    texts = [s for path in SEEDS for s in path.read_text("utf-8").split("。") if 5 < len(s) < 80]
    texts = sorted({t.strip().replace("\n", " ") for t in texts})[:150]
    by_length = sorted(texts, key=len)
    together = dict(zip(by_length, parser.parse(by_length), strict=True))
    alone = {t: next(iter(parser.parse([t]))) for t in texts[::5]}
    backwards = dict(zip(reversed(texts), parser.parse(texts[::-1]), strict=True))
    assert backwards == together
    assert alone == {t: together[t] for t in alone}


def test_the_version_is_known_without_loading(parser):
    assert parser_version() == parser.version
    assert parser.nlp.meta["version"] in parser_version()
