"""From posts to facts, in the order a reader would go: sentences, mentions, parses, claims."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from kg.extract import encoder as language_model
from kg.extract import name_model, owner_model
from kg.extract import scorer as relation_model
from kg.extract.candidates import Candidate, CandidateFinder
from kg.extract.claims import make_claims
from kg.extract.document import sentences
from kg.extract.encoder import Encoder
from kg.extract.features import FeatureMaker
from kg.extract.halves import MODEL
from kg.extract.lexicon import Lexicon
from kg.extract.memo import Parsing
from kg.extract.mentions import MentionFinder
from kg.extract.modality import ModalityReader
from kg.extract.name_model import NameModel
from kg.extract.name_readers import NameReaders
from kg.extract.names import Named, Names
from kg.extract.owner_model import OwnerModel
from kg.extract.owner_readers import OwnerReaders
from kg.extract.parse import Parse, Parser, parser_version
from kg.extract.quantities import OwnerScorer, QuantityReader
from kg.extract.reading import Reading
from kg.extract.scorer import RelationModel
from kg.extract.two_readers import TwoReaders
from kg.extract.unknown import NameJudge
from kg.extract.views import View
from kg.model import Entity, Evidence, Post, PostFacts
from kg.schema import Schema

# Posts whose sentences are parsed in one go: enough to batch by length, few enough to stream.
CHUNK = 32


class Scorer(Protocol):
    """Anything that says how likely candidates are claims."""

    @property
    def version(self) -> str:
        """What the scores depend on, for provenance."""
        ...

    @property
    def threshold(self) -> float:
        """The confidence from which a candidate is a claim."""
        ...

    def score(self, candidates: Sequence[Candidate], reading: Reading) -> list[float]:
        """Return the confidence of each candidate of a post, 0 to 1."""
        ...


def extractor_version() -> str:
    """Return the version of the usual extractor, without loading a model."""
    cards = {
        "names": name_model.CARD,
        "encoder": language_model.CARD,
        "relations": relation_model.FILES.card,
        "quantities": owner_model.FILES.card,
    }
    versions = [
        f"{what} {json.loads((MODEL / card).read_text('utf-8'))['version']}"
        for what, card in cards.items()
    ]
    return ", ".join([parser_version(), *versions])


class Extractor:
    """Reads posts. One instance holds one GiNZA model; it is not thread-safe.

    `version` names everything besides the ontology that the result depends on.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        scorer: Scorer | None = None,
        owners: OwnerScorer | None = None,
        judge: NameJudge | None = None,
        parser: Parsing | None = None,
    ) -> None:
        self.schema = schema
        self.lexicon = Lexicon.load(schema.folder, schema)
        encoder = Encoder.load()
        self.scorer = scorer if scorer is not None else TwoReaders(RelationModel.load(), encoder)
        self.parser: Parsing = parser if parser is not None else Parser()
        self.judge = judge if judge is not None else NameReaders(NameModel.load(), encoder)
        self.finder = MentionFinder(schema, self.lexicon, Names.of(schema), self.judge)
        self.candidates = candidate_finder(schema, self.lexicon, self.scorer)
        self.modality = ModalityReader(self.lexicon)
        self.quantities = QuantityReader(
            self.lexicon, owners if owners is not None else OwnerReaders(OwnerModel.load(), encoder)
        )

    @property
    def version(self) -> str:
        """The versions of the models that read and judge."""
        read_by = (self.parser, self.judge, self.scorer, self.quantities.scorer)
        named = (one for r in read_by for one in r.version.split(", "))
        # The language model judges names, relations and quantities.
        return ", ".join(dict.fromkeys(named))

    def extract(self, posts: Iterable[Post]) -> Iterator[PostFacts]:
        """Yield the facts of each post, in order; no fact depends on another post."""
        chunk: list[Post] = []
        for post in posts:
            chunk.append(post)
            if len(chunk) == CHUNK:
                yield from self._chunk(chunk)
                chunk = []
        yield from self._chunk(chunk)

    def read(self, post: Post) -> Reading:
        """Return a post's sentences, mentions and views: everything that needs no parse."""
        parts = sentences(post, self.lexicon.boilerplate)
        mentions = self.finder.find(parts)
        views = self.candidates.context.read(parts, mentions, {})
        return Reading(post, parts, mentions, tuple(views))

    def _chunk(self, posts: Sequence[Post]) -> Iterator[PostFacts]:
        readings = [self.read(post) for post in posts]
        for r, parses in zip(readings, self.parses(readings), strict=True):
            yield self.facts(r, parses)

    def parses(self, readings: Sequence[Reading]) -> list[dict[int, Parse]]:
        """Return the parses of the sentences of each post that need one, by index.

        Each distinct sentence is parsed once, together with others of about its length.
        """
        needed = [self.worth_parsing(r) for r in readings]
        texts = sorted(
            {r.sentences[i].text for r, at in zip(readings, needed, strict=True) for i in at},
            key=lambda t: (len(t), t),
        )
        parsed = dict(zip(texts, self.parser.parse(texts), strict=True))
        return [
            {i: parsed[r.sentences[i].text] for i in at}
            for r, at in zip(readings, needed, strict=True)
        ]

    def worth_parsing(self, r: Reading) -> list[int]:
        """Return the indices of the sentences whose parse matters.

        A parse tells how two names of a sentence hang together. Where the sentence names one
        only, and context carries the other in, there is little for it to tell: leaving these out
        saves a third of the parsing and changes relation F1 by 0.002.
        """
        named = set(self.candidates.worth_parsing(r.sentences, r.mentions))
        return [
            v.index for v in r.views if v.index in named and self._relates(v, r.mentions.entities)
        ]

    def _relates(self, v: View, entities: Mapping[str, Named]) -> bool:
        """Tell whether any two entities that a sentence names may stand in any relation."""
        pairs = {
            (entities[a.entity].cls, entities[b.entity].cls)
            for a in v.anchors
            for b in v.anchors
            if a.entity != b.entity and a.inside and b.inside
        }
        return any(
            self.schema.allows(one, p, other)
            for one, other in pairs
            for p in self.schema.properties
        )

    def facts(self, r: Reading, parses: Mapping[int, Parse]) -> PostFacts:
        """Return the facts of a post, given the parses of its sentences by index."""
        views = with_parses(r, parses)
        candidates = self.candidates.find(r.sentences, r.mentions, views)
        claims, rejected = make_claims(
            r.post,
            r.sentences,
            candidates,
            self.scorer.score(candidates, r),
            threshold=self.scorer.threshold,
            modality=self.modality,
        )
        return PostFacts(
            post=r.post,
            entities=entities_of(r),
            claims=claims,
            quantities=tuple(self.quantities.read(r)),
            rejected=rejected,
        )


def with_parses(r: Reading, parses: Mapping[int, Parse]) -> list[View]:
    """Return the views of a reading with the parses of their sentences, by index."""
    return [replace(v, parse=parses.get(v.index)) for v in r.views]


def candidate_finder(schema: Schema, lexicon: Lexicon, scorer: Scorer) -> CandidateFinder:
    """Return the finder whose feature numbers are those the scorer was trained with."""
    card: Mapping[str, list[str]] = getattr(scorer, "card", {})
    classes = card.get("classes", list(schema.classes))
    frames = card.get("frames", sorted({c.frame.name for c in lexicon.cues}))
    return CandidateFinder(schema, lexicon, FeatureMaker(schema, lexicon, classes, frames))


def entities_of(r: Reading) -> tuple[Entity, ...]:
    """Return the entities of a post with their surface forms and mentions, sorted by id."""
    where: dict[str, list[Evidence]] = defaultdict(list)
    forms: dict[str, dict[str, None]] = defaultdict(dict)
    for m in r.mentions.mentions:
        sentence = r.sentences[m.sentence]
        where[m.entity].append(sentence.evidence(r.post, m.start, m.end))
        start = m.start if m.whole < 0 else m.whole
        forms[m.entity][sentence.evidence(r.post, start, m.end).text] = None
    return tuple(
        Entity(
            id=e.id,
            cls=e.cls,
            name=e.name,
            known=e.known,
            confidence=e.confidence,
            aliases=tuple(forms[e.id]),
            mentions=tuple(where[e.id]),
        )
        for e in sorted(r.mentions.entities.values(), key=lambda e: e.id)
    )
