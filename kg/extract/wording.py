"""What speaks for a candidate, as words: lemmas between and around the pair, and its predicates.

These are the sparse features of the linear half of the model. Each is a short string; the model
keeps the ones that told something in training.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from kg.extract.entries import Cue
from kg.extract.names import Named
from kg.extract.parse import Parse
from kg.extract.views import Anchor, View

_CONTENT = {"NOUN", "VERB", "ADJ", "PROPN", "ADV"}
_SHORT_GAP = 14
_NEAR = 8
_BEFORE = 25
_CLIMB = 4
_FLAGS = (
    "known_maker", "known_maker_parent", "known_parent", "known_maker_other", "same_maker", "listed",
)  # fmt: skip
_FACTS = ("known_fact", "known_fact_of_makers", "known_fact_of_families", "known_other_fact")


class FreeTokens:
    """The tokens of a view's sentence that are no part of a name, in order."""

    def __init__(self, v: View) -> None:
        names = [(x.start, x.end) for x in v.anchors if x.inside]
        starts = v.parse.starts if v.parse else ()
        self._tokens = [t for t, at in enumerate(starts) if not any(s <= at < e for s, e in names)]
        self._starts = [starts[t] for t in self._tokens]

    def within(self, start: int, end: int) -> list[int]:
        """Return those of text[start:end]."""
        return self._tokens[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def under(prop: str, word: str) -> str:
    """Return a string feature of a pair as one of a property."""
    return f"{prop}|{word}"


def pair_words(
    v: View,
    free: FreeTokens,
    a: Anchor,
    b: Anchor,
    entities: Mapping[str, Named],
    numbers: Mapping[str, float],
) -> list[str]:
    """Return the string features of subject `a` and object `b`, whatever the property."""
    types = f"{entities[a.entity].cls}>{entities[b.entity].cls}"
    out = [f"tp={types}"]
    if v.parse is None:
        pass
    elif a.inside and b.inside:
        out += _inside(v, v.parse, free, a, b, types)
    else:
        out.append(f"ctx={int(a.source)}{int(b.source)}")
        out += _outside(v, v.parse, free, a if a.inside else b)
    if v.head is not None:
        out += [
            f"{end}h={v.head.text(x.column)}" for end, x in (("s", a), ("o", b)) if x.column >= 0
        ]
    out += [name for name in _FLAGS if numbers[name] == 1]
    near = {"before": v.around.before, "after": v.around.after, "heading": v.around.heading}
    out += [f"{where}={w}" for where, said in near.items() for hits in said.values() for w in hits]
    return out


def property_words(prop: str, cue: Cue | None, numbers: Mapping[str, float]) -> Iterator[str]:
    """Yield the string features of a candidate that are its own: its property and its cue."""
    yield prop
    # The same words under every property: how well a frame fits means the same for all of them.
    n = numbers
    yield f"F{n['cue_fit']:g}/{n['cue_role_s']:g}/{n['cue_role_o']:g}"
    yield f"FP{n['cue_fit']:g}/{n['cue_pos']:g}"
    yield f"FA{n['cue_frame']:g}/{n['cue_att_s']:g}/{n['cue_att_o']:g}"
    yield f"FR{min(n['cue_rank'], 4):g}/{n['cue_on_path']:g}"
    for flag in _FACTS:
        if n[flag]:
            yield under(prop, flag)
    if cue is not None:
        fit = numbers["cue_fit"]
        yield f"cue={cue.name}"
        yield f"cueatt={prop}/{numbers['cue_att_s']:.0f}/{numbers['cue_att_o']:.0f}"
        yield f"cuefit={cue.name}/{fit:.1f}"
        yield f"fit={prop}/{fit:.1f}"


def _inside(
    v: View, parse: Parse, free: FreeTokens, a: Anchor, b: Anchor, types: str
) -> Iterator[str]:
    left, right = (a, b) if a.start < b.start else (b, a)
    way = "f" if left is a else "r"
    gap = v.text[left.end : right.start]
    yield f"dir={way}{types}"
    if len(gap) < _SHORT_GAP:
        yield f"gap={way}{gap}"
    for t in _content(parse, free, left.end, right.start):
        yield f"b={parse.lemmas[t]}"
        yield f"b={way}{parse.lemmas[t]}"
    for n, t in enumerate(free.within(right.end, len(v.text))):
        if parse.tags[t] in _CONTENT:
            yield f"a={parse.lemmas[t]}"
            if n < _NEAR:
                yield f"a8={way}{parse.lemmas[t]}"
    for t in _content(parse, free, max(0, left.start - _BEFORE), left.start):
        yield f"p={parse.lemmas[t]}"
    yield f"ms={way}{v.text[a.end : a.end + 2]}"
    yield f"mo={way}{v.text[b.end : b.end + 2]}"
    up_a = parse.path_up(parse.span_head(a.start, a.end))
    up_b = parse.path_up(parse.span_head(b.start, b.end))
    common = next((t for t in up_a if t in up_b), None)
    if common is not None:
        yield f"lca={parse.lemmas[common]}"
        yield f"lca={way}{parse.lemmas[common]}"
    for up, key in ((up_a, "us"), (up_b, "uo")):
        stop = up.index(common) + 1 if common is not None else len(up)
        for t in up[1:stop][:_CLIMB]:
            yield f"{key}={parse.lemmas[t]}"
    verb_a, verb_b = _verb(parse, up_a), _verb(parse, up_b)
    if verb_a >= 0:
        yield f"vs={parse.lemmas[verb_a]}{v.text[a.end : a.end + 1]}"
    if verb_b >= 0:
        yield f"vo={parse.lemmas[verb_b]}"
        yield f"vo={parse.lemmas[verb_b]}{v.text[b.end : b.end + 1]}"
    if verb_a >= 0 and verb_a == verb_b:
        yield f"vv={parse.lemmas[verb_a]}"


def _outside(v: View, parse: Parse, free: FreeTokens, inside: Anchor) -> Iterator[str]:
    for t in _content(parse, free, 0, len(v.text)):
        yield f"c={parse.lemmas[t]}"
    verb = _verb(parse, parse.path_up(parse.span_head(inside.start, inside.end)))
    if verb >= 0:
        yield f"cv={parse.lemmas[verb]}{v.text[inside.end : inside.end + 1]}"


def _content(parse: Parse, free: FreeTokens, start: int, end: int) -> Iterator[int]:
    return (t for t in free.within(start, end) if parse.tags[t] in _CONTENT)


def _verb(parse: Parse, up: Sequence[int]) -> int:
    return next((t for t in up[1:] if parse.tags[t] == "VERB"), -1)
