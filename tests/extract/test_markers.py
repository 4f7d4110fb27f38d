import re

import pytest

from kg.extract.markers import (
    BARE,
    BY_PARTICLE,
    MARKER_ID,
    MARKERS,
    NOT,
    RELATIVE,
    SHARED,
    attachment,
    lists,
    marker,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<AWS>は強い", "は"),
        ("<AWS>が開発した", "が"),
        ("<AWS>によって作られた", "によって"),
        ("<AWS>による開発", "による"),
        ("<AWS>などの", "などの"),
        ("<AWS>への投資", "への"),
        ("<AWS>、Google", "、"),
        ("「<AWS>」は", "は"),
        ("（<AWS>）が", "が"),
        ("<AWS> は", "は"),
        # A word for its kind does not hide the particle, nor does the kind it is an example of.
        ("<Graviton>プロセッサの進化", "の"),
        ("「<Claude>」モデルを公開", "を"),
        ("<TPU>のようなチップを開発", "を"),
        ("<Trainium>といったチップは速い", "は"),
        ("<H100>という製品が", "が"),
        ("<AWS>", ""),
        ("<AWS>開発", ""),
    ],
)
def test_the_particle_of_a_mention(text, expected):
    end = text.index(">") - 1
    assert marker(re.sub("[<>]", "", text), end) == expected


def test_markers_keep_their_places():
    """The trained model knows them by number; a particle comes before those it starts with."""
    assert MARKERS[:3] == ("によって", "による", "により")
    assert len(set(MARKERS)) == len(MARKERS) == len(MARKER_ID)
    for i, m in enumerate(MARKERS):
        assert not any(m != n and m.startswith(n) for n in MARKERS[:i])


def spans(text):
    """Return a text without its angle brackets, and the spans that stood in them."""
    out = []
    for n, m in enumerate(re.finditer(r"<([^>]*)>", text)):
        start = m.start() - 2 * n
        out.append((start, start + len(m[1])))
    return re.sub("[<>]", "", text), out


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("<AWS>、<Azure>、<GCP>は", "000"),
        ("<AWS>と<Azure>が", "00"),
        ("<AWS>や<Azure>、および<GCP>", "000"),
        ("「<AWS>」・「<Azure>」", "00"),
        ("<A> vs. <B> and <C>", "000"),
        ("<AWS>は<Trainium>を", "01"),
        ("<AWS>、<Azure>は<H100>と<TPU>を", "0011"),
        ("<AWS>。<Azure>", "01"),
        # A maker that only owns the next item does not break the list.
        ("<AWS>の<Trainium>、<Google>の<TPU>", "1020"),
        ("<AMD>製<MI300>と<NVIDIA>の<H100>", "1020"),
        ("<Trainium>チップ、<TPU>", "00"),
        # Nor does an aside.
        ("<Claude>（最新は3.5）、<Titan>", "00"),
        ("<Claude>", "0"),
        ("", ""),
    ],
)
def test_lists(text, groups):
    plain, found = spans(text)
    assert lists(plain, found) == [int(g) for g in groups]
    # In whatever order the spans come.
    backwards = lists(plain, found[::-1])[::-1]
    same = [[a == b for b in backwards] for a in backwards]
    assert same == [[a == b for b in groups] for a in groups]


PARTICLE = "by a particle"


@pytest.mark.parametrize(
    ("text", "word", "how", "particle"),
    [
        ("<AWS>がTrainiumを開発した。", "開発", PARTICLE, "が"),
        ("AWSが<Trainium>を開発した。", "開発", PARTICLE, "を"),
        ("<Google>が開発したTransformerは有名だ。", "開発", PARTICLE, "が"),
        ("Googleが開発した<Transformer>は有名だ。", "開発", RELATIVE, ""),
        ("<Google>はTPUを開発し、クラウドで提供する。", "開発", SHARED, "は"),
        ("<Google>はTPUを開発し、クラウドで提供する。", "提供", PARTICLE, "は"),
        ("GoogleはTPUを開発し、<クラウド>で提供する。", "開発", NOT, ""),
        # By way of another word: no particle marks it for this one.
        ("Googleは<TPU>を開発し、クラウドで提供する。", "提供", BARE, ""),
    ],
)
def test_how_a_mention_hangs_on_a_word(parser, text, word, how, particle):
    plain, [(start, end)] = spans(text)
    parse = next(parser.parse([plain]))
    at = plain.index(word)
    token = parse.span_head(at, at + len(word))
    up = parse.path_up(parse.span_head(start, end))
    expected = BY_PARTICLE + MARKER_ID[particle] if how is PARTICLE else how
    assert attachment(parse, plain, up, token) == (expected, particle)


def test_a_mention_without_a_particle_is_bare(parser):
    text = "NVIDIA製造"
    parse = next(parser.parse([text]))
    up = parse.path_up(parse.span_head(0, 6))
    assert attachment(parse, text, up, parse.span_head(6, 8)) == (BARE, "")
