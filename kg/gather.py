"""Has every post in the cache: reads what is new, or concerned by a change, batch by batch.

A batch is kept at once, so that a build that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from kg import __version__
from kg.cache import Cache, Entry
from kg.engine.work import (
    PARSE,
    SENTENCE,
    Batch,
    Engine,
    EngineMaker,
    Job,
    Outcome,
    Source,
    chunk_size,
    chunked,
    split,
)
from kg.errors import NothingToDo
from kg.graph import terms
from kg.inputs import PostKeys, Problem
from kg.plan import plan, sources
from kg.reporting import Intake, Progress, Work
from kg.schema import Schema
from kg.settings import Settings


@dataclass(frozen=True)
class Gathered:
    """What the cache has of the posts of a build, by id, what was wrong with any, and what was done.

    `run` is the IRI of the run that reads what is new, `versions` what it depends on besides the
    ontology.
    """

    versions: Mapping[str, str]
    run: str
    paths: Mapping[str, Path]
    entries: Mapping[str, Entry]
    problems: Sequence[Problem]
    work: Work


class Gatherer:
    """Gathers posts, once; `inputs` is the fingerprint of the build, `version` the extractor's."""

    def __init__(
        self,
        schema: Schema,
        settings: Settings,
        intake: Intake,
        cache: Cache,
        inputs: dict[str, Any],
        version: str,
    ) -> None:
        self.schema, self.settings, self.intake, self.cache = schema, settings, intake, cache
        self.contents: dict[str, str] = inputs["posts"]
        self.versions = {"ai-infra-kg": __version__, "extractor": version}
        versions = repr(sorted(self.versions.items()))
        self.run = terms.run_iri(settings.base, schema.hash, versions)
        self.keys = PostKeys.of(schema.folder, inputs, version)
        self.work = Work()
        self.problems: list[Problem] = []

    def gather(self, files: Sequence[Path], engine: EngineMaker) -> Gathered:
        """Have every post in the cache; raise NothingToDo where none can be read."""
        self.paths = {p.stem: p for p in files}
        with self.work.stage("plan"):
            planned = plan(files, self.contents, self.keys, self.cache, self.schema)
        self.entries = dict(planned.known)
        self.work.cached = len(self.entries)
        if planned.unread:
            schema, base = self.schema, self.settings.base
            job = Job(schema.folder, schema.hash, base, self.run, self.cache.path)
            self._read(planned.unread, engine(job, len(planned.unread)))
        for id in sorted(self.entries):
            entry = self.entries[id]
            if entry.problem is not None:
                self._left_out(entry.problem, self.paths[id])
        if all(p.kind == "unreadable" for p in self.problems) and not any(
            e.problem is None for e in self.entries.values()
        ):
            raise NothingToDo(f"none of {len(files)} posts could be read")
        return Gathered(
            self.versions,
            self.run,
            self.paths,
            self.entries,
            self.problems,
            self.work,
        )

    def _read(self, files: Sequence[Path], engine: Engine) -> None:
        start, done = perf_counter(), 0
        sentences: set[bytes] = set()
        total = len(files)

        def readable() -> Iterator[Source]:
            for found in sources(files, self.settings.max_post_bytes, self.contents):
                if isinstance(found, Problem):
                    self._left_out(found, self.paths[found.post])
                else:
                    yield found

        size = chunk_size(total, engine)
        for batch in engine.run(chunked(readable(), size)):
            with self.work.stage("cache"):
                self._keep(batch, sentences)
            for outcome in batch.outcomes:
                done += 1
                self.work.read += 1
                self.work.chars += outcome.chars
                elapsed = perf_counter() - start
                self.intake.report.progress(
                    Progress(done, total, self.work.chars, elapsed, outcome.id)
                )
        self.work.distinct = len(sentences)
        self.work.spend("reading, by the clock", perf_counter() - start)

    def _keep(self, batch: Batch, sentences: set[bytes]) -> None:
        """Write a batch to the cache, at once, so that no kill loses it."""
        for o in batch.outcomes:
            sentences.update(split(o.sentences, SENTENCE))
            self.work.seen += len(o.sentences) // SENTENCE
            self.work.needed += len(o.parses) // PARSE
            if o.problem is not None and o.problem.kind == "failed":
                self._left_out(o.problem, o.path)
                continue
            key = self.keys.key(o.id, o.sha256)
            kept = o if o.problem is None else _without_path(o)
            self.cache.put(key, self.run, self.keys.entities, kept)
            entities = (self.keys.entities, o.entities)
            self.entries[o.id] = Entry(
                o.id, key, self.run, *entities, o.sha256, o.chars, kept.problem
            )
        self.work.parsed += len(batch.parses)
        if batch.parses:
            from kg.extract.parse import parser_version  # noqa: PLC0415

            self.cache.put_parses(parser_version(), batch.parses)
        self.cache.commit()
        for stage, seconds in batch.seconds.items():
            self.work.spend(stage, seconds)

    def _left_out(self, problem: Problem, path: Path) -> None:
        text = problem.text
        if problem.kind == "unreadable" and not text.startswith(f"{path}: "):
            text = f"{path}: {text}"
        problem = replace(problem, text=text)
        self.problems.append(problem)
        self.intake.problem(problem)
        setattr(self.work, problem.kind, getattr(self.work, problem.kind) + 1)


def _without_path(outcome: Outcome) -> Outcome:
    """Return an outcome whose problem does not say where the file is: it may move."""
    problem = outcome.problem
    if problem is None:
        return outcome
    text = problem.text.removeprefix(f"{outcome.path}: ")
    return replace(outcome, problem=replace(problem, text=text))
