"""Make the pretrained layers read our kind of text: they guess pieces of it that are masked.

Masked language modelling on the texts to read, before a task is taught, is worth most where these are
far from what a model was trained on (Gururangan and others, 2020,
https://arxiv.org/abs/2004.10964). Here it also mends what was lost when the weights were cut to four
bits and the upper layers left out.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence

import torch
from torch.nn import functional

from bench.descent import Descent
from bench.encoder_net import FILLED, Guess, Net, visible
from bench.masked import masked, windows

# Windows of a batch, and how many are read, some 6 million tokens.
BATCH, MOST = 16, 48_000
STEP, LONGEST_GRADIENT = 4e-4, 1.0
# Batches between two reports.
REPORT = 100
SEED = 0


def loss(net: Net, guess: Guess, batch: Sequence[list[int]], rng: random.Random) -> torch.Tensor:
    """Return the mean cross-entropy of the masked pieces of a batch."""
    length = max(map(len, batch))
    shown = torch.zeros((len(batch), length), dtype=torch.long)
    of = torch.full_like(shown, FILLED)
    places: list[int] = []
    wanted: list[int] = []
    for row, ids in enumerate(batch):
        m = masked(ids, net.word.num_embeddings, rng)
        places += [row * length + at for at in m.places]
        wanted += m.pieces
        shown[row, : len(ids)] = torch.tensor(m.shown)
        of[row, : len(ids)] = 0
    states = net.read(net.embedded(shown, torch.zeros_like(shown)), visible(of)).flatten(0, 1)
    odds = guess(states[torch.tensor(places)], net.word.weight)
    return functional.cross_entropy(odds, torch.tensor(wanted))


def adapt(net: Net, texts: Iterable[str], cut: Callable[[str], Sequence[int]]) -> float:
    """Train the pretrained layers and the embeddings of pieces on texts; return the mean
    cross-entropy (nats per masked piece) of the last REPORT batches."""
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    read = windows(texts, cut)
    rng.shuffle(read)
    del read[MOST:]
    guess = Guess(net)
    net.word.weight.requires_grad_(True)
    parameters = [*net.pretrained(), *net.classes.parameters(), net.word.weight]
    steps = -(-len(read) // BATCH)
    groups = [{"params": [*parameters, *guess.parameters()], "lr": STEP}]
    descent = Descent(groups, steps, parameters, LONGEST_GRADIENT)
    start = time.perf_counter()
    losses: list[float] = []
    net.train()
    for at in range(0, len(read), BATCH):
        losses.append(descent.step(loss(net, guess, read[at : at + BATCH], rng)))
        if len(losses) % REPORT == 0:
            recent, took = statistics.mean(losses[-REPORT:]), time.perf_counter() - start
            print(f"{len(losses)} of {steps}: {recent:.3f} nats after {took:.0f} s", flush=True)
    net.eval()
    net.word.weight.requires_grad_(False)
    return statistics.mean(losses[-REPORT:])
