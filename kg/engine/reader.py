"""Reads posts: everything that concerns one post alone, from its bytes to its checked graph."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from kg.engine.work import SENTENCE, Batch, Job, Outcome, Source
from kg.errors import OntologyError, PostError
from kg.extract.memo import Known, Parsing, RememberingParser, sentence_key
from kg.extract.parse import Parser
from kg.extract.posts import decode_post
from kg.extract.trace import Answers, Dependencies, Trace, new_asked
from kg.graph import terms
from kg.graph.packed import pack
from kg.graph.rdf import PostWriter, lines
from kg.graph.summary import PostSummary
from kg.graph.validate import Checked, Validator
from kg.inputs import Problem, sha256
from kg.model import Post, PostFacts
from kg.reporting import Stopwatch
from kg.schema import Schema


class Extracting(Protocol):
    """What is needed of an extractor (see `kg.extract.pipeline.Extractor`)."""

    @property
    def version(self) -> str:
        """What the facts depend on: the names and versions of models."""

    def extract(self, posts: Iterable[Post]) -> Iterator[PostFacts]:
        """Yield the facts of each post, in order."""


@dataclass(frozen=True, slots=True)
class Found:
    """The facts of a post, and what they were made from where the extractor tells."""

    facts: PostFacts
    entities: str = ""
    dependencies: bytes = b""
    sentences: bytes = b""
    parses: bytes = b""


class Finding(Protocol):
    """Finds the facts of posts."""

    def find(self, posts: Sequence[Post], watch: Stopwatch) -> list[Found]:
        """Return the facts of each post, in order."""

    def take(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return the parses that were made since the last call."""


class GivenExtractor:
    """Finds facts by an extractor of which nothing is known."""

    def __init__(self, extractor: Extracting) -> None:
        self.extractor = extractor

    def find(self, posts: Sequence[Post], watch: Stopwatch) -> list[Found]:
        """Return the facts of each post, in order."""
        with watch.stage("extract"):
            return [Found(facts) for facts in self.extractor.extract(posts)]

    def take(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return nothing: what it parses is its own affair."""
        return ()


class TracingExtractor:
    """Finds facts by the usual extractor, and notes what they depend on."""

    def __init__(
        self, schema: Schema, known: Known | None = None, parser: Parsing | None = None
    ) -> None:
        from kg.extract.pipeline import Extractor  # noqa: PLC0415  (with its models: seconds)

        self.trace = Trace()
        self.parser = RememberingParser(parser or Parser(), *([known] if known else []))
        self.extractor = Extractor(self.trace.watched(schema), parser=self.parser)
        finder, context = self.extractor.finder, self.extractor.candidates.context
        self.answers = Answers(schema, finder, context)  # before their tables are watched
        self.trace.watch(finder, context)

    def find(self, posts: Sequence[Post], watch: Stopwatch) -> list[Found]:
        """Return the facts of each post, in order."""
        asked = [new_asked() for _ in posts]
        readings = []
        with watch.stage("mentions"):
            for post, questions in zip(posts, asked, strict=True):
                self.trace.asked = questions
                readings.append(self.extractor.read(post))
        with watch.stage("parse"):
            self.trace.asked = new_asked()  # which sentences to parse is asked of no table
            parses = self.extractor.parses(readings)
        out = []
        for r, parsed, questions in zip(readings, parses, asked, strict=True):
            self.trace.asked = questions
            with watch.stage("claims"):
                facts = self.extractor.facts(r, parsed)
            with watch.stage("trace"):
                texts = [s.text for s in r.sentences]
                keys = [sentence_key(t) for t in texts]
                depends = Dependencies.of(texts, questions)
                out.append(
                    Found(
                        facts,
                        self.answers.hash(depends),
                        depends.pack(),
                        b"".join(k[:SENTENCE] for k in keys),
                        b"".join(keys[i] for i in sorted(parsed)),
                    )
                )
        self.trace.asked = new_asked()
        return out

    def take(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return the parses that were made since the last call."""
        return tuple(self.parser.take())


class PostReader:
    """Reads chunks of posts for a job. The models are loaded when the first post is there."""

    def __init__(
        self,
        job: Job,
        make: Callable[[Schema], Finding] | None = None,
        known: Known | None = None,
        schema: Schema | None = None,
    ) -> None:
        self.job = job
        self.make = make
        self.known = known
        self.schema = schema or Schema.load(job.ontology)
        if self.schema.hash != job.ontology_hash:
            raise OntologyError(f"{job.ontology}: changed while the build was running; start again")
        self.validator = Validator(self.schema)
        self._finder: Finding | None = None

    @property
    def finder(self) -> Finding:
        """What finds the facts, made at first use."""
        if self._finder is None:
            if self.make is not None:
                self._finder = self.make(self.schema)
            elif self.job.maker:
                module, _, name = self.job.maker.partition(":")
                self._finder = GivenExtractor(getattr(import_module(module), name)(self.schema))
            else:
                self._finder = TracingExtractor(self.schema, self.known)
        return self._finder

    def prepare(self) -> None:
        """Do what takes a second before the first post, whose time is limited, is there."""
        self.validator.violations([])

    def read(self, sources: Sequence[Source]) -> Batch:
        """Read posts, no two of one id, and return what came of each."""
        watch = Stopwatch()
        outcomes: list[Outcome] = []
        posts: dict[str, tuple[Source, Post]] = {}
        with watch.stage("decode"):
            for source in sources:
                try:
                    posts[source.id] = source, decode_post(source.path, source.data)
                except PostError as e:
                    wrong = Problem.unreadable(source.path, e)
                    sha = sha256(source.data)
                    outcomes.append(Outcome(source.id, source.path, sha, problem=wrong))
        if posts:
            found = self.finder.find([post for _, post in posts.values()], watch)
            if self.job.facts:
                outcomes += [self._told(posts[f.facts.post.id][0], f.facts) for f in found]
                return Batch(tuple(outcomes), (), dict(watch.seconds))
            by_id = {f.facts.post.id: f for f in found}
            for checked in self._checked(found, watch):
                f = by_id[checked.post]
                outcomes.append(self._outcome(posts[checked.post][0], f, checked, watch))
            return Batch(tuple(outcomes), self.finder.take(), dict(watch.seconds))
        return Batch(tuple(outcomes), (), dict(watch.seconds))

    def _told(self, source: Source, facts: PostFacts) -> Outcome:
        return Outcome(
            id=source.id,
            path=source.path,
            sha256=facts.post.sha256,
            chars=len(facts.post.text),
            summary=PostSummary.of(facts, self.schema).pack(),
            facts=json.dumps(facts.to_json(), ensure_ascii=False),
        )

    def _checked(self, found: Sequence[Found], watch: Stopwatch) -> list[Checked]:
        with watch.stage("rdf"):
            graphs = [
                (
                    f.facts.post.id,
                    PostWriter(f.facts, self.schema, self.job.base, self.job.run).quads(),
                )
                for f in found
            ]
        with watch.stage("validate"):
            return list(self.validator.posts(graphs))

    def _outcome(self, source: Source, f: Found, checked: Checked, watch: Stopwatch) -> Outcome:
        facts = f.facts
        post = facts.post
        problem = None
        if checked.violations:
            text = "; ".join(dict.fromkeys(map(str, checked.violations)))
            count = len(checked.violations)
            problem = Problem("rejected", post.id, f"{post.id}: {count} violations: {text}")
        with watch.stage("rdf"):
            name = terms.post_iri(self.job.base, post.id)
            graph = None if problem else pack(name, lines(checked.quads))
        return Outcome(
            id=post.id,
            path=source.path,
            sha256=post.sha256,
            chars=len(post.text),
            summary=PostSummary.of(facts, self.schema).pack(),
            graph=graph,
            problem=problem,
            entities=f.entities,
            dependencies=f.dependencies,
            sentences=f.sentences,
            parses=f.parses,
        )
