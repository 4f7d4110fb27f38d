"""Passages side by side, as tensors: their tokens, and behind these the markers of their pairs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from bench.encoder_net import FILLED
from bench.lessons import NOT_ASKED, Lesson, veiled


@dataclass(frozen=True)
class Packed:
    """A batch of passages.

    `ids` and `classes` are texts × tokens, `means` ends × tokens of all texts. The layers read texts
    × places: `taken` is what stands in each, counted through all tokens, then the markers of all
    subjects, then of all objects; `of` is 0 for a token and else the pair, from 1, that a marker asks
    about; `tags` are those of the tokens. `ends` is ends × places of all texts; `subjects` and
    `objects` are the places of the markers of each of the `pairs` (pairs × 3).
    """

    ids: torch.Tensor
    classes: torch.Tensor
    means: torch.Tensor
    taken: torch.Tensor
    of: torch.Tensor
    tags: torch.Tensor
    ends: torch.Tensor
    pairs: torch.Tensor
    subjects: torch.Tensor
    objects: torch.Tensor

    @classmethod
    def of_lessons(cls, batch: Sequence[Lesson], rng: random.Random, pieces: int) -> Packed:
        """Lay lessons out, some of their names veiled; `pieces` is the size of the vocabulary."""
        tokens = [len(x.tokens.ids) for x in batch]
        asked = [len(x.pairs) for x in batch]
        length, places = max(tokens), max(x.places for x in batch)
        ids, classes = torch.zeros((2, len(batch), length), dtype=torch.long)
        taken = torch.zeros((len(batch), places), dtype=torch.long)
        of, tags = torch.full_like(taken, FILLED), torch.full_like(taken, NOT_ASKED)
        spans = sum(len(x.tokens.spans) for x in batch)
        means = torch.zeros((spans, len(batch), length))
        pairs = np.zeros((sum(asked), 3), dtype=np.int64)
        subjects, objects = torch.zeros((2, len(pairs)), dtype=torch.long)
        end = pair = 0
        for row, (x, size, n) in enumerate(zip(batch, tokens, asked, strict=True)):
            shown, said = veiled(x, rng, pieces)
            ids[row, :size], classes[row, :size] = torch.tensor(shown), torch.tensor(said)
            tags[row, :size] = torch.from_numpy(x.tags)
            mine, first = slice(pair, pair + n), len(batch) * length + pair
            marker = torch.arange(n)
            taken[row, :size] = row * length + torch.arange(size)
            taken[row, size : size + n] = first + marker
            taken[row, size + n : size + 2 * n] = first + len(pairs) + marker
            of[row, :size] = 0
            of[row, size : size + 2 * n] = (marker + 1).repeat(2)
            subjects[mine] = row * places + size + marker
            objects[mine] = subjects[mine] + n
            if n:
                pairs[mine] = np.add(x.pairs, (end, end, 0))
            for start, stop in x.tokens.spans:
                means[end, row, start:stop] = 1 / (stop - start)
                end += 1
            pair += n
        return cls(
            ids=ids,
            classes=classes,
            means=means.flatten(1),
            taken=taken,
            of=of,
            tags=tags,
            ends=functional.pad(means, (0, places - length)).flatten(1),
            pairs=torch.from_numpy(pairs),
            subjects=subjects,
            objects=objects,
        )
