"""Which engine reads the posts. What each needs is imported when it is used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kg.engine.work import CHUNK, Engine, EngineMaker, Job
from kg.errors import BadRequest
from kg.schema import Schema
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.engine.reader import Extracting


def local_engine(settings: Settings) -> EngineMaker:
    """Return what makes the usual engine: processes of this machine, no more than are of use."""

    def make(job: Job, posts: int) -> Engine:
        from kg.engine.local import Processes  # noqa: PLC0415

        workers = settings.workers or cores()
        return Processes(job, max(1, min(workers, -(-posts // CHUNK))), settings.post_seconds)

    return make


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def engine_named(name: str, settings: Settings, address: str = "") -> EngineMaker:
    """Return what makes the engine of this name; raises BadRequest for one there is not.

    `address` is that of a Ray cluster, and is for that engine alone.
    """
    if name == "ray":

        def make(job: Job, _: int) -> Engine:
            from kg.engine.cluster import Cluster  # noqa: PLC0415

            return Cluster(job, address, settings.post_seconds, settings.workers)

        return make
    if name != "local":
        raise BadRequest(f"engine {name!r} is not one of local, ray")
    if address:
        raise BadRequest("--address is that of a Ray cluster: add --engine ray")
    return local_engine(settings)


def in_process(job: Job, extractor: Extracting, schema: Schema | None = None) -> Engine:
    """Return an engine that reads with an extractor in this process."""
    from kg.engine.local import InProcess  # noqa: PLC0415
    from kg.engine.reader import GivenExtractor  # noqa: PLC0415

    return InProcess(job, lambda _: GivenExtractor(extractor), schema)
