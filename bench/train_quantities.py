"""Train the model of whose a quantity is, cross-validate it, and write it with its card.

    python -m bench.train_quantities [--gold DIR]... [--out DIR]

DIR is a folder of annotated posts; by default the parts of the gold folder and what we annotated.
Needs scikit-learn (`pip install 'ai-infra-kg[train]'`). Every figure of the card is measured here,
by five-fold cross-validation over whole posts, so that no post is judged by a model that saw it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.annotated import GOLD, SET_ASIDE, Annotated, annotated, own, written
from bench.halves import FOLDS, Trainer, write
from bench.train import PARTS
from kg.annotation import Annotation
from kg.evaluation import align
from kg.extract.halves import MODEL
from kg.extract.owner_features import CATEGORICAL, OwnerFeatures
from kg.extract.owner_model import COLUMNS, FILES, table
from kg.extract.owners import OwnerFinder, Pairing
from kg.extract.pipeline import Extractor, entities_of
from kg.extract.posts import read_post
from kg.extract.quantities import owned
from kg.extract.reading import Reading
from kg.extract.scorer import FrameScorer
from kg.figures import Figures
from kg.model import PostFacts
from kg.schema import Schema
from kg.settings import data_folder

THRESHOLDS = [round(float(t), 2) for t in np.arange(0.15, 0.65, 0.05)]

Fact = tuple[str, float, str]


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated post with its pairings; `facts[i]` is what pairing i says in terms of the gold
    ids, `labels[i]` whether gold says so."""

    part: str
    doc: str
    reading: Reading
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

    def score(self, pairings: Sequence[Pairing], reading: Reading) -> list[float]:  # noqa: ARG002
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
    return Example(part, post.doc, r, pairings, facts, labels, [1.0] * len(labels), gold)


TRAINER: Trainer[Example] = Trainer(
    table=lambda e, words: table(e.candidates, words),
    columns=COLUMNS,
    categorical=CATEGORICAL,
    rounds=100,
    settings={"num_leaves": 15, "min_data_in_leaf": 20},
)


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
        sources |= {"own": own(), "written": written()}
    schema = Schema.load(data_folder("ontology"))
    numbered = {"classes": list(schema.classes)}
    untrained = NoScores({**numbered, "units": [], "kinds": []})
    extractor = Extractor(schema, scorer=FrameScorer(), owners=untrained)
    lexicon = extractor.lexicon
    numbered["units"] = sorted({u.unit for u in lexicon.units})
    numbered["kinds"] = sorted({*lexicon.quantity_kinds.values(), *lexicon.quantity_owners})
    features = OwnerFeatures(lexicon, *(numbered[k] for k in ("classes", "units", "kinds")))
    finder = OwnerFinder(lexicon, features)
    posts = [
        example(part, p, extractor, finder)
        for part, some in sources.items()
        for p in some
        if p.doc not in SET_ASIDE
    ]
    posts.sort(key=lambda p: p.doc)
    random.Random(0).shuffle(posts)
    scores = [list(map(float, s)) for s in TRAINER.cross_validate(posts)]
    by_threshold = {t: figures(posts, scores, t) for t in THRESHOLDS}
    threshold = max(THRESHOLDS, key=lambda t: by_threshold[t].f1)
    measured = {"all": by_threshold[threshold]} | {
        part: figures(posts, scores, threshold, part) for part in sources
    }
    for t, found in by_threshold.items():
        print(t, found.to_json())
    print(json.dumps({k: f.to_json() for k, f in measured.items()}, indent=1))
    card = {
        "what": "Says of which entity of a Japanese technology post an amount is said, if of any. "
        "Not for other languages or kinds of text.",
        "trained_on": sorted(p.doc for p in posts),
        "posts": len(posts),
        "pairings": sum(len(p.candidates) for p in posts),
        "quantities": sum(len(p.gold) for p in posts),
        "method": "logistic regression over words, then boosted trees over features and its score; "
        f"{FOLDS}-fold cross-validation by post; right is a quantity whose owner, value and unit "
        "are gold",
        **numbered,
        "threshold": threshold,
        "cross_validation": {k: f.to_json() for k, f in measured.items()},
        "features": list(COLUMNS),
    }
    write(a.out, FILES, TRAINER.train(posts), card)


if __name__ == "__main__":
    main()
