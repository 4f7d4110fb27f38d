"""The names the ontology knows, and where they stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import ahocorasick

from kg.schema import KnownEntity, Schema

# Forms of up to this many characters are matched in their own case: "Arm" is not "arm".
CASE_SENSITIVE_UP_TO = 4

# What stands between the names of a list.
LISTING = re.compile(r" ?(?:、|，|,|・|/|／|や|と|および|、および|、そして|、最新の) ?")
_JOINT = re.compile(r"(?<=[A-Za-z])[ \-](?=v?\d)|(?<=[A-Za-z])(?=\d)|(?<=\d)[ \-](?=[A-Z])")


@dataclass(frozen=True, slots=True)
class NameHit:
    """A known name in a text: text[start:end] names `entity`."""

    start: int
    end: int
    entity: str
    whole: int = -1

    def written(self, text: str) -> str:
        """Return the name as the text writes it, full-width forms narrowed."""
        return normalise(text)[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as far as one post needs to know it."""

    id: str
    cls: str
    name: str
    known: bool
    confidence: float
    maker: str = ""
    parent: str = ""


class _Characters(dict[int, str]):
    """What becomes of each character, for `str.translate`, found out once: one character again."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        c = chr(code)
        changed = self._change(c)
        self[code] = changed if len(changed) == 1 else c
        return self[code]


_NARROW = _Characters(partial(unicodedata.normalize, "NFKC"))
_FOLD = _Characters(str.casefold)


@lru_cache(maxsize=4096)  # each step of reading a post asks for its sentences again
def normalise(text: str) -> str:
    """Return the text with full-width forms narrowed, every character kept in its place.

    >>> normalise("ＡＷＳ　と")
    'AWS と'
    """
    return text if text.isascii() else text.translate(_NARROW)


def lower(text: str) -> str:
    """Case-fold without changing the length."""
    return text.translate(_FOLD)


def script(c: str) -> str:
    """Return the script of a character as far as name boundaries care.

    `str.isalpha` is true for kana, so it cannot tell where 「にはNVIDIA」 has its boundary.

    >>> [script(c) for c in "Aア亜あ1、"]
    ['latin', 'katakana', 'kanji', 'kana', 'digit', '']
    """
    if c.isdigit() and c.isascii():
        return "digit"
    if c.isascii():
        return "latin" if c.isalpha() else ""
    if "\u30a1" <= c <= "\u30fa" or c in "ーヽヾ":
        return "katakana"
    if "\u3041" <= c <= "\u309f":
        return "kana"
    if "\u3400" <= c <= "\u9fff" or c in "々〇":
        return "kanji"
    return "latin" if c.isalpha() else ""


def bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a name may begin at `start` and end at `end`.

    Latin letters and digits hold together, and so does katakana: "Arm" is not in "Armada", nor
    メタ in メタバース. Kanji and kana beside a Latin name are words of the sentence.
    """
    return not (_joined(text, start) or _joined(text, end))


def _joined(text: str, at: int) -> bool:
    if at <= 0 or at >= len(text):
        return False
    a, b = script(text[at - 1]), script(text[at])
    word = {"latin", "digit"}
    # The point of a number holds it together: GPT-5 is not in GPT-5.9.
    if text[at] == "." and at + 1 < len(text):
        return a == "digit" and script(text[at + 1]) == "digit"
    if text[at - 1] == "." and at > 1:
        return b == "digit" and script(text[at - 2]) == "digit"
    return (a in word and b in word) or (a == b == "katakana")


def counted(text: str, start: int, end: int) -> bool:
    """Tell whether the number at the end of text[start:end] counts what follows: 「Claude 3つ」."""
    return bool(_SPACED_NUMBER.search(text, start, end) and COUNTER.match(text, end))


def variants(form: str) -> Iterator[str]:
    """Yield a form with the usual ways to join a name and its number: GPT-5, GPT 5, GPT5.

    >>> sorted(variants("GPT-5"))
    ['GPT 5', 'GPT-5', 'GPT5']
    """
    parts = _JOINT.split(form)
    if len(parts) == 1 or len(parts) > 4:
        yield form
        return
    joints = [m.group() for m in _JOINT.finditer(form)]
    seen = {form}
    yield form
    for glue in (" ", "-", ""):
        if glue == "" and any(len(p) < 2 for p in parts[:1]):
            continue
        # "H100" never comes as "H 100": a number that is joined stays joined after one letter.
        if joints and joints[0] == "" and len(parts[0]) < 3:
            continue
        made = glue.join(parts)
        if made not in seen:
            seen.add(made)
            yield made


_SPACED_NUMBER = re.compile(r"[A-Za-z] \d+(?:\.\d+)?$")
COUNTER = re.compile(r"[年月日億万兆台個人倍%％つ種件名分時円割位枚回点]|社(?!製)|ドル|本の")


# What looks like a name: words and numbers in Latin letters of which the first has a capital, as in
# "Exynos AI 7" and "xAI", and words in katakana.
_WORD = r"[A-Za-z0-9][A-Za-z0-9+\-'#]*(?:\.[0-9A-Za-z]+)*"
_LATIN = rf"(?<![A-Za-z0-9])(?=[a-z]{{0,4}}[A-Z]){_WORD}(?:[ ](?:for |of |the |and )?(?=[A-Z0-9]){_WORD}){{0,4}}"
_KATAKANA = r"[ァ-ヺー]{3,}(?:[・＝][ァ-ヺー]{2,})*"
LIKE_A_NAME = re.compile(f"{_LATIN}|{_KATAKANA}")


class Names:
    """An Aho-Corasick automaton over all forms of the known entities."""

    def __init__(self, entities: Iterable[KnownEntity]) -> None:
        self._automaton = ahocorasick.Automaton()
        self._exact: dict[str, tuple[tuple[str, str], ...]] = {}
        listed: dict[str, dict[str, str]] = {}
        made: dict[str, dict[str, str]] = {}
        for entity in entities:
            for form in entity.forms:
                form = normalise(form).strip()  # noqa: PLW2901
                for i, v in enumerate(variants(form)):
                    table = listed if i == 0 else made
                    table.setdefault(lower(v), {}).setdefault(v, entity.id)
        # A form that is listed wins over one that is made from another entity's.
        for key, forms in made.items():
            listed.setdefault(key, {}).update(
                {v: e for v, e in forms.items() if v not in listed.get(key, {})}
            )
        for key, forms in listed.items():
            self._automaton.add_word(key, (len(key), tuple(forms.items())))
        self._automaton.make_automaton()

    @classmethod
    def of(cls, schema: Schema) -> Names:
        """Return the names that an ontology knows."""
        return cls(schema.entities.values())

    def find(self, text: str) -> list[NameHit]:
        """Return the names in `text`, longest first where they overlap, in order."""
        plain = normalise(text)
        hits: list[NameHit] = []
        for last, (length, forms) in self._automaton.iter(lower(plain)):
            start, end = last - length + 1, last + 1
            entity = _pick(plain[start:end], forms)
            stands = bounded(plain, start, end) or self._versioned(plain, start, end)
            if entity and stands and not counted(plain, start, end):
                hits.append(NameHit(start, end, entity))
        return longest(hits)

    @staticmethod
    def _versioned(text: str, start: int, end: int) -> bool:
        """Tell whether the name is only run on by a version number: Claude in "Claude9"."""
        return (
            end - start >= CASE_SENSITIVE_UP_TO
            and script(text[end - 1]) == "latin"
            and not _joined(text, start)
            and bool(_RUN_ON.match(text, end))
        )


_RUN_ON = re.compile(r"\d+(?:\.\d+)*(?![A-Za-z0-9.])")


def _pick(written: str, forms: tuple[tuple[str, str], ...]) -> str:
    """Return the entity whose form this is, in its own case if short or if two share the form."""
    for form, entity in forms:
        if form == written:
            return entity
    if len(written) <= CASE_SENSITIVE_UP_TO:
        return ""
    return forms[0][1]


def longest(hits: Iterable[NameHit]) -> list[NameHit]:
    """Return the hits that remain when a longer one takes its place from those it overlaps."""
    taken: list[NameHit] = []
    used: set[int] = set()
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        span = range(hit.start, hit.end)
        if used.isdisjoint(span):
            used.update(span)
            taken.append(hit)
    return sorted(taken, key=lambda h: h.start)


def short_forms(
    entities: Mapping[str, KnownEntity], ordinary: Container[str]
) -> dict[str, dict[str, str]]:
    """Return for each maker the short forms of its products: {"mediatek": {"Dimensity": …}}.

    Such a form is what is left of a name without its maker's, where no entity lists it as a name
    of its own: it means the product only beside the maker or after the full name. A remainder
    that several names share (Cloud, Platform) means nothing, nor does an `ordinary` word.
    """
    listed = {lower(normalise(f)) for e in entities.values() for f in e.forms}
    owners: dict[str, set[str]] = {}
    found: list[tuple[str, str, str]] = []
    for e in entities.values():
        for owner in _owners(e, entities):
            for name in owner.forms:
                rest = e.name.removeprefix(name + " ")
                usable = _SHORT_FORM.fullmatch(rest) and rest not in ordinary
                if rest != e.name and usable and lower(rest) not in listed:
                    owners.setdefault(rest, set()).add(e.id)
                    found.append((owner.id, rest, e.id))
    out: dict[str, dict[str, str]] = {}
    for owner_id, rest, id in found:
        if len(owners[rest]) == 1:
            out.setdefault(owner_id, {})[rest] = id
    return out


_SHORT_FORM = re.compile(
    r"(?=.*[a-z].*[a-z]|[A-Z0-9]{3})[A-Z][A-Za-z0-9]*(?:[ \-][A-Z0-9][A-Za-z0-9.]*)*"
)


def _owners(e: KnownEntity, entities: Mapping[str, KnownEntity]) -> Iterator[KnownEntity]:
    """Yield the maker and the parent of an entity, and the parents of these."""
    for id in dict.fromkeys((e.maker, e.parent)):
        if id:
            yield entities[id]
            if entities[id].parent:
                yield entities[entities[id].parent]
