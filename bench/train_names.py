"""Train the model of unlisted names, cross-validate it, and write it with its card.

    python -m bench.train_names [--out DIR]

What nobody lists and looks like a name in an annotated post is an example, annotated or not. There
are few such names, so each that the ontology lists is one too: what would be made of it in the corpus
if nobody listed it? What looks like a name there and is none are the common words of the lexicon and
the strings of `not_names.txt`, which were gone through by hand. Cross-validation leaves out names,
not posts: the model that is asked about a name has learnt from no use of it. Its figures are of what
nobody lists. Needs scikit-learn (`pip install 'ai-infra-kg[train]'`).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import SGDClassifier

from bench.annotated import CORPUS, GOLD, SET_ASIDE, Annotated
from bench.halves import FOLDS, write_card, write_weights
from bench.looking import look
from bench.train import tuned
from bench.weigh import worth_saying
from kg.extract.document import Sentence, sentences
from kg.extract.halves import MODEL
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.name_features import Use
from kg.extract.name_model import CARD, NOTHING, WEIGHTS
from kg.extract.names import NameHit, Names, lower, normalise
from kg.extract.posts import read_post
from kg.extract.tagged import USES
from kg.extract.unknown import NoNames
from kg.schema import Schema
from kg.settings import data_folder

NOT_NAMES = Path(__file__).resolve().parent / "not_names.txt"
POSTS_PER_NAME, POSTS_PER_WORD = 3, 2
SHRINKAGE, PASSES = 5e-5, 15
LEAST_EXAMPLES, SMALLEST_WEIGHT = 3, 0.05
# Names that are listed are easier to tell than those that nobody lists, and four times as many.
WEIGHT_OF_LISTED = 0.3
# A post of which more than this share of sentences is in one that is set aside is not learnt from.
MOST_SHARED = 0.15


@dataclass(frozen=True, slots=True)
class Example:
    """A form with its features in a post, its class, or NOTHING, and whether nobody lists it."""

    form: str
    cls: str
    features: Mapping[str, float]
    unlisted: bool

    @property
    def weight(self) -> float:
        """How much it counts."""
        return 1.0 if self.unlisted else WEIGHT_OF_LISTED


class Reader:
    """Reads posts for forms that look like names, listed ones as if they were not."""

    def __init__(self, schema: Schema) -> None:
        self.lexicon = Lexicon.load(schema.folder, schema)
        self._finder = MentionFinder(schema, self.lexicon, Names.of(schema), NoNames())
        self._words = self.lexicon.ordinary | set(NOT_NAMES.read_text("utf-8").splitlines())
        self._seen: set[str] = set()

    def describe(self, form: str, uses: Sequence[Use]) -> dict[str, float]:
        """Return the features of a form and its uses in a post."""
        return self._finder.unknown.clues.describe(form, uses[:USES])

    def uses(self, path: Path) -> dict[tuple[str, str], list[Use]]:
        """Return the uses of the forms of a post by form and class.

        A sentence that an earlier post had is left out.
        """
        parts = sentences(read_post(path), self.lexicon.boilerplate)
        mentions = self._finder.find(parts)
        entities = mentions.entities
        by_sentence: dict[int, list[NameHit]] = defaultdict(list)
        for m in mentions.mentions:
            by_sentence[m.sentence].append(NameHit(m.start, m.end, m.entity))
        found: dict[tuple[str, str], list[Use]] = defaultdict(list)
        for i, s in enumerate(parts):
            if s.text in self._seen:
                continue
            self._seen.add(s.text)
            plain = normalise(s.text)
            beside = [(h, entities[h.entity].cls) for h in by_sentence[i]]
            for hit, cls in beside:
                if entities[hit.entity].known:
                    for use in self._as_unlisted(s, plain, hit, beside):
                        found[plain[use.start : use.end], cls].append(use)
            for use in self._finder.unknown.uses(s, beside, ordinary=True):
                form = plain[use.start : use.end]
                if form in self._words or lower(form) in self._words:
                    found[form, NOTHING].append(use)
        return found

    def _as_unlisted(
        self, sentence: Sentence, plain: str, hit: NameHit, beside: Sequence[tuple[NameHit, str]]
    ) -> Iterator[Use]:
        """Yield what a known name would look like if it were not known.

        Of "Samsung Exynos" the first word would be known still.
        """
        others = [b for b in beside if b[0] is not hit]
        start = hit.start
        for space in (i for i in range(hit.start, hit.end) if plain[i] == " "):
            owner = self._finder.listed.by_form.get(lower(plain[hit.start : space]))
            if owner:
                start = space + 1
                front = NameHit(hit.start, space, owner)
                others = [b for b in others if b[0].start != hit.start]
                others.append((front, self._finder.schema.entities[owner].cls))
        others.sort(key=lambda b: b[0].start)
        for use in self._finder.unknown.uses(sentence, others, ordinary=True):
            if (use.start, use.end) == (start, hit.end):
                yield use


def of_posts(schema: Schema, posts: Iterable[Annotated]) -> list[Example]:
    """Return what nobody lists in annotated posts."""
    return [
        Example(found.form, cls, features, unlisted=True)
        for seen in look(posts, schema)
        for (found, features), cls in zip(seen.unlisted, seen.classes, strict=True)
    ]


def of_corpus(schema: Schema, corpus: Path) -> list[Example]:
    """Return names that are listed, as if they were not, and words, as a corpus uses them; the same
    for each call."""
    reader = Reader(schema)
    aside = {
        line
        for doc in sorted(SET_ASIDE)
        for path in sorted(GOLD.glob(f"*/{doc}.md"))
        for line in _lines(path)
    }
    by_form: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    for path in sorted(corpus.glob("*.md")):
        lines = _lines(path)
        if len(lines & aside) > MOST_SHARED * len(lines):
            continue
        for (form, cls), uses in reader.uses(path).items():
            by_form[form, cls].append(reader.describe(form, uses))
    # A form that has several classes counts under the one it has in most posts.
    usual = dict(sorted(by_form, key=lambda known: (len(by_form[known]), known)))
    rng = random.Random(0)
    out: list[Example] = []
    for form, cls in sorted(usual.items()):
        some = by_form[form, cls]
        most = POSTS_PER_WORD if cls == NOTHING else POSTS_PER_NAME
        out += [
            Example(form, cls, f, unlisted=False) for f in rng.sample(some, min(most, len(some)))
        ]
    return out


def _lines(path: Path) -> set[str]:
    return {line for line in path.read_text("utf-8").split("\n") if line.strip()}


def fold_of(form: str) -> int:
    """Return the fold of a form: that of its first word, so that names of a family stay together."""
    return (
        int(hashlib.sha256(lower(form.split(" ", maxsplit=1)[0]).encode()).hexdigest(), 16) % FOLDS
    )


def classifier() -> SGDClassifier:
    return SGDClassifier(
        loss="log_loss", alpha=SHRINKAGE, max_iter=PASSES, tol=None, random_state=0
    )


def figures(y: np.ndarray, guess: np.ndarray, said: np.ndarray) -> dict[str, dict[str, int]]:
    """Return how many names are said, and right, of how many there are, by class."""
    return {
        str(c): {
            "said": int((said & (guess == c)).sum()),
            "right": int((said & (guess == c) & (y == c)).sum()),
            "names": int((y == c).sum()),
        }
        for c in sorted(set(y) - {NOTHING})
    }


def guesses(classes: Sequence[str], p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest class of each example, other than NOTHING, and how likely it is."""
    named = [i for i, c in enumerate(classes) if c != NOTHING]
    best = np.array(named)[p[:, named].argmax(1)]
    return np.array(classes)[best], p[np.arange(len(p)), best]


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--out", type=Path, default=MODEL)
    a = ap.parse_args()
    schema = Schema.load(data_folder("ontology"))
    found = of_corpus(schema, CORPUS) + of_posts(schema, tuned(GOLD))
    unlisted = np.array([e.unlisted for e in found])
    for name, some in (("listed", ~unlisted), ("unlisted", unlisted)):
        counts = Counter(e.cls for e, of in zip(found, some, strict=True) if of)
        print(sum(counts.values()), f"examples of what is {name}:", dict(counts), file=sys.stderr)
    vectors = DictVectorizer()
    x = vectors.fit_transform([e.features for e in found]).tocsr()
    often = np.asarray((x > 0).sum(0)).ravel() >= LEAST_EXAMPLES
    x, features = x[:, often], vectors.get_feature_names_out()[often]
    y, fold = np.array([e.cls for e in found]), np.array([fold_of(e.form) for e in found])
    weights = np.array([e.weight for e in found])
    classes = sorted(set(y))
    p = np.zeros((len(found), len(classes)))
    for k in range(FOLDS):
        seen, asked = fold != k, (fold == k) & unlisted
        fitted = classifier().fit(x[seen], y[seen], sample_weight=weights[seen])
        p[asked] = fitted.predict_proba(x[asked])
    guess, sure = guesses(classes, p[unlisted])
    threshold, worth = worth_saying(list(zip(sure, guess, y[unlisted], strict=True)))
    model = classifier().fit(x, y, sample_weight=weights)
    kept: dict[str, dict[int, float]] = {}
    for name, column in zip(features, model.coef_.T, strict=True):
        large = np.flatnonzero(np.abs(column) >= SMALLEST_WEIGHT)
        if len(large):
            kept[str(name)] = {int(i): round(float(column[i]), 2) for i in large}
    data = write_weights(a.out / WEIGHTS, kept)
    card = {
        "version": hashlib.sha256(data).hexdigest()[:12],
        "what": "Says whether a word of a Japanese technology post that looks like a name and that "
        "no one lists is one, and of what. Not for other languages or kinds of text.",
        "method": "logistic regression, one class against the others, over the form and its "
        f"surroundings; {FOLDS}-fold cross-validation by name",
        "examples": len(found),
        "classes": classes,
        "threshold": threshold,
        "cross_validation": {"all": worth, **figures(y[unlisted], guess, sure >= threshold)},
        "bias": [round(float(b), 4) for b in model.intercept_],
    }
    write_card(a.out / CARD, card)


if __name__ == "__main__":
    main()
