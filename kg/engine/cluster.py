"""An engine on a Ray cluster: actors that hold one extractor each, and posts sent by value.

Ray is an extra of this package and is imported nowhere else. The nodes need this package and the
models, and nothing of the driver's disk: the ontology and the posts' bytes travel with the tasks,
results come back by value. Nothing is reported to anyone: Ray's usage statistics are switched off.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from kg.engine.local import failed
from kg.engine.work import Batch, Job, Source
from kg.errors import BadRequest, KgError
from kg.inputs import environment
from kg.turtle import FILES

if TYPE_CHECKING:
    from kg.engine.reader import PostReader

IN_FLIGHT = 2
"""Chunks that an actor has at a time: one that it reads and one that waits."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_IMPORT_WARNING": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


class Cluster:
    """Reads posts on a Ray cluster: that at `address`, or one that is started here and ends.

    A chunk whose actor or node dies goes to another; once its posts are alone, one that does it
    again is given up. `post_seconds` is how long a chunk, or a post on its own, may take.
    """

    def __init__(self, job: Job, address: str, post_seconds: float, actors: int = 0) -> None:
        self.job, self.address, self.post_seconds = job, address, post_seconds
        ray = _ray()
        os.environ.update(_QUIET)
        try:
            ray.init(
                address=address or None,
                include_dashboard=None if address else False,
                configure_logging=True,
                logging_level=logging.ERROR,
                log_to_driver=False,
                ignore_reinit_error=True,
            )
        except (ConnectionError, ValueError, RuntimeError) as e:
            raise BadRequest(f"--address {address}: no Ray cluster can be reached ({e})") from e
        cpus = int(ray.cluster_resources().get("CPU", 1))
        self.size = max(1, actors or cpus)

    def run(self, chunks: Iterable[Sequence[Source]]) -> Iterator[Batch]:
        """Read chunks, a few at a time for each actor (see `kg.engine.work.Engine`)."""
        ray = _ray()
        try:
            yield from _Run(ray, self).batches(iter(chunks))
        finally:
            ray.shutdown()


class _Run:
    """One run: which actors there are, and which has which chunks."""

    def __init__(self, ray: Any, cluster: Cluster) -> None:  # noqa: ANN401
        self.ray, self.limit = ray, cluster.post_seconds
        files = {name: (cluster.job.ontology / name).read_bytes() for name in FILES}
        given = (replace(cluster.job, cache=None), files, environment())
        # An actor that dies is replaced here, not by Ray, which would lose sight of its chunks.
        actor: Any = ray.remote(Reader)
        self.make: Callable[[], Any] = lambda: actor.options(num_cpus=1).remote(*given)
        self.actors: dict[int, Any] = {}
        self.starting: dict[Any, int] = {}
        self.running: dict[Any, _Task] = {}
        self.since: dict[int, float] = {}
        self.again: list[tuple[Sequence[Source], int]] = []
        self.numbers = count()
        for _ in range(cluster.size):
            self._start()

    def _start(self) -> None:
        """Ask for one more actor. It gets chunks once it is there: a cluster that has lost a node
        may have no room for it."""
        n = next(self.numbers)
        self.actors[n] = self.make()
        self.starting[self.actors[n].ready.remote()] = n

    def batches(self, chunks: Iterator[Sequence[Source]]) -> Iterator[Batch]:
        """Yield what comes of each chunk, as it comes."""
        while True:
            more = self._fill(chunks)
            if not self.running and not more:
                return
            waited = [*self.running, *self.starting]
            done, _ = self.ray.wait(waited, num_returns=1, timeout=min(5.0, self.limit))
            for ref in done:
                if ref in self.starting:
                    self._is_ready(ref)
                elif ref in self.running:
                    yield from self._result(ref)
            now = monotonic()
            for n in [n for n, since in self.since.items() if now - since > self.limit]:
                if any(t.actor == n for t in self.running.values()):
                    yield from self._lost(n, f"not read within {self.limit:g} s (KG_POST_SECONDS)")

    def _is_ready(self, ref: Any) -> None:  # noqa: ANN401
        n = self.starting.pop(ref)
        try:
            self.ray.get(ref)
        except self.ray.exceptions.RayTaskError as e:
            raise (e.cause if isinstance(e.cause, KgError) else e) from None
        except self.ray.exceptions.RayActorError:
            del self.actors[n]
            self._start()

    def _fill(self, chunks: Iterator[Sequence[Source]]) -> bool:
        """Give chunks to the actors that are there; tell whether any may be left."""
        ready = self.actors.keys() - set(self.starting.values())
        load = dict.fromkeys(sorted(ready), 0)
        for task in self.running.values():
            load[task.actor] += IN_FLIGHT if task.deaths else 1
        if not load:
            return True
        while True:
            n = min(load, key=lambda i: (load[i], i))
            if load[n] >= IN_FLIGHT:
                return True
            chunk, deaths = self._next(chunks, idle=not load[n])
            if not chunk:
                return bool(self.again)
            if not load[n]:
                self.since[n] = monotonic()
            ref = self.actors[n].read.remote(list(chunk))
            self.running[ref] = _Task(n, chunk, deaths)
            load[n] += IN_FLIGHT if deaths else 1

    def _next(
        self, chunks: Iterator[Sequence[Source]], *, idle: bool
    ) -> tuple[Sequence[Source], int]:
        """Return a chunk to read, empty where there is none for now, and how often it has cost.

        A post under suspicion gets an idle actor and keeps it for itself: where an actor dies, the
        result of what it read just before may be lost on the way, and would take the blame.
        """
        if self.again and (idle or not self.again[-1][1]):
            return self.again.pop()
        return next(chunks, ()), 0

    def _result(self, ref: Any) -> Iterator[Batch]:  # noqa: ANN401
        task = self.running[ref]
        try:
            batch: Batch = self.ray.get(ref)
        except self.ray.exceptions.RayTaskError as e:
            if isinstance(e.cause, KgError):
                raise e.cause from None
            del self.running[ref]
            self.since[task.actor] = monotonic()
            yield from self._blame(task, f"{type(e.cause).__name__}: {e.cause}")
        except self.ray.exceptions.RayActorError:
            yield from self._lost(task.actor, "the process or the node that read it died")
        else:
            del self.running[ref]
            self.since[task.actor] = monotonic()
            yield batch

    def _lost(self, n: int, why: str) -> Iterator[Batch]:
        """Replace an actor. What it was reading is to blame: neither what it had done before,
        whose result may not have been looked at yet, nor what waited for it.
        """
        tasks = [(ref, task) for ref, task in self.running.items() if task.actor == n]
        reading: _Task | None = None
        for ref, task in tasks:  # an actor reads in the order that it was asked in
            del self.running[ref]
            batch = self._done(ref) if reading is None else None
            if batch is not None:
                yield batch
            elif reading is None:
                reading = task
            else:
                self.again.append((task.chunk, task.deaths))
        self.ray.kill(self.actors.pop(n))
        del self.since[n]
        self._start()
        if reading is not None:
            yield from self._blame(reading, why)

    def _done(self, ref: Any) -> Batch | None:  # noqa: ANN401
        """Return the result of a chunk that was read before its actor was lost, if it was."""
        if not self.ray.wait([ref], timeout=0)[0]:
            return None
        try:
            batch: Batch = self.ray.get(ref)
        except self.ray.exceptions.RayError:
            return None
        return batch

    def _blame(self, task: _Task, why: str) -> Iterator[Batch]:
        if task.deaths:
            yield failed(task.chunk[0], why)
        else:
            self.again += [([source], 1) for source in task.chunk]


@dataclass(frozen=True, slots=True)
class _Task:
    """A chunk that an actor has, and how often it has cost an actor already."""

    actor: int
    chunk: Sequence[Source]
    deaths: int


class Reader:
    """What an actor is: a reader with its own copy of the ontology."""

    def __init__(self, job: Job, files: Mapping[str, bytes], expected: str) -> None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        self._folder = tempfile.TemporaryDirectory(prefix="kg-ontology-")
        self._job, self._files, self._expected = job, files, expected
        self._reader: PostReader | None = None

    def ready(self) -> None:
        """Get ready; raises BadRequest where this node would read other facts than the driver."""
        from kg.engine.reader import PostReader  # noqa: PLC0415

        if environment() != self._expected:
            raise BadRequest(
                "a node of the cluster has another version of ai-infra-kg or of its models than "
                "this machine: install the same on all"
            )
        folder = Path(self._folder.name)
        for name, data in self._files.items():
            (folder / name).write_bytes(data)
        self._reader = PostReader(replace(self._job, ontology=folder))
        self._reader.prepare()

    def read(self, chunk: Sequence[Source]) -> Batch:
        """Read a chunk of posts."""
        if self._reader is None:
            self.ready()
        return cast("PostReader", self._reader).read(chunk)


def _ray() -> Any:  # noqa: ANN401
    try:
        import ray  # noqa: PLC0415
    except ImportError as e:
        raise BadRequest(
            "--engine ray: Ray is not installed; pip install 'ai-infra-kg[ray]'"
        ) from e
    return ray
