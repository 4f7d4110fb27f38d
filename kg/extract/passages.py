"""A sentence as the language model is shown it: what was said before, the sentence, its entities.

It is asked of pairs in the sentence: of two entities, whether a property holds between them; of an
entity and an amount, whether the amount is said of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kg.extract.candidates import Candidate
from kg.extract.document import Kind
from kg.extract.names import normalise
from kg.extract.owners import Pairing
from kg.extract.reading import Reading

if TYPE_CHECKING:
    import sentencepiece

# How many tokens are read of a sentence, of the title, of what was said before the sentence, and of
# the name of what stands in none of these.
LONGEST, TITLE, BEFORE, LONGEST_NAME = 160, 24, 80, 12

# From how many characters before a sentence on no more of them are shown.
ENOUGH = 120

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
class Said:
    """A sentence and the entities it names: the ends that a pair may have in it."""

    text: str
    names: tuple[End, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with what is asked of it.

    `title` is that of the post and `before` what it says before the sentence, the last of it at
    least. `pairs` are subject and object, as positions among `ends`, and source. Each of `asked` is
    the position of what a question asks, that of its pair, and its property.
    """

    said: Said
    title: Said = Said("")
    before: tuple[Said, ...] = ()
    ends: tuple[End, ...] = ()
    pairs: tuple[tuple[int, int, int], ...] = ()
    asked: tuple[tuple[int, int, str], ...] = ()


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


def passages(questions: Iterable[Question], reading: Reading) -> Iterator[Passage]:
    """Yield the sentences of a post of which something is asked."""
    by_sentence: dict[int, list[Question]] = {}
    for q in questions:
        by_sentence.setdefault(q.sentence, []).append(q)
    said = _Speech(reading)
    for sentence, some in by_sentence.items():
        ends: dict[End, int] = {}
        pairs: dict[tuple[int, int, int], int] = {}
        asked = []
        for q in some:
            s = ends.setdefault(q.subject, len(ends))
            o = ends.setdefault(q.object, len(ends))
            asked.append((q.position, pairs.setdefault((s, o, q.source), len(pairs)), q.property))
        yield Passage(
            said=said[sentence],
            title=said.title(sentence),
            before=said.before(sentence),
            ends=tuple(ends),
            pairs=tuple(pairs),
            asked=tuple(asked),
        )


def sayings(reading: Reading) -> list[Said]:
    """Return the sentences of a post with the entities that they name."""
    said = _Speech(reading)
    return [said[i] for i in range(len(reading.sentences))]


class _Speech:
    """The sentences of a post with what they name, and what stands before each."""

    def __init__(self, reading: Reading) -> None:
        self._sentences = reading.sentences
        self._named: dict[int, list[End]] = {}
        entities = reading.mentions.entities
        for m in reading.mentions.mentions:
            e = entities[m.entity]
            self._named.setdefault(m.sentence, []).append(End(e.name, e.cls, (m.start, m.end)))

    def __getitem__(self, at: int) -> Said:
        return Said(normalise(self._sentences[at].text), tuple(self._named.get(at, ())))

    def title(self, at: int) -> Said:
        """Return the title of the post, for a sentence of its body."""
        is_titled = self._sentences[0].kind is Kind.TITLE and at > 0
        return self[0] if is_titled else Said("")

    def before(self, at: int) -> tuple[Said, ...]:
        """Return at least the last ENOUGH characters of the body before a sentence."""
        said: list[Said] = []
        for i in range(at - 1, -1, -1):
            whole = sum(len(s.text) for s in said) >= ENOUGH
            if self._sentences[i].kind is Kind.TITLE or whole:
                break
            said.append(self[i])
        return tuple(reversed(said))


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
        first = len(ids)
        read = self._cut(p.said)[:LONGEST]
        ids += [*(piece.id for piece in read), STOP]
        classes = [self._classes.get(end.cls, 0) if end else 0 for end in of]
        classes += [*(self._classes.get(x.of.cls, 0) if x.of else 0 for x in read), 0]
        spans: list[tuple[int, int]] = []
        for end in p.ends:
            start, stop = end.at
            if start >= 0:
                at = [t for t, x in enumerate(read, first) if x.start < stop and x.end > start]
                # What stands beyond the longest that is read is spoken of by the whole sentence.
                spans.append((at[0], at[-1] + 1) if at else (0, 1))
            elif named := _last(of, end):
                spans.append(named)
            elif len(ids) + LONGEST_NAME >= PLACES:
                spans.append((0, 1))
            else:
                name = self._pieces.encode(_encodable(end.name))[:LONGEST_NAME] or [UNKNOWN]
                spans.append((len(ids), len(ids) + len(name)))
                ids += [*name, STOP]
                classes += [0] * (len(name) + 1)
        for end, (start, stop) in zip(p.ends, spans, strict=True):
            classes[start:stop] = [self._classes.get(end.cls, 0)] * (stop - start)
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
