"""Train the relation model on annotated posts, cross-validate it, and write it with its card.

    python -m bench.train [--gold DIR] [--out DIR]

Needs scikit-learn (`pip install 'ai-infra-kg[train]'`). Every figure of the card is measured here:
by five-fold cross-validation over whole posts, so that no post is judged by a model that saw it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from bench.annotated import GOLD, SET_ASIDE, Annotated, Example, annotated, examples, own, symmetric
from kg.annotation import Annotation
from kg.evaluation import evaluate
from kg.extract.claims import make_claims
from kg.extract.features import CATEGORICAL
from kg.extract.modality import ModalityReader
from kg.extract.parse import Parser
from kg.extract.pipeline import Extractor, entities_of
from kg.extract.scorer import COLUMNS, MODEL, FrameScorer, table, word_scores
from kg.model import PostFacts
from kg.schema import Schema
from kg.settings import data_folder

PARTS = ("dev", "train", "other")
FOLDS, INNER = 5, 4
EVIDENCE_ELSEWHERE = 0.1
RIDGE = 0.2
ROUNDS = 400
SMALLEST_WEIGHT = 0.01
# A word that only one post has says more of that post than of a relation.
LEAST_POSTS = 2
PROPERTIES = tuple(sorted(Schema.load(data_folder("ontology")).properties))
TREES = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 30,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0,
    "max_cat_threshold": 16, "cat_smooth": 20.0, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip


class Worded(Protocol):
    """Anything with string features."""

    @property
    def words(self) -> tuple[str, ...]: ...


class Labelled(Protocol):
    """A post with candidates of whatever kind, and what is right of them."""

    @property
    def candidates(self) -> Sequence[Worded]: ...
    @property
    def labels(self) -> Sequence[bool]: ...
    @property
    def weights(self) -> Sequence[float]: ...


def train_words(posts: Sequence[Labelled], least_posts: int = 1) -> tuple[dict[str, float], float]:
    """Return the weights and the bias of a logistic regression over the string features.

    Features of fewer than `least_posts` posts are left out.
    """
    posts_with = Counter(w for p in posts for w in {w for c in p.candidates for w in c.words})
    vectors = DictVectorizer()
    x = vectors.fit_transform(
        [
            {w: 1 for w in c.words if posts_with[w] >= least_posts}
            for p in posts
            for c in p.candidates
        ]
    )
    x.indices, x.indptr = x.indices.astype(np.int32), x.indptr.astype(np.int32)
    y = np.array([label for p in posts for label in p.labels])
    w = np.array([weight for p in posts for weight in p.weights])
    model = LogisticRegression(C=RIDGE, max_iter=300, solver="liblinear", random_state=1)
    model.fit(x, y, sample_weight=w)
    named = zip(vectors.get_feature_names_out(), model.coef_[0], strict=True)
    kept = {str(n): round(float(v), 4) for n, v in named if abs(v) >= SMALLEST_WEIGHT}
    return kept, round(float(model.intercept_[0]), 4)


def table_of(example: Example, words: np.ndarray) -> np.ndarray:
    return table(example.candidates, words, PROPERTIES)


def train_trees(posts: Sequence[Example], words: Sequence[np.ndarray]) -> lgb.Booster:
    filled = [(p, w) for p, w in zip(posts, words, strict=True) if p.candidates]
    data = lgb.Dataset(
        np.concatenate([table_of(p, w) for p, w in filled]),
        np.concatenate([np.array(p.labels, dtype=float) for p, _ in filled]),
        weight=np.concatenate([np.array(p.weights) for p, _ in filled]),
        feature_name=list(COLUMNS),
        categorical_feature=[COLUMNS.index(f) for f in (*CATEGORICAL, "property")],
    )
    return lgb.train(TREES, data, ROUNDS)


def train(posts: Sequence[Example]) -> tuple[dict[str, float], float, lgb.Booster]:
    """Train both halves; the trees see word scores from models that did not see their post."""
    out_of_fold: list[np.ndarray] = [np.empty(0)] * len(posts)
    for k in range(INNER):
        rest = [p for i, p in enumerate(posts) if i % INNER != k]
        weights, bias = train_words(rest, LEAST_POSTS)
        for i in range(k, len(posts), INNER):
            out_of_fold[i] = word_scores(posts[i].candidates, weights, bias)
    weights, bias = train_words(posts, LEAST_POSTS)
    return weights, bias, train_trees(posts, out_of_fold)


def folds(
    posts: Sequence[Example],
) -> Iterator[tuple[range, tuple[dict[str, float], float, lgb.Booster]]]:
    """Yield the indices of posts that were left out, and the model that did not see them."""
    for k in range(FOLDS):
        model = train([p for i, p in enumerate(posts) if i % FOLDS != k])
        print(f"fold {k + 1} of {FOLDS}", file=sys.stderr, flush=True)
        yield range(k, len(posts), FOLDS), model


def cross_validate(posts: Sequence[Example]) -> list[np.ndarray]:
    """Return the raw score of every candidate from a model that did not see its post."""
    scores: list[np.ndarray] = [np.empty(0)] * len(posts)
    for left_out, (weights, bias, trees) in folds(posts):
        for i in left_out:
            if posts[i].candidates:
                words = word_scores(posts[i].candidates, weights, bias)
                scores[i] = np.asarray(trees.predict(table_of(posts[i], words)))
    return scores


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
    """Return the annotated posts that may be looked at: the gold ones first, then our own."""
    posts = [p for p in annotated(PARTS, folder) if p.doc not in SET_ASIDE]
    random.Random(0).shuffle(posts)
    return posts + own(folder.parent / "corpus")


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
    raw = cross_validate(posts)
    points = [b for p, s in zip(posts, raw, strict=True) for b in best_per_triple(p, s)]
    xs, ys = calibration(points)
    calibrated = [np.interp(s, xs, ys) for s in raw]
    thresholds = [round(t, 2) for t in np.arange(0.2, 0.55, 0.05)]
    by_threshold = {t: figures(posts, calibrated, t, extractor) for t in thresholds}
    threshold = max(thresholds, key=lambda t: by_threshold[t]["relation"]["f1"])
    card_points = [(float(np.interp(s, xs, ys)), r) for s, r in points]
    weights, bias, trees = train(posts)
    a.out.mkdir(parents=True, exist_ok=True)
    trees.save_model(str(a.out / "trees.txt"))
    data = json.dumps(weights, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    # No time stamp in the archive: the same training gives the same bytes.
    (a.out / "words.json.gz").write_bytes(gzip.compress(data, mtime=0))
    version = hashlib.sha256((a.out / "trees.txt").read_bytes() + data).hexdigest()[:12]
    f = by_threshold[threshold]
    card = {
        "version": version,
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
        "bias": bias,
        "features": list(COLUMNS),
        "classes": list(schema.classes),
        "frames": sorted({c.frame.name for c in extractor.lexicon.cues}),
        "properties": list(PROPERTIES),
    }
    (a.out / "card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    gold = [i for i, p in enumerate(posts) if p.annotated.path.parent.parent == a.gold]
    for name, part in (("gold", gold), ("own", sorted(set(range(len(posts))) - set(gold)))):
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
