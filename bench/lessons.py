"""What the encoder learns from an annotated post: passages with what holds in them, in batches."""

from __future__ import annotations

import random
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench import train_quantities
from bench.annotated import Annotated, Example
from bench.named import AnnotatedNames
from bench.train import properties
from kg.extract.naming import OUTSIDE, tag
from kg.extract.passages import SAID_OF, Passage, Question, passages, sayings
from kg.extract.tokens import UNKNOWN, Tokenizer, Tokens

# Places of a batch, and of how many passages together batches of one length are made.
BATCH, POOL = 1500, 2000
# How often a passage is shown in which no claim is quoted, and one that is shown for its names.
DULL, FOR_NAMES = 0.35, 0.15
# How often it is not said that something is a name, and how often such a name is made unheard of.
HIDDEN, UNHEARD = 0.2, 0.2

NOT_ASKED = -1

# How many old posts are read again for each new one, lest they be forgotten.
AGAIN = 3

# What there is no name without, but for a few.
_LOOKS = re.compile(r"[A-Z]|[ァ-ヺー]{3}")


def again(posts: Sequence[Annotated], seen: Container[str]) -> list[Annotated]:
    """Return the posts that were not seen, and AGAIN of the others for each."""
    new = [p for p in posts if p.doc not in seen]
    old = [p for p in posts if p.doc in seen]
    return new + random.Random(0).sample(old, min(len(old), AGAIN * len(new)))


def asked_of() -> tuple[str, ...]:
    """Return what pairs are asked for, in the order in which the model numbers it."""
    return (*properties(), SAID_OF)


@dataclass(frozen=True)
class Lesson:
    """A passage with what holds of its pairs (`labels` and `weights`, pairs × properties), and which
    part of what name its tokens are (`tags`), NOT_ASKED of those before and after its sentence.
    """

    tokens: Tokens
    pairs: Sequence[tuple[int, int, int]]
    labels: np.ndarray
    weights: np.ndarray
    tags: np.ndarray

    @property
    def places(self) -> int:
        """How many places the layers read: its tokens and two markers of each pair."""
        return len(self.tokens.ids) + 2 * len(self.pairs)

    @property
    def shown(self) -> float:
        """How often it is shown in an epoch: what an annotator quoted is always."""
        if not self.pairs:
            return FOR_NAMES
        return 1.0 if bool((self.labels * self.weights >= 1).any()) else DULL


@dataclass(frozen=True)
class Teacher:
    """Makes lessons of annotated posts."""

    tokenizer: Tokenizer
    classes: Sequence[str]

    def related(
        self,
        example: Example | train_quantities.Example,
        post: Annotated,
        questions: Iterable[Question],
    ) -> Iterator[Lesson]:
        """Yield the passages of a post of which something is asked."""
        column = {p: i for i, p in enumerate(asked_of())}
        names = AnnotatedNames.of(post)
        for p in passages(questions, example.reading):
            answers, counts = np.zeros((2, len(p.pairs), len(column)), dtype=np.float32)
            for question, pair, name in p.asked:
                at = pair, column[name]
                # A range has two amounts in one place.
                answers[at] = max(answers[at], example.labels[question])
                counts[at] = max(counts[at], example.weights[question])
            tokens = self.tokenizer.tokens(p)
            yield Lesson(tokens, p.pairs, answers, counts, self._tags(tokens, p.said.text, names))

    def named(self, example: Example) -> Iterator[Lesson]:
        """Yield the sentences of a post that hold a name, or what looks like one."""
        names = AnnotatedNames.of(example.annotated)
        nothing = np.zeros((0, len(asked_of())), dtype=np.float32)
        for said in sayings(example.reading):
            if _LOOKS.search(said.text) or any(names.find(said.text)):
                tokens = self.tokenizer.tokens(Passage(said))
                tags = self._tags(tokens, said.text, names)
                yield Lesson(tokens, (), nothing, nothing, tags)

    def _tags(self, tokens: Tokens, text: str, names: AnnotatedNames) -> np.ndarray:
        tags = np.full(len(tokens.ids), NOT_ASKED)
        tags[tokens.first : tokens.first + len(tokens.at)] = OUTSIDE
        for start, end, cls in names.find(text):
            inside = [
                t for t, at in enumerate(tokens.at, tokens.first) if start < at[1] and at[0] < end
            ]
            for n, t in enumerate(inside):
                tags[t] = tag(self.classes.index(cls), begins=n == 0)
        return tags


def batches(lessons: Sequence[Lesson], rng: random.Random) -> list[list[Lesson]]:
    """Return the lessons of an epoch in batches of about the same length, in random order."""
    shown = [x for x in lessons if rng.random() < x.shown]
    rng.shuffle(shown)
    out: list[list[Lesson]] = []
    for start in range(0, len(shown), POOL):
        batch: list[Lesson] = []
        for x in sorted(shown[start : start + POOL], key=lambda x: x.places):
            if batch and (len(batch) + 1) * x.places > BATCH:
                out.append(batch)
                batch = []
            batch.append(x)
        out.append(batch)
    rng.shuffle(out)
    return out


def veiled(x: Lesson, rng: random.Random, pieces: int) -> tuple[list[int], list[int]]:
    """Return ids and classes of a lesson with some names not said to be names, some of these made
    of other pieces, so that what stands around them must tell."""
    ids, classes = list(x.tokens.ids), list(x.tokens.classes)
    stop = x.tokens.first + len(x.tokens.at)
    at = x.tokens.first
    while at < stop:
        end = at + 1
        while end < stop and classes[end] == classes[at]:
            end += 1
        if classes[at] and rng.random() < HIDDEN:
            classes[at:end] = [0] * (end - at)
            if rng.random() < UNHEARD:
                ids[at:end] = [rng.randrange(UNKNOWN, pieces) for _ in range(at, end)]
        at = end
    return ids, classes
