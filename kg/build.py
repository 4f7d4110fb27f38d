"""From posts to a published snapshot: reads, extracts, validates, aggregates and publishes.

The one place where extraction and graph meet. What a build depends on (the posts' bytes, the
ontology, this code and the versions of the models) is in its manifest, so a build from the same
inputs is known to be up to date before anything slow is even imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from kg import __version__
from kg.errors import NothingToDo, PostError, SnapshotError, ValidationError
from kg.graph import terms
from kg.graph.aggregate import Aggregate, to_json
from kg.graph.publish import Draft, locked
from kg.graph.rdf import PostWriter, background_quads, flaws, lines, metric_quads, run_quads
from kg.graph.store import Snapshot
from kg.graph.validate import Validator, vocabulary
from kg.inputs import Problem, find, fingerprint, read
from kg.model import Post, PostFacts
from kg.schema import Schema
from kg.settings import Settings


class Extracting(Protocol):
    """What a build needs of an extractor (see `kg.extract.pipeline.Extractor`)."""

    @property
    def version(self) -> str:
        """What the facts depend on: the names and versions of models."""

    def extract(self, posts: Iterable[Post]) -> Iterator[PostFacts]:
        """Yield the facts of each post, in order."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: its snapshot, whether that was there already, and what was wrong."""

    snapshot: Snapshot
    up_to_date: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Where a build says how it goes: lines of log, problems, and posts done of all."""

    log: Callable[[str], None] = lambda _: None
    problem: Callable[[Problem], None] = lambda _: None
    progress: Callable[[int, int, str], None] = lambda _done, _all, _post: None


def build(
    paths: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    strict: bool = False,
    report: Reporter | None = None,
    extractor: Extracting | None = None,
) -> Report:
    """Build the graph of posts and publish it to a data folder.

    Posts that cannot be read, or whose graph violates a shape, are left out and reported. Raises
    NothingToDo where no post can be read, ValidationError where none passes validation, and with
    `strict` PostError or ValidationError where anything was wrong with any; the snapshot that was
    current then stays so. `extractor` takes the place of the usual one.
    """
    report = report or Reporter()
    files, missing = find(paths)
    schema = Schema.load(settings.ontology)
    intake = Intake(report, missing)
    with locked(out, report.log):
        inputs = fingerprint(
            files, schema, settings, "" if extractor is None else extractor.version
        )
        posts = intake.read(files, settings.max_post_bytes)
        done = current(out, inputs)
        if done is not None:
            for rejected in done.manifest["rejected"]:
                intake.problem(Problem(**rejected))
            intake.refuse(strict, "nothing is published")
            return Report(done, True, tuple(intake.problems))
        with Draft(out) as draft:
            job = _Build(draft, schema, settings.base, intake)
            job.write(load_extractor(schema) if extractor is None else extractor, posts)
            intake.refuse(strict, "nothing is published")
            return Report(job.publish(inputs), False, tuple(intake.problems))


def load_extractor(schema: Schema) -> Extracting:
    """Return the extractor for a schema; importing it takes seconds."""
    from kg.extract.pipeline import Extractor  # noqa: PLC0415

    return Extractor(schema)


class Intake:
    """Reads posts, and notes and reports everything that is wrong with any."""

    def __init__(self, report: Reporter, problems: Iterable[Problem]) -> None:
        self.report = report
        self.problems: list[Problem] = []
        for p in problems:
            self.problem(p)

    def problem(self, problem: Problem) -> None:
        """Note and report a problem."""
        self.problems.append(problem)
        self.report.problem(problem)

    def read(self, files: Sequence[Path], max_bytes: int) -> list[Post]:
        """Return the posts that can be read; raises NothingToDo where none can."""
        posts: list[Post] = []
        for found in read(files, max_bytes):
            if isinstance(found, Problem):
                self.problem(found)
                continue
            for warning in found.warnings:
                self.problem(Problem("flawed", found.id, warning))
            posts.append(found)
        if not posts:
            raise NothingToDo(f"none of {len(files)} posts could be read")
        return posts

    def of(self, kind: str) -> list[Problem]:
        """Return the problems of a kind."""
        return [p for p in self.problems if p.kind == kind]

    def refuse(self, strict: bool, consequence: str) -> None:
        """Raise PostError or ValidationError where `strict` and anything was wrong."""
        if not strict or not self.problems:
            return
        kinds = Counter(p.kind for p in self.problems)
        told = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        error = ValidationError if kinds["rejected"] else PostError
        raise error(f"--strict: {consequence} ({told})")


def open_posts(
    paths: Sequence[Path], settings: Settings, report: Reporter
) -> tuple[Intake, list[Post]]:
    """Find and read posts; return them and what was wrong with any (see `build`)."""
    files, missing = find(paths)
    intake = Intake(report, missing)
    return intake, intake.read(files, settings.max_post_bytes)


class _Build:
    """One build: gathers posts into a draft and publishes it."""

    def __init__(self, draft: Draft, schema: Schema, base: str, intake: Intake) -> None:
        self.draft, self.schema, self.base, self.intake = draft, schema, base, intake
        self.aggregate = Aggregate(schema)
        self.posts: list[dict[str, Any]] = []
        self.counts = Tally(schema)

    def write(self, extractor: Extracting, posts: Sequence[Post]) -> None:
        """Extract, validate and write posts, and then the background."""
        versions = {"ai-infra-kg": __version__, "extractor": extractor.version}
        self.versions = versions
        run = terms.run_iri(self.base, self.schema.hash, repr(sorted(versions.items())))
        pending: dict[str, PostFacts] = {}

        def graphs() -> Iterator[tuple[str, list[Any]]]:
            for done, facts in enumerate(extractor.extract(posts), 1):
                pending[facts.post.id] = facts
                yield facts.post.id, PostWriter(facts, self.schema, self.base, run).quads()
                self.intake.report.progress(done, len(posts), facts.post.id)

        for checked in Validator(self.schema).posts(graphs()):
            facts = pending.pop(checked.post)
            if checked.violations:
                text = "; ".join(dict.fromkeys(map(str, checked.violations)))
                count = len(checked.violations)
                self.intake.problem(
                    Problem("rejected", checked.post, f"{checked.post}: {count} violations: {text}")
                )
                continue
            self.draft.add(lines(checked.quads))
            self.aggregate.add(facts)
            self.counts.add(facts)
            self.posts.append(
                {
                    "id": facts.post.id,
                    "title": facts.post.title,
                    "date": facts.post.date,
                    "sha256": facts.post.sha256,
                    "warnings": list(flaws(facts.post)),
                }
            )
        if not self.posts:
            raise ValidationError(
                f"none of {len(posts)} posts passed validation; nothing is published"
            )
        known = background_quads(
            vocabulary(self.schema), self.schema, self.base, self.aggregate.mentioned
        )
        self.draft.add(lines(known))
        self.draft.add(lines(run_quads(self.base, run, self.schema.hash, versions)))

    def publish(self, inputs: Mapping[str, Any]) -> Snapshot:
        """Compute the network, publish the draft and return the snapshot."""
        edges = self.aggregate.edges()
        nodes = self.aggregate.nodes(edges)
        self.draft.add(lines(metric_quads(nodes, self.base)))
        by_class = Counter(n.cls for n in nodes)
        rejected = self.intake.of("rejected")
        counts = {
            "posts": len(self.posts),
            "posts_rejected": len(rejected),
            "posts_unreadable": len(self.intake.of("unreadable")),
            "entities": len(nodes),
            "edges": len(edges),
            "entities_by_class": {c: by_class[c] for c in self.schema.classes if by_class[c]},
            **self.counts.to_json(),
        }
        manifest = {
            "base": self.base,
            "versions": self.versions,
            "ontology_hash": self.schema.hash,
            "counts": counts,
            "inputs": inputs,
            "posts": self.posts,
            "rejected": [asdict(p) for p in rejected],
        }
        return self.draft.publish(to_json(nodes, edges), manifest)


class Tally:
    """Counts of claims and quantities over posts."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.claims: Counter[tuple[str, str]] = Counter()
        self.rejected: Counter[str] = Counter()
        self.quantities = 0

    def add(self, facts: PostFacts) -> None:
        """Count the facts of one more post."""
        self.claims.update((c.predicate, c.modality.value) for c in facts.claims)
        self.rejected.update(r.reason for r in facts.rejected)
        self.quantities += len(facts.quantities)

    def to_json(self) -> dict[str, Any]:
        """Return the counts by property, by modality, and of candidates rejected by reason."""
        by_modality: Counter[str] = Counter()
        by_property: dict[str, dict[str, int]] = {}
        for (predicate, modality), n in sorted(self.claims.items()):
            by_modality[modality] += n
            by_property.setdefault(predicate, {})[modality] = n
        return {
            "claims": self.claims.total(),
            "quantities": self.quantities,
            "claims_by_modality": dict(sorted(by_modality.items())),
            "claims_by_property": {
                p: by_property[p] for p in self.schema.properties if p in by_property
            },
            "candidates_rejected": self.rejected.total(),
            "candidates_rejected_by_reason": dict(sorted(self.rejected.items())),
        }


def current(data: Path, inputs: Mapping[str, Any]) -> Snapshot | None:
    """Return the current snapshot of a data folder if it was built from these very inputs."""
    try:
        snapshot = Snapshot.open(data)
        found: Mapping[str, Any] = snapshot.manifest.get("inputs", {})
    except SnapshotError:
        return None  # none yet, or not one that this version reads: it is built anew
    return snapshot if found == inputs else None
