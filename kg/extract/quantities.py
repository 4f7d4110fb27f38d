"""Quantities: amounts tied to the entity that they are most likely said of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from kg.extract.lexicon import Lexicon
from kg.extract.owner_features import OwnerFeatures
from kg.extract.owners import OwnerFinder, Pairing
from kg.extract.reading import Reading
from kg.model import Quantity

# Beside the likeliest owner, another of the same list (「AとBの料金を20%」) owns the amount too
# where it is at least this likely in proportion.
_AS_LIKELY = 0.8


class OwnerScorer(Protocol):
    """Anything that says how likely amounts are said of entities."""

    @property
    def card(self) -> Mapping[str, list[str]]:
        """The classes, units and kinds that it knows, in the order in which it numbers them."""
        ...

    @property
    def version(self) -> str:
        """What the scores depend on, for provenance."""
        ...

    @property
    def threshold(self) -> float:
        """The score from which an amount is a quantity."""
        ...

    def score(self, pairings: Sequence[Pairing], reading: Reading) -> list[float]:
        """Return how likely each amount of a post is a quantity of its entity, 0 to 1."""
        ...


class QuantityReader:
    """Finds the amounts of a post and decides what they are said of, if of anything named."""

    def __init__(self, lexicon: Lexicon, scorer: OwnerScorer) -> None:
        card = scorer.card
        self.lexicon = lexicon
        self.scorer = scorer
        self.owners = OwnerFinder(
            lexicon, OwnerFeatures(lexicon, card["classes"], card["units"], card["kinds"])
        )

    def read(self, reading: Reading) -> list[Quantity]:
        """Return the quantities of a post in order; what is said twice is given once, where it is
        said most plainly."""
        views = {v.index: v for v in reading.views}
        pairings = self.owners.find(reading.sentences, reading.mentions, views)
        best: dict[tuple[str, float, str], tuple[float, Pairing]] = {}
        scores = self.scorer.score(pairings, reading)
        for score, p in owned(pairings, scores, self.scorer.threshold):
            key = (p.entity, p.amount.value, p.amount.unit)
            if key not in best or score > best[key][0]:
                best[key] = (score, p)
        found = [self._quantity(reading, p) for _, p in best.values()]
        return sorted(found, key=lambda q: (q.start, q.end, q.about, q.unit, q.value))

    def _quantity(self, reading: Reading, p: Pairing) -> Quantity:
        sentence = reading.sentences[p.sentence]
        at = sentence.evidence(reading.post, p.amount.start, p.amount.end)
        return Quantity(
            about=p.entity,
            kind=self._kind(p, reading.mentions.entities[p.entity].cls),
            value=p.amount.value,
            unit=p.amount.unit,
            text=at.text,
            start=at.start,
            end=at.end,
            evidence=sentence.evidence(reading.post),
        )

    def _kind(self, p: Pairing, cls: str) -> str:
        """Return the kind that the words beside the amount name, or else the first of those that
        its unit usually measures which can be said of the owner."""
        said_of = self.lexicon.quantity_owners
        kinds = [k for k in (p.kind, *p.amount.kinds) if k]
        fitting = (k for k in kinds if k not in said_of or cls in said_of[k])
        return next(fitting, kinds[0] if kinds else "")


def owned(
    pairings: Sequence[Pairing], scores: Sequence[float], threshold: float
) -> list[tuple[float, Pairing]]:
    """Return the pairings that hold, with their scores: for each amount the likeliest, and those
    of the same list that are about as likely."""
    by_amount: dict[tuple[int, int, int, float], list[tuple[float, int]]] = defaultdict(list)
    for n, (p, score) in enumerate(zip(pairings, scores, strict=True)):
        by_amount[p.sentence, p.amount.start, p.amount.end, p.amount.value].append((-score, n))
    out: list[tuple[float, Pairing]] = []
    for some in by_amount.values():
        top, first = min(some)
        if -top < threshold:
            continue
        best = pairings[first]
        least = max(threshold, -top * _AS_LIKELY)
        out += [
            (-s, pairings[n])
            for s, n in sorted(some)
            if n == first or (-s >= least and pairings[n].group == best.group >= 0)
        ]
    return out
