"""A snapshot's statements in order, and their serialisation, with flat memory whatever its size."""

from __future__ import annotations

import gzip
import heapq
import io
import queue
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import SnapshotError
from kg.graph.packed import PackedGraph
from kg.graph.store import QUADS, GraphEntry, Snapshot
from kg.graph.terms import PREFIXES

LINES = 300_000
"""Lines sorted in memory at a time; more are merged from files."""

BLOCK = 1 << 16
WAITING = 16
"""Blocks that are written ahead of the reader."""


def graphs(snapshot: Snapshot) -> Iterator[PackedGraph]:
    """Yield the graphs of a snapshot, one at a time, in the order of their names."""
    path = snapshot.path / QUADS
    try:
        with path.open("rb") as f:
            index = snapshot.graphs()
            yield from stored(f, index, index)
    except OSError as e:
        raise SnapshotError(f"{path}: not readable ({e})") from e


def stored(
    file: IO[bytes], index: Mapping[str, GraphEntry], names: Iterable[str]
) -> Iterator[PackedGraph]:
    """Yield the named graphs of an open file that `index` describes, one at a time."""
    for name in names:
        e = index[name]
        file.seek(e.offset)
        yield PackedGraph(name, file.read(e.size), e.sha256, e.count)


def quads(snapshot: Snapshot) -> Iterator[ox.Quad]:
    """Yield all quads, graph by graph, each sorted; raises SnapshotError."""
    path = snapshot.path / QUADS
    try:
        with gzip.open(path, "rb") as f:
            yield from ox.parse(cast("IO[bytes]", f), format=ox.RdfFormat.N_QUADS)
    except (OSError, EOFError, SyntaxError) as e:
        raise SnapshotError(f"{path}: not readable ({e})") from e


def union(snapshot: Snapshot) -> Iterator[ox.Triple]:
    """Yield the triples of all graphs, each once, sorted."""
    lines = (
        line for graph in graphs(snapshot) for line in io.BytesIO(plain(graph.lines(), graph.name))
    )
    for q in ox.parse(cast("IO[bytes]", Blocks(merged(lines))), format=ox.RdfFormat.N_TRIPLES):
        yield ox.Triple(q.subject, q.predicate, q.object)


def plain(lines: bytes, graph: str) -> bytes:
    """Return a graph's lines of N-Quads as N-Triples.

    A line feed only ends lines, so the name that stands before it is no part of a literal.
    """
    return lines.replace(f" {ox.NamedNode(graph)} .\n".encode(), b" .\n")


def merged(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines (with their line ends) sorted and each once, by way of files where they are many."""
    with tempfile.TemporaryDirectory(prefix="kg-") as folder, ExitStack() as stack:
        runs: list[IO[bytes]] = []
        held: set[bytes] = set()
        for line in lines:
            held.add(line)
            if len(held) >= LINES:
                path = Path(folder) / str(len(runs))
                path.write_bytes(b"".join(sorted(held)))
                runs.append(stack.enter_context(path.open("rb")))
                held = set()
        for line, _ in groupby(heapq.merge(sorted(held), *runs)):
            yield line


def serialized(
    statements: Iterable[ox.Triple] | Iterable[ox.Quad], form: ox.RdfFormat
) -> Iterator[bytes]:
    """Yield statements in a format, block by block, while they are read.

    pyoxigraph writes to a file; the file is a queue here, filled by a thread that waits whenever
    the reader is behind. An error on the way is raised here.
    """
    blocks: queue.Queue[bytes | BaseException | None] = queue.Queue(WAITING)
    over = threading.Event()

    def write() -> None:
        pipe = _Pipe(blocks, over)
        try:
            ox.serialize(statements, cast("IO[bytes]", pipe), form, prefixes=PREFIXES)
            pipe.flush()
            pipe.put(None)
        except BaseException as e:  # noqa: BLE001  (it is the reader's to deal with)
            if not over.is_set():
                pipe.put(e)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        while (block := blocks.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        over.set()
        thread.join()


class _Pipe:
    """The writing end."""

    def __init__(
        self, blocks: queue.Queue[bytes | BaseException | None], over: threading.Event
    ) -> None:
        self._blocks, self._over = blocks, over
        self._held = bytearray()

    def put(self, block: bytes | BaseException | None) -> None:
        """Hand a block over; raises BrokenPipeError where no one reads any more."""
        while not self._over.is_set():
            try:
                return self._blocks.put(block, timeout=0.1)
            except queue.Full:
                continue
        raise BrokenPipeError

    def write(self, data: bytes) -> int:
        """Take bytes, and hand them over once they are a block."""
        self._held += data
        if len(self._held) >= BLOCK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand over what is held."""
        if self._held:
            self.put(bytes(self._held))
            self._held.clear()


class Blocks(io.RawIOBase):
    """Blocks of bytes as a file to read from."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that this file is for reading."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left where it is negative."""
        if size < 0:
            return bytes(self._rest) + b"".join(self._blocks)
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)
