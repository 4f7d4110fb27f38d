"""Japanese dependency parses. The only module that imports GiNZA and spaCy."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MODEL = "ja_ginza"

# Named entities are ours to find: GiNZA's recogniser takes half the time and is mostly wrong on
# these posts ("Amazon SageMaker" is a Person to it).
_UNUSED = ["ner"]


@dataclass(frozen=True, slots=True)
class Parse:
    """The dependency tree of a sentence; all tuples have one item a token.

    `starts` and `ends` are offsets into the sentence, `heads` token indices (the root's is its
    own), `lemmas` dictionary forms, `tags` universal parts of speech, `deps` universal relations.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lemmas: tuple[str, ...]
    tags: tuple[str, ...]
    deps: tuple[str, ...]
    heads: tuple[int, ...]

    def token_at(self, offset: int) -> int:
        """Return the index of the token that covers `offset`, or the last one before it."""
        low, high = 0, len(self.starts)
        while low < high:
            mid = (low + high) // 2
            if self.starts[mid] <= offset:
                low = mid + 1
            else:
                high = mid
        return max(0, low - 1)

    def span_head(self, start: int, end: int) -> int:
        """Return the syntactic head of text[start:end]: the token whose own head lies outside."""
        first, last = self.token_at(start), self.token_at(max(start, end - 1))
        for i in range(first, last + 1):
            if not first <= self.heads[i] <= last or self.heads[i] == i:
                return i
        return last

    def path_up(self, token: int) -> list[int]:
        """Return the tokens from `token` to the root, both included."""
        path = [token]
        while self.heads[path[-1]] != path[-1]:
            path.append(self.heads[path[-1]])
        return path


class Parser:
    """GiNZA with the parts that this program uses, loaded when the first sentence comes.

    A parse does not depend on the sentences that it is batched with (a test compares).
    """

    def __init__(self, batch_size: int = 64) -> None:
        self.batch_size = batch_size

    @cached_property
    def nlp(self) -> Language:
        """The language model; loading it takes seconds."""
        return _load()

    @property
    def version(self) -> str:
        """The versions of GiNZA and of its model."""
        return parser_version()

    def parse(self, texts: Sequence[str]) -> Iterator[Parse]:
        """Yield the parse of each text, in order."""
        if texts:
            for doc in self.nlp.pipe(texts, batch_size=self.batch_size):
                yield _parse(doc)


@cache
def parser_version() -> str:
    """Return the versions of GiNZA and of its model, without loading either."""
    spec = find_spec(MODEL)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    return f"ginza {version('ginza')}, {MODEL} {meta['version']}"


def _load() -> Language:
    import spacy  # noqa: PLC0415  (slow to import; only needed once a parse is)
    from thinc.api import NumpyOps, get_current_ops, set_current_ops  # noqa: PLC0415

    # GiNZA is used in processes that do nothing else with BLAS; threads only contend.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    ops = get_current_ops()
    if isinstance(ops, NumpyOps) and ops.use_blis:
        # NumPy's own BLAS multiplies these matrices two to three times as fast as blis.
        set_current_ops(NumpyOps(use_blis=False))
    return spacy.load(MODEL, exclude=_UNUSED)


def _parse(doc: Doc) -> Parse:
    return Parse(
        starts=tuple(t.idx for t in doc),
        ends=tuple(t.idx + len(t) for t in doc),
        lemmas=tuple(t.lemma_ for t in doc),
        tags=tuple(t.pos_ for t in doc),
        deps=tuple(t.dep_ for t in doc),
        heads=tuple(t.head.i for t in doc),
    )
