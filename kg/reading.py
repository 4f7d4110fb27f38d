"""Posts and their facts without a graph: what `kg extract` prints and `kg eval` compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from kg.engine.work import EngineMaker, Job, Outcome, Source, chunk_size, chunked
from kg.errors import NothingToDo
from kg.graph.summary import PostSummary
from kg.inputs import Problem, find, read
from kg.model import Post
from kg.plan import sources
from kg.reporting import Intake, Progress, Reporter
from kg.schema import Schema
from kg.settings import Settings


def read_facts(
    paths: Sequence[Path],
    settings: Settings,
    report: Reporter,
    engine: EngineMaker,
    *,
    strict: bool = False,
) -> Iterator[str]:
    """Yield the facts of posts as JSON, sorted by post, as soon as those before are done.

    Nothing is validated or kept. Raises NothingToDo where no post can be read, and at the end,
    with `strict`, PostError where anything was wrong with any.
    """
    files, missing = find(paths)
    schema = Schema.load(settings.ontology)
    intake = Intake(report, missing)

    def readable() -> Iterator[Source]:
        for found in sources(files, settings.max_post_bytes, {}):
            if isinstance(found, Problem):
                intake.problem(found)
                waiting.remove(found.post)
            else:
                yield found

    job = Job(settings.ontology, schema.hash, settings.base, "", facts=True)
    made = engine(job, len(files))
    waiting = [p.stem for p in files]
    held: dict[str, Outcome] = {}
    start, done, chars, told = perf_counter(), 0, 0, 0
    for batch in made.run(chunked(readable(), chunk_size(len(files), made))):
        for o in batch.outcomes:
            held[o.id] = o
            done, chars = done + 1, chars + o.chars
            report.progress(Progress(done, len(files), chars, perf_counter() - start, o.id))
        while waiting and waiting[0] in held:
            o = held.pop(waiting.pop(0))
            if o.problem is not None:
                intake.problem(o.problem)
                continue
            intake.flaws(o.id, o.path, PostSummary.unpack(o.summary).warnings)
            told += 1
            yield o.facts
    if not told:
        raise NothingToDo(f"none of {len(files)} posts could be read")
    intake.refuse(strict, "posts have flaws")


def open_posts(
    paths: Sequence[Path], settings: Settings, report: Reporter
) -> tuple[Intake, list[Post]]:
    """Find and read posts; return them and what was wrong with any (see `kg.build`)."""
    files, missing = find(paths)
    intake = Intake(report, missing)
    posts: list[Post] = []
    for found in read(files, settings.max_post_bytes):
        if isinstance(found, Problem):
            intake.problem(found)
            continue
        for warning in found.warnings:
            intake.problem(Problem("flawed", found.id, warning))
        posts.append(found)
    if not posts:
        raise NothingToDo(f"none of {len(files)} posts could be read")
    return intake, posts
