"""What the encoder's layers practise on: windows of posts in which some pieces are masked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.extract.tokens import START, STOP, UNKNOWN

# Tokens of a window.
WINDOW = 128
# What share of the tokens is masked, and how many in a row at most.
MASKED, LONGEST = 0.2, 3
# How often a masked piece is shown as one that is unknown, and how often as any other.
UNSEEN, OTHER = 0.8, 0.1


@dataclass(frozen=True, slots=True)
class Masked:
    """A window as it is shown, and at which places which pieces stood."""

    shown: list[int]
    places: list[int]
    pieces: list[int]


def windows(texts: Iterable[str], cut: Callable[[str], Sequence[int]]) -> list[list[int]]:
    """Return the lines of texts as ids of at most WINDOW tokens, those of a text together.

    A line that was met before is left out: half of what such posts say is said in others too.
    """
    out: list[list[int]] = []
    met: set[str] = set()
    for text in texts:
        lines = dict.fromkeys(x.strip() for x in text.splitlines())
        new = [x for x in lines if x and x not in met]
        met.update(new)
        ids = list(chain.from_iterable([*cut(x), STOP] for x in new))
        room = WINDOW - 1
        out += [[START, *ids[i : i + room]] for i in range(0, len(ids), room)]
    return out


def masked(ids: Sequence[int], vocabulary: int, rng: random.Random) -> Masked:
    """Mask some spans of a window; `vocabulary` is how many pieces there are."""
    out = Masked(list(ids), [], [])
    for at in _spans(len(ids), rng):
        if ids[at] == STOP:
            continue
        draw = rng.random()
        if draw < UNSEEN:
            out.shown[at] = UNKNOWN
        elif draw < UNSEEN + OTHER:
            out.shown[at] = rng.randrange(UNKNOWN, vocabulary)
        out.places.append(at)
        out.pieces.append(ids[at])
    return out


def _spans(size: int, rng: random.Random) -> Iterator[int]:
    """Yield the places of a window to mask, the first token's never."""
    mean = (1 + LONGEST) / 2
    at = 1
    while at < size:
        length = rng.randint(1, LONGEST)
        if rng.random() < MASKED / mean / (1 - MASKED):
            yield from range(at, min(size, at + length))
            at += length
        at += 1
