"""What a post has spoken of so far, which a later sentence may leave unsaid or only point back to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from kg.extract.blocks import Kind
from kg.extract.document import Sentence
from kg.extract.entries import Anaphor
from kg.extract.views import Source

# How many sentences a topic is carried on when none takes its place, and how many entities each
# source may carry in: more only adds candidates that no reader would think of.
TOPIC_REACH = 3
CARRIED = {Source.TOPIC: 2, Source.HEADING: 2, Source.TITLE: 2, Source.PREVIOUS: 4}

# 彼ら is whom most of these are: the last that was named, which counts twice, the last that was marked
# as topic or subject, the one named most often so far, and the first of the title. On 500 posts that
# is right 66 times in 100, the last that was named alone 60 times.
LAST = 2

# How many entities what points back to several (「両社」, 「これらのチップ」) means at most: after a long
# list it means their kind.
SEVERAL = 4

ACTING = ""
"""What stands for the class of all that act like a firm, whichever theirs is."""


class Carried:
    """What has been said so far that a later sentence may leave unsaid."""

    def __init__(self, title: list[str], hero: str) -> None:
        self.title = title
        self.hero = hero
        self.heading: list[str] = []
        self._headings: dict[int, list[str]] = {}
        self._items: dict[int, list[str]] = {}
        self.topic: list[str] = []
        self.topic_at = (-1, -1)
        self.labelled: tuple[int, list[str]] = (-1, [])
        self.label_acts = False
        self.previous: tuple[int, list[str]] = (-1, [])
        self.last: dict[str, str] = {}
        self.several: dict[str, list[str]] = {}
        self.actor = self.subject = ""
        self.acting: Counter[str] = Counter()

    def enter(self, level: int, named: list[str]) -> None:
        """Start a section: what its heading names takes the place of the topic. Where it names
        nothing, that is what the heading names that it stands under, but for the post's own."""
        above = {at: entities for at, entities in self._headings.items() if at < level}
        self._headings = above | {level: named}
        inherited = (above[at] for at in sorted(above, reverse=True) if at > 1 and above[at])
        self.heading = named or next(inherited, [])
        self.topic = []

    def begin(self, s: Sentence, entities: list[str]) -> None:
        """Start an item of a list, for what stands in it or below: one that names nothing is about
        what the item above it names."""
        self._items[s.block] = entities or self._items.get(s.under, [])

    def label(self, s: Sentence, entities: list[str], *, acts: bool) -> None:
        """Start a paragraph or an item, which entities may label, that act like a firm or not."""
        self.labelled = s.block, entities
        self.label_acts = acts

    def act(self, entity: str, *, is_subject: bool) -> None:
        """Someone was spoken of who acts like a firm."""
        self.actor = entity
        self.acting[entity] += 1
        if is_subject:
            self.subject = entity

    def name(self, block: int, named: Mapping[str, str]) -> None:
        """A sentence of a block named entities, given with their class or ACTING."""
        self.previous = block, list(named)
        together: dict[str, list[str]] = defaultdict(list)
        for entity, kind in named.items():
            together[kind].append(entity)
        self.several |= {kind: some for kind, some in together.items() if len(some) > 1}

    def forget(self) -> None:
        """Someone was spoken of who is not known."""
        self.actor = self.subject = ""
        self.topic = []

    def resolve(self, word: Anaphor, *, is_agent: bool) -> list[str]:
        """Return the entities that a word points back to: one, or those of a kind that a sentence
        named last together."""
        if word.number == "one":
            one = self._actor() if is_agent else self.last.get(word.cls, "")
            return [one] if one else []
        return self.several.get(ACTING if is_agent else word.cls, [])[:SEVERAL]

    def _actor(self) -> str:
        if not self.actor:
            return ""
        votes = Counter({self.actor: LAST})
        for entity in (self.subject, self.hero, self.acting.most_common(1)[0][0]):
            if entity:
                votes[entity] += 1
        return votes.most_common(1)[0][0]

    def carried(self, index: int, s: Sentence) -> Iterator[tuple[Source, list[str]]]:
        """Yield what reaches the sentence from each source, nearest first."""
        if index - self.topic_at[0] <= TOPIC_REACH and s.section == self.topic_at[1]:
            yield Source.TOPIC, self.topic
        labels = self.labelled[1] if s.block == self.labelled[0] else []
        yield Source.TOPIC, labels
        if s.kind is not Kind.HEADING:
            yield Source.HEADING, self._items.get(s.under, [])
            yield Source.HEADING, self.heading
        # An item that a firm labels (「**Google**: …」) is about that firm, whoever the post is about.
        if not (labels and self.label_acts):
            yield Source.TITLE, self.title
        if self.previous[0] == s.block:
            yield Source.PREVIOUS, self.previous[1]
