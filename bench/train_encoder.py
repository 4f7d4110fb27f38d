"""Train the encoder on annotated posts, and weigh its verdicts beside those of the other models.

    python -m bench.train_encoder [--gold DIR] [--out DIR]

Needs PyTorch and what the extra `encoder` names. The encoder reads the corpus first, as mere text
(`bench.adapt`), and then learns from the posts that the models of relations and of quantities have
learnt from, both things at once, and what names are. How much
each reader counts, the calibration and the thresholds come from posts that none has seen
(`bench/checks.jsonl`); the card's figures are of these posts too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch.nn import functional

from bench import train_quantities
from bench.adapt import adapt
from bench.annotated import CORPUS, GOLD, Annotated, Example, checks, examples, unlabelled
from bench.descent import Descent
from bench.encoder_net import Base, Net, tokenizer, visible, vocabulary
from bench.halves import write_card
from bench.lessons import NOT_ASKED, Lesson, Teacher, asked_of, batches, veiled
from bench.train import EVIDENCE_ELSEWHERE, tuned
from bench.weigh import weigh, weigh_amounts, weigh_names
from kg.extract.encoder import CARD, GRAPH, TOKENS, Encoder
from kg.extract.halves import MODEL
from kg.extract.name_model import NameModel
from kg.extract.name_readers import NameReaders
from kg.extract.names import normalise
from kg.extract.naming import tags
from kg.extract.owner_model import OwnerModel
from kg.extract.parse import Parser
from kg.extract.passages import AMOUNT, of_candidates, of_pairings
from kg.extract.pipeline import Extractor
from kg.extract.posts import read_post
from kg.extract.scorer import RelationModel
from kg.extract.tokens import Tokenizer
from kg.schema import Schema
from kg.settings import data_folder

LAYERS, EPOCHS = 6, 4
STEP, STEP_OF_HEAD, LONGEST_GRADIENT = 1e-4, 6e-4, 5.0
# What a token of a name counts beside a pair.
SHARE_OF_TAGS = 0.2
# A piece of the vocabulary that the corpus has less often says too little.
LEAST_OCCURRENCES = 3
SEED = 0


def loss(net: Net, batch: Sequence[Lesson], rng: random.Random) -> torch.Tensor:
    """Return the cross-entropy of a batch, per passage."""
    length = max(len(x.tokens.ids) for x in batch)
    ids, classes = torch.zeros((2, len(batch), length), dtype=torch.long)
    tags = torch.full((len(batch), length), NOT_ASKED)
    mask = visible([len(x.tokens.ids) for x in batch])
    means = torch.zeros((sum(len(x.tokens.spans) for x in batch), len(batch) * length))
    pairs: list[tuple[int, int, int]] = []
    first = 0
    for row, x in enumerate(batch):
        size = len(x.tokens.ids)
        shown, said = veiled(x, rng, net.word.num_embeddings)
        ids[row, :size] = torch.tensor(shown)
        classes[row, :size] = torch.tensor(said)
        tags[row, :size] = torch.from_numpy(x.tags)
        pairs += [(first + s, first + o, source) for s, o, source in x.pairs]
        for start, stop in x.tokens.spans:
            means[first, row * length + start : row * length + stop] = 1 / (stop - start)
            first += 1
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = net.states(ids, classes, mask)
        found = net.tag(states)
        if pairs:
            odds = net.pairs(means @ states.flatten(0, 1), torch.tensor(pairs))
    named = functional.cross_entropy(
        found.float().flatten(0, 1), tags.flatten(), ignore_index=NOT_ASKED, reduction="sum"
    )
    total = SHARE_OF_TAGS * named
    if pairs:
        each = functional.binary_cross_entropy_with_logits(
            odds.float(),
            torch.tensor(np.concatenate([x.labels for x in batch])),
            reduction="none",
        )
        total = total + (each * torch.tensor(np.concatenate([x.weights for x in batch]))).sum()
    return total / len(batch)


def train(net: Net, lessons: Sequence[Lesson]) -> None:
    """Train for EPOCHS."""
    rng = random.Random(SEED)
    old = net.pretrained()
    known = {id(p) for p in old}
    new = [p for p in net.parameters() if p.requires_grad and id(p) not in known]
    groups = [{"params": old, "lr": STEP}, {"params": new, "lr": STEP_OF_HEAD}]
    steps = EPOCHS * len(batches(lessons, random.Random(SEED)))
    descent = Descent(groups, steps, [*old, *new], LONGEST_GRADIENT)
    start = time.perf_counter()
    net.train()
    for epoch in range(EPOCHS):
        total, some = 0.0, batches(lessons, rng)
        for batch in some:
            total += descent.step(loss(net, batch, rng))
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
            output_names=["odds", "tags"],
            dynamic_axes={
                "ids": {0: "tokens"},
                "classes": {0: "tokens"},
                "means": {0: "ends", 1: "tokens"},
                "pairs": {0: "pairs"},
                "odds": {0: "pairs"},
                "tags": {0: "tokens"},
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
    owners = OwnerModel.load()
    names = NameModel.load()
    schema = Schema.load(data_folder("ontology"))
    extractor = Extractor(schema, scorer=first, owners=owners, judge=names, parser=parser)

    def amounts(posts: Sequence[Annotated]) -> list[train_quantities.Example]:
        finder = extractor.quantities.owners
        return [train_quantities.example("", p, extractor, finder) for p in posts]

    if a.keep:
        card = dict(Encoder.load(a.out).card)
    else:
        posts = tuned(a.gold)
        learnt = examples(posts, extractor, parser, EVIDENCE_ELSEWHERE)
        read = unlabelled(a.gold)
        card = learn(learnt, amounts(posts), first.card["classes"], read, a.out)
    unseen = checks(a.gold.parent / "corpus")
    second = Encoder(card, a.out)
    card["names"] = weigh_names(names, second, unseen, schema)
    readers = NameReaders(names, second)
    extractor = Extractor(schema, scorer=first, owners=owners, judge=readers, parser=parser)
    related = examples(unseen, extractor, parser, EVIDENCE_ELSEWHERE)
    card |= weigh(first, second, related, extractor)
    card["amounts"] = weigh_amounts(owners, second, amounts(unseen))
    weighed = ("names", "weights", "calibration", "threshold", "amounts")
    judging = json.dumps([card[k] for k in weighed])
    files = (a.out / GRAPH).read_bytes() + (a.out / TOKENS).read_bytes()
    card["version"] = hashlib.sha256(files + judging.encode()).hexdigest()[:12]
    write_card(a.out / CARD, card)


def learn(
    learnt: Sequence[Example],
    amounts: Sequence[train_quantities.Example],
    classes: Sequence[str],
    read: Sequence[Path],
    out: Path,
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
    teacher = Teacher(Tokenizer(pieces, ends), classes)
    course = [
        lesson
        for e in learnt
        for lesson in teacher.related(e, e.annotated, of_candidates(e.candidates, e.reading))
    ]
    gold = {e.annotated.doc: e.annotated for e in learnt}
    course += [
        lesson
        for e in amounts
        for lesson in teacher.related(e, gold[e.doc], of_pairings(e.candidates, e.reading))
    ]
    for_names = [lesson for e in learnt for lesson in teacher.named(e)]
    print(
        f"{len(kept)} pieces, {len(course)} passages of {len(learnt)} posts, "
        f"{len(for_names)} for their names",
        flush=True,
    )
    net = Net(base, kept, LAYERS, len(ends), len(asked_of()), tags(len(classes)))
    nats = adapt(net, (normalise(read_post(p).text) for p in read), pieces.encode)
    train(net, course + for_names)
    export(net, course[0], out / GRAPH)
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
        "posts": len(learnt),
        "trained_on": sorted(e.annotated.doc for e in learnt),
    }


if __name__ == "__main__":
    main()
