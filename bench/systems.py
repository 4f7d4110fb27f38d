"""The extractor with the scorers that may judge a post, and with parts of it taken away."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench.annotated import Annotated, examples
from bench.train import EVIDENCE_ELSEWHERE, TRAINER
from kg.annotation import Annotation
from kg.evaluation import align, key
from kg.extract.blocks import Kind
from kg.extract.candidates import Candidate
from kg.extract.features import FEATURES
from kg.extract.memo import RememberingParser
from kg.extract.name_model import NameModel
from kg.extract.owner_model import OwnerModel
from kg.extract.parse import Parser
from kg.extract.pipeline import Extractor, Scorer
from kg.extract.posts import read_post
from kg.extract.reading import Reading
from kg.extract.scorer import FrameScorer, RelationModel
from kg.extract.two_readers import TwoReaders
from kg.extract.unknown import NoNames
from kg.figures import Triple
from kg.model import Modality
from kg.schema import Schema

REMOVED, SEED = 1 / 3, 0

# Which scorer judges which posts.
Scorers = Sequence[tuple[Sequence[Annotated], Scorer]]

_KIND = FEATURES.index("kind")
_ROW = float(list(Kind).index(Kind.ROW))


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said of a post, with the confidence of each claim, and every candidate's triple."""

    said: Annotation
    confidence: Mapping[Triple, float]
    candidates: frozenset[Triple]


@dataclass(frozen=True)
class Without:
    """A scorer that gives candidates of some kind no chance."""

    scorer: Scorer
    dropped: Callable[[Candidate], bool]

    @property
    def version(self) -> str:
        return self.scorer.version

    @property
    def threshold(self) -> float:
        return self.scorer.threshold

    def score(self, candidates: Sequence[Candidate], reading: Reading) -> list[float]:
        scores = self.scorer.score(candidates, reading)
        return [0.0 if self.dropped(c) else s for c, s in zip(candidates, scores, strict=True)]


class _Recording:
    """A scorer that keeps the triples it was asked about, post by post."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.asked: list[frozenset[Triple]] = []

    @property
    def version(self) -> str:
        return self.scorer.version

    @property
    def threshold(self) -> float:
        return self.scorer.threshold

    def score(self, candidates: Sequence[Candidate], reading: Reading) -> list[float]:
        self.asked.append(frozenset((c.subject, c.predicate, c.object) for c in candidates))
        return self.scorer.score(candidates, reading)


class Systems:
    """The extractor, the shipped models, and relation models that did not see a fold of the
    tuned-on posts; the encoder is not trained again, so these judge without it.

    `learnt_from` are posts that the models learn from too, but that are not measured;
    without `folds` only the shipped model is there.
    """

    def __init__(
        self,
        schema: Schema,
        tuned_on: Sequence[Annotated],
        learnt_from: Sequence[Annotated],
        *,
        folds: bool = True,
    ) -> None:
        self.tuned_on = tuned_on
        self.shipped = TwoReaders.load()
        self.parser = RememberingParser(Parser())
        self.extractor = Extractor(schema, scorer=self.shipped, parser=self.parser)
        self.alone = Extractor(
            schema,
            scorer=self.shipped.first,
            owners=OwnerModel.load(),
            judge=NameModel.load(),
            parser=self.parser,
        )
        listing = partial(Extractor, scorer=self.shipped, judge=NoNames(), parser=self.parser)
        self.listed = listing(schema)
        # The model of names has learnt from those that are taken away.
        self.poorer = listing(fewer_entities(schema))
        self.blind: list[tuple[frozenset[str], RelationModel]] = []
        if folds:
            read = examples(
                [*tuned_on, *learnt_from], self.extractor, self.parser, EVIDENCE_ELSEWHERE
            )
            for left_out, (weights, bias, trees) in TRAINER.folds(read):
                docs = frozenset(read[i].annotated.doc for i in left_out)
                blind = RelationModel({**self.shipped.card, "bias": bias}, weights, trees)
                self.blind.append((docs, blind))

    def scorers(self, posts: Sequence[Annotated]) -> Scorers:
        """Return for each post a model that did not see it."""
        return [(some, scorer) for _, some, scorer in self._split(posts)]

    def halves(self, posts: Sequence[Annotated]) -> list[tuple[list[Annotated], list[Annotated]]]:
        """Return for each part of the posts the tuned-on posts that it may be judged from."""
        return [
            ([p for p in self.tuned_on if p.doc not in docs], some)
            for docs, some, _ in self._split(posts)
        ]

    def _split(
        self, posts: Sequence[Annotated]
    ) -> Iterator[tuple[frozenset[str], list[Annotated], Scorer]]:
        rest = list(posts)
        for docs, model in self.blind:
            some = [p for p in rest if p.doc in docs]
            rest = [p for p in rest if p.doc not in docs]
            if some:
                yield docs, some, model
        if rest:
            yield frozenset(), rest, self.shipped

    def ablations(self, posts: Sequence[Annotated]) -> dict[str, tuple[Extractor, Scorers]]:
        """Return extractors that lack something, by what they lack."""
        full = self.scorers(posts)

        def without(dropped: Callable[[Candidate], bool]) -> Scorers:
            return [(some, Without(s, dropped)) for some, s in full]

        one = {"the encoder": (self.alone, [(posts, self.shipped.first)])}
        # Where models judge that did not see the posts, there is no encoder to take away.
        return (one if all(s is self.shipped for _, s in full) else {}) | {
            "carried topics": (self.extractor, without(carried)),
            "tables": (self.extractor, without(in_table)),
            "the trained model": (self.extractor, [(posts, FrameScorer())]),
            "names that nobody lists": (self.listed, full),
            "these and a third of the known entities": (self.poorer, full),
        }


def carried(c: Candidate) -> bool:
    """Tell whether topic, heading, title or an earlier sentence carries in an end."""
    return c.subject_at[0] < 0 or c.object_at[0] < 0


def in_table(c: Candidate) -> bool:
    """Tell whether the candidate stands in a row of a table."""
    return c.numbers[_KIND] == _ROW


def fewer_entities(schema: Schema) -> Schema:
    """Return the schema without a third of its entities, the same third every time."""
    ids = sorted(schema.entities)
    gone = set(random.Random(SEED).sample(ids, round(len(ids) * REMOVED)))
    return replace(
        schema,
        entities={
            i: replace(
                e,
                maker="" if e.maker in gone else e.maker,
                parent="" if e.parent in gone else e.parent,
            )
            for i, e in schema.entities.items()
            if i not in gone
        },
    )


def predict(extractor: Extractor, scorers: Scorers) -> dict[str, Prediction]:
    """Return by post what the extractor says when each post's own scorer judges it."""
    usual = extractor.scorer
    out: dict[str, Prediction] = {}
    try:
        for posts, scorer in scorers:
            recording = _Recording(scorer)
            extractor.scorer = recording
            facts = list(extractor.extract([read_post(p.path) for p in posts]))
            for f, asked in zip(facts, recording.asked, strict=True):
                confidence = {(c.subject, c.predicate, c.object): c.confidence for c in f.claims}
                out[f.post.id] = Prediction(Annotation.of(f), confidence, asked)
    finally:
        extractor.scorer = usual
    return out


def in_gold_ids(
    found: Prediction, post: Annotated, same: frozenset[str]
) -> Callable[[Triple], Triple]:
    """Return what turns a predicted triple of the post into the ids of its gold annotation."""
    aligned = align(found.said.entities, post.gold.entities)

    def turn(triple: Triple) -> Triple:
        s, p, o = triple
        return key(aligned.get(s, "?" + s), p, aligned.get(o, "?" + o), same)

    return turn


def reliability(
    found: Mapping[str, Prediction], posts: Sequence[Annotated], same: frozenset[str]
) -> list[tuple[float, bool]]:
    """Return the confidence of every claim, and whether it is right: gold, and denied where it is
    denied."""
    out: list[tuple[float, bool]] = []
    for p in posts:
        f = found[p.doc]
        turn = in_gold_ids(f, p, same)
        denied = {
            key(r.subject, r.predicate, r.object, same): r.modality is Modality.NEGATED
            for r in p.gold.relations
        }
        for r in f.said.relations:
            triple = (r.subject, r.predicate, r.object)
            gold = denied.get(turn(triple))
            out.append((f.confidence[triple], gold == (r.modality is Modality.NEGATED)))
    return out
