"""Names that nobody lists: what looks like a name in a post, and what its surroundings make of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.name_features import Clues, Use
from kg.extract.names import LIKE_A_NAME, Named, NameHit, bounded, normalise
from kg.extract.tagged import USES, NameTagger, ReadsNothing
from kg.model import slug
from kg.schema import Schema

_HIDDEN = "\0"
_SHORTEST = 2

# How much of the letters of a sentence must be Japanese for its capitals to tell something; of the
# few letters of a short one, any. What joins the names of a list counts like some letters.
_JAPANESE, _SHORT, _JOINT = 0.2, 24, 4
_LETTER, _KANA_OR_KANJI = re.compile(r"[^\W\d_]"), re.compile(r"[ぁ-ゖァ-ヺー一-龥々]")


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Something that looks like a name and that nobody lists, with its uses in a post.

    `owner` is whose name stands right before it in one of them, or "".
    """

    form: str
    owner: str
    uses: tuple[Use, ...]


class NameJudge(NameTagger, Protocol):
    """Anything that says whether something is a name, and of what."""

    @property
    def version(self) -> str:
        """What its judgement depends on, for provenance."""
        ...

    def judge(
        self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]
    ) -> list[tuple[str, float]]:
        """Return the class of each, or "" where it names nothing, and how sure that is."""
        ...


class NoNames(ReadsNothing):
    """Knows no name: what nobody lists stays a word."""

    version = "no names"

    def judge(
        self, found: Sequence[tuple[Unlisted, Mapping[str, float]]]
    ) -> list[tuple[str, float]]:
        """Return that none of them names anything."""
        return [("", 0.0) for _ in found]


class UnknownNames:
    """Finds names that no entity has, by their form and by how the post speaks of them."""

    def __init__(self, schema: Schema, lexicon: Lexicon, judge: NameJudge) -> None:
        self.lexicon = lexicon
        self.makers = schema.below("CorporateAgent")
        self.classes = schema.classes
        self.clues = Clues(lexicon)
        self.judge = judge

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
        skip: Container[str],
    ) -> dict[str, str]:
        """Return forms that no one lists but that are names, each with its new entity."""
        found = [u for u in self.unlisted(sentences, hits, entities) if u.form not in skip]
        described = [(u, self.clues.describe(u.form, u.uses)) for u in found]
        local: dict[str, str] = {}
        for u, (cls, confidence) in zip(found, self.judge.judge(described), strict=True):
            if cls in self.makers and (full := self._begins(u.form, sentences, hits, entities)):
                local[u.form] = full
            # A model may know classes that the ontology has no more.
            elif cls in self.classes:
                name = f"{entities[u.owner].name} {u.form}" if u.owner else u.form
                id = f"{slug(name)}-{cls.lower()}"
                entities[id] = Named(id, cls, name, False, confidence, u.owner)
                local[u.form] = id
        return local

    def unlisted(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> list[Unlisted]:
        """Return what looks like a name of a post in order of its first use."""
        uses: dict[str, list[Use]] = defaultdict(list)
        owner: dict[str, str] = {}
        for s, known in zip(sentences, hits, strict=True):
            beside = [(h, entities[h.entity].cls) for h in known]
            for use in self.uses(s, beside, longer=True):
                form = use.text[use.start : use.end]
                uses[form].append(use)
                before = use.before
                if before and use.text[before.end : use.start] in {"", " "}:
                    owner.setdefault(form, before.entity)
        return [
            Unlisted(form, owner.get(form, ""), tuple(some[:USES])) for form, some in uses.items()
        ]

    def uses(
        self,
        sentence: Sentence,
        beside: Sequence[tuple[NameHit, str]],
        *,
        ordinary: bool = False,
        longer: bool = False,
    ) -> Iterator[Use]:
        """Yield what looks like a name beside the known ones of a sentence, given with their class.

        Where a sentence is hardly Japanese its capitals are those of another language's prose.
        Ordinary words are left out unless they are asked for. So is what says no more than the
        name before it: what stands for that in brackets (「Amazon（AMZN）」), and an abbreviation in
        full. The tail of a product's name is no name of its own (「GPT-5 Superb」 is no "Superb"); where
        `longer` ones are asked for, both together may be one.
        """
        plain = normalise(sentence.text)
        if not _japanese(plain):
            return
        masked = list(plain)
        for h, _ in beside:
            masked[h.start : h.end] = _HIDDEN * (h.end - h.start)
        for m in LIKE_A_NAME.finditer("".join(masked)):
            start, end = m.start(), m.start() + len(m.group().rstrip("-'+.#"))
            form = plain[start:end]
            if (
                end - start >= _SHORTEST
                and (ordinary or form not in self.lexicon.ordinary)
                and bounded(plain, start, end)
            ):
                use = Use(plain, start, end, sentence.kind, beside)
                product = self._tailed(use)
                if product and longer:
                    yield replace(use, start=product.start)
                elif not (product or _in_brackets(use) or _spelt_out(use)):
                    yield use

    def _begins(
        self,
        form: str,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> str:
        """Return the agent whose name, as the post writes it, a form begins: Bell, of "Bell
        Canada"; "" if there is none."""
        for s, known in zip(sentences, hits, strict=True):
            for h in known:
                if entities[h.entity].cls in self.makers and h.written(s.text).startswith(
                    f"{form} "
                ):
                    return h.entity
        return ""

    def _tailed(self, use: Use) -> NameHit | None:
        """Return the product whose name a form goes on with, if any: 「EC2 Inf9」."""
        return next(
            (
                h
                for h, cls in use.beside
                if cls not in self.makers and use.text[h.end : use.start] in {" ", "-"}
            ),
            None,
        )


def _japanese(text: str) -> bool:
    """Tell whether a sentence is in Japanese rather than quoted, or a row of names."""
    letters, own = len(_LETTER.findall(text)), len(_KANA_OR_KANJI.findall(text))
    listed = _JOINT * text.count("、")
    return own > 0 and (letters < _SHORT or own + listed >= _JAPANESE * letters)


def _in_brackets(use: Use) -> bool:
    """Tell whether a form stands alone in brackets after a known name: 「Amazon（AMZN）」."""
    before = use.before
    return before is not None and bool(
        re.fullmatch(r" ?[（(]", use.text[before.end : use.start])
        and use.text.startswith((")", "）"), use.end)
    )


def _spelt_out(use: Use) -> bool:
    """Tell whether a form spells out what stands before its bracket: 「NPU（Neural Processing Unit）」."""
    m = re.search(r"([A-Za-z]{2,6}) ?[（(]$", use.text[: use.start])
    initials = "".join(re.findall(r"\b[A-Za-z]|(?<=[a-z])[A-Z]", use.text[use.start : use.end]))
    return m is not None and m[1].casefold()[:2] == initials.casefold()[:2]
