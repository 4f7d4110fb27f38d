"""What speaks for an amount being said of an entity, as numbers and words.

That is where the entity stands (in the sentence, in the cell above or beside, a few sentences before,
in the heading or title), how it is marked there, what it is, and what the amount is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from kg.extract.amounts import Amount
from kg.extract.blocks import Kind
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.markers import MARKER_ID, marker
from kg.extract.mentions import Mention
from kg.extract.names import Named
from kg.extract.surroundings import Surroundings

FEATURES = (
    "unit", "kind", "kind_fits", "kind_gap", "kind_in_sentence", "value", "range", "amounts",
    "amount_no", "repeated", "stopped", "stopped_in_sentence", "previous_gap",
    "sentence_kind", "length", "entities_inside",
    "class", "known", "place", "before_gap", "after_gap", "entities_between", "subject_beside",
    "marker", "marker_after", "group_size", "compared", "rank_before", "rank_before_class",
    "source", "back", "same_block", "same_section", "marker_back", "in_heading", "in_title",
    "count", "share", "section_share", "rank", "head_cell", "first_cell", "column",
    "maker_inside", "made_inside", "together", "fit_inside", "nearest_fit",
)  # fmt: skip
CATEGORICAL = ("unit", "kind", "class", "place", "marker", "marker_after", "source", "marker_back")

_GAPS = ("before_gap", "after_gap", "back")
_OF_CANDIDATE = FEATURES[FEATURES.index("class") :]

# How many characters from an amount a word is looked for that says it is of nothing.
CLOSE = 14
# Values that stand for "there is none".
FAR, _NOTHING = 999.0, -9.0
_SUBJECTS = {"は", "が", "も", "には", "では", "とは"}
_DIGITS = re.compile(r"[\d.,]+")
_TERM = re.compile(r"[一-龥]{2}|[ァ-ヴー]{2,}|[A-Za-z]{2,}")


class OwnerFeatures:
    """Computes FEATURES; `classes`, `units` and `kinds` fix the numbers a trained model knows them by."""

    def __init__(
        self, lexicon: Lexicon, classes: Sequence[str], units: Sequence[str], kinds: Sequence[str]
    ) -> None:
        self.cue = any_of(lexicon.quantity_kinds)
        self._stop = any_of(lexicon.quantity_stoppers)
        words = any_of(lexicon.comparisons).pattern
        before = any_of(lexicon.amount_prefixes).pattern
        self._compared = re.compile(rf"[^、。はが|]{{0,12}}?(?:{words})|の(?:{before})?\d")
        self._class_id = _numbered(classes)
        self._unit_id = _numbered(units)
        self._kind_id = _numbered(kinds)

    def of_amount(
        self, post: Surroundings, i: int, amounts: Sequence[Amount], n: int, kind: str, gap: float
    ) -> dict[str, float]:
        """Return what there is to tell of the amount `n` of sentence `i`, whosever it is; the word
        that tells its `kind` is `gap` characters away."""
        a, text = amounts[n], post.text(i)
        around = text[max(0, a.start - CLOSE) : a.end + CLOSE]
        return {
            "unit": self._unit_id.get(a.unit, 0.0),
            "kind": self._kind_id.get(kind, 0.0),
            "kind_gap": gap,
            "kind_in_sentence": len(self.cue.findall(text)),
            "value": math.log10(a.value) if a.value > 0 else _NOTHING,
            "range": sum(b.start == a.start for b in amounts) > 1,
            "amounts": len(amounts),
            "amount_no": n,
            "stopped": bool(self._stop.search(around)),
            "stopped_in_sentence": bool(self._stop.search(text)),
            "previous_gap": a.start - amounts[n - 1].end if n else FAR,
            "sentence_kind": list(Kind).index(post.sentences[i].kind),
            "length": len(text),
            "entities_inside": len(post.inside(i)),
        }

    def compared(self, text: str, m: Mention) -> bool:
        """Tell whether something is only compared with what a mention names."""
        return bool(self._compared.match(text, m.end))

    def of_owner(
        self, post: Surroundings, i: int, a: Amount, named: Named, m: Mention | None
    ) -> dict[str, float]:
        """Return what speaks for an entity, whatever the others are; `m` is its mention in the
        sentence, if it has one."""
        e, text = named.id, post.text(i)
        f = dict.fromkeys(_OF_CANDIDATE, 0.0) | dict.fromkeys(_GAPS, FAR)
        f["class"] = self._class_id.get(named.cls, 0.0)
        f["known"] = float(named.known)
        f["place"] = float(post.place(i, e, a, m))
        if m is not None:
            before = m.end <= a.start
            low, high = (m.end, a.start) if before else (a.end, m.start)
            f["before_gap" if before else "after_gap"] = high - low
            f["entities_between"] = len(
                {x.entity for x in post.named[i] if low <= x.start < high} - {e}
            )
            mark = 1.0 + MARKER_ID.get(marker(text, m.end), 0)
            f["marker" if before else "marker_after"] = mark
            f["subject_beside"] = sum(
                x.entity != e and x.end <= a.start and marker(text, x.end) in _SUBJECTS
                for x in post.named[i]
            )
            f["group_size"] = post.group_size(i, m)
            f["compared"] = self.compared(text, m)
        f["source"] = float(post.source(i, e))
        last = post.last(i, e)
        if last is not None:
            f["back"] = i - last.sentence
            here, there = post.sentences[i], post.sentences[last.sentence]
            f["same_block"] = here.block == there.block
            f["same_section"] = here.section == there.section
            particle = marker(post.text(last.sentence), last.end)
            f["marker_back"] = 1.0 + MARKER_ID.get(particle, 0)
        f["in_heading"] = e in post.heading(i)
        f["in_title"] = e in post.stats.title
        f["count"] = post.stats.count[e]
        f["share"] = post.stats.count[e] / post.stats.count.total()
        own = post.section(i)
        f["section_share"] = own[e] / own.total() if own else 0.0
        f["rank"] = post.rank[e]
        cells = post.cells(i)
        if cells is not None:
            f["head_cell"] = e in post.head_entities(i, cells.column(a.start))
            f["first_cell"] = m is not None and cells.column(m.start) == 0
            f["column"] = cells.column(m.start) if m else -1.0
        others = [post.entities[x] for x in post.inside(i) if x != e]
        f["maker_inside"] = any(o.id in {named.maker, named.parent} for o in others)
        f["made_inside"] = any(e in {o.maker, o.parent} for o in others)
        return f


def near_words(text: str, a: Amount) -> list[str]:
    """Return the string features of what stands around an amount."""
    before, after = text[max(0, a.start - 6) : a.start], text[a.end : a.end + 6]
    out = [f"<{before[-k:]}" for k in (1, 2, 3, 4) if before]
    out += [f">{after[:k]}" for k in (1, 2, 3, 4) if after]
    out += {f"<<{w}" for w in _TERM.findall(text, max(0, a.start - 30), a.start)}
    return out + sorted({f">>{w}" for w in _TERM.findall(text, a.end, a.end + 20)})


def words(
    a: Amount,
    kind: str,
    named: Named,
    text: str,
    m: Mention | None,
    f: Mapping[str, float],
    near: Sequence[str],
) -> Iterator[str]:
    """Yield the string features of a pairing."""
    place = int(f["place"])
    yield f"c={named.cls}/{a.unit}/{kind}"
    yield f"u={_DIGITS.sub('', text[a.start : a.end])}"
    yield f"p={place}/{named.cls}/{kind}"
    yield f"p={place}/{a.unit}/{kind}"
    for w in near:
        yield w
        yield f"{a.unit}{w}"
    if m is not None:
        low, high = (m.end, a.start) if m.end <= a.start else (a.end, m.start)
        gap = text[low:high]
        side = "b" if m.end <= a.start else "a"
        yield f"{side}m={text[m.end : m.end + 1]}/{named.cls}/{kind}"
        yield f"{side}m={text[m.end : m.end + 2]}"
        if len(gap) <= 8:
            yield f"{side}g={gap}"
        if len(gap) <= 40:
            for k in range(len(gap) - 1):
                yield f"{side}{gap[k : k + 2]}"


def _numbered(names: Sequence[str]) -> dict[str, float]:
    """Return a number from 1 for each name; 0 is left for what is not among them."""
    return {name: float(n + 1) for n, name in enumerate(names)}
