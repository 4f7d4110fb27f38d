"""Candidate claims: every pair of entities that a sentence could relate, and by which property.

Recall is this module's business; `scorer` decides. The ontology's domains and ranges prune.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from kg.extract.blocks import Kind
from kg.extract.context import ContextReader
from kg.extract.document import Sentence
from kg.extract.entries import Cue
from kg.extract.features import FEATURES, FeatureMaker
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import Mentions
from kg.extract.names import Named
from kg.extract.views import Anchor, Source, Stats, View
from kg.extract.wording import FreeTokens, pair_words, property_words, under
from kg.schema import Schema

_FAR_APART = 10_000
_IN_ORDER = itemgetter(*FEATURES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that a sentence might make.

    `numbers` are its FEATURES, `cue` the word of the lexicon that fits it best. Its string features
    are `pair_words`, which candidates of the same pair in a sentence share and which count under
    its property, and `own_words`.
    """

    sentence: int
    subject: str
    predicate: str
    object: str
    cue: Cue | None
    source: Source
    subject_at: tuple[int, int]
    object_at: tuple[int, int]
    numbers: tuple[float, ...]
    pair_words: tuple[str, ...]
    own_words: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All string features, as the linear half of the model knows them."""
        return (*self.own_words, *(under(self.predicate, w) for w in self.pair_words))


class CandidateFinder:
    """Pairs the entities that each sentence of a post can relate."""

    def __init__(self, schema: Schema, lexicon: Lexicon, features: FeatureMaker) -> None:
        self.schema = schema
        self.features = features
        self.context = ContextReader(schema, lexicon)

    @staticmethod
    def worth_parsing(sentences: Sequence[Sentence], mentions: Mentions) -> list[int]:
        """Return the indices of the sentences that name something, so could make a claim."""
        named = {m.sentence for m in mentions.mentions}
        return [i for i in sorted(named) if sentences[i].kind is not Kind.TITLE]

    def find(
        self, sentences: Sequence[Sentence], mentions: Mentions, views: Iterable[View]
    ) -> list[Candidate]:
        """Return the candidates of a post, given as its views too, sentence by sentence."""
        stats = Stats.of(sentences, mentions, self.context.agents)
        return [c for v in views for c in self._pairs(v, mentions.entities, stats)]

    def _pairs(self, v: View, entities: Mapping[str, Named], stats: Stats) -> Iterator[Candidate]:
        free = FreeTokens(v)
        for (subject, obj), (i, j) in _nearest(v).items():
            if not _related(v.anchors[i], v.anchors[j], entities):
                continue
            allowed = [
                p
                for p in self.schema.properties.values()
                # A symmetric claim has one form, its ends sorted.
                if not (p.symmetric and obj < subject)
                and self.schema.allows(entities[subject].cls, p.name, entities[obj].cls)
            ]
            if not allowed:
                continue
            a, b = v.anchors[i], v.anchors[j]
            shared = self.features.pair(v, i, j, entities, stats)
            words = tuple(pair_words(v, free, a, b, entities, shared))
            known = self.features.known(entities[subject], entities[obj])
            for p in allowed:
                cue, role = self.features.cues.best(v, p.name, i, j)
                if p.symmetric:
                    # Either end may be the grammatical subject.
                    cue, role = max(
                        (cue, role),
                        self.features.cues.best(v, p.name, j, i),
                        key=lambda r: r[1]["cue_fit"],
                    )
                numbers = shared | role | known.features(p.name)
                yield Candidate(
                    sentence=v.index,
                    subject=subject,
                    predicate=p.name,
                    object=obj,
                    cue=cue,
                    source=max(a.source, b.source),
                    subject_at=(a.start, a.end),
                    object_at=(b.start, b.end),
                    numbers=tuple(map(float, _IN_ORDER(numbers))),
                    pair_words=words,
                    own_words=tuple(property_words(p.name, cue, numbers)),
                )


def _related(a: Anchor, b: Anchor, entities: Mapping[str, Named]) -> bool:
    """Tell whether two anchors may be paired: the head of a column meets what stands in it, and a
    family that is carried in its members only."""
    if Source.COLUMN in {a.source, b.source}:
        return a.column == b.column
    if Source.FAMILY not in {a.source, b.source}:
        return True
    return entities[a.entity].parent == b.entity or entities[b.entity].parent == a.entity


def _nearest(v: View) -> dict[tuple[str, str], tuple[int, int]]:
    """Return for each ordered pair of entities the anchors that stand nearest to each other.

    One of the two must stand in the sentence (as a name or as a word that points back to one).
    """
    best: dict[tuple[str, str], tuple[int, int, int]] = {}
    for i, a in enumerate(v.anchors):
        for j, b in enumerate(v.anchors):
            if a.entity == b.entity or not (a.inside or b.inside):
                continue
            apart = abs(a.start - b.start) if a.inside and b.inside else _FAR_APART
            key = (a.entity, b.entity)
            if key not in best or apart < best[key][0]:
                best[key] = (apart, i, j)
    return {key: (i, j) for key, (_, i, j) in best.items()}
