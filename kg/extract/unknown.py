"""Names that nobody lists: those that their form or the words around them explain."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.names import LISTING, Named, NameHit, bounded, normalise
from kg.model import slug

# A name written in Latin letters: capitalised words and numbers, as in "Exynos AI 7".
_LATIN = r"[A-Z][A-Za-z0-9+\-]*(?:\.[0-9A-Za-z]+)*(?:[ ][A-Z0-9][A-Za-z0-9+.\-]*){0,3}"
_KATAKANA = r"[ァ-ヺー]{2,}(?:[・＝][ァ-ヺー]{2,})*"
_NAME = re.compile(f"{_LATIN}|{_KATAKANA}")
_QUOTE_OPEN, _QUOTE_CLOSE = '「『"“', '」』"”'
# Kinds that look like names: an acronym of a way to sell software, a plain acronym of letters.
_GENERIC = re.compile(r"[A-Z][A-Za-z]{0,3}aaS|[A-Z]{2,4}")
_ENDING = re.compile(r"(.*?)([ .]?)([^ .]+\.*)")


class UnknownNames:
    """Finds names that no entity has: by what they are called beside them (「新興企業のX」), by
    their ending ("X Capital") and by the list they stand in."""

    def __init__(self, lexicon: Lexicon, versioned: Container[str]) -> None:
        self.lexicon = lexicon
        self._versioned_classes = versioned
        nouns = sorted(lexicon.kinds, key=lambda t: -len(t))
        self._kind_before = re.compile(
            "(?:" + "|".join(map(re.escape, nouns)) + ")(?:の|である|、)?$"
        )
        self._kind_after = re.compile(
            r"[」』\"”]?(?:という|といった|と呼ばれる|とよばれる|（|\()?(?P<kind>"
            + "|".join(map(re.escape, nouns))
            + ")"
        )

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
        skip: set[str],
    ) -> dict[str, str]:
        """Return forms that no one lists but that the post explains, each with its new entity."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for s, found in zip(sentences, hits, strict=True):
            plain = normalise(s.text)
            used = {i for h in found for i in range(h.start, h.end)}
            for m in _NAME.finditer(plain):
                form = m.group()
                if (
                    m.start() in used
                    or m.end() - 1 in used
                    or form in skip
                    or form in self.lexicon.ordinary
                    or not bounded(plain, m.start(), m.end())
                    or len(form) < 3
                    or _GENERIC.fullmatch(form)
                ):
                    continue
                for cls, weight in (
                    *self._explain(plain, m.start(), m.end()),
                    *self._ending(form),
                    *self._listed_with(plain, found, m.start(), m.end(), entities),
                ):
                    votes[form][cls] += weight
        local: dict[str, str] = {}
        for form in sorted(votes):
            cls, weight = max(votes[form].items(), key=lambda v: (v[1], v[0]))
            if weight >= 2:
                id = f"{slug(form)}-{cls.lower()}"
                entities[id] = Named(id, cls, form, False, 0.6)
                local[form] = id
        return local

    def _ending(self, form: str) -> Iterator[tuple[str, int]]:
        """Yield the class that a name's ending gives: "Qux Capital", "Qux.ai"."""
        parts = _ENDING.fullmatch(form)
        if parts is None:
            return
        stem, joint, last = parts.groups()
        cls = self.lexicon.name_endings.get(last if joint == " " else (joint + last).lower())
        if cls and any(word not in self.lexicon.ordinary for word in stem.split(" ")):
            yield cls, 2

    def _listed_with(
        self,
        text: str,
        hits: Sequence[NameHit],
        start: int,
        end: int,
        entities: Mapping[str, Named],
    ) -> Iterator[tuple[str, int]]:
        """Yield the class of the names that stand in a list with text[start:end], if they agree."""
        classes = []
        for hit in reversed([h for h in hits if h.end <= start]):
            if not LISTING.fullmatch(text, hit.end, start):
                break
            classes.append(entities[hit.entity].cls)
            start = hit.start
        for hit in (h for h in hits if h.start >= end):
            if not LISTING.fullmatch(text, end, hit.start):
                break
            classes.append(entities[hit.entity].cls)
            end = hit.end
        if len(set(classes)) == 1:
            yield classes[0], min(len(classes), 2)

    def _explain(self, text: str, start: int, end: int) -> Iterable[tuple[str, int]]:
        """Yield the classes that the words around text[start:end] suggest, with a weight."""
        latin = text[start].isascii()
        quoted = text[start - 1 : start] in tuple(_QUOTE_OPEN) and text[end : end + 1] in tuple(
            _QUOTE_CLOSE
        )
        before = text[: start - 1] if quoted else text[:start]
        m = self._kind_before.search(before[-16:])
        if m and (quoted or latin):
            kind = self.lexicon.kinds[re.sub(r"(の|である|、)$", "", m.group())]
            if quoted or (kind.introduces and m.group().endswith("の")):
                yield kind.cls, 2
        m = self._kind_after.match(text, end)
        if m is None:
            return
        kind = self.lexicon.kinds[m.group("kind")]
        direct = text[end : m.start("kind")] in {"", *_QUOTE_CLOSE}
        if kind.suffix:
            if direct and (latin or "・" in text[start:end]):
                yield kind.cls, 2
        elif ((quoted or latin) and not direct) or (quoted and latin):
            yield kind.cls, 2
        elif latin and kind.cls in self._versioned_classes:
            yield kind.cls, 1
