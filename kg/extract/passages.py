"""A sentence as the language model is shown it: what was said before, the sentence, its entities.

It is asked of pairs in the sentence: of two entities, whether a property holds between them; of an
entity and an amount, whether the amount is said of it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from kg.extract.blocks import Kind
from kg.extract.candidates import Candidate
from kg.extract.names import normalise
from kg.extract.owners import Pairing
from kg.extract.reading import Reading
from kg.extract.said import End, Said

# From how many characters before a sentence on no more of them are shown.
ENOUGH = 120

AMOUNT, SAID_OF = "amount", "saidOf"
"""What stands for the class of an amount, and for the property of an entity that it is said of it."""


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


_NOTHING = Said("")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence with what is asked of it.

    `title` is that of the post and `before` what it says before the sentence, the last of it at
    least. `pairs` are subject and object, as positions among `ends`, and source. Each of `asked` is
    the position of what a question asks, that of its pair, and its property.
    """

    said: Said
    title: Said = _NOTHING
    before: tuple[Said, ...] = ()
    ends: tuple[End, ...] = ()
    pairs: tuple[tuple[int, int, int], ...] = ()
    asked: tuple[tuple[int, int, str], ...] = ()


def of_candidates(
    candidates: Iterable[Candidate], reading: Reading, wanted: Container[int] | None = None
) -> Iterator[Question]:
    """Yield what is asked of the candidates of a post: of all, or of those at wanted positions."""
    entities = reading.mentions.entities
    for i, c in enumerate(candidates):
        if wanted is not None and i not in wanted:
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
    """Yield what is asked of the pairings of a post: of all, or of those at wanted positions."""
    entities = reading.mentions.entities
    for i, p in enumerate(pairings):
        if wanted is not None and i not in wanted:
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
