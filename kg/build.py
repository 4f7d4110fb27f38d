"""From posts to a published snapshot: reads what is new, aggregates, and publishes.

The one place where extraction and graph meet. What a build depends on (the posts' bytes, the
ontology, this code and the versions of the models) is in its manifest, so a build from the same
inputs is known to be up to date before anything slow is even imported. What came of each post is
kept in a cache, so a build reads only posts that are new or concerned by a change, and one that
was killed goes on where it was.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from kg import __version__
from kg.cache import Cache, Entry
from kg.engine import choose
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
from kg.errors import NothingToDo, SnapshotError, StorageError, ValidationError
from kg.graph import terms
from kg.graph.network import to_json
from kg.graph.packed import pack, stamped
from kg.graph.publish import Draft, locked
from kg.graph.rdf import background_quads, lines, metric_quads, run_quads
from kg.graph.store import Snapshot
from kg.graph.summary import PostSummary, Tally
from kg.graph.validate import vocabulary
from kg.inputs import PostKeys, Problem, find, fingerprint
from kg.plan import plan, sources
from kg.reporting import Intake, Progress, Reporter, Work
from kg.schema import Schema
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.engine.reader import Extracting

__all__ = ["Report", "Reporter", "build", "load_extractor"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: its snapshot, whether that was there already, what was wrong, the work."""

    snapshot: Snapshot
    up_to_date: bool
    problems: tuple[Problem, ...]
    work: Work

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "revision": self.snapshot.revision,
            "up_to_date": self.up_to_date,
            **self.work.to_json(),
            "problems": [asdict(p) for p in self.problems],
            "counts": self.snapshot.manifest["counts"],
        }


def build(
    paths: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    strict: bool = False,
    report: Reporter | None = None,
    extractor: Extracting | None = None,
    engine: EngineMaker | None = None,
) -> Report:
    """Build the graph of posts and publish it to a data folder.

    Posts that cannot be read, or whose graph violates a shape, are left out and reported. Raises
    NothingToDo where no post can be read, ValidationError where none passes validation, and with
    `strict` PostError or ValidationError where anything was wrong with any; the snapshot that was
    current then stays so. `extractor` takes the place of the usual one, in this process;
    `engine` makes what reads posts otherwise, processes of this machine if none is given.
    """
    start = perf_counter()
    report = report or Reporter()
    files, missing = find(paths)
    schema = Schema.load(settings.ontology)
    intake = Intake(report, missing)
    with locked(out, report.log):
        inputs = fingerprint(
            files, schema, settings, "" if extractor is None else extractor.version
        )
        done = current(out, inputs)
        if done is not None:
            tell_again(done, files, intake)
            intake.refuse(strict, "nothing is published")
            work = Work(cached=len(files), elapsed=perf_counter() - start)
            return Report(done, True, tuple(intake.problems), work)
        if extractor is not None:
            given = extractor
            engine = lambda job, _: choose.in_process(job, given, schema)  # noqa: E731
        try:
            with closing(Cache(out, report.log)) as cache:
                job = _Build(out, schema, settings, intake, cache, inputs)
                job.read(files, engine or choose.local_engine(settings), extractor)
                snapshot = job.publish(strict)
        except (OSError, sqlite3.Error) as e:
            raise StorageError(
                f"{out}: the build stopped ({e}); what was published before is unchanged, and the "
                f"next build goes on from here"
            ) from e
        job.work.elapsed = perf_counter() - start
        return Report(snapshot, False, tuple(intake.problems), job.work)


def load_extractor(schema: Schema) -> Extracting:
    """Return the extractor for a schema; importing it takes seconds."""
    from kg.extract.pipeline import Extractor  # noqa: PLC0415

    return Extractor(schema)


def tell_again(snapshot: Snapshot, files: Iterable[Path], intake: Intake) -> None:
    """Report what was wrong when a snapshot was built."""
    paths = {p.stem: p for p in files}
    problems = {p["post"]: Problem(**p) for p in snapshot.manifest["problems"]}
    for post in snapshot.manifest["posts"]:
        intake.flaws(post["id"], paths[post["id"]], post["warnings"])
    for problem in problems.values():
        intake.problem(problem)


class _Build:
    """One build: reads what is new into the cache, and publishes what is in it."""

    def __init__(
        self,
        out: Path,
        schema: Schema,
        settings: Settings,
        intake: Intake,
        cache: Cache,
        inputs: dict[str, Any],
    ) -> None:
        self.out, self.schema, self.settings, self.intake = out, schema, settings, intake
        self.cache, self.inputs = cache, inputs
        self.entries: dict[str, Entry] = {}
        self.work = Work()

    def read(
        self, files: Sequence[Path], engine: EngineMaker, extractor: Extracting | None
    ) -> None:
        """Have every post in the cache."""
        if extractor is None:
            from kg.extract.pipeline import extractor_version  # noqa: PLC0415

            version = extractor_version()
        else:
            version = extractor.version
        self.versions = {"ai-infra-kg": __version__, "extractor": version}
        base = self.settings.base
        self.run = terms.run_iri(base, self.schema.hash, repr(sorted(self.versions.items())))
        self.keys = PostKeys.of(self.schema.folder, self.inputs, version)
        self.paths = {p.stem: p for p in files}
        contents: dict[str, str] = self.inputs["posts"]
        with self.work.stage("plan"):
            planned = plan(files, contents, self.keys, self.cache, self.schema)
        self.entries = dict(planned.known)
        self.work.cached = len(self.entries)
        self.problems: list[Problem] = []
        if planned.unread:
            job = Job(self.schema.folder, self.schema.hash, base, self.run, self.cache.path)
            made = engine(job, len(planned.unread))
            self._read(planned.unread, made, contents)
        for id in sorted(self.entries):
            entry = self.entries[id]
            if entry.problem is not None:
                self._left_out(entry.problem, self.paths[id])
        if all(p.kind == "unreadable" for p in self.problems) and not any(
            e.problem is None for e in self.entries.values()
        ):
            raise NothingToDo(f"none of {len(files)} posts could be read")

    def _read(self, files: Sequence[Path], engine: Engine, contents: dict[str, str]) -> None:
        start, done = perf_counter(), 0
        sentences: set[bytes] = set()
        total = len(files)

        def readable() -> Iterator[Source]:
            for found in sources(files, self.settings.max_post_bytes, contents):
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

    # ------------------------------------------------------------ publishing

    def publish(self, strict: bool) -> Snapshot:
        """Aggregate what is in the cache, and publish it."""
        from kg.graph.aggregate import Aggregate  # noqa: PLC0415  (with NetworkX)

        good = [self.entries[i] for i in sorted(self.entries) if self.entries[i].problem is None]
        aggregate, tally = Aggregate(self.schema), Tally(self.schema)
        posts: list[dict[str, Any]] = []
        with self.work.stage("aggregate"):
            for text in self.cache.summaries([e.key for e in good]):
                post = PostSummary.unpack(text)
                aggregate.add(post)
                tally.add(post)
                fields = ("id", "title", "date", "sha256", "warnings")
                posts.append({f: getattr(post, f) for f in fields})
                self.intake.flaws(post.id, self.paths[post.id], post.warnings)
        self.intake.refuse(strict, "nothing is published")
        if not good:
            raise ValidationError(
                f"none of {len(self.paths)} posts passed validation; nothing is published"
            )
        with self.work.stage("metrics"):
            edges = aggregate.edges()
            nodes = aggregate.nodes(edges)
        with Draft(self.out) as draft, self.work.stage("publish"):
            self._write(draft, good, aggregate.mentioned, nodes)
            by_class = Counter(n.cls for n in nodes)
            kinds = Counter(p.kind for p in self.problems)
            counts = {
                "posts": len(posts),
                "posts_rejected": kinds["rejected"],
                "posts_unreadable": kinds["unreadable"],
                "posts_failed": kinds["failed"],
                "entities": len(nodes),
                "edges": len(edges),
                "entities_by_class": {c: by_class[c] for c in self.schema.classes if by_class[c]},
                **tally.to_json(),
            }
            manifest = {
                "base": self.settings.base,
                "versions": self.versions,
                "ontology_hash": self.schema.hash,
                "counts": counts,
                "inputs": self.inputs,
                "posts": posts,
                "problems": [asdict(p) for p in sorted(self.problems, key=lambda p: p.post)],
            }
            snapshot = draft.publish(to_json(nodes, edges), manifest)
        self.cache.finish(e.key for e in self.entries.values())
        return snapshot

    def _write(
        self, draft: Draft, good: Iterable[Entry], mentioned: Iterable[str], nodes: Sequence[Any]
    ) -> None:
        """Add all graphs to a draft, in the order of their names."""
        base = self.settings.base
        known = background_quads(vocabulary(self.schema), self.schema, base, mentioned)
        background = lines(known)
        background += lines(run_quads(base, self.run, self.schema.hash, self.versions))
        graphs: dict[str, Callable[[], Any]] = {
            terms.background_iri(base): lambda: pack(terms.background_iri(base), background),
            terms.metrics_iri(base): lambda: pack(
                terms.metrics_iri(base), lines(metric_quads(nodes, base))
            ),
        }
        by_name = {terms.post_iri(base, e.id): e for e in good}
        for name in sorted([*graphs, *by_name], key=str.encode):
            if name in graphs:
                draft.add(graphs[name]())
                continue
            entry = by_name[name]
            graph = self.cache.graph(entry.key, name)
            if entry.run != self.run:
                graph = stamped(graph, self.run)
                self.cache.replace_graph(entry.key, self.run, graph)
            draft.add(graph)


def _without_path(outcome: Outcome) -> Outcome:
    """Return an outcome whose problem does not say where the file is: it may move."""
    problem = outcome.problem
    if problem is None:
        return outcome
    text = problem.text.removeprefix(f"{outcome.path}: ")
    return replace(outcome, problem=replace(problem, text=text))


def current(data: Path, inputs: Mapping[str, Any]) -> Snapshot | None:
    """Return the current snapshot of a data folder if it was built from these very inputs.

    One that lacks a post whose reading failed is not: it may go better this time.
    """
    try:
        snapshot = Snapshot.open(data)
        found: Mapping[str, Any] = snapshot.manifest.get("inputs", {})
        failed = any(p["kind"] == "failed" for p in snapshot.manifest["problems"])
    except SnapshotError:
        return None  # none yet, or not one that this version reads: it is built anew
    return snapshot if found == inputs and not failed else None
