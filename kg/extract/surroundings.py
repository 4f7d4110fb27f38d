"""Who stands around a sentence: every entity that a number in it may be said of, and where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from kg.extract.amounts import Amount
from kg.extract.blocks import Kind
from kg.extract.document import Sentence
from kg.extract.markers import lists
from kg.extract.mentions import Mention, Mentions
from kg.extract.names import normalise
from kg.extract.tables import Cells, heads
from kg.extract.views import Source, Stats, View

# How many sentences back an entity is looked for, and how many sentences back all are thought of.
_BACK = 6
_CONTEXT = 4
# How many sentences of a section are counted, and how many of the title's and of the post's most
# named entities are thought of everywhere.
_SECTION = 40
_OF_TITLE, _OF_POST = 3, 2
# Where an entity stands, as seen from an amount.
BEFORE, AFTER, CELL, CARRIED, BACK, POST = range(6)


class Surroundings:
    """A post with its mentions by sentence; everything is worked out where it is asked for."""

    def __init__(
        self, sentences: Sequence[Sentence], mentions: Mentions, views: Mapping[int, View]
    ) -> None:
        self.sentences = sentences
        self.entities = mentions.entities
        self.mentions = mentions
        self.views = views
        self.named: dict[int, list[Mention]] = defaultdict(list)
        for m in mentions.mentions:
            self.named[m.sentence].append(m)
        for i, v in views.items():
            # 同社 stands for what it points back to.
            self.named[i] += [
                Mention(i, a.start, a.end, a.entity)
                for a in v.anchors
                if a.source is Source.ANAPHOR
            ]
            self.named[i].sort()
        self.stats = Stats.of(sentences, mentions, frozenset())
        self.rank = {e: k for k, (e, _) in enumerate(self.stats.count.most_common())}
        self._texts: dict[int, str] = {}
        self._groups: dict[int, list[int]] = {}

    def text(self, i: int) -> str:
        """Return a sentence narrowed to half width."""
        if i not in self._texts:
            self._texts[i] = normalise(self.sentences[i].text)
        return self._texts[i]

    @cached_property
    def heads(self) -> Mapping[int, int]:
        """The sentence that is the head of a table, by the sentences that are its rows."""
        return heads(self.sentences)

    @cached_property
    def headings(self) -> Mapping[int, int]:
        """The heading's sentence of each section."""
        return {s.section: k for k, s in enumerate(self.sentences) if s.kind is Kind.HEADING}

    def cells(self, i: int) -> Cells | None:
        """Return the cells of a row; None of any other sentence."""
        return Cells(self.text(i)) if self.sentences[i].kind is Kind.ROW else None

    def head_text(self, i: int, column: int) -> str:
        """Return what the head of a row's column says."""
        return Cells(self.text(self.heads[i])).text(column) if i in self.heads else ""

    def head_entities(self, i: int, column: int) -> set[str]:
        """Return the entities that the head of a row's column names."""
        if i not in self.heads:
            return set()
        cells = Cells(self.text(self.heads[i]))
        return {m.entity for m in self.named[self.heads[i]] if cells.column(m.start) == column}

    def section(self, i: int) -> Counter[str]:
        """Return how often the section of a sentence names what, up to the sentence."""
        out: Counter[str] = Counter()
        for j in range(i, max(-1, i - 1 - _SECTION), -1):
            if self.sentences[j].section != self.sentences[i].section:
                break
            out.update(m.entity for m in self.named[j])
        return out

    def inside(self, i: int) -> set[str]:
        """Return the entities that a sentence names."""
        return {m.entity for m in self.named[i]}

    def heading(self, i: int) -> set[str]:
        """Return the entities in the heading above a sentence."""
        at = self.headings.get(self.sentences[i].section)
        return self.inside(at) if at is not None and at != i else set()

    def source(self, i: int, entity: str) -> int:
        """Return how the sentence's view has the entity, one more than its Source; 0: not."""
        view = self.views.get(i)
        if view is None:
            return 0
        return next((int(a.source) + 1 for a in view.anchors if a.entity == entity), 0)

    def last(self, i: int, entity: str) -> Mention | None:
        """Return the last mention of an entity in the sentences just before."""
        for j in range(i - 1, max(-1, i - 1 - _BACK), -1):
            for m in reversed(self.named[j]):
                if m.entity == entity:
                    return m
        return None

    def candidates(self, i: int) -> list[str]:
        """Return the entities that an amount in a sentence may be said of."""
        found = dict.fromkeys(m.entity for m in self.named[i])
        if i in self.heads:
            found |= dict.fromkeys(m.entity for m in self.named[self.heads[i]])
        view = self.views.get(i)
        if view is not None:
            found |= dict.fromkeys(a.entity for a in view.anchors if a.source is not Source.FAMILY)
        for j in range(i - 1, max(-1, i - 1 - _CONTEXT), -1):
            found |= dict.fromkeys(m.entity for m in self.named[j])
        found |= dict.fromkeys(sorted(self.heading(i)))
        found |= dict.fromkeys(sorted(self.stats.title, key=self.rank.__getitem__)[:_OF_TITLE])
        found |= dict.fromkeys(e for e, k in self.rank.items() if k < _OF_POST)
        return list(found)

    def ordered(
        self,
        i: int,
        a: Amount,
        candidates: Sequence[str],
        compared: Callable[[str, Mention], bool],
    ) -> list[tuple[str, Mention | None]]:
        """Return the candidates with their nearest mention in the sentence, the likeliest first:
        nearest before the amount, then behind it, then as they were found."""
        nearest: dict[str, tuple[int, int, Mention]] = {}
        cells = self.cells(i)
        for m in self.named[i]:
            side = (0, a.start - m.end) if m.end <= a.start else (1, m.start - a.end)
            if cells is not None:
                # The row says of what it begins with, or a cell of what it names itself.
                column = cells.column(m.start)
                side = (int(column != cells.column(a.start)), column * 100 + m.start)
            elif compared(self.text(i), m):
                side = (2, side[1])
            if m.entity not in nearest or side < nearest[m.entity][:2]:
                nearest[m.entity] = (*side, m)
        inside = sorted((x[0], x[1], e) for e, x in nearest.items())
        out: list[tuple[str, Mention | None]] = [(e, nearest[e][2]) for _, _, e in inside]
        return out + [(e, None) for e in candidates if e not in nearest]

    def place(self, i: int, entity: str, a: Amount, m: Mention | None) -> int:
        """Return where a candidate stands, as one of BEFORE to POST."""
        if m is not None:
            return BEFORE if m.end <= a.start else AFTER
        if i in self.heads and entity in self.inside(self.heads[i]):
            return CELL
        if self.source(i, entity):
            return CARRIED
        return BACK if self.last(i, entity) else POST

    def group(self, i: int, m: Mention) -> int:
        """Return the number of the list that a mention stands in."""
        if i not in self._groups:
            self._groups[i] = lists(self.text(i), [(x.start, x.end) for x in self.named[i]])
        return self._groups[i][self.named[i].index(m)]

    def group_size(self, i: int, m: Mention) -> int:
        """Return how many stand in the list that a mention stands in."""
        own = self.group(i, m)
        return self._groups[i].count(own)
