"""People that nobody lists, in Japanese characters: 「高橋勇人氏」."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.names import Named, NameHit, normalise
from kg.model import slug

# A family name alone (「高橋氏」) is not told from 同氏 and 両氏; more than five characters are rather
# a post before the name.
_NAME = r"(?<![一-龥々ァ-ヺー])(?P<name>[一-龥々]{3,5}|[一-龥々]{1,3} [一-龥々]{1,3})"

# As sure as a title makes it: of what honorifics follow in these posts, hardly any is no person.
_CONFIDENCE = 0.8


class People:
    """Finds names of people by the honorific behind them."""

    def __init__(self, lexicon: Lexicon) -> None:
        honorifics = {k.text: k.cls for k in lexicon.kinds.values() if k.honorific}
        self._class_of = honorifics
        self._named = re.compile(f"{_NAME}(?P<honorific>{any_of(honorifics).pattern})")

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> dict[str, str]:
        """Return names that no hit covers, each with its new entity."""
        local: dict[str, str] = {}
        for s, known in zip(sentences, hits, strict=True):
            for m in self._named.finditer(normalise(s.text)):
                if any(h.start < m.end() and m.start() < h.end for h in known):
                    continue
                name, cls = m["name"], self._class_of[m["honorific"]]
                id = f"{slug(name)}-{cls.lower()}"
                entities.setdefault(id, Named(id, cls, name, False, _CONFIDENCE))
                local[name] = id
        return local
