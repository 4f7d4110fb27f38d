"""Which parts of a sentence are names, and of what: how the language model's tags are read.

The scheme is the usual one of beginning, inside and outside (Ramshaw and Marcus, 1995,
https://aclanthology.org/W95-0107): a tag for what is no name, and two for each class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OUTSIDE = 0


def tag(cls: int, *, begins: bool) -> int:
    """Return the number of the tag of a token that begins or continues a name of a class.

    >>> tag(0, begins=True), tag(0, begins=False), tag(1, begins=True)
    (1, 2, 3)
    """
    return 1 + 2 * cls + (not begins)


def tags(classes: int) -> int:
    """Return how many tags there are for that many classes."""
    return 1 + 2 * classes


@dataclass(frozen=True)
class Tags:
    """What the tokens of a sentence are: `likely` (tokens × tags), `at` their characters."""

    at: Sequence[tuple[int, int]]
    likely: npt.NDArray[np.float32]

    def classes(self, start: int, end: int) -> npt.NDArray[np.float32]:
        """Return how likely text[start:end] is a name of each class; zeros beyond what was read.

        It is so as far as its tokens are part of one, on average, the first does not go on with
        what stands before, and the token behind does not go on with it: 「シオカゼ」 of 「シオカゼAI」
        is no name.
        """
        inside = [t for t, (a, b) in enumerate(self.at) if a < end and b > start]
        begins, goes_on = self.likely[:, 1::2], self.likely[:, 2::2]
        if not inside:
            return np.zeros(begins.shape[1], dtype=np.float32)
        edges = goes_on[inside[0] : inside[0] + 1], goes_on[inside[-1] + 1 : inside[-1] + 2]
        apart = np.prod([1 - edge.sum() for edge in edges])
        likely: npt.NDArray[np.float32] = (begins + goes_on)[inside].mean(0) * apart
        return likely

    def spans(self, least: float) -> Iterator[tuple[int, int]]:
        """Yield the characters of each run of tokens that are part of a name with this probability
        at least; where one rather begins a name than goes on with it, a new run begins."""
        insides = 1 - self.likely[:, OUTSIDE] >= least
        beginnings = self.likely[:, 1::2].sum(1) > self.likely[:, 2::2].sum(1)
        start = end = -1
        for (a, b), inside, begins in zip(self.at, insides, beginnings, strict=True):
            if start >= 0 and (begins or not inside):
                yield start, end
                start = -1
            if inside:
                start, end = (a if start < 0 else start), b
        if start >= 0:
            yield start, end
