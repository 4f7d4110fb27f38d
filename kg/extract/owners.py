"""Whose an amount may be: every entity that a reader could think of, with what speaks for it.

Recall is this module's business; the model in `quantities` decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.extract.amounts import Amount, AmountReader
from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import Mentions
from kg.extract.owner_features import CLOSE, FAR, FEATURES, OwnerFeatures, near_words, words
from kg.extract.surroundings import Surroundings
from kg.extract.tables import Cells
from kg.extract.views import Source, View

ELSEWHERE = len(Source)
"""Stands for the Source of an entity that the sentence's view does not have."""

# How many characters from an amount its kind is looked for.
_NEAR = 24


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

    def __init__(self, lexicon: Lexicon, features: OwnerFeatures) -> None:
        self.lexicon = lexicon
        self.amounts = AmountReader(lexicon)
        self.features = features

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
        """Return a bare amount with the unit that its sentence names, or in a table the head of its
        column or row."""
        if not a.bare:
            return a
        cells = post.cells(i)
        if cells is None:
            unit = self.amounts.counted_in(post.text(i))
        else:
            heads = (post.head_text(i, cells.column(a.start)), cells.text(0))
            unit = next(filter(None, map(self.amounts.unit_in, heads)), None)
        if unit is None:
            return a
        return replace(a, value=a.value * unit.factor, unit=unit.unit, kinds=unit.kinds)

    def _pairings(
        self, post: Surroundings, i: int, amounts: Sequence[Amount], n: int, elsewhere: set[int]
    ) -> Iterator[Pairing]:
        a = amounts[n]
        text = post.text(i)
        cells = post.cells(i)
        head = post.head_text(i, cells.column(a.start)) if cells else ""
        kind, gap = self._kind(text, a, cells, head)
        shared = self.features.of_amount(post, i, amounts, n, kind, gap)
        shared["repeated"] = len(elsewhere)
        near = near_words(text, a)
        candidates = post.candidates(i)
        rank_class: Counter[str] = Counter()
        fitting = self.lexicon.quantity_owners.get(kind)
        ordered = post.ordered(i, a, candidates, self.features.compared)
        for rank, (entity, m) in enumerate(ordered):
            named = post.entities[entity]
            f = shared | self.features.of_owner(post, i, a, named, m)
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
                tuple(words(a, kind, named, text, m, f, near)),
            )  # fmt: skip

    def _kind(self, text: str, a: Amount, cells: Cells | None, head: str) -> tuple[str, float]:
        """Return the kind of the cue nearest to the amount and how far it is.

        In a table it stands in the same cell, in the row's first or in the column's head.
        """
        low, high = max(0, a.start - _NEAR), min(len(text), a.end + _NEAR)
        if cells:
            low, high = cells.span(a.start)
        best, nearest = "", FAR
        for m in self.features.cue.finditer(text, low, high):
            if m.start() < a.end and a.start < m.end():
                continue
            gap = m.start() - a.end if m.start() >= a.end else a.start - m.end()
            if gap < nearest:
                best, nearest = self.lexicon.quantity_kinds[m.group()], float(gap)
        if cells and not best:
            for beside in (cells.text(0), head):
                hit = self.features.cue.search(beside)
                if hit:
                    return self.lexicon.quantity_kinds[hit.group()], float(CLOSE)
        return best, nearest
