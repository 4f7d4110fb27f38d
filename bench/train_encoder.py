"""Train the encoder on annotated posts, and weigh its verdicts beside those of the relation model.

    python -m bench.train_encoder [--gold DIR] [--out DIR]

Needs PyTorch and what the extra `encoder` names. The encoder learns from the posts that the relation
model has learnt from. How much each of the two counts, the calibration and the threshold come from
posts that neither has seen (`bench/checks.jsonl`); the card's figures are of these posts too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from sklearn.linear_model import LogisticRegression
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from bench.annotated import CORPUS, GOLD, Example, checks, examples
from bench.encoder_net import Base, Net, tokenizer, vocabulary
from bench.halves import write_card
from bench.train import (
    EVIDENCE_ELSEWHERE,
    best_per_triple,
    calibration,
    figures,
    properties,
    reliability,
    tuned,
)
from kg.extract.encoder import CARD, GRAPH, TOKENS, Encoder
from kg.extract.halves import MODEL
from kg.extract.names import normalise
from kg.extract.parse import Parser
from kg.extract.passages import Tokenizer, Tokens, passages
from kg.extract.pipeline import Extractor
from kg.extract.posts import read_post
from kg.extract.scorer import RelationModel
from kg.extract.two_readers import TwoReaders, combined, log_odds
from kg.schema import Schema
from kg.settings import data_folder

LAYERS, EPOCHS = 6, 4
STEP, STEP_OF_HEAD, WARM, LARGEST_GRADIENT = 1.2e-4, 6e-4, 0.06, 5.0
# Tokens of a batch, and of how many passages together batches of one length are made.
BATCH, POOL = 1500, 2000
# How often a passage is shown in which no claim is quoted.
DULL = 0.5
# A piece of the vocabulary that the corpus has less often says too little.
LEAST_OCCURRENCES = 3
SEED = 0


@dataclass(frozen=True)
class Lesson:
    """A passage with what holds of its pairs: `labels` and `weights` are pairs × properties."""

    tokens: Tokens
    pairs: Sequence[tuple[int, int, int]]
    labels: np.ndarray
    weights: np.ndarray

    @property
    def quoted(self) -> bool:
        """Whether the passage says something that the annotator quoted it for."""
        return bool((self.labels * self.weights >= 1).any())


def lessons(example: Example, tokenizer: Tokenizer) -> Iterator[Lesson]:
    """Yield the passages of a post."""
    column = {p: i for i, p in enumerate(properties())}
    for p in passages(example.candidates, example.reading):
        labels, weights = np.zeros((2, len(p.pairs), len(column)), dtype=np.float32)
        for i, pair in zip(p.candidates, p.of, strict=True):
            at = pair, column[example.candidates[i].predicate]
            labels[at], weights[at] = example.labels[i], example.weights[i]
        yield Lesson(tokenizer.tokens(p), p.pairs, labels, weights)


def batches(lessons: Sequence[Lesson], rng: random.Random) -> list[list[Lesson]]:
    """Return the lessons of an epoch in batches of about the same length, in random order."""
    shown = [x for x in lessons if x.quoted or rng.random() < DULL]
    rng.shuffle(shown)
    out: list[list[Lesson]] = []
    for start in range(0, len(shown), POOL):
        batch: list[Lesson] = []
        for x in sorted(shown[start : start + POOL], key=lambda x: len(x.tokens.ids)):
            if batch and (len(batch) + 1) * len(x.tokens.ids) > BATCH:
                out.append(batch)
                batch = []
            batch.append(x)
        out.append(batch)
    rng.shuffle(out)
    return out


def loss(net: Net, batch: Sequence[Lesson]) -> torch.Tensor:
    """Return the cross-entropy of a batch, per passage."""
    length = max(len(x.tokens.ids) for x in batch)
    ids, classes = torch.zeros((2, len(batch), length), dtype=torch.long)
    mask = torch.full((len(batch), 1, 1, length), -1e4)
    means = torch.zeros((sum(len(x.tokens.spans) for x in batch), len(batch) * length))
    pairs: list[tuple[int, int, int]] = []
    first = 0
    for row, x in enumerate(batch):
        size = len(x.tokens.ids)
        ids[row, :size] = torch.tensor(x.tokens.ids)
        classes[row, :size] = torch.tensor(x.tokens.classes)
        mask[row, :, :, :size] = 0.0
        pairs += [(first + s, first + o, source) for s, o, source in x.pairs]
        for start, stop in x.tokens.spans:
            means[first, row * length + start : row * length + stop] = 1 / (stop - start)
            first += 1
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = net.states(ids, classes, mask)
        odds = net.pairs(means @ states.flatten(0, 1), torch.tensor(pairs))
    each = functional.binary_cross_entropy_with_logits(
        odds.float(),
        torch.tensor(np.concatenate([x.labels for x in batch])),
        reduction="none",
    )
    return (each * torch.tensor(np.concatenate([x.weights for x in batch]))).sum() / len(batch)


def train(net: Net, lessons: Sequence[Lesson]) -> None:
    """Train for EPOCHS, the step growing at first and then shrinking evenly."""
    rng = random.Random(SEED)
    old = net.pretrained()
    known = {id(p) for p in old}
    new = [p for p in net.parameters() if p.requires_grad and id(p) not in known]
    groups = [{"params": old, "lr": STEP}, {"params": new, "lr": STEP_OF_HEAD}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = EPOCHS * len(batches(lessons, random.Random(SEED)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min(1.0, (n + 1) / (WARM * steps)) * max(0.02, 1 - n / steps)
    )
    start = time.perf_counter()
    net.train()
    for epoch in range(EPOCHS):
        total, some = 0.0, batches(lessons, rng)
        for batch in some:
            optimizer.zero_grad()
            value = loss(net, batch)
            value.backward()
            clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
            optimizer.step()
            schedule.step()
            total += value.item()
        took = time.perf_counter() - start
        print(f"epoch {epoch + 1}: loss {total / len(some):.3f} after {took:.0f} s", flush=True)
    net.eval()


def export(net: Net, example: Lesson, path: Path) -> None:
    """Write the network as an ONNX graph with weights of eight bits."""
    inputs = example.tokens.inputs(example.pairs)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            net,
            tuple(torch.from_numpy(x) for x in inputs.values()),
            whole,
            input_names=list(inputs),
            output_names=["odds"],
            dynamic_axes={
                "ids": {0: "tokens"},
                "classes": {0: "tokens"},
                "means": {0: "ends", 1: "tokens"},
                "pairs": {0: "pairs"},
                "odds": {0: "pairs"},
            },
            opset_version=17,
            dynamo=False,
        )
        # Seven bits are what machines without eight-bit instructions multiply exactly.
        quantize_dynamic(
            whole, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--gold", type=Path, default=GOLD)
    ap.add_argument("--out", type=Path, default=MODEL)
    ap.add_argument(
        "--keep", action="store_true", help="keep the encoder of --out and only weigh it again"
    )
    a = ap.parse_args()
    first = RelationModel.load()
    parser = Parser()
    extractor = Extractor(Schema.load(data_folder("ontology")), scorer=first, parser=parser)
    if a.keep:
        card = dict(Encoder.load(a.out).card)
    else:
        learnt = examples(tuned(a.gold), extractor, parser, EVIDENCE_ELSEWHERE)
        card = learn(learnt, list(first.card["classes"]), a.out)
    unseen = examples(checks(a.gold.parent / "corpus"), extractor, parser, EVIDENCE_ELSEWHERE)
    card |= weigh(first, Encoder(card, a.out), unseen, extractor)
    judging = json.dumps([card[k] for k in ("weights", "calibration", "threshold")])
    files = (a.out / GRAPH).read_bytes() + (a.out / TOKENS).read_bytes()
    card["version"] = hashlib.sha256(files + judging.encode()).hexdigest()[:12]
    write_card(a.out / CARD, card)


def learn(learnt: Sequence[Example], classes: list[str], out: Path) -> dict[str, Any]:
    """Train an encoder on posts and write it; return what its card says of it."""
    torch.manual_seed(SEED)
    base = Base.find()
    texts = (normalise(read_post(p).text) for p in sorted(CORPUS.glob("*.md")))
    kept = vocabulary(base, texts, LEAST_OCCURRENCES)
    out.mkdir(parents=True, exist_ok=True)
    (out / TOKENS).write_bytes(tokenizer(base, kept))
    cut = Tokenizer(sentencepiece.SentencePieceProcessor(model_file=str(out / TOKENS)), classes)
    course = [lesson for e in learnt for lesson in lessons(e, cut)]
    print(f"{len(kept)} pieces, {len(course)} passages of {len(learnt)} posts", flush=True)
    net = Net(base, kept, LAYERS, len(classes), len(properties()))
    train(net, course)
    export(net, course[0], out / GRAPH)
    return {
        "what": "Relates the entities of a sentence of a Japanese technology post. Not for other "
        "languages or kinds of text.",
        "made_from": "the lower layers of multilingual-e5-small (MIT licence)",
        "layers": LAYERS,
        "pieces": len(kept),
        "classes": classes,
        "properties": list(properties()),
        "posts": len(learnt),
        "trained_on": sorted(e.annotated.doc for e in learnt),
    }


def cautious(
    xs: Sequence[float], ys: Sequence[float], points: int
) -> tuple[list[float], list[float]]:
    """Return a calibration that says a standard error less: few points were asked for each step."""
    y = np.array(ys)
    error = np.sqrt(y * (1 - y) / (points / len(xs)))
    return list(xs), [round(float(v), 4) for v in np.maximum.accumulate(np.clip(y - error, 0, 1))]


def weigh(
    first: RelationModel, second: Encoder, posts: Sequence[Example], extractor: Extractor
) -> dict[str, Any]:
    """Return how much each of the two counts, with the calibration, the threshold and figures."""
    before = [first.score(e.candidates, e.reading) for e in posts]
    heard = [
        TwoReaders(first, second).odds(e.candidates, e.reading, b)
        for e, b in zip(posts, before, strict=True)
    ]
    rows = [
        (log_odds(b[i]), odds, e.labels[i], e.weights[i])
        for e, b, some in zip(posts, before, heard, strict=True)
        for i, odds in some.items()
    ]
    x, y, w = np.array([r[:2] for r in rows]), [r[2] for r in rows], [r[3] for r in rows]
    fit = LogisticRegression().fit(x, y, sample_weight=w)
    weights = [round(float(v), 4) for v in (*fit.coef_[0], fit.intercept_[0])]
    raw = [
        [combined(c, some[i], weights) if i in some else 0.0 for i, c in enumerate(b)]
        for b, some in zip(before, heard, strict=True)
    ]
    points = [p for e, r in zip(posts, raw, strict=True) for p in best_per_triple(e, r) if p[0]]
    xs, ys = cautious(*calibration(points), len(points))
    weighed = {**second.card, "weights": weights, "calibration": [xs, ys]}
    both = TwoReaders(first, Encoder(weighed, second.folder))
    after = [both.score(e.candidates, e.reading) for e in posts]
    thresholds = [round(float(t), 2) for t in np.arange(0.2, 0.5, 0.05)]
    found = {t: figures(posts, after, t, extractor) for t in thresholds}
    threshold = max(thresholds, key=lambda t: float(found[t]["relation"]["f1"]))
    alone = figures(posts, before, first.threshold, extractor)
    bands = reliability(
        [p for e, s in zip(posts, after, strict=True) for p in best_per_triple(e, s)]
    )
    for t, f in found.items():
        print(t, f["relation"], f["modality_accuracy"], f["evidence_hit"])
    print("without the encoder", alone["relation"])
    for row in bands:
        print(row)
    return {
        "weighed_on": sorted(e.annotated.doc for e in posts),
        "weights": weights,
        "calibration": [xs, ys],
        "threshold": threshold,
        "unseen": {"with": found[threshold]["relation"], "without": alone["relation"]},
        "reliability": bands,
    }


if __name__ == "__main__":
    main()
