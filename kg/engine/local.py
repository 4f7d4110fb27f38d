"""Engines on this machine: in the process itself, and in others that may die.

The processes are pebble's: a pool that names the task with which a worker died, and kills one that
takes too long. Workers are spawned, not forked, so they inherit no lock of a running thread.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as TooLong
from contextlib import suppress
from typing import TYPE_CHECKING

from kg.engine.work import Batch, Job, Outcome, Source
from kg.errors import KgError
from kg.inputs import Problem, sha256

if TYPE_CHECKING:
    from pebble import ProcessPool

    from kg.engine.reader import Finding, PostReader
    from kg.schema import Schema

_PR_SET_PDEATHSIG = 1
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def failed(source: Source, why: str) -> Batch:
    """Return the outcome of a post that cannot be read without harm."""
    problem = Problem("failed", source.id, f"{source.path}: {why}")
    return Batch((Outcome(source.id, source.path, sha256(source.data), problem=problem),))


class InProcess:
    """Reads posts in this process, with the usual extractor or what `make` makes of a schema."""

    size = 1

    def __init__(
        self,
        job: Job,
        make: Callable[[Schema], Finding] | None = None,
        schema: Schema | None = None,
    ) -> None:
        from kg.engine.reader import PostReader  # noqa: PLC0415

        self._reader = PostReader(job, make, schema=schema)

    def run(self, chunks: Iterable[Sequence[Source]]) -> Iterator[Batch]:
        """Read chunks one after the other (see `kg.engine.work.Engine`)."""
        for chunk in chunks:
            try:
                yield self._reader.read(chunk)
                continue
            except KgError:
                raise
            except Exception:  # noqa: BLE001, S110  (which post it was comes out below)
                pass
            for source in chunk:
                try:
                    yield self._reader.read([source])
                except Exception as e:  # noqa: BLE001
                    yield failed(source, f"{type(e).__name__}: {e}")


class Processes:
    """Reads posts in other processes of this machine.

    `post_seconds` is how long a chunk, or a post on its own, may take. A chunk whose process dies
    or is killed for that is read again post by post; a post that does it again is given up.
    """

    def __init__(self, job: Job, workers: int, post_seconds: float) -> None:
        self.job, self.size, self.post_seconds = job, workers, post_seconds

    def run(self, chunks: Iterable[Sequence[Source]]) -> Iterator[Batch]:
        """Read chunks, a few at a time (see `kg.engine.work.Engine`)."""
        from pebble import ProcessPool  # noqa: PLC0415

        # BLAS threads of one worker would only take the cores of the next.
        os.environ.update({name: "1" for name in _THREADS if name not in os.environ})
        pool = ProcessPool(
            max_workers=self.size,
            initializer=_start,
            initargs=(self.job, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )
        try:
            yield from self._run(pool, iter(chunks))
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _run(self, pool: ProcessPool, chunks: Iterator[Sequence[Source]]) -> Iterator[Batch]:
        running: dict[Future[Batch], tuple[Sequence[Source], bool]] = {}
        again: list[Source] = []

        def start(chunk: Sequence[Source], last: bool) -> None:
            task = pool.schedule(_read, args=(chunk,), timeout=self.post_seconds)
            running[task] = chunk, last

        while True:
            # One chunk waits for each worker, so that none is ever idle.
            while len(running) < 2 * self.size:
                if again:
                    start([again.pop()], True)
                elif (chunk := next(chunks, None)) is not None:
                    start(chunk, False)
                else:
                    break
            if not running:
                return
            for task in wait(running, return_when=FIRST_COMPLETED).done:
                chunk, last = running.pop(task)
                try:
                    yield task.result()
                except KgError:
                    raise
                except Exception as e:  # noqa: BLE001  (whatever it was, other posts go on)
                    if last:
                        yield failed(chunk[0], self._why(e))
                    else:
                        again += chunk

    def _why(self, error: Exception) -> str:
        from pebble import ProcessExpired  # noqa: PLC0415

        if isinstance(error, TooLong):
            return f"not read within {self.post_seconds:g} s (KG_POST_SECONDS)"
        if isinstance(error, ProcessExpired):
            return f"the process that read it died (exit code {error.exitcode})"
        return f"{type(error).__name__}: {error}"


_HELD: dict[str, PostReader | KgError] = {}
"""What a worker process holds: its reader, or why it has none."""


def _start(job: Job, parent: int) -> None:
    """Prepare a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the build, which ends its workers
    die_with(parent)
    from kg.cache import known_parses  # noqa: PLC0415
    from kg.engine.reader import PostReader  # noqa: PLC0415

    try:
        reader = PostReader(job, known=known_parses(job.cache))
        reader.prepare()
        _HELD["reader"] = reader
    except KgError as e:
        _HELD["reader"] = e


def _read(chunk: Sequence[Source]) -> Batch:
    reader = _HELD["reader"]
    if isinstance(reader, KgError):
        raise reader
    return reader.read(chunk)


def die_with(parent: int) -> None:
    """Let this process end when its parent does, however that ends."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
