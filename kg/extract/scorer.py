"""How likely a candidate is a claim: a small trained model, or the fit of its frame alone.

The model has two halves. A linear one weighs words (`wording`), and boosted trees weigh numbers
(`features`) together with the linear half's verdict and how that compares with its verdicts on
rival candidates (`standing`). Both were trained by `bench/train.py` on
annotated posts; `model/card.json` says on which, how well it did, and what it may not be used for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.extract.candidates import Candidate
from kg.extract.features import FEATURES
from kg.extract.halves import MODEL, Files
from kg.extract.reading import Reading
from kg.extract.standing import STANDING, standing
from kg.extract.views import Source

COLUMNS = (*FEATURES, "words", "property", *STANDING)
"""What the trees see of a candidate: its features, the linear half's verdict, its property by
number, and its standing among the candidates of its post."""

FILES = Files("the model", card="card.json", words="words.json.gz", trees="trees.txt")

# Log-odds of the words below which the trees are not asked: half of all candidates. Out of fold, none
# of those below -7 on the annotated posts became a claim, and few of those below -6.
HOPELESS = -6.0

# Candidates whose log-odds are below DOUBTFUL after the first trees are not shown to the others:
# three quarters of the rest. Of those that would end above 0.2, one in a thousand is there.
FIRST, DOUBTFUL = 50, -4.0

_FIT, _ROLE_S, _ROLE_O = (FEATURES.index(f) for f in ("cue_fit", "cue_role_s", "cue_role_o"))


def frame_score(candidate: Candidate) -> float:
    """Return how well the candidate fills the frame of its word, as a confidence.

    This is all there is for a property that the model was not trained on, and the model's
    baseline. The steps are the precision of such candidates on the annotated posts.
    """
    if candidate.cue is None:
        return 0.0
    if candidate.source >= Source.TOPIC:
        # Who the sentence itself names is more likely than whom the context carries in.
        return 0.2
    fit = candidate.numbers[_FIT]
    roles = candidate.numbers[_ROLE_S] + candidate.numbers[_ROLE_O]
    if fit >= 2:
        return 0.6
    if fit >= 1.5 or (fit >= 1 and roles >= 2):
        return 0.4
    return 0.1 * fit


def table(
    candidates: Sequence[Candidate], words: npt.NDArray[np.float64], properties: Sequence[str]
) -> npt.NDArray[np.float32]:
    """Return the matrix (candidates of a post × COLUMNS) that the trees see."""
    number = {p: float(i) for i, p in enumerate(properties)}
    own = [
        [*c.numbers, w, number.get(c.predicate, -1.0)]
        for c, w in zip(candidates, words, strict=True)
    ]
    return np.hstack([np.array(own), standing(candidates, words)]).astype(np.float32)


@dataclass(frozen=True)
class RelationModel:
    """The trained model. `threshold` is the confidence from which a candidate is a claim."""

    card: Mapping[str, Any]
    weights: Mapping[str, float]
    trees: Any

    @classmethod
    def load(cls, folder: Path = MODEL) -> RelationModel:
        """Read the model; raise OntologyError where it does not match this program's features."""
        return cls(*FILES.load(folder, COLUMNS))

    @property
    def version(self) -> str:
        """The hash of the trained model."""
        return f"relations {self.card['version']}"

    @property
    def threshold(self) -> float:
        """The confidence with the best F1 in cross-validation."""
        return float(self.card["threshold"])

    @cached_property
    def _of_pairs(self) -> Mapping[str, Sequence[tuple[str, float]]]:
        """The weights of a pair's words under each property, by word."""
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        properties = frozenset(self.card["properties"])
        for name, weight in self.weights.items():
            prop, _, word = name.partition("|")
            if prop in properties and word:
                found[word].append((prop, weight))
        return dict(found)

    def words(self, candidates: Sequence[Candidate]) -> npt.NDArray[np.float64]:
        """Return the log-odds that the linear half gives each candidate."""
        # The same as `word_scores`, but the words of a pair are looked up once for all properties:
        # there are many more of them than of anything else.
        bias, weights, of_pairs = float(self.card["bias"]), self.weights, self._of_pairs
        out = np.empty(len(candidates))
        pair: tuple[str, ...] = ()
        sums: dict[str, float] = {}
        for i, c in enumerate(candidates):
            if c.pair_words is not pair:
                pair, sums = c.pair_words, defaultdict(float)
                for word in pair:
                    for prop, weight in of_pairs.get(word, ()):
                        sums[prop] += weight
            own = sum(weights.get(w, 0.0) for w in c.own_words)
            out[i] = bias + own + sums.get(c.predicate, 0.0)
        return out

    def score(
        self,
        candidates: Sequence[Candidate],
        reading: Reading | None = None,  # noqa: ARG002  (candidates say it all)
    ) -> list[float]:
        """Return the confidence of each candidate of a post, 0 to 1, calibrated."""
        if not candidates:
            return []
        trained = frozenset(self.card["properties"])
        words = self.words(candidates)
        raw = np.zeros(len(candidates))
        asked = np.flatnonzero(words >= HOPELESS)
        if len(asked):
            rows = table(candidates, words, self.card["properties"])[asked]
            raw[asked] = self._ask(rows)
        return [
            self.calibrate(float(p)) if c.predicate in trained else frame_score(c)
            for c, p in zip(candidates, raw, strict=True)
        ]

    def _ask(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return what the trees say of rows, as probabilities; 0 where the first trees see no hope."""
        odds = self.trees.predict(rows, num_iteration=FIRST, raw_score=True, num_threads=1)
        hopeful = np.flatnonzero(odds >= DOUBTFUL)
        out = np.zeros(len(rows))
        if len(hopeful):
            rest = self.trees.predict(
                rows[hopeful],
                start_iteration=FIRST,
                num_iteration=-1,
                raw_score=True,
                num_threads=1,
            )
            out[hopeful] = 1 / (1 + np.exp(-(odds[hopeful] + rest)))
        return out

    def contributions(
        self, candidates: Sequence[Candidate], shown: Sequence[int]
    ) -> list[dict[str, float]]:
        """Return what each column adds to the log-odds, before calibration, of those candidates
        of a post whose indices are `shown`.

        These are Shapley values of the trees (Lundberg and others, 2018,
        https://arxiv.org/abs/1802.03888); "words" is the linear half. Empty for a candidate whose
        property the model was not trained on.
        """
        if not shown:
            return []
        trained = frozenset(self.card["properties"])
        rows = self._table(candidates)[list(shown)]
        # The last column is what the model would say of anything.
        added = self.trees.predict(rows, num_threads=1, pred_contrib=True)
        return [
            dict(zip(COLUMNS, map(float, row[:-1]), strict=True))
            if candidates[i].predicate in trained
            else {}
            for i, row in zip(shown, added, strict=True)
        ]

    def _table(self, candidates: Sequence[Candidate]) -> npt.NDArray[np.float32]:
        return table(candidates, self.words(candidates), self.card["properties"])

    def calibrate(self, raw: float) -> float:
        """Return the confidence for a raw score: the share of such claims that were right."""
        xs, ys = self.card["calibration"]
        return round(float(np.interp(raw, xs, ys)), 3)


@dataclass(frozen=True)
class FrameScorer:
    """Frames alone, without a trained model."""

    version: str = "frames"
    threshold: float = 0.35

    def score(
        self,
        candidates: Sequence[Candidate],
        reading: Reading | None = None,  # noqa: ARG002  (candidates say it all)
    ) -> list[float]:
        """Return how well each candidate fills its frame."""
        return [frame_score(c) for c in candidates]
