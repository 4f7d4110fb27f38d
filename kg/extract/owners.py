"""Whose an amount may be: every entity that a reader could think of, with what speaks for it.

Recall is this module's business; the model in `quantities` decides. What is there to tell is where
the entity stands (in the sentence, in the cell above or beside, a few sentences before, in the
heading or title), how it is marked there, what it is, and what the amount is.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.extract.amounts import Amount, AmountReader
from kg.extract.blocks import Kind
from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.markers import MARKER_ID, marker
from kg.extract.mentions import Mention, Mentions
from kg.extract.names import Named
from kg.extract.surroundings import Surroundings
from kg.extract.tables import Cells
from kg.extract.views import Source, View

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

ELSEWHERE = len(Source)
"""Stands for the Source of an entity that the sentence's view does not have."""

_GAPS = ("before_gap", "after_gap", "back")
_OF_CANDIDATE = FEATURES[FEATURES.index("class") :]

# How many characters from an amount its kind is looked for, and a word that says it is of nothing.
_NEAR = 24
_CLOSE = 14
_FAR, _NOTHING = 999.0, -9.0
_SUBJECTS = {"は", "が", "も", "には", "では", "とは"}
_DIGITS = re.compile(r"[\d.,]+")
_TERM = re.compile(r"[一-龥]{2}|[ァ-ヴー]{2,}|[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Pairing:
    """An amount with an entity that it may be said of; `numbers` are its FEATURES, `words` its
    string features, `at` the span of the entity in the sentence, or (-1, -1).

    `source` says how the sentence has the entity: a Source, or ELSEWHERE.
    """

    sentence: int
    amount: Amount
    kind: str
    entity: str
    at: tuple[int, int]
    source: int
    group: int
    numbers: tuple[float, ...]
    words: tuple[str, ...]


class OwnerFinder:
    """Pairs the amounts of a post with the entities that they may be said of."""

    def __init__(
        self, lexicon: Lexicon, classes: Sequence[str], units: Sequence[str], kinds: Sequence[str]
    ) -> None:
        self.lexicon = lexicon
        self.amounts = AmountReader(lexicon)
        self._cue = any_of(lexicon.quantity_kinds)
        self._stop = any_of(lexicon.quantity_stoppers)
        words = any_of(lexicon.comparisons).pattern
        before = any_of(lexicon.amount_prefixes).pattern
        self._compared = re.compile(rf"[^、。はが|]{{0,12}}?(?:{words})|の(?:{before})?\d")
        self._class_id = _numbered(classes)
        self._unit_id = _numbered(units)
        self._kind_id = _numbered(kinds)

    def find(
        self, sentences: Sequence[Sentence], mentions: Mentions, views: Mapping[int, View]
    ) -> list[Pairing]:
        """Return the pairings of a post, sentence by sentence, amount by amount."""
        if not mentions.entities:
            return []
        post = Surroundings(sentences, mentions, views)
        found: list[tuple[int, list[Amount]]] = []
        for i in range(len(sentences)):
            named = post.named[i]
            amounts = [
                self._with_unit(post, i, a)
                for a in self.amounts.read(post.text(i))
                if not self._divides(post.text(i), a)
                and not any(m.start < a.end and a.start < m.end for m in named)
            ]
            if amounts:
                found.append((i, amounts))
        where: dict[tuple[float, str], set[int]] = defaultdict(set)
        for i, amounts in found:
            for a in amounts:
                where[a.value, a.unit].add(i)
        return [
            p
            for i, amounts in found
            for n, a in enumerate(amounts)
            for p in self._pairings(post, i, amounts, n, where[a.value, a.unit])
        ]

    def _divides(self, text: str, a: Amount) -> bool:
        """Tell whether an amount is what another one is counted by: 「100万トークンあたり$2」."""
        return text.startswith(self.lexicon.divisors, a.end) or (
            text.endswith("/", 0, a.start) and text[a.start].isdigit()
        )

    def _with_unit(self, post: Surroundings, i: int, a: Amount) -> Amount:
        """Return a bare amount of a table with the unit that its column's or row's head names."""
        cells = post.cells(i)
        if not a.bare or cells is None:
            return a
        column = cells.column(a.start)
        for text in (post.head_text(i, column), cells.text(0)):
            unit = self.amounts.unit_in(text)
            if unit is not None:
                value = a.value * unit.factor
                return replace(a, value=value, unit=unit.unit, kinds=unit.kinds)
        return a

    def _pairings(
        self, post: Surroundings, i: int, amounts: Sequence[Amount], n: int, elsewhere: set[int]
    ) -> Iterator[Pairing]:
        a = amounts[n]
        text = post.text(i)
        cells = post.cells(i)
        head = post.head_text(i, cells.column(a.start)) if cells else ""
        kind, gap = self._kind(text, a, cells, head)
        around = text[max(0, a.start - _CLOSE) : a.end + _CLOSE]
        shared: dict[str, float] = {
            "unit": self._unit_id.get(a.unit, 0.0),
            "kind": self._kind_id.get(kind, 0.0),
            "kind_gap": gap,
            "kind_in_sentence": len(self._cue.findall(text)),
            "value": math.log10(a.value) if a.value > 0 else _NOTHING,
            "range": sum(b.start == a.start for b in amounts) > 1,
            "amounts": len(amounts),
            "amount_no": n,
            "repeated": len(elsewhere),
            "stopped": bool(self._stop.search(around)),
            "stopped_in_sentence": bool(self._stop.search(text)),
            "previous_gap": a.start - amounts[n - 1].end if n else _FAR,
            "sentence_kind": list(Kind).index(post.sentences[i].kind),
            "length": len(text),
            "entities_inside": len(post.inside(i)),
        }
        near = _near_words(text, a)
        candidates = post.candidates(i)
        rank_class: Counter[str] = Counter()
        fitting = self.lexicon.quantity_owners.get(kind)
        for rank, (entity, m) in enumerate(post.ordered(i, a, candidates, self.compared)):
            named = post.entities[entity]
            f = shared | self._candidate(post, i, a, named, m)
            f["kind_fits"] = -1.0 if fitting is None else float(named.cls in fitting)
            f["rank_before"], f["rank_before_class"] = rank, rank_class[named.cls]
            f["nearest_fit"] = float(not any(fitting is None or c in fitting for c in rank_class))
            f["fit_inside"] = sum(
                fitting is None or post.entities[x.entity].cls in fitting for x in post.named[i]
            )
            rank_class[named.cls] += 1
            f["together"] = sum(j != i and entity in post.inside(j) for j in elsewhere) / max(
                1, len(elsewhere) - 1
            )
            yield Pairing(
                i, a, kind, entity,
                (m.start, m.end) if m else (-1, -1),
                int(f["source"]) - 1 if f["source"] else ELSEWHERE,
                post.group(i, m) if m else -1,
                tuple(float(f[x]) for x in FEATURES),
                tuple(_words(a, kind, named, text, m, f, near)),
            )  # fmt: skip

    def compared(self, text: str, m: Mention) -> bool:
        """Tell whether something is only compared with what a mention names."""
        return bool(self._compared.match(text, m.end))

    def _kind(self, text: str, a: Amount, cells: Cells | None, head: str) -> tuple[str, float]:
        """Return the kind of the cue nearest to the amount and how far it is.

        In a table it stands in the same cell, in the row's first or in the column's head.
        """
        low, high = max(0, a.start - _NEAR), min(len(text), a.end + _NEAR)
        if cells:
            low, high = cells.span(a.start)
        best, nearest = "", _FAR
        for m in self._cue.finditer(text, low, high):
            if m.start() < a.end and a.start < m.end():
                continue
            gap = m.start() - a.end if m.start() >= a.end else a.start - m.end()
            if gap < nearest:
                best, nearest = self.lexicon.quantity_kinds[m.group()], float(gap)
        if cells and not best:
            for beside in (cells.text(0), head):
                hit = self._cue.search(beside)
                if hit:
                    return self.lexicon.quantity_kinds[hit.group()], float(_CLOSE)
        return best, nearest

    def _candidate(
        self,
        post: Surroundings,
        i: int,
        a: Amount,
        named: Named,
        m: Mention | None,
    ) -> dict[str, float]:
        """Return what speaks for an entity, whatever the others are."""
        e, text = named.id, post.text(i)
        f = dict.fromkeys(_OF_CANDIDATE, 0.0) | dict.fromkeys(_GAPS, _FAR)
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


def _near_words(text: str, a: Amount) -> list[str]:
    before, after = text[max(0, a.start - 6) : a.start], text[a.end : a.end + 6]
    out = [f"<{before[-k:]}" for k in (1, 2, 3, 4) if before]
    out += [f">{after[:k]}" for k in (1, 2, 3, 4) if after]
    out += {f"<<{w}" for w in _TERM.findall(text, max(0, a.start - 30), a.start)}
    return out + sorted({f">>{w}" for w in _TERM.findall(text, a.end, a.end + 20)})


def _words(
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
