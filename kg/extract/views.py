"""A sentence as extraction sees it: what it can relate, its lists, and the words that may say how."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from kg.extract.blocks import Kind
from kg.extract.document import Sentence
from kg.extract.entries import Cue
from kg.extract.mentions import Mentions
from kg.extract.parse import Parse
from kg.extract.tables import Cells


class Source(IntEnum):
    """Where one end of a candidate comes from."""

    SENTENCE = 0
    ANAPHOR = 1
    TOPIC = 2
    HEADING = 3
    TITLE = 4
    PREVIOUS = 5
    INSIDE_NAME = 6
    FAMILY = 7
    COLUMN = 8


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entity that a sentence can relate; `start` is -1 where it stands outside the sentence.

    In a row of a table, `column` is the number of the cell that it stands in, or that it heads.
    """

    entity: str
    start: int
    end: int
    source: Source
    column: int = -1

    @property
    def inside(self) -> bool:
        """Whether it stands in the sentence itself."""
        return self.start >= 0


@dataclass(frozen=True, slots=True)
class CueHit:
    """A word of the lexicon in a sentence."""

    start: int
    end: int
    cue: Cue


@dataclass(frozen=True, slots=True)
class Around:
    """The words of the lexicon near a sentence, by property: in the sentences before and after it
    in its section, in the heading above and in the title."""

    before: Mapping[str, tuple[str, ...]]
    after: Mapping[str, tuple[str, ...]]
    heading: Mapping[str, tuple[str, ...]]
    title: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class View:
    """A sentence prepared for pairing.

    `markers`, `groups` and `group_markers` run parallel to `anchors`: the particle of each, the
    list it stands in, and the particle at that list's end. `cue_starts` says where the words of
    all properties start, in order; `head` is the first row of the table that the sentence is a row
    of.
    """

    index: int
    sentence: Sentence
    text: str
    parse: Parse | None
    anchors: tuple[Anchor, ...]
    markers: tuple[str, ...]
    groups: tuple[int, ...]
    group_markers: tuple[str, ...]
    cues: Mapping[str, tuple[CueHit, ...]]
    cue_starts: tuple[int, ...]
    around: Around
    head: Cells | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts over a post: mentions, sentences, first sentence of each entity, ranks of agents."""

    count: Counter[str]
    sentences: Mapping[str, set[int]]
    first: Mapping[str, int]
    title: frozenset[str]
    rank: Mapping[str, int]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], mentions: Mentions, agents: frozenset[str]) -> Stats:
        """Count over the mentions of a post; `agents` are the classes that are ranked."""
        where: dict[str, set[int]] = defaultdict(set)
        first: dict[str, int] = {}
        title: set[str] = set()
        for m in mentions.mentions:
            if sentences[m.sentence].kind is Kind.TITLE:
                title.add(m.entity)
            else:
                where[m.entity].add(m.sentence)
                first.setdefault(m.entity, m.sentence)
        count = Counter(m.entity for m in mentions.mentions)
        ranked = [e for e, _ in count.most_common() if mentions.entities[e].cls in agents]
        return cls(count, where, first, frozenset(title), {e: i for i, e in enumerate(ranked)})
