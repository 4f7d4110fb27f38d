"""A sentence as the language model is shown it: what was said before, the sentence, its entities.

It is asked of pairs in the sentence: of two entities, whether a property holds between them; of an
entity and an amount, whether the amount is said of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg.extract.candidates import Candidate
from kg.extract.document import Kind, Sentence
from kg.extract.names import normalise
from kg.extract.owners import Pairing
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


AMOUNT, SAID_OF = "amount", "saidOf"
"""What stands for the class of an amount, and for the property of an entity that it is said of it."""


@dataclass(frozen=True, slots=True)
class End:
    """One of a pair: its name, its class, and the span of its sentence, (-1, -1) outside it."""

    name: str
    cls: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a property holds of a pair, as a sentence has it; `source` numbers how context
    carries one of them in, `position` is that of what is asked among the candidates or pairings
    of the post."""

    position: int
    sentence: int
    subject: End
    property: str
    object: End
    source: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with what is asked of it.

    `before` is what the post says before it, the last of it at least. `pairs` are subject and
    object, as positions among `ends`, and source. Each of `asked` is the position of what a question
    asks, that of its pair, and its property.
    """

    before: str
    text: str
    ends: tuple[End, ...]
    pairs: tuple[tuple[int, int, int], ...]
    asked: tuple[tuple[int, int, str], ...]


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


def of_candidates(
    candidates: Iterable[Candidate], reading: Reading, wanted: Container[int] | None = None
) -> Iterator[Question]:
    """Yield what is asked of the candidates of a post: of all, or of those of wanted sentences."""
    entities = reading.mentions.entities
    for i, c in enumerate(candidates):
        if wanted is not None and c.sentence not in wanted:
            continue
        s, o = entities[c.subject], entities[c.object]
        yield Question(
            position=i,
            sentence=c.sentence,
            subject=End(s.name, s.cls, c.subject_at),
            property=c.predicate,
            object=End(o.name, o.cls, c.object_at),
            source=int(c.source),
        )


def of_pairings(
    pairings: Iterable[Pairing], reading: Reading, wanted: Container[int] | None = None
) -> Iterator[Question]:
    """Yield what is asked of the pairings of a post: of all, or of those of wanted sentences."""
    entities = reading.mentions.entities
    for i, p in enumerate(pairings):
        if wanted is not None and p.sentence not in wanted:
            continue
        owner = entities[p.entity]
        yield Question(
            position=i,
            sentence=p.sentence,
            subject=End(owner.name, owner.cls, p.at),
            property=SAID_OF,
            object=End("", AMOUNT, (p.amount.start, p.amount.end)),
            source=p.source,
        )


def passages(questions: Iterable[Question], sentences: Sequence[Sentence]) -> Iterator[Passage]:
    """Yield the sentences of a post of which something is asked."""
    by_sentence: dict[int, list[Question]] = {}
    for q in questions:
        by_sentence.setdefault(q.sentence, []).append(q)
    for sentence, some in by_sentence.items():
        ends: dict[End, int] = {}
        pairs: dict[tuple[int, int, int], int] = {}
        asked = []
        for q in some:
            s = ends.setdefault(q.subject, len(ends))
            o = ends.setdefault(q.object, len(ends))
            asked.append((q.position, pairs.setdefault((s, o, q.source), len(pairs)), q.property))
        yield Passage(
            before=_before(sentences, sentence),
            text=normalise(sentences[sentence].text),
            ends=tuple(ends),
            pairs=tuple(pairs),
            asked=tuple(asked),
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
        for end in p.ends:
            start, stop = end.at
            if start >= 0:
                first, last = at_byte[start], at_byte[stop]
                at = [t for t, begin, over in offsets if begin < last and over > first]
                # What stands beyond the longest that is read is spoken of by the whole sentence.
                spans.append((at[0], at[-1] + 1) if at else (0, 1))
            elif len(ids) + LONGEST_NAME >= PLACES:
                spans.append((0, 1))
            else:
                first = len(ids)
                ids += self._pieces.encode(_encodable(end.name))[:LONGEST_NAME] or [UNKNOWN]
                spans.append((first, len(ids)))
                ids.append(STOP)
        classes = [0] * len(ids)
        for end, (first, stop) in zip(p.ends, spans, strict=True):
            number = self._classes.get(end.cls, 0)
            classes[first:stop] = [number] * (stop - first)
        return Tokens(tuple(ids), tuple(classes), tuple(spans))


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, which have no bytes; as long as it was."""
    return text.encode("utf-8", "replace").decode("utf-8")
