"""Amounts: numbers with a unit, however Japanese writes them, in base units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.extract.entries import Unit
from kg.extract.lexicon import Lexicon, any_of

_MYRIADS = {"万": 1e4, "億": 1e8, "兆": 1e12, "千": 1e3, "百万": 1e6, "百": 1e2, "十億": 1e9}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_MYRIAD = rf"{_NUMBER}(?:百万|十億|[千百]?[万億兆]|千|百)(?:{_NUMBER}(?:百万|[千百]?[万億兆]|千)?)*"
_AMOUNT = rf"(?:{_MYRIAD}|{_NUMBER})"
_RANGE = r"[〜~～\-–]"
_SCALE = {"B": 1e9, "M": 1e6, "T": 1e12, "K": 1e3, "billion": 1e9, "million": 1e6, "trillion": 1e12}
_NAME_CHARACTER = re.compile(r"[A-Za-z0-9]")
# What a number with a myriad is when no unit follows it, and a score.
_COUNT = "count"
# What scores measure.
_SCORED = ("performance",)
# A score of a benchmark has no unit: it has a point, or is an Elo rating.
_SCORE = re.compile(r"(?<![\d.,])(?:\d{1,3}\.\d{1,2}|1[0-8]\d\d)(?!\.?[\dA-Za-z%,年])")
# What ends in front of a number that is a part of a name: Claude 3.5, GPT-4.1.
_NAMED = re.compile(r"[A-Za-z0-9][ -]?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in text[start:end], in base units.

    `kinds` is what the unit usually measures, most usual first; `bare` says that the text names no
    unit, so that it may stand elsewhere (in the head of a table's column).
    """

    start: int
    end: int
    value: float
    unit: str
    kinds: tuple[str, ...]
    bare: bool = False


class AmountReader:
    """Finds the amounts in a text by the units and number words of the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._units = {u.text: u for u in lexicon.units}
        self._usual: dict[str, tuple[str, ...]] = {}
        for u in lexicon.units:
            self._usual.setdefault(u.unit, u.kinds)
        self._unit = any_of(self._units)
        self._counted = any_of(u.text for u in lexicon.units if u.counted)
        signs = any_of(lexicon.currency_signs).pattern
        self._amount = re.compile(
            rf"(?P<sign>{signs})(?P<money>{_AMOUNT})(?:{_RANGE}(?P<upto>{_AMOUNT}))?"
            rf"(?:[ -]?(?P<scale>{'|'.join(_SCALE)})(?![A-Za-z]))?"
            rf"|(?P<low>{_AMOUNT})(?:{_RANGE}(?P<high>{_AMOUNT}))? ?"
            rf"(?P<unit>{self._unit.pattern})(?![A-Za-z])"
            # 「（1/20）」 and 「1/20 …」 in front of all else are dates.
            r"|(?<!^)(?<![（(])1/(?P<slash>\d{1,3})(?![\d/年月日）)])"
            r"|(?P<parts>\d{1,3})分の(?P<of>\d{1,3})"
            rf"|(?P<bare>{_MYRIAD})(?![\d年月日])"
        )
        self._words = any_of(lexicon.word_quantities)
        benchmark = any_of(lexicon.benchmarks).pattern
        self._benchmark = re.compile(rf"(?<![A-Za-z])(?:{benchmark})(?![A-Za-z])[ :]*")

    def read(self, text: str) -> list[Amount]:
        """Return the amounts in a text (narrowed to half width), in order; a range gives both ends.

        >>> from kg.extract.lexicon import Lexicon
        >>> from kg.schema import Schema
        >>> from kg.settings import data_folder
        >>> schema = Schema.load(data_folder("ontology"))
        >>> reader = AmountReader(Lexicon.load(schema.folder, schema))
        >>> [(a.value, a.unit) for a in reader.read("200億ドル、2.5倍、10ギガワット、1兆2000億円")]
        [(20000000000.0, 'USD'), (2.5, 'ratio'), (10000000000.0, 'W'), (1200000000000.0, 'JPY')]
        """
        out: list[Amount] = []
        for m in self._amount.finditer(text):
            if _NAME_CHARACTER.fullmatch(text, max(0, m.start() - 1), m.start()):
                continue  # part of a name: H100台, GPT-4
            start = self._with_prefix(text, m.start())
            out += [
                Amount(start, m.end(), value, unit, self._usual.get(unit, kinds), bare)
                for value, unit, kinds, bare in self._values(m)
            ]
        for m in self._words.finditer(text):
            value, unit = self._lexicon.word_quantities[m.group()]
            out.append(Amount(m.start(), m.end(), value, unit, self._usual.get(unit, ())))
        out += self._scores(text, out)
        return sorted(out, key=lambda a: (a.start, a.end, a.value))

    def _scores(self, text: str, others: Sequence[Amount]) -> Iterator[Amount]:
        """Yield the scores of benchmarks in a text: numbers that stand behind one, without a unit."""
        # Most sentences hold no such number, and benchmarks take longer to look for.
        if not _SCORE.search(text):
            return
        behind = {m.end() for m in self._benchmark.finditer(text)}
        for m in _SCORE.finditer(text, min(behind, default=len(text))):
            is_named = m.start() not in behind and _NAMED.search(
                text, max(0, m.start() - 2), m.start()
            )
            if not is_named and not any(a.start < m.end() and m.start() < a.end for a in others):
                yield Amount(m.start(), m.end(), float(m.group()), _COUNT, _SCORED)

    def counted_in(self, text: str) -> Unit | None:
        """Return the unit that a sentence says its bare numbers count, if any: 「パラメータ数を70億から」."""
        found = self._counted.search(text)
        return self._units[found.group()] if found else None

    def unit_in(self, text: str) -> Unit | None:
        """Return the first unit that a text names, as the head of a table's column does."""
        found = [self._units[m.group()] for m in self._unit.finditer(text)]
        return max(found, key=lambda u: len(u.text), default=None)

    def _values(self, m: re.Match[str]) -> list[tuple[float, str, tuple[str, ...], bool]]:
        """Return value, unit, usual kinds and whether the unit is left out, of a match."""
        if m.group("sign"):
            unit = self._lexicon.currency_signs[m.group("sign")]
            scale = _SCALE.get(m.group("scale") or "", 1)
            ends = _ends(m.group("money"), m.group("upto"))
            return [(value * scale, unit, (), False) for value in ends]
        if m.group("unit"):
            u = self._units[m.group("unit")]
            ends = _ends(m.group("low"), m.group("high"))
            return [(value * u.factor, u.unit, u.kinds, False) for value in ends]
        if m.group("bare"):
            return [(number(m.group("bare")), _COUNT, (_COUNT,), True)]
        whole = float(m.group("slash") or m.group("parts"))
        return [(float(m.group("of") or 1) / whole, "ratio", (), False)] if whole else []

    def _with_prefix(self, text: str, start: int) -> int:
        """Return where the amount at `start` begins with the 約 or 最大 in front of it."""
        for word in self._lexicon.amount_prefixes:
            if text.endswith(word, 0, start):
                return start - len(word)
        return start


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
