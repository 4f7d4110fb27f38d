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
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from kg.cache import Cache, Entry
from kg.engine import choose
from kg.engine.work import EngineMaker
from kg.errors import SnapshotError, StorageError, ValidationError
from kg.gather import Gathered, Gatherer
from kg.graph import terms
from kg.graph.network import to_json
from kg.graph.packed import pack, stamped
from kg.graph.publish import Draft, locked
from kg.graph.rdf import background_quads, lines, metric_quads, run_quads
from kg.graph.store import Snapshot
from kg.graph.summary import PostSummary, Tally
from kg.graph.validate import vocabulary
from kg.inputs import Problem, find, fingerprint
from kg.reporting import Intake, Reporter, Work
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
            version = given.version
        else:
            version = usual_version()
        try:
            with closing(Cache(out, report.log)) as cache:
                gatherer = Gatherer(schema, settings, intake, cache, inputs, version)
                gathered = gatherer.gather(files, engine or choose.local_engine(settings))
                publication = _Publication(schema, settings, intake, cache, gathered)
                snapshot = publication.publish(out, inputs, strict)
        except (OSError, sqlite3.Error) as e:
            raise StorageError(
                f"{out}: the build stopped ({e}); what was published before is unchanged, and the "
                f"next build goes on from here"
            ) from e
        gathered.work.elapsed = perf_counter() - start
        return Report(snapshot, False, tuple(intake.problems), gathered.work)


def usual_version() -> str:
    """Return the version of the extractor that reads where none is given."""
    from kg.extract.pipeline import extractor_version  # noqa: PLC0415

    return extractor_version()


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


class _Publication:
    """Makes a snapshot of the posts that were gathered."""

    def __init__(
        self, schema: Schema, settings: Settings, intake: Intake, cache: Cache, gathered: Gathered
    ) -> None:
        self.schema, self.settings, self.intake, self.cache = schema, settings, intake, cache
        self.gathered = gathered

    def publish(self, out: Path, inputs: Mapping[str, Any], strict: bool) -> Snapshot:
        """Aggregate what is in the cache, and publish it; `inputs` is the build's fingerprint."""
        from kg.graph.aggregate import Aggregate  # noqa: PLC0415  (with NetworkX)

        g = self.gathered
        good = [g.entries[i] for i in sorted(g.entries) if g.entries[i].problem is None]
        aggregate, tally = Aggregate(self.schema), Tally(self.schema)
        posts: list[dict[str, Any]] = []
        with g.work.stage("aggregate"):
            for text in self.cache.summaries([e.key for e in good]):
                post = PostSummary.unpack(text)
                aggregate.add(post)
                tally.add(post)
                fields = ("id", "title", "date", "sha256", "warnings")
                posts.append({f: getattr(post, f) for f in fields})
                self.intake.flaws(post.id, g.paths[post.id], post.warnings)
        self.intake.refuse(strict, "nothing is published")
        if not good:
            raise ValidationError(
                f"none of {len(g.paths)} posts passed validation; nothing is published"
            )
        with g.work.stage("metrics"):
            edges = aggregate.edges()
            nodes = aggregate.nodes(edges)
        with Draft(out) as draft, g.work.stage("publish"):
            self._write(draft, good, aggregate.mentioned, nodes)
            by_class = Counter(n.cls for n in nodes)
            kinds = Counter(p.kind for p in g.problems)
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
                "versions": g.versions,
                "ontology_hash": self.schema.hash,
                "counts": counts,
                "inputs": inputs,
                "posts": posts,
                "problems": [asdict(p) for p in sorted(g.problems, key=lambda p: p.post)],
            }
            snapshot = draft.publish(to_json(nodes, edges), manifest)
        self.cache.finish(e.key for e in g.entries.values())
        return snapshot

    def _write(
        self, draft: Draft, good: Iterable[Entry], mentioned: Iterable[str], nodes: Sequence[Any]
    ) -> None:
        """Add all graphs to a draft, in the order of their names."""
        base, run = self.settings.base, self.gathered.run
        known = background_quads(vocabulary(self.schema), self.schema, base, mentioned)
        background = lines(known)
        background += lines(run_quads(base, run, self.schema.hash, self.gathered.versions))
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
            if entry.run != run:
                graph = stamped(graph, run)
                self.cache.replace_graph(entry.key, run, graph)
            draft.add(graph)


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
