"""Where the names that an annotator listed stand in the sentences of a post."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.annotated import Annotated
from kg.extract.names import bounded, normalise

# 「NVIDIAのGPU」 is annotated as one name, of which the first part is also the maker's.
_OF = re.compile(r"(?:の|製の?|社製の?|による)(?:最新)?")


@dataclass(frozen=True)
class AnnotatedNames:
    """The forms of the entities of an annotated post, with their classes."""

    classes: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, post: Annotated) -> AnnotatedNames:
        """Return the forms that an annotator gave."""
        classes = {normalise(a): e.cls for e in post.gold.entities for a in e.aliases if a.strip()}
        forms = sorted(classes, key=lambda f: (-len(f), f))
        return cls(classes, re.compile("|".join(map(re.escape, forms)) or r"(?!)"))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where names stand in a normalised text, with their classes; a maker's before that of
        what is its."""
        for m in self.pattern.finditer(text):
            form, start = m.group(), m.start()
            if not bounded(text, start, m.end()):
                continue
            cls = self.classes[form]
            if (owner := self._owner(form)) and (joint := _OF.match(form, len(owner))):
                yield start, start + len(owner), self.classes[owner]
                start += joint.end()
            yield start, m.end(), cls

    def _owner(self, form: str) -> str:
        """Return the longest name that a form begins with and that something belongs to in it."""
        begins = (form[: m.start()] for m in _OF.finditer(form) if m.end() < len(form))
        return max((b for b in begins if b in self.classes), key=len, default="")
