"""How a mention is marked: its particle, the list it stands in, the name that only owns it.

The particles are Japanese's closed class, not domain words; the trained model knows them by their
place in MARKERS, so new ones go to the end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kg.extract.parse import Parse

MARKERS = (
    "によって", "による", "により", "に対して", "に対抗", "に対し", "を通じて", "を経由", "に比べ",
    "と比べ", "のような", "といった", "などの", "などが", "などは", "などを", "などと", "である",
    "よりも", "には", "では", "とは", "との", "への", "から", "まで", "より", "にも", "でも", "とも",
    "向け", "など", "製", "系", "は", "が", "も", "の", "を", "に", "へ", "と", "で", "や", "か",
    "、", "・", "／", "/", "「", "」", "（", "(", "）", ")", "：", ":", "|", "。", "→", "×", "&",
)  # fmt: skip
MARKER_ID = {m: i + 1 for i, m in enumerate(MARKERS)}

TOPIC = ("は", "も")
SUBJECT = "が"
CLOSERS = '」』）)"”'

# What stands between an example and the particle of its kind: 「TrainiumといったチップはNVIDIA…」.
_EXAMPLE = re.compile(
    r"^(?:といった|のような|のように|などの|など|という|に代表される|をはじめとする|等の)"
    r"(?P<noun>[^、。はがをにでともへ「」（）]{1,24}?)(?P<tail>は|が|も|を|に|で|と|へ|から|より|の)"
)
_SORTAL = re.compile(r"[ァ-ヺー一-龥A-Za-z]{1,8}")
_BETWEEN_LISTED = re.compile(
    r"^[」』）)\"”]*(?:[ァ-ヺー一-龥A-Za-z]{0,8})?"
    r"(?:、|，|,|・|／|/|や|と|および|及び|ならびに|そして|または|、そして|、および|、さらに(?:は)?"
    r"| vs\.? | and |あるいは|、あるいは)[ 「『（(]*$"
)
# An aside does not break a list: 「Claude（最新は3.5）、Titan」.
_ASIDE = re.compile(r"（[^（）]{0,80}）|\([^()]{0,80}\)")
_OWNING = re.compile(r"(?:の|製の?|自身の|独自の)?[「『]?")
_OWNER_PARTICLE = re.compile(r"(?:の|製の?|自身の|独自の)[「『]?")

Span = tuple[int, int]


def marker(text: str, end: int) -> str:
    """Return the particle that marks the mention that ends at `end`, or "".

    A sortal does not hide it (「Gravitonプロセッサの」), nor does the kind that the mention is an
    example of (「TPUのようなチップを」).

    >>> marker("AWSは", 3), marker("Gravitonプロセッサの進化", 8), marker("TPUのようなチップを開発", 3)
    ('は', 'の', 'を')
    """
    rest = text[end : end + 40].lstrip(" ").lstrip(CLOSERS)
    example = _EXAMPLE.match(rest)
    if example:
        rest = rest[example.start("tail") :]
    word = _SORTAL.match(rest)
    for tail in (rest, rest[word.end() :].lstrip(CLOSERS) if word else ""):
        for m in MARKERS:
            if tail.startswith(m):
                return m
    return ""


def case_marker(parse: Parse, text: str, token: int) -> str:
    """Return the particle that marks the phrase of which `token` is the head, or ""."""
    for k in range(token + 1, min(token + 5, len(parse.heads))):
        if parse.heads[k] == token and parse.deps[k] in {"case", "fixed"}:
            return marker(text, parse.starts[k])
    return ""


def lists(text: str, spans: Sequence[Span]) -> list[int]:
    """Return for each span the number of the list it stands in; spans of one list share it.

    A maker that only owns the next item does not break a list: 「AWSのTrainium、GoogleのTPU」 is
    one of two chips, and both makers stand alone.
    """
    group = -1
    out = [-1] * len(spans)
    last: Span | None = None
    for k in sorted(range(len(spans)), key=lambda k: spans[k]):
        if possession(text, spans[k], spans) is not None:
            continue
        gap = "" if last is None else _without_owners(text, last[1], spans[k][0], spans)
        if last is None or not _BETWEEN_LISTED.match(gap):
            group += 1
        out[k], last = group, spans[k]
    for k in range(len(spans)):
        if out[k] < 0:
            group += 1
            out[k] = group
    return out


def possession(text: str, span: Span, spans: Sequence[Span]) -> int | None:
    """Return which of the spans is said to be of what a span names, as in 「AWSのTrainium」, or None."""
    gap = _OWNING.match(text, span[1])
    at = gap.end() if gap else span[1]
    return next((k for k, s in enumerate(spans) if s[0] == at > span[1]), None)


def _without_owners(text: str, start: int, end: int, spans: Sequence[Span]) -> str:
    out, at = "", start
    for span in sorted(spans):
        if start <= span[0] < end and possession(text, span, spans) is not None:
            out += text[at : span[0]]
            tail = _OWNER_PARTICLE.match(text, span[1])
            at = tail.end() if tail else span[1]
    return _ASIDE.sub("", out + text[at:end])


# How a mention hangs on a word of the lexicon: not at all, as the noun that the word's clause
# modifies, as a subject or topic shared with the clause above, from outside the sentence, without
# a particle, or by one (BY_PARTICLE plus its number).
NOT, RELATIVE, SHARED, CARRIED, BARE, BY_PARTICLE = 0, 1, 2, 3, 4, 5
_SHAREABLE = {"は", "が", "も", "では", "には"}


def attachment(parse: Parse, text: str, up: Sequence[int], word: int) -> tuple[int, str]:
    """Return how the mention whose path to the root is `up` hangs on the token `word`, and by what.

    In 「Googleが開発したTransformer」 Google hangs on 開発 by が, and Transformer is the noun that the
    clause modifies.
    """
    if word in up[1:]:
        m = case_marker(parse, text, up[up.index(word) - 1])
        return (BY_PARTICLE + MARKER_ID[m] if m else BARE), m
    above = parse.path_up(word)
    for at, (low, high) in enumerate(pairwise(above)):
        if parse.deps[low] == "acl" and high in up:
            return RELATIVE, ""
        if high in up[1:]:
            m = case_marker(parse, text, up[up.index(high) - 1])
            return (SHARED, m) if m in _SHAREABLE and at < 3 else (NOT, "")
    return NOT, ""
