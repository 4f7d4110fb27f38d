"""How a sentence states a claim: asserted, hedged or denied, with the scope of what says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.extract.lexicon import Lexicon, any_of
from kg.model import Modality

# A clause that ends like this is closed: what hedges the next one leaves it alone.
_CLAUSE_END = re.compile(
    r"(?:ますが|ですが|だが|たが|るが|いが|けれど|けど|ので|ため|から|るし|たし|ており|て|で|り|つつ|一方|ながら|ことで|ものの|"
    r"および|するだけでなく|だけでなく)、"
)
_SINGLE_CLAUSE_REACH = 60


@dataclass(frozen=True, slots=True)
class Judgement:
    """A modality, by which rule, and text[start:end] that it was read from (-1 where by none)."""

    modality: Modality
    rule: str
    start: int = -1
    end: int = -1


PRESUPPOSED = "taken for granted: nothing that the clause hedges or denies touches it"
BARE = "no word in reach hedges or denies it"
FINAL = "a word at the end of its clause"
BEFORE = "a word in front that governs it"
ANYWHERE = "a word in its clause"


class ModalityReader:
    """Decides the modality of a claim from where its words stand in the sentence."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._final = {
            m: any_of(c.text for c in lexicon.modality if c.modality is m and c.scope == "final")
            for m in (Modality.HEDGED, Modality.NEGATED)
        }
        self._before = any_of(c.text for c in lexicon.modality if c.scope == "before")
        self._anywhere = any_of(c.text for c in lexicon.modality if c.scope == "anywhere")

    def read(self, text: str, start: int, end: int, *, presupposed: bool) -> Modality:
        """Return the modality of a claim whose words stand in text[start:end] (see `judge`)."""
        return self.judge(text, start, end, presupposed=presupposed).modality

    def judge(self, text: str, start: int, end: int, *, presupposed: bool) -> Judgement:
        """Return the modality of a claim whose words stand in text[start:end], and why.

        What a clause presupposes (possession: 「NVIDIAのH100」) stays asserted whatever the clause
        itself hedges. Otherwise a cue at the end of the claim's own clause decides, or one in
        front of it that governs it.
        """
        if presupposed:
            return Judgement(Modality.ASSERTED, PRESUPPOSED)
        clause_end = _CLAUSE_END.search(text, end)
        last = clause_end.start() if clause_end else len(text)
        first = end
        if last - first > _SINGLE_CLAUSE_REACH and clause_end is None:
            # A cue so far away speaks of what came in between.
            first = last if "、" in text[end:last] else last - _SINGLE_CLAUSE_REACH // 2
        for modality, rule, cue in (
            (Modality.NEGATED, FINAL, self._final[Modality.NEGATED]),
            (Modality.HEDGED, FINAL, self._final[Modality.HEDGED]),
            (Modality.HEDGED, ANYWHERE, self._anywhere),
        ):
            if found := cue.search(text[first:last]):
                return Judgement(modality, rule, first + found.start(), first + found.end())
        if (found := self._before.search(text[:start])) and not clause_end:
            return Judgement(Modality.HEDGED, BEFORE, found.start(), found.end())
        return Judgement(Modality.ASSERTED, BARE)


def strongest(modalities: Iterable[Modality]) -> Modality:
    """Return the modality of a claim that several sentences make: asserted if any asserts it."""
    found = set(modalities)
    return next(m for m in Modality if m in found)
