"""Train the model of whose a quantity is, cross-validate it, and write it with its card.

    python -m bench.train_quantities [--gold DIR]... [--out DIR]

DIR is a folder of annotated posts; by default the parts of the gold folder and our own annotation
of the corpus. Needs
scikit-learn (`pip install 'ai-infra-kg[train]'`). Every figure of the card is measured here, by
five-fold cross-validation over whole posts, so that no post is judged by a model that saw it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from gzip import compress
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from bench.annotated import GOLD, SET_ASIDE, Annotated, annotated, own
from bench.train import FOLDS, INNER, PARTS, TREES, train_words
from kg.annotation import Annotation
from kg.evaluation import align
from kg.extract.owner_model import CARD, WORDS
from kg.extract.owner_model import TREES as TREES_FILE
from kg.extract.owners import CATEGORICAL, FEATURES, OwnerFinder, Pairing
from kg.extract.pipeline import Extractor, entities_of
from kg.extract.posts import read_post
from kg.extract.quantities import owned
from kg.extract.scorer import MODEL, FrameScorer
from kg.figures import Figures
from kg.model import PostFacts
from kg.schema import Schema
from kg.settings import data_folder

ROUNDS = 100
SETTINGS = {**TREES, "num_leaves": 15, "min_data_in_leaf": 20}
THRESHOLDS = [round(float(t), 2) for t in np.arange(0.15, 0.65, 0.05)]

Fact = tuple[str, float, str]


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated post with its pairings; `facts[i]` is what pairing i says in terms of the gold
    ids, `labels[i]` whether gold says so."""

    part: str
    doc: str
    candidates: list[Pairing]
    facts: list[Fact]
    labels: list[bool]
    weights: list[float]
    gold: frozenset[Fact]


class NoScores:
    """Stands in for the model that is yet to be trained: it numbers what there is."""

    version, threshold = "untrained", 1.0

    def __init__(self, card: dict[str, list[str]]) -> None:
        self.card = card

    def score(self, pairings: Sequence[Pairing]) -> list[float]:
        return [0.0 for _ in pairings]


def example(part: str, post: Annotated, extractor: Extractor, finder: OwnerFinder) -> Example:
    r = extractor.read(read_post(post.path))
    views = {v.index: v for v in r.views}
    pairings = finder.find(r.sentences, r.mentions, views)
    named = Annotation.of(PostFacts(r.post, entities_of(r), claims=()))
    aligned = align(named.entities, post.gold.entities)
    facts = [
        (aligned.get(p.entity, "?" + p.entity), p.amount.value, p.amount.unit) for p in pairings
    ]
    gold = frozenset((q.about, q.value, q.unit) for q in post.gold.quantities)
    labels = [f in gold for f in facts]
    return Example(part, post.doc, pairings, facts, labels, [1.0] * len(labels), gold)


def word_scores(e: Example, weights: dict[str, float], bias: float) -> np.ndarray:
    return np.array([bias + sum(weights.get(w, 0.0) for w in c.words) for c in e.candidates])


def table(e: Example, words: np.ndarray) -> np.ndarray:
    """Return the matrix (pairings × features) that the trees see."""
    return np.column_stack([np.array([c.numbers for c in e.candidates]), words]).astype(np.float32)


def train(posts: Sequence[Example]) -> tuple[dict[str, float], float, lgb.Booster]:
    """Train both halves; the trees see word scores from models that did not see their post."""
    posts = [p for p in posts if p.candidates]
    seen: list[np.ndarray] = [np.empty(0)] * len(posts)
    for k in range(INNER):
        weights, bias = train_words([p for i, p in enumerate(posts) if i % INNER != k])
        for i in range(k, len(posts), INNER):
            seen[i] = word_scores(posts[i], weights, bias)
    weights, bias = train_words(posts)
    data = lgb.Dataset(
        np.concatenate([table(p, w) for p, w in zip(posts, seen, strict=True)]),
        np.concatenate([np.array(p.labels, dtype=float) for p in posts]),
        feature_name=[*FEATURES, "words"],
        categorical_feature=[FEATURES.index(f) for f in CATEGORICAL],
    )
    return weights, bias, lgb.train(SETTINGS, data, ROUNDS)


def cross_validate(posts: Sequence[Example]) -> list[list[float]]:
    """Return the score of every pairing from a model that did not see its post."""
    scores: list[list[float]] = [[] for _ in posts]
    for k in range(FOLDS):
        weights, bias, trees = train([p for i, p in enumerate(posts) if i % FOLDS != k])
        for i in range(k, len(posts), FOLDS):
            if posts[i].candidates:
                rows = table(posts[i], word_scores(posts[i], weights, bias))
                scores[i] = [float(s) for s in trees.predict(rows)]
    return scores


def figures(
    posts: Sequence[Example], scores: Sequence[Sequence[float]], threshold: float, part: str = ""
) -> Figures:
    """Return how well the pairings that hold agree with gold, over the posts of a part or all."""
    total = Figures()
    for p, s in zip(posts, scores, strict=True):
        if part in {"", p.part}:
            fact = {id(c): f for c, f in zip(p.candidates, p.facts, strict=True)}
            said = {fact[id(c)] for _, c in owned(p.candidates, s, threshold)}
            total += Figures(len(said & p.gold), len(said - p.gold), len(p.gold - said))
    return total


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--gold", type=Path, action="append", metavar="DIR")
    ap.add_argument("--out", type=Path, default=MODEL)
    a = ap.parse_args()
    folders: list[Path] = a.gold or [GOLD / part for part in PARTS]
    sources = {f.name: annotated([f.name], f.parent) for f in folders}
    if not a.gold:
        sources["own"] = own()
    schema = Schema.load(data_folder("ontology"))
    numbered = {"classes": list(schema.classes)}
    untrained = NoScores({**numbered, "units": [], "kinds": []})
    extractor = Extractor(schema, scorer=FrameScorer(), owners=untrained)
    lexicon = extractor.lexicon
    numbered["units"] = sorted({u.unit for u in lexicon.units})
    numbered["kinds"] = sorted({*lexicon.quantity_kinds.values(), *lexicon.quantity_owners})
    finder = OwnerFinder(lexicon, *(numbered[k] for k in ("classes", "units", "kinds")))
    posts = [
        example(part, p, extractor, finder)
        for part, some in sources.items()
        for p in some
        if p.doc not in SET_ASIDE
    ]
    posts.sort(key=lambda p: p.doc)
    random.Random(0).shuffle(posts)
    scores = cross_validate(posts)
    by_threshold = {t: figures(posts, scores, t) for t in THRESHOLDS}
    threshold = max(THRESHOLDS, key=lambda t: by_threshold[t].f1)
    measured = {"all": by_threshold[threshold]} | {
        part: figures(posts, scores, threshold, part) for part in sources
    }
    for t, found in by_threshold.items():
        print(t, found.to_json())
    print(json.dumps({k: f.to_json() for k, f in measured.items()}, indent=1))
    weights, bias, trees = train(posts)
    write(a.out, posts, weights, trees, numbered | {
        "threshold": threshold,
        "bias": bias,
        "cross_validation": {k: f.to_json() for k, f in measured.items()},
    })  # fmt: skip


def write(
    out: Path,
    posts: Sequence[Example],
    weights: dict[str, float],
    trees: lgb.Booster,
    facts: dict[str, Any],
) -> None:
    """Write the trees, the words' weights and the card."""
    out.mkdir(parents=True, exist_ok=True)
    trees.save_model(str(out / TREES_FILE))
    data = json.dumps(weights, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    # No time stamp in the archive: the same training gives the same bytes.
    (out / WORDS).write_bytes(compress(data, mtime=0))
    card = {
        "version": hashlib.sha256((out / TREES_FILE).read_bytes() + data).hexdigest()[:12],
        "what": "Says of which entity of a Japanese technology post an amount is said, if of any. "
        "Not for other languages or kinds of text.",
        "trained_on": sorted(p.doc for p in posts),
        "posts": len(posts),
        "pairings": sum(len(p.candidates) for p in posts),
        "quantities": sum(len(p.gold) for p in posts),
        "method": "logistic regression over words, then boosted trees over features and its score; "
        f"{FOLDS}-fold cross-validation by post; right is a quantity whose owner, value and unit "
        "are gold",
        **facts,
        "features": [*FEATURES, "words"],
    }
    (out / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
