"""Weigh what the encoder says beside what the other models say, on posts that none has seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench import train_quantities
from bench.annotated import Annotated, Example
from bench.looking import annotated_as, look
from bench.train import best_per_triple, calibration, figures, reliability
from kg.annotation import fold
from kg.extract.document import Sentence, sentences
from kg.extract.encoder import Encoder
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.name_model import NOTHING, NameModel, likeliest
from kg.extract.name_readers import NameReaders, likely
from kg.extract.names import Named, NameHit, Names
from kg.extract.owner_model import OwnerModel
from kg.extract.owner_readers import OwnerReaders
from kg.extract.pipeline import Extractor
from kg.extract.posts import read_post
from kg.extract.readers import combined, log_odds
from kg.extract.scorer import RelationModel
from kg.extract.tagged import Likely, TaggedNames
from kg.extract.two_readers import TwoReaders
from kg.schema import Schema

NAME_THRESHOLDS = [round(float(t), 2) for t in np.arange(0.2, 0.95, 0.05)]
# A name is worth saying if it is right one time in two: that is where saying one more raises an F1
# of 0.9 (it does from half the F1 on).
WORTH = 1 / 2

# By how much a relation F1 may be less than the best and as good: of thresholds that are as good, the
# least, for who wants surer claims has their confidence, and who wants more has nothing.
AS_GOOD = 0.001

# How many standard errors less than measured a confidence says.
CAUTION = 2.0


def cautious(
    xs: Sequence[float], ys: Sequence[float], points: float
) -> tuple[list[float], list[float]]:
    """Return a calibration that says some standard errors less: so many independent points were asked
    for all its steps together."""
    y = np.array(ys)
    less = CAUTION * np.sqrt(y * (1 - y) / (points / len(xs)))
    return list(xs), [round(float(v), 4) for v in np.maximum.accumulate(np.clip(y - less, 0, 1))]


def design_effect(posts: Iterable[Sequence[tuple[float, bool]]]) -> float:
    """Return by how much the number of right claims varies more between posts, given what is claimed
    of each with which confidence, than if each were right by itself (Kish, 1965, Survey Sampling)."""
    varied = expected = 0.0
    for claims in posts:
        sure, right = np.array(claims, dtype=float).reshape(-1, 2).T
        varied += float((right - sure).sum()) ** 2
        expected += float((sure * (1 - sure)).sum())
    return max(1.0, varied / expected)


def fitted(
    verdicts: Sequence[tuple[float, ...]],
    labels: Sequence[bool],
    counts: Sequence[float] | None = None,
) -> list[float]:
    """Return how much each of the readers whose log-odds these are counts, and a bias."""
    fit = LogisticRegression().fit(np.array(verdicts), labels, sample_weight=counts)
    return [round(float(v), 4) for v in (*fit.coef_[0], fit.intercept_[0])]


def together(
    posts: Sequence[Example | train_quantities.Example],
    before: Sequence[Sequence[float]],
    heard: Sequence[Mapping[int, float]],
) -> tuple[list[float], list[list[float]]]:
    """Return how much each of two readers counts and a bias, and what they say together, post by
    post; `before` is what the first says, `heard` the log-odds of the second where it is heard."""
    rows = [
        ((log_odds(b[i]), odds), e.labels[i], e.weights[i])
        for e, b, some in zip(posts, before, heard, strict=True)
        for i, odds in some.items()
    ]
    verdicts, labels, counts = zip(*rows, strict=True)
    weights = fitted(verdicts, labels, counts)
    return weights, [
        [combined(s, some[i], weights) if i in some else 0.0 for i, s in enumerate(b)]
        for b, some in zip(before, heard, strict=True)
    ]


def weigh_names(
    first: NameModel, second: Encoder, posts: Sequence[Annotated], schema: Schema
) -> dict[str, Any]:
    """Return how much each of the two counts for names, with the threshold and figures."""
    readers = NameReaders(first, second)
    seen = [
        pair
        for post in look(posts, schema)
        for pair in zip(readers.verdicts(post.unlisted), post.classes, strict=True)
    ]
    rows = [
        (tuple(map(log_odds, both)), cls == annotated)
        for some, annotated in seen
        for cls, both in some.items()
    ]
    verdicts, labels = zip(*rows, strict=True)
    weights = fitted(verdicts, labels)
    best = [likeliest(likely(some, weights), 0.0) for some, _ in seen]
    guesses = [
        (sure, cls, annotated) for (cls, sure), (_, annotated) in zip(best, seen, strict=True)
    ]
    threshold, figures = worth_saying(guesses)
    return {"weights": weights, "threshold": threshold, "unseen": figures}


class _Tagging(TaggedNames):
    """Finds no name, and keeps what may be one."""

    found: list[tuple[str, Likely]]

    def find(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: dict[str, Named],
    ) -> list[list[NameHit]]:
        self.found = self.unjudged(sentences, hits, entities)
        return [list(known) for known in hits]


def weigh_tagged(readers: NameReaders, posts: Sequence[Annotated], schema: Schema) -> float:
    """Return from how sure on what only the encoder reads as a name is one."""
    lexicon = Lexicon.load(schema.folder, schema)
    finder = MentionFinder(schema, lexicon, Names.of(schema), readers)
    finder.tagged = tagging = _Tagging(schema, lexicon, readers)
    classes = readers.second.card["named"]
    guesses: list[tuple[float, str, str]] = []
    for post in posts:
        finder.find(sentences(read_post(post.path), lexicon.boilerplate))
        annotated = annotated_as(post)
        guesses += [
            (float(likely.max()), classes[likely.argmax()], annotated.get(fold(form), NOTHING))
            for form, likely in tagging.found
        ]
    return worth_saying(guesses)[0]


def worth_saying(guesses: Sequence[tuple[float, str, str]]) -> tuple[float, dict[str, int]]:
    """Return the threshold from which guesses (how sure, of which class, annotated as which) are
    worth saying, with how many are said, and right, of how many names."""
    names = sum(annotated != NOTHING for *_, annotated in guesses)
    found: dict[float, dict[str, int]] = {}
    for t in NAME_THRESHOLDS:
        said = [(cls, annotated) for sure, cls, annotated in guesses if sure >= t]
        right = sum(cls == annotated for cls, annotated in said)
        found[t] = {"said": len(said), "right": right, "names": names}
        print(t, found[t])
    threshold = max(found, key=lambda t: (found[t]["right"] - WORTH * found[t]["said"], t))
    return threshold, found[threshold]


def weigh_amounts(
    first: OwnerModel, second: Encoder, posts: Sequence[train_quantities.Example]
) -> dict[str, Any]:
    """Return how much each of the two counts for quantities, with the threshold and figures."""
    before = [first.score(e.candidates) for e in posts]
    # Weights do not matter for what is asked.
    readers = OwnerReaders(first, second)
    heard = [readers.odds(e.candidates, e.reading, b) for e, b in zip(posts, before, strict=True)]
    weights, after = together(posts, before, heard)
    found = {t: train_quantities.figures(posts, after, t) for t in train_quantities.THRESHOLDS}
    threshold = max(found, key=lambda t: found[t].f1)
    alone = train_quantities.figures(posts, before, first.threshold)
    for t, f in found.items():
        print(t, f.to_json())
    print("without the encoder", alone.to_json())
    return {
        "weights": weights,
        "threshold": threshold,
        "unseen": {"with": found[threshold].to_json(), "without": alone.to_json()},
    }


def weigh(
    first: RelationModel, second: Encoder, posts: Sequence[Example], extractor: Extractor
) -> dict[str, Any]:
    """Return how much each of the two counts, with the calibration, the threshold and figures."""
    before = [first.score(e.candidates, e.reading) for e in posts]
    heard = [
        TwoReaders(first, second).odds(e.candidates, e.reading, b)
        for e, b in zip(posts, before, strict=True)
    ]
    weights, raw = together(posts, before, heard)
    said = [[p for p in best_per_triple(e, r) if p[0]] for e, r in zip(posts, raw, strict=True)]
    points = [p for some in said for p in some]
    xs, ys = calibration(points)
    effect = design_effect([(np.interp(s, xs, ys), right) for s, right in some] for some in said)
    xs, ys = cautious(xs, ys, len(points) / effect)
    weighed = {**second.card, "weights": weights, "calibration": [xs, ys]}
    both = TwoReaders(first, Encoder(weighed, second.folder))
    after = [both.score(e.candidates, e.reading) for e in posts]
    thresholds = [round(float(t), 2) for t in np.arange(0.2, 0.5, 0.05)]
    found = {t: figures(posts, after, t, extractor) for t in thresholds}
    best = max(f["relation"]["f1"] for f in found.values())
    threshold = next(t for t in thresholds if found[t]["relation"]["f1"] >= best - AS_GOOD)
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
        "design_effect": round(effect, 2),
        "threshold": threshold,
        "unseen": {"with": found[threshold]["relation"], "without": alone["relation"]},
        "reliability": bands,
    }
