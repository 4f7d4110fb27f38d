"""Quantities: numbers with a unit, in base units, tied to the entity they are said of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.extract.context import Anchor, Source, View
from kg.extract.document import Kind
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.mentions import Named
from kg.model import Post, Quantity

_MYRIADS = {"万": 1e4, "億": 1e8, "兆": 1e12, "千": 1e3, "百万": 1e6, "百": 1e2, "十億": 1e9}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_AMOUNT = (
    rf"{_NUMBER}(?:(?:百万|十億|[千百]?[万億兆]|千|百)(?:{_NUMBER}(?:百万|[千百]?[万億兆]|千))*)?"
)
_NEAR = 24
_CLOSE = 14
_CARRIERS = {Source.TOPIC, Source.TITLE, Source.HEADING}
_STRONG_MARKS = {"は", "が", "も", "には", "では", "とは"}
_MARKS = {"は", "が", "も", "の", "では", "で", "、", "への", "に", "には", "とは"}
_COMPARED = re.compile(r"[^、。はが]{0,6}(?:と比較|と比べ|に比べ|より|よりも|の(?:最大)?\d)")
_NAME_CHARACTER = re.compile(r"[A-Za-z0-9]")
_SCALE = {"B": 1e9, "M": 1e6, "T": 1e12, "K": 1e3}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in text[start:end], in base units, and what the unit usually measures."""

    start: int
    end: int
    value: float
    unit: str
    kind: str


class QuantityReader:
    """Finds amounts and decides what they are said of."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._units = {u.text: u for u in lexicon.units}
        signs = any_of(lexicon.currency_signs).pattern
        units = any_of(self._units).pattern
        self._amount = re.compile(
            rf"(?P<sign>{signs})(?P<money>{_AMOUNT})(?P<scale>[BMTK](?![A-Za-z]))?"
            rf"|(?P<low>{_AMOUNT})(?:[〜~～\-–](?P<high>{_AMOUNT}))? ?(?P<unit>{units})(?![A-Za-z])"
        )
        self._words = any_of(lexicon.word_quantities)
        self._kind = any_of(lexicon.quantity_kinds)

    def amounts(self, text: str) -> list[Amount]:
        """Return the amounts in a text (narrowed to half width), in order; a range gives both ends.

        >>> from kg.extract.lexicon import Lexicon
        >>> from kg.schema import Schema
        >>> from kg.settings import data_folder
        >>> schema = Schema.load(data_folder("ontology"))
        >>> reader = QuantityReader(Lexicon.load(schema.folder, schema))
        >>> [(a.value, a.unit) for a in reader.amounts("200億ドル、2.5倍、10ギガワット、1兆2000億円")]
        [(20000000000.0, 'USD'), (2.5, 'ratio'), (10000000000.0, 'W'), (1200000000000.0, 'JPY')]
        """
        out: list[Amount] = []
        for m in self._amount.finditer(text):
            if _NAME_CHARACTER.fullmatch(text, max(0, m.start() - 1), m.start()):
                continue  # part of a name: H100台, GPT-4
            start = self._with_prefix(text, m.start())
            if m.group("sign"):
                value = number(m.group("money")) * _SCALE.get(m.group("scale") or "", 1)
                unit = self.lexicon.currency_signs[m.group("sign")]
                kind = next((u.kind for u in self.lexicon.units if u.unit == unit), "")
                out.append(Amount(start, m.end(), value, unit, kind))
            else:
                u = self._units[m.group("unit")]
                for value in _ends(m.group("low"), m.group("high")):
                    out.append(Amount(start, m.end(), value * u.factor, u.unit, u.kind))
        for m in self._words.finditer(text):
            value, unit = self.lexicon.word_quantities[m.group()]
            kind = next((u.kind for u in self.lexicon.units if u.unit == unit), "")
            out.append(Amount(m.start(), m.end(), value, unit, kind))
        return sorted(out, key=lambda a: (a.start, a.end, a.value))

    def _with_prefix(self, text: str, start: int) -> int:
        """Return where the amount at `start` begins with the 約 or 最大 in front of it."""
        for word in self.lexicon.amount_prefixes:
            if text.endswith(word, 0, start):
                return start - len(word)
        return start

    def read(self, post: Post, v: View, entities: Mapping[str, Named]) -> list[Quantity]:
        """Return the quantities of a sentence."""
        evidence = v.sentence.evidence(post)
        out: list[Quantity] = []
        for amount in self.amounts(v.text):
            if any(a.inside and a.start < amount.end and amount.start < a.end for a in v.anchors):
                continue
            around = v.text[max(0, amount.start - _CLOSE) : amount.end + _CLOSE]
            if any(word in around for word in self.lexicon.quantity_stoppers):
                continue
            kind = self._kind_of(v.text, amount)
            owner = self._owner(v, amount, kind, entities)
            if owner is None:
                continue
            at = v.sentence.evidence(post, amount.start, amount.end)
            out.append(
                Quantity(
                    about=owner,
                    kind=kind,
                    value=amount.value,
                    unit=amount.unit,
                    text=at.text,
                    start=at.start,
                    end=at.end,
                    evidence=evidence,
                )
            )
        return out

    def _kind_of(self, text: str, amount: Amount) -> str:
        """Return the kind of the cue word nearest to the amount, or what its unit suggests."""
        low = max(0, amount.start - _NEAR)
        best = ("", 10**6)
        for m in self._kind.finditer(text, low, min(len(text), amount.end + _NEAR)):
            if m.start() < amount.end and amount.start < m.end():
                continue
            distance = m.start() - amount.end if m.start() >= amount.end else amount.start - m.end()
            if distance < best[1]:
                best = (self.lexicon.quantity_kinds[m.group()], distance)
        return best[0] or amount.kind

    def _owner(
        self, v: View, amount: Amount, kind: str, entities: Mapping[str, Named]
    ) -> str | None:
        """Return what the amount is said of.

        Money is said of who acts, performance and size of what is made. Of those that fit, the
        nearest before the amount that is marked as topic, subject or owner comes first, then the
        nearest before it, then what stands right behind it, then what the context carries in.
        A mention that the amount is only compared with does not count.
        """
        fitting = self.lexicon.quantity_owners.get(kind)

        def fits(a: Anchor) -> bool:
            return fitting is None or entities[a.entity].cls in fitting

        inside = [
            (a, m)
            for a, m in zip(v.anchors, v.markers, strict=True)
            if a.inside
            and a.source is not Source.INSIDE_NAME
            and not _COMPARED.match(v.text, a.end)
            and not (kind == "valuation" and a.start > amount.end)
        ]
        if v.sentence.kind is Kind.ROW and inside:
            return min(inside, key=lambda x: x[0].start)[0].entity
        before = [(a, m) for a, m in inside if a.end <= amount.start]
        after = [a for a, _ in inside if 0 <= a.start - amount.end <= _NEAR]
        carried = [a for a in v.anchors if a.source in _CARRIERS]
        pools = (
            [a for a, m in before if m in _STRONG_MARKS and fits(a)],
            [a for a, m in before if m in _MARKS and fits(a)],
            [a for a, _ in before if fits(a)],
            [a for a in after if fits(a)],
            [a for a, m in before if m in _MARKS],
            [a for a in carried if fits(a)],
            [a for a, _ in before],
        )
        for n, pool in enumerate(pools):
            if pool:
                last = n not in {3, 5}
                return (max if last else min)(pool, key=lambda a: a.start).entity
        return carried[0].entity if carried else None


def _ends(low: str, high: str | None) -> list[float]:
    """Return the ends of a range; 「10〜20億」 says 億 once for both."""
    if high is None:
        return [number(low)]
    myriad = re.search(r"[^\d,.]+$", high)
    return [number(low + (myriad.group() if myriad and low[-1].isdigit() else "")), number(high)]


def number(text: str) -> float:
    """Return the value of a number written with Japanese myriads.

    >>> number("1兆2,000億"), number("3.5万"), number("1,650")
    (1200000000000.0, 35000.0, 1650.0)
    """
    total = 0.0
    for m in re.finditer(rf"({_NUMBER})(百万|十億|[千百]?[万億兆]|千|百)?", text):
        scale = 1.0
        for c in re.findall(r"百万|十億|.", m.group(2) or ""):
            scale *= _MYRIADS[c]
        total += float(m.group(1).replace(",", "")) * scale
    return total
