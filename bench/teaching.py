"""Teach the encoder: from the beginning, or further, from posts that were added since."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from torch.nn import functional

from bench import train_quantities
from bench.adapt import adapt
from bench.annotated import CORPUS, Example
from bench.descent import Descent
from bench.encoder_net import Base, Net, tokenizer, visible, vocabulary
from bench.graphs import export, weights
from bench.lessons import NOT_ASKED, Lesson, Teacher, asked_of, batches
from bench.packed import Packed
from kg.extract.encoder import GRAPH, TOKENS
from kg.extract.names import normalise
from kg.extract.naming import tags
from kg.extract.passages import AMOUNT, of_candidates, of_pairings
from kg.extract.posts import read_post
from kg.extract.tokens import Tokenizer

LAYERS = 6
LONGEST_GRADIENT = 5.0
# What a token of a name counts beside a pair.
SHARE_OF_TAGS = 0.2
# A piece of the vocabulary that the corpus has less often says too little.
LEAST_OCCURRENCES = 3
# How many passages show the exporter what inputs are like.
SHOWN = 200
SEED = 0


@dataclass(frozen=True)
class Plan:
    """How often lessons are gone through, and how large steps are: of what was trained before, and
    of what starts anew."""

    epochs: int
    step: float
    step_of_head: float


# How much of a model that went on learning counts beside what it was: their mean is as good on posts
# like those learnt from, and better on others (Wortsman and others, 2022,
# https://arxiv.org/abs/2109.01903).
SHARE_OF_NEW = 0.6

WHOLE, FURTHER = Plan(4, 1e-4, 6e-4), Plan(3, 5e-5, 1e-4)


def loss(net: Net, batch: Sequence[Lesson], rng: random.Random) -> torch.Tensor:
    """Return the cross-entropy of a batch, per passage."""
    p = Packed.of_lessons(batch, rng, net.word.num_embeddings)
    tokens = net.embedded(p.ids, p.classes).flatten(0, 1)
    whole = torch.cat([tokens, *net.markers(p.means @ tokens, p.pairs)])
    states = net.read(whole[p.taken], visible(p.of)).flatten(0, 1)
    named = functional.cross_entropy(
        net.tag(states), p.tags.flatten(), ignore_index=NOT_ASKED, reduction="sum"
    )
    total = SHARE_OF_TAGS * named
    if len(p.pairs):
        each = functional.binary_cross_entropy_with_logits(
            net.pairs(p.ends @ states, p.pairs, (states[p.subjects], states[p.objects])),
            torch.from_numpy(np.concatenate([x.labels for x in batch])),
            reduction="none",
        )
        weights = torch.from_numpy(np.concatenate([x.weights for x in batch]))
        total = total + (each * weights).sum()
    return total / len(batch)


def train(net: Net, lessons: Sequence[Lesson], plan: Plan) -> None:
    """Train as planned."""
    rng = random.Random(SEED)
    old = net.pretrained()
    known = {id(p) for p in old}
    new = [p for p in net.parameters() if p.requires_grad and id(p) not in known]
    groups = [{"params": old, "lr": plan.step}, {"params": new, "lr": plan.step_of_head}]
    steps = plan.epochs * len(batches(lessons, random.Random(SEED)))
    descent = Descent(groups, steps, [*old, *new], LONGEST_GRADIENT)
    start = time.perf_counter()
    net.train()
    for epoch in range(plan.epochs):
        total, some = 0.0, batches(lessons, rng)
        for batch in some:
            total += descent.step(loss(net, batch, rng))
        took = time.perf_counter() - start
        print(f"epoch {epoch + 1}: loss {total / len(some):.3f} after {took:.0f} s", flush=True)
    net.eval()


@dataclass(frozen=True)
class Course:
    """Annotated posts to learn from: what is asked of their entities, and of their amounts."""

    related: Sequence[Example]
    amounts: Sequence[train_quantities.Example]

    @property
    def docs(self) -> list[str]:
        """The posts, sorted."""
        return sorted(e.annotated.doc for e in self.related)

    def lessons(self, teacher: Teacher) -> list[Lesson]:
        """Return what is to be learnt, first where something is asked."""
        gold = {e.annotated.doc: e.annotated for e in self.related}
        asked = [
            lesson
            for e in self.related
            for lesson in teacher.related(e, e.annotated, of_candidates(e.candidates, e.reading))
        ]
        asked += [
            lesson
            for e in self.amounts
            for lesson in teacher.related(e, gold[e.doc], of_pairings(e.candidates, e.reading))
        ]
        for_names = [lesson for e in self.related for lesson in teacher.named(e)]
        print(
            f"{len(asked)} passages of {len(self.related)} posts, {len(for_names)} for their names",
            flush=True,
        )
        return asked + for_names


def learn(
    course: Course, classes: Sequence[str], read: Sequence[Path], out: Path
) -> dict[str, Any]:
    """Train an encoder on the posts to `read` and on annotated ones, and write it; return what its
    card says of it."""
    torch.manual_seed(SEED)
    base = Base.find()
    texts = (normalise(read_post(p).text) for p in sorted(CORPUS.glob("*.md")))
    kept = vocabulary(base, texts, LEAST_OCCURRENCES)
    out.mkdir(parents=True, exist_ok=True)
    (out / TOKENS).write_bytes(tokenizer(base, kept))
    ends = [*classes, AMOUNT]
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(out / TOKENS))
    lessons = course.lessons(Teacher(Tokenizer(pieces, ends), classes))
    net = Net(base, kept, LAYERS, len(ends), len(asked_of()), tags(len(classes)))
    nats = adapt(net, (normalise(read_post(p).text) for p in read), pieces.encode)
    train(net, lessons, WHOLE)
    export(net, _some(lessons), out / GRAPH)
    return {
        "what": "Relates the entities of a sentence of a Japanese technology post, and its amounts "
        "to them, and finds names. Not for other languages or kinds of text.",
        "made_from": "multilingual-e5-small (MIT licence)",
        "layers": LAYERS,
        "pieces": len(kept),
        "classes": ends,
        "named": list(classes),
        "properties": list(asked_of()),
        "read": {"posts": len(read), "nats": round(nats, 3)},
        "posts": len(course.related),
        "trained_on": course.docs,
    }


def between(
    before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return weights between those before and after, SHARE_OF_NEW of the way."""
    return {name: torch.lerp(before[name], after[name], SHARE_OF_NEW) for name in after}


def learn_further(card: Mapping[str, Any], course: Course, out: Path) -> dict[str, Any]:
    """Train the encoder of `out`, whose `card` this is, on posts, some of which it has seen, and
    write it; return its card."""
    torch.manual_seed(SEED)
    sizes = range(card["pieces"]), card["layers"], len(card["classes"]), len(card["properties"])
    net = Net(Base.find(), *sizes, tags(len(card["named"])))
    before = weights(out / GRAPH)
    net.load_state_dict(before)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(out / TOKENS))
    lessons = course.lessons(Teacher(Tokenizer(pieces, card["classes"]), card["named"]))
    train(net, lessons, FURTHER)
    net.load_state_dict(between(before, net.state_dict()))
    export(net, _some(lessons), out / GRAPH)
    docs = sorted({*card["trained_on"], *course.docs})
    return {**card, "posts": len(docs), "trained_on": docs}


def _some(lessons: Sequence[Lesson]) -> list[Lesson]:
    asked = [x for x in lessons if x.pairs]
    return random.Random(SEED).sample(asked, min(len(asked), SHOWN))
