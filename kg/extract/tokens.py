"""A passage as the transformer takes it: numbered pieces of words, and which of them name what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg.extract.passages import Passage
from kg.extract.said import End, Said

if TYPE_CHECKING:
    import sentencepiece

# How many tokens are read of a sentence, of the title, of what was said before the sentence, and of
# the name of what stands in none of these.
LONGEST, TITLE, BEFORE, LONGEST_NAME = 160, 24, 80, 12

# How many tokens the pretrained model can tell apart by their place.
PLACES = 512

# Ids of tokens that stand for no text, as in every XLM-R vocabulary.
START, STOP, UNKNOWN = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Tokens:
    """A passage as the transformer takes it.

    `classes[t]` is the number of the class of the entity that token t names, 0 for none;
    `spans[e]` is the range of tokens of end e. The tokens of the sentence itself start at `first`,
    and `at` has the range of its characters for each.
    """

    ids: tuple[int, ...]
    classes: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    first: int
    at: tuple[tuple[int, int], ...]

    def inputs(self, pairs: Sequence[tuple[int, int, int]]) -> dict[str, npt.NDArray[Any]]:
        """Return the inputs of the graph: ids and classes (T), means (ends × T), pairs (P × 3)."""
        means = np.zeros((len(self.spans), len(self.ids)), dtype=np.float32)
        for e, (start, stop) in enumerate(self.spans):
            means[e, start:stop] = 1 / (stop - start)
        return {
            "ids": np.array(self.ids, dtype=np.int64),
            "classes": np.array(self.classes, dtype=np.int64),
            "means": means,
            "pairs": np.array(pairs, dtype=np.int64).reshape(-1, 3),
        }


@dataclass(frozen=True, slots=True)
class _Piece:
    """A token of a sentence: its number, its characters, and the entity it is part of the name of."""

    id: int
    start: int
    end: int
    of: End | None


class Tokenizer:
    """Cuts passages into tokens. `classes` fixes the numbers by which the model knows them."""

    def __init__(
        self, pieces: sentencepiece.SentencePieceProcessor, classes: Sequence[str]
    ) -> None:
        self._pieces = pieces
        self._classes = {c: i + 1 for i, c in enumerate(classes)}
        # A sentence is shown again before each of the next ones.
        self._cut = lru_cache(maxsize=256)(self._pieces_of)

    def tokens(self, p: Passage) -> Tokens:
        """Return the tokens: the title, what was said before, the sentence, and the names of what
        stands in none of these."""
        title = self._cut(p.title)[:TITLE]
        before = [piece for said in p.before for piece in self._cut(said)][-BEFORE:]
        ids = [START]
        of: list[End | None] = [None]
        for part in (title, before):
            if part:
                ids += [*(piece.id for piece in part), STOP]
                of += [*(piece.of for piece in part), None]
        first, said_before = len(ids), tuple(of)
        read = self._cut(p.said)[:LONGEST]
        ids += [*(piece.id for piece in read), STOP]
        of += [*(piece.of for piece in read), None]
        spans: list[tuple[int, int]] = []
        for end in p.ends:
            start, stop = end.at
            if start >= 0:
                at = [t for t, x in enumerate(read, first) if x.start < stop and x.end > start]
                # What stands beyond the longest that is read is spoken of by the whole sentence.
                spans.append((at[0], at[-1] + 1) if at else (0, 1))
            elif named := _last(said_before, end):
                spans.append(named)
            elif len(ids) + LONGEST_NAME >= PLACES:
                spans.append((0, 1))
            else:
                name = self._pieces.encode(_encodable(end.name))[:LONGEST_NAME] or [UNKNOWN]
                spans.append((len(ids), len(ids) + len(name)))
                ids += [*name, STOP]
                of += [None] * (len(name) + 1)
        for end, (start, stop) in zip(p.ends, spans, strict=True):
            of[start:stop] = [end] * (stop - start)
        classes = [self._classes.get(end.cls, 0) if end else 0 for end in of]
        at_character = tuple((x.start, x.end) for x in read)
        return Tokens(tuple(ids), tuple(classes), tuple(spans), first, at_character)

    def _pieces_of(self, said: Said) -> tuple[_Piece, ...]:
        text = _encodable(said.text)
        # Its offsets count bytes.
        character = {byte: i for i, byte in enumerate(accumulate(len(c.encode()) for c in text), 1)}
        character[0] = 0
        out = []
        for piece in self._pieces.encode(text, return_type="proto").pieces:
            start, end = character[piece.begin], character[piece.end]
            of = (name for name in said.names if name.at[0] < end and name.at[1] > start)
            out.append(_Piece(piece.id, start, end, next(of, None)))
        return tuple(out)


def _last(of: Sequence[End | None], end: End) -> tuple[int, int] | None:
    """Return the range of the last tokens that name what an end names, if any do."""
    for stop in range(len(of), 0, -1):
        named = of[stop - 1]
        if named and (named.name, named.cls) == (end.name, end.cls):
            start = stop - 1
            while start and of[start - 1] is named:
                start -= 1
            return start, stop
    return None


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which have no bytes; as long as it was."""
    return text.encode("utf-8", "replace").decode("utf-8")
