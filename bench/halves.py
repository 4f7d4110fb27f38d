"""How the models of two halves are trained, cross-validated and written, whatever they judge.

A linear half weighs words; the trees see its verdicts beside the numbers, always from weights that
did not see the post in question.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import lightgbm as lgb
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from kg.extract.halves import Files, Worded, word_scores

FOLDS, INNER = 5, 4
RIDGE = 0.1
SMALLEST_WEIGHT = 0.01
TREES: Mapping[str, Any] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 30,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0,
    "max_cat_threshold": 16, "cat_smooth": 20.0, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip

Trained = tuple[dict[str, float], float, lgb.Booster]
"""Weights of words, their bias, and the trees."""


class Labelled(Protocol):
    """A post with candidates of whatever kind, what is right of them, and how much each counts."""

    @property
    def candidates(self) -> Sequence[Worded]: ...
    @property
    def labels(self) -> Sequence[bool]: ...
    @property
    def weights(self) -> Sequence[float]: ...


@dataclass(frozen=True)
class Words:
    """The string features of posts as a matrix (candidates × words), counted once for all folds.

    `rows[id(post)]` are the rows of a post, `features` the words of the columns.
    """

    matrix: csr_matrix
    features: np.ndarray
    rows: Mapping[int, range]

    @classmethod
    def of(cls, posts: Sequence[Labelled]) -> Words:
        """Count the words of posts."""
        vectors = DictVectorizer(dtype=np.float32)
        matrix = vectors.fit_transform(
            dict.fromkeys(c.words, 1) for p in posts for c in p.candidates
        )
        # What liblinear takes.
        matrix.indices = matrix.indices.astype(np.int32)
        matrix.indptr = matrix.indptr.astype(np.int32)
        rows: dict[int, range] = {}
        start = 0
        for p in posts:
            rows[id(p)] = range(start, start + len(p.candidates))
            start += len(p.candidates)
        return cls(matrix, vectors.get_feature_names_out(), rows)

    def train(self, posts: Sequence[Labelled], least_posts: int) -> tuple[dict[str, float], float]:
        """Return the weights and the bias of a logistic regression over the words of some posts.

        Words of fewer than `least_posts` of them are left out.
        """
        posts_with = np.zeros(self.matrix.shape[1], dtype=np.int32)
        for p in posts:
            rows = self.rows[id(p)]
            posts_with[np.unique(self.matrix[rows.start : rows.stop].indices)] += 1
        kept = np.flatnonzero(posts_with >= least_posts)
        x = self.matrix[np.concatenate([self.rows[id(p)] for p in posts])][:, kept]
        y = np.array([label for p in posts for label in p.labels])
        w = np.array([weight for p in posts for weight in p.weights])
        model = LogisticRegression(C=RIDGE, max_iter=300, solver="liblinear", random_state=1)
        model.fit(x, y, sample_weight=w)
        named = zip(self.features[kept], model.coef_[0], strict=True)
        weights = {str(n): round(float(v), 4) for n, v in named if abs(v) >= SMALLEST_WEIGHT}
        return weights, round(float(model.intercept_[0]), 4)


P = TypeVar("P", bound=Labelled)


@dataclass(frozen=True)
class Trainer(Generic[P]):
    """How a kind of model is trained.

    `table` makes the matrix that the trees see (candidates × `columns`) of a post and its word
    scores. Words of fewer than `least_posts` posts are left out.
    """

    table: Callable[[P, np.ndarray], np.ndarray]
    columns: Sequence[str]
    categorical: Sequence[str]
    rounds: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    least_posts: int = 1

    def train(self, posts: Sequence[P], words: Words | None = None) -> Trained:
        """Train both halves on the posts that have candidates.

        `words` are those of these posts and perhaps others, if they were counted before.
        """
        posts = [p for p in posts if p.candidates]
        words = words if words is not None else Words.of(posts)
        out_of_fold: list[np.ndarray] = [np.empty(0)] * len(posts)
        folds = [[p for i, p in enumerate(posts) if i % INNER != k] for k in range(INNER)]
        # The solver lets go of the interpreter, so threads share the work.
        with ThreadPoolExecutor(TREES["num_threads"]) as pool:
            *fits, (weights, bias) = pool.map(
                lambda some: words.train(some, self.least_posts), [*folds, posts]
            )
        for k, fit in enumerate(fits):
            for i in range(k, len(posts), INNER):
                out_of_fold[i] = word_scores(posts[i].candidates, *fit)
        return weights, bias, self._trees(posts, out_of_fold)

    def _trees(self, posts: Sequence[P], words: Sequence[np.ndarray]) -> lgb.Booster:
        data = lgb.Dataset(
            np.concatenate([self.table(p, w) for p, w in zip(posts, words, strict=True)]),
            np.concatenate([np.array(p.labels, dtype=float) for p in posts]),
            weight=np.concatenate([np.array(p.weights) for p in posts]),
            feature_name=list(self.columns),
            categorical_feature=[list(self.columns).index(f) for f in self.categorical],
        )
        return lgb.train({**TREES, **self.settings}, data, self.rounds)

    def folds(self, posts: Sequence[P]) -> Iterator[tuple[range, Trained]]:
        """Yield the indices of posts that were left out, and the model that did not see them."""
        words = Words.of(posts)
        for k in range(FOLDS):
            model = self.train([p for i, p in enumerate(posts) if i % FOLDS != k], words)
            print(f"fold {k + 1} of {FOLDS}", file=sys.stderr, flush=True)
            yield range(k, len(posts), FOLDS), model

    def cross_validate(self, posts: Sequence[P]) -> list[np.ndarray]:
        """Return the raw score of every candidate from a model that did not see its post."""
        scores: list[np.ndarray] = [np.empty(0)] * len(posts)
        for left_out, (weights, bias, trees) in self.folds(posts):
            for i in left_out:
                if posts[i].candidates:
                    words = word_scores(posts[i].candidates, weights, bias)
                    scores[i] = np.asarray(trees.predict(self.table(posts[i], words)))
        return scores


def write(folder: Path, files: Files, trained: Trained, card: Mapping[str, Any]) -> None:
    """Write a model and its card, to which the version is added: the hash of both halves."""
    weights, bias, trees = trained
    folder.mkdir(parents=True, exist_ok=True)
    trees.save_model(str(folder / files.trees))
    data = write_weights(folder / files.words, weights)
    version = hashlib.sha256((folder / files.trees).read_bytes() + data).hexdigest()[:12]
    write_card(folder / files.card, {"version": version, **card, "bias": bias})


def write_weights(path: Path, weights: Mapping[str, Any]) -> bytes:
    """Write the weights of features as packed JSON; return the JSON."""
    data = json.dumps(weights, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    # No time stamp in the archive: the same training gives the same bytes.
    path.write_bytes(gzip.compress(data, mtime=0))
    return data


def write_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write what there is to know of a model."""
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
