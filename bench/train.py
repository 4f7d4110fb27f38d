"""Train the relation model on annotated posts, cross-validate it, and write it with its card.

    python -m bench.train [--gold DIR] [--out DIR]

Needs scikit-learn (`pip install 'ai-infra-kg[train]'`). Every figure of the card is measured here:
by five-fold cross-validation over whole posts, so that no post is judged by a model that saw it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.isotonic import IsotonicRegression

from bench.annotated import (
    GOLD,
    SET_ASIDE,
    Annotated,
    Example,
    annotated,
    examples,
    own,
    symmetric,
    written,
)
from bench.halves import FOLDS, Trainer, write
from kg.annotation import Annotation
from kg.evaluation import evaluate
from kg.extract.claims import make_claims
from kg.extract.features import CATEGORICAL
from kg.extract.halves import MODEL
from kg.extract.modality import ModalityReader
from kg.extract.parse import Parser
from kg.extract.pipeline import Extractor, entities_of
from kg.extract.scorer import COLUMNS, FILES, FrameScorer, table
from kg.model import PostFacts
from kg.schema import Schema
from kg.settings import data_folder

PARTS = ("dev", "train", "other")
EVIDENCE_ELSEWHERE = 0.1


@cache
def properties() -> tuple[str, ...]:
    """Return the properties in the order in which the model numbers them."""
    return tuple(sorted(Schema.load(data_folder("ontology")).properties))


TRAINER: Trainer[Example] = Trainer(
    table=lambda example, words: table(example.candidates, words, properties()),
    columns=COLUMNS,
    categorical=(*CATEGORICAL, "property"),
    rounds=500,
    settings={"num_leaves": 63, "min_data_in_leaf": 50, "lambda_l2": 10.0},
    # A word that only one post has says more of that post than of a relation.
    least_posts=2,
)


def best_per_triple(example: Example, scores: Iterable[float]) -> list[tuple[float, bool]]:
    """Return for each triple its best sentence's score and whether the triple is gold."""
    best: dict[tuple[str, str, str], tuple[float, bool]] = {}
    for c, s, label in zip(example.candidates, scores, example.labels, strict=True):
        key = (c.subject, c.predicate, c.object)
        best[key] = max(best.get(key, (0.0, label)), (float(s), label))
    return list(best.values())


def figures(
    posts: Sequence[Example],
    scores: Sequence[Sequence[float]],
    threshold: float,
    extractor: Extractor,
) -> dict[str, Any]:
    """Return the figures for scored candidates (quantities, which are not scored, left out)."""
    modality = ModalityReader(extractor.lexicon)
    predictions = {}
    for p, s in zip(posts, scores, strict=True):
        claims, _ = make_claims(
            p.reading.post,
            p.reading.sentences,
            p.candidates,
            list(s),
            threshold=threshold,
            modality=modality,
        )
        facts = PostFacts(p.reading.post, entities_of(p.reading), claims)
        predictions[p.annotated.doc] = Annotation.of(facts)
    gold = {p.annotated.doc: p.annotated.gold for p in posts}
    return evaluate(predictions, gold, symmetric(extractor.schema)).to_json()


def calibration(points: Sequence[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    """Return a monotone map from raw score to the share that was right, as two lists."""
    raw = np.array([s for s, _ in points])
    right = np.array([r for _, r in points], dtype=float)
    fit = IsotonicRegression(out_of_bounds="clip", y_min=0.0, y_max=0.99).fit(raw, right)
    xs = np.concatenate([[0.0], np.quantile(raw[raw > 0.02], np.linspace(0, 1, 25)), [1.0]])
    ys = fit.predict(xs)
    # Steps of an isotonic fit on few points are noise: smooth them, keeping the order.
    smooth = np.maximum.accumulate(
        np.convolve(np.pad(ys, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    )
    return [round(float(x), 4) for x in xs], [round(float(y), 4) for y in smooth]


def reliability(points: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """Return, by band of confidence, how many claims there are and what share was right."""
    rows = []
    for low, high in (
        (0.9, 1.01),
        (0.8, 0.9),
        (0.7, 0.8),
        (0.6, 0.7),
        (0.5, 0.6),
        (0.4, 0.5),
        (0.3, 0.4),
    ):
        band = [r for s, r in points if low <= s < high]
        if band:
            rows.append(
                {
                    "from": low,
                    "to": min(high, 1.0),
                    "claims": len(band),
                    "right": round(sum(band) / len(band), 3),
                }
            )
    return rows


def tuned(folder: Path) -> list[Annotated]:
    """Return the posts to learn from: the gold ones that may be looked at, and all our own."""
    posts = [p for p in annotated(PARTS, folder) if p.doc not in SET_ASIDE]
    random.Random(0).shuffle(posts)
    corpus = folder.parent / "corpus"
    return posts + own(corpus) + written()


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--gold", type=Path, default=GOLD)
    ap.add_argument("--out", type=Path, default=MODEL)
    a = ap.parse_args()
    schema = Schema.load(data_folder("ontology"))
    parser = Parser()
    extractor = Extractor(schema, scorer=FrameScorer(), parser=parser)
    posts = examples(tuned(a.gold), extractor, parser, EVIDENCE_ELSEWHERE)
    raw = TRAINER.cross_validate(posts)
    points = [b for p, s in zip(posts, raw, strict=True) for b in best_per_triple(p, s)]
    xs, ys = calibration(points)
    calibrated = [np.interp(s, xs, ys) for s in raw]
    thresholds = [round(t, 2) for t in np.arange(0.2, 0.55, 0.05)]
    by_threshold = {t: figures(posts, calibrated, t, extractor) for t in thresholds}
    threshold = max(thresholds, key=lambda t: by_threshold[t]["relation"]["f1"])
    card_points = [(float(np.interp(s, xs, ys)), r) for s, r in points]
    f = by_threshold[threshold]
    card = {
        "what": "Scores candidate relations of Japanese technology posts. Not for other languages or kinds of text.",
        "trained_on": sorted(p.annotated.doc for p in posts),
        "posts": len(posts),
        "candidates": sum(len(p.candidates) for p in posts),
        "claims": sum(sum(p.labels) for p in posts),
        "method": "logistic regression over words, then boosted trees over features and its score; "
        f"{FOLDS}-fold cross-validation by post",
        "cross_validation": {
            k: f[k]
            for k in ("entity", "relation", "modality_accuracy", "evidence_hit", "by_predicate")
        },
        "reliability": reliability(card_points),
        "threshold": threshold,
        "calibration": [xs, ys],
        "features": list(COLUMNS),
        "classes": list(schema.classes),
        "frames": sorted({c.frame.name for c in extractor.lexicon.cues}),
        "properties": list(properties()),
    }
    write(a.out, FILES, TRAINER.train(posts), card)
    gold = [i for i, p in enumerate(posts) if p.annotated.path.parent.parent == a.gold]
    for name, part in (("gold", gold), ("ours", sorted(set(range(len(posts))) - set(gold)))):
        of_part = [posts[i] for i in part], [calibrated[i] for i in part]
        print(name, figures(*of_part, threshold, extractor)["relation"])
    for t in thresholds:
        print(
            t,
            by_threshold[t]["relation"],
            by_threshold[t]["modality_accuracy"],
            by_threshold[t]["evidence_hit"],
        )
    print(json.dumps(card["cross_validation"], indent=1))
    for row in reliability(card_points):
        print(row)


if __name__ == "__main__":
    main()
