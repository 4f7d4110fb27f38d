"""What speaks for a name: its form, the words around it, and the known names beside it.

These are the string features of the model of names (`name_model`). Each is a short string with a
weight: features of the form count 1, those of uses the share of the uses that have them, and
apposition several times that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.extract.blocks import Kind
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.names import LISTING, NameHit, script

_OPENERS, _CLOSERS = "「『\"“'*", "」』\"”'*"
_REACH = 40
_BESIDE, _NEAR = 6, 20
_NOUN = r"[ァ-ヺー]{2,}|[一-龥]{2,6}"
_AFTER = re.compile(
    rf"(?:という|といった|のような|と呼ばれる|など(?:の)?|、|（|\()?(?:[^、。（）]{{0,6}}?(?:の|な))?({_NOUN}|[A-Z]{{2,}})"
)
_BEFORE = re.compile(rf"({_NOUN})(?:の|、|である)*$")
_TERM = re.compile(r"[一-龥]{2,4}|[ァ-ヺー]{3,}")
_PARTS = re.compile(r"[ ・＝]")
_MOST_USES = 5

# Apposition is rare and tells much: counted this much, shrinkage takes less of its weight.
PLAIN = 4.0


@dataclass(frozen=True, slots=True)
class Use:
    """text[start:end] is a form in a sentence of this kind, beside known names and their classes."""

    text: str
    start: int
    end: int
    kind: Kind
    beside: Sequence[tuple[NameHit, str]]

    @property
    def before(self) -> NameHit | None:
        """Return the last known name before it."""
        return next((h for h, _ in reversed(self.beside) if h.end <= self.start), None)


class Clues:
    """Describes what may be a name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        kinds = any_of(lexicon.kinds).pattern
        self._kind_before = re.compile(rf"({kinds})(の|である|、)?$")
        self._kind_after = re.compile(
            rf"(?P<link>という|といった|と呼ばれる|とよばれる|（|\()?(?P<kind>{kinds})"
        )

    def describe(self, form: str, uses: Sequence[Use]) -> dict[str, float]:
        """Return the features of a form and its uses in one post, with their weights."""
        out: dict[str, float] = defaultdict(float)
        out.update(dict.fromkeys(self._of_form(form), 1.0))
        out[f"uses={min(len(uses), _MOST_USES)}"] = 1.0
        for use in uses:
            for name in set(self._of_use(use)):
                out[name] += (PLAIN if name.startswith("called") else 1) / len(uses)
        return out

    def _of_form(self, form: str) -> Iterator[str]:
        words = _PARTS.split(form)
        yield f"shape={_shape(form)}"
        yield f"length={min(len(form), 12)}"
        yield f"script={script(form[0])}/{len(words)}"
        yield f"first={words[0].casefold()}"
        yield f"last={words[-1].casefold()}"
        for word in words:
            yield f"word={word.casefold()}"
        plain = sum(word in self.lexicon.kinds for word in words)
        yield f"kinds={plain}/{len(words)}"
        for word in (words[-1], "." + form.rpartition(".")[2]):
            cls = self.lexicon.name_endings.get(word)
            if cls and len(form) > len(word):
                yield f"ending={cls}"
        marked = f"^{form}$"
        for k in (2, 3, 4):
            for i in range(len(marked) - k + 1):
                yield marked[i : i + k]

    def _of_use(self, use: Use) -> Iterator[str]:
        text, start, end = use.text, use.start, use.end
        left = text[max(0, start - 12) : start]
        right = text[end : end + 14]
        bare_left, bare_right = left.rstrip(_OPENERS), right.lstrip(_CLOSERS)
        quoted = bare_left != left and bare_right != right
        yield f"in={use.kind}"
        yield f"quoted={quoted}"
        for k in (1, 2, 3, 4, 6):
            if len(bare_left) >= k:
                yield f"<{bare_left[-k:]}"
            if len(bare_right) >= k:
                yield f">{bare_right[:k]}"
        after, before = _AFTER.match(bare_right), _BEFORE.search(bare_left)
        if after:
            yield f"noun>{after[1][-6:]}"
        if before:
            yield f"noun<{before[1][-6:]}"
        yield from self._kinds(use, left, right, quoted)
        for word in _TERM.findall(
            f"{text[max(0, start - _REACH) : start]}\0{text[end : end + _REACH]}"
        ):
            yield f"near={word}"
        yield from self._names(use)

    def _kinds(self, use: Use, left: str, right: str, quoted: bool) -> Iterator[str]:
        """Yield what the words for kinds of things right beside say: 「新興企業のX」, 「Xという半導体」.

        Where they are in apposition to the form, they say what it is called.
        """
        latin = use.text[use.start].isascii()
        before = self._kind_before.search(left.rstrip(_OPENERS))
        if before:
            kind = self.lexicon.kinds[before[1]]
            yield f"kind<{kind.cls}/{quoted}"
            if quoted or (kind.introduces and before[2] == "の"):
                yield f"called<{kind.cls}"
        after = self._kind_after.match(right.lstrip(_CLOSERS))
        if after:
            kind, linked = self.lexicon.kinds[after["kind"]], after["link"] is not None
            yield f"kind>{kind.cls}/{linked}/{quoted}"
            if (quoted or latin) and linked != kind.suffix:
                yield f"called>{kind.cls}"

    def _names(self, use: Use) -> Iterator[str]:
        """Yield the classes of the known names on either side and how far they stand."""
        before = [b for b in use.beside if b[0].end <= use.start]
        after = [b for b in use.beside if b[0].start >= use.end]
        yield f"names={min(len(use.beside), 3)}"
        for side, hits, near in (("<", before, -1), (">", after, 0)):
            if not hits:
                continue
            hit, cls = hits[near]
            low, high = (hit.end, use.start) if near else (use.end, hit.start)
            if LISTING.fullmatch(use.text, low, high):
                yield f"list{side}{cls}"
            elif high - low <= _BESIDE:
                yield f"beside{side}{cls}{use.text[low:high]}"
            elif high - low <= _NEAR:
                yield f"name{side}{cls}"


def _shape(form: str) -> str:
    """Return a form with its runs of letters and digits made one of each.

    >>> _shape("Exynos AI 7"), _shape("サムスン")
    ('Aa A 9', 'カ')
    """
    narrow = re.sub(r"\d+", "9", re.sub(r"[ァ-ヺー]+", "カ", form))
    return re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", narrow))[:12]
