"""A sentence as the language model is shown it: what was said before, the sentence, its entities."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg.extract.candidates import Candidate
from kg.extract.document import Kind, Sentence
from kg.extract.names import Named, normalise
from kg.extract.reading import Reading

if TYPE_CHECKING:
    import sentencepiece

# How many tokens are read of a sentence, of what was said before it, and of the name of what
# stands outside it.
LONGEST, BEFORE, LONGEST_NAME = 160, 64, 12

# How many tokens the pretrained model can tell apart by their place.
PLACES = 512

# Ids of tokens that stand for no text, as in every XLM-R vocabulary.
START, STOP, UNKNOWN = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with what its candidates relate.

    `before` is what the post says before it, the last of it at least. `ends` are the entities with
    the span of `text` where each stands, (-1, -1) outside it; `pairs` are subject, object and source
    of the candidates, and `of[i]` is the pair of the i-th of them, whose position among the
    candidates of the post is `candidates[i]`.
    """

    before: str
    text: str
    ends: tuple[tuple[Named, tuple[int, int]], ...]
    pairs: tuple[tuple[int, int, int], ...]
    candidates: tuple[int, ...]
    of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A passage as the transformer takes it.

    `classes[t]` is the number of the class of the entity that token t names, 0 for none;
    `spans[e]` is the range of tokens of end e.
    """

    ids: tuple[int, ...]
    classes: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def inputs(self, pairs: Sequence[tuple[int, int, int]]) -> dict[str, npt.NDArray[Any]]:
        """Return the inputs of the graph: ids and classes (T), means (ends × T), pairs (P × 3)."""
        means = np.zeros((len(self.spans), len(self.ids)), dtype=np.float32)
        for e, (start, stop) in enumerate(self.spans):
            means[e, start:stop] = 1 / (stop - start)
        return {
            "ids": np.array(self.ids, dtype=np.int64),
            "classes": np.array(self.classes, dtype=np.int64),
            "means": means,
            "pairs": np.array(pairs, dtype=np.int64),
        }


def passages(
    candidates: Sequence[Candidate], reading: Reading, wanted: Container[int] | None = None
) -> Iterator[Passage]:
    """Yield the sentences of a post that have candidates; of all, or of those wanted."""
    by_sentence: dict[int, list[int]] = {}
    for i, c in enumerate(candidates):
        if wanted is None or c.sentence in wanted:
            by_sentence.setdefault(c.sentence, []).append(i)
    entities = reading.mentions.entities
    for sentence, some in by_sentence.items():
        ends: dict[tuple[str, tuple[int, int]], int] = {}
        pairs: dict[tuple[int, int, int], int] = {}
        of = []
        for i in some:
            c = candidates[i]
            s = ends.setdefault((c.subject, c.subject_at), len(ends))
            o = ends.setdefault((c.object, c.object_at), len(ends))
            of.append(pairs.setdefault((s, o, int(c.source)), len(pairs)))
        yield Passage(
            before=_before(reading.sentences, sentence),
            text=normalise(reading.sentences[sentence].text),
            ends=tuple((entities[id], at) for id, at in ends),
            pairs=tuple(pairs),
            candidates=tuple(some),
            of=tuple(of),
        )


def _before(sentences: Sequence[Sentence], at: int) -> str:
    """Return at least the last BEFORE characters of the body before a sentence."""
    said: list[str] = []
    for s in reversed(sentences[:at]):
        if s.kind is Kind.TITLE or sum(map(len, said)) >= BEFORE:
            break
        said.append(normalise(s.text))
    return " ".join(reversed(said))


class Tokenizer:
    """Cuts passages into tokens. `classes` fixes the numbers by which the model knows them."""

    def __init__(
        self, pieces: sentencepiece.SentencePieceProcessor, classes: Sequence[str]
    ) -> None:
        self._pieces = pieces
        self._classes = {c: i + 1 for i, c in enumerate(classes)}

    def tokens(self, p: Passage) -> Tokens:
        """Return the tokens: what was said before, the sentence, and the names of what context
        carries in."""
        ids = [START]
        if p.before:
            ids += [*self._pieces.encode(_encodable(p.before))[-BEFORE:], STOP]
        text = _encodable(p.text)
        read = self._pieces.encode(text, return_type="proto").pieces[:LONGEST]
        # Its offsets count bytes.
        offsets = [(t, piece.begin, piece.end) for t, piece in enumerate(read, start=len(ids))]
        at_byte = [0, *accumulate(len(c.encode()) for c in text)]
        ids += [*(piece.id for piece in read), STOP]
        spans: list[tuple[int, int]] = []
        for entity, (start, end) in p.ends:
            if start >= 0:
                first, last = at_byte[start], at_byte[end]
                at = [t for t, begin, stop in offsets if begin < last and stop > first]
                # What stands beyond the longest that is read is spoken of by the whole sentence.
                spans.append((at[0], at[-1] + 1) if at else (0, 1))
            elif len(ids) + LONGEST_NAME >= PLACES:
                spans.append((0, 1))
            else:
                first = len(ids)
                ids += self._pieces.encode(_encodable(entity.name))[:LONGEST_NAME] or [UNKNOWN]
                spans.append((first, len(ids)))
                ids.append(STOP)
        classes = [0] * len(ids)
        for (entity, _), (first, stop) in zip(p.ends, spans, strict=True):
            number = self._classes.get(entity.cls, 0)
            classes[first:stop] = [number] * (stop - first)
        return Tokens(tuple(ids), tuple(classes), tuple(spans))


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which have no bytes; as long as it was."""
    return text.encode("utf-8", "replace").decode("utf-8")
