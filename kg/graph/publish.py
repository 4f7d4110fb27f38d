"""Writing a snapshot: packed graphs, their hash, the store, and one switch of `current`.

Everything is written to a folder of its own, which readers never see; a crash at any point leaves
the snapshot before it in place. One build at a time holds the lock of a data folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import IO, Any

from kg.errors import BadRequest, SnapshotError
from kg.graph.loading import SMALL_CHANGE, Difference, bulk_load, change
from kg.graph.packed import PackedGraph
from kg.graph.store import (
    CURRENT,
    FORMAT,
    GRAPHS,
    MANIFEST,
    NETWORK,
    QUADS,
    SNAPSHOTS,
    STORE,
    GraphEntry,
    Snapshot,
)
from kg.graph.streaming import stored

LOCK = ".lock"
UNFINISHED = ".building-"


@contextmanager
def locked(data: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of a data folder, which is made if need be.

    Where another process holds it, `waiting` is called with a line that says so, and this one
    waits. The lock goes with its process, however that ends. Raises BadRequest where the folder
    cannot be made or written to.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        (data / SNAPSHOTS).mkdir(exist_ok=True)
        handle = (data / LOCK).open("a+")
    except OSError as e:
        raise BadRequest(f"{data}: cannot be written to ({e.strerror})") from e
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            waiting(f"{data}: process {handle.read().strip()} is building here; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


class Draft:
    """A snapshot in the making, for the holder of the lock of `data`.

    Use it as a context manager: what is not published is removed at its end.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self.index: dict[str, GraphEntry] = {}
        self._last = b""
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Draft:
        for left in (self.data / SNAPSHOTS).glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)  # by a build that was killed: the lock says that it is over
        self.path = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.data / SNAPSHOTS))
        self.path.chmod(0o755)
        self._file = (self.path / QUADS).open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def add(self, graph: PackedGraph) -> None:
        """Add a graph; raises ValueError where it does not follow the last by name."""
        name = graph.name.encode()
        if self._file is None or name <= self._last:
            raise ValueError(f"{graph.name} does not come after {self._last.decode()!r}")
        self._last = name
        offset, size = self._file.tell(), len(graph.data)
        self._file.write(graph.data)
        self.index[graph.name] = GraphEntry(graph.sha256, graph.count, offset, size)

    def publish(self, network: bytes, manifest: Mapping[str, Any]) -> Snapshot:
        """Write what was added with its network and manifest, make it current, and return it.

        `revision`, `format` and the number of quads are added to the manifest. A snapshot with
        this very content keeps its folder; the one that was current before is kept as well, and
        older ones are removed.
        """
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        revision = revision_of(self.index)
        quads = sum(e.count for e in self.index.values())
        content = {"format": FORMAT, "revision": revision, "quads": quads, **manifest}
        write_bytes(self.path / NETWORK, network)
        write_json(self.path / MANIFEST, content)
        final = self.data / SNAPSHOTS / revision
        before = (self.data / CURRENT).resolve().name if (self.data / CURRENT).exists() else ""
        if (final / MANIFEST).exists() and (final / STORE).is_dir():
            for name in (NETWORK, MANIFEST):  # the same quads, perhaps from other inputs
                (self.path / name).replace(final / name)
        else:
            write_json(self.path / GRAPHS, {n: astuple(e) for n, e in self.index.items()})
            self._make_store()
            shutil.rmtree(final, ignore_errors=True)
            self.path.chmod(0o755)
            self.path.replace(final)
        _sync(final.parent)
        self._switch(revision)
        for old in (self.data / SNAPSHOTS).iterdir() if before != revision else ():
            if old.name not in {revision, before}:
                shutil.rmtree(old, ignore_errors=True)
        return Snapshot(final, content)

    def _make_store(self) -> None:
        """Change the store of the snapshot before, where most of it stays; else load all."""
        target = self.path / STORE
        try:
            before = Snapshot.open(self.data)
            difference = Difference.between(before.graphs(), self.index)
            if difference.share <= SMALL_CHANGE:
                change(target, before, difference.gone, self._graphs(difference.new))
                return
        except (SnapshotError, OSError):
            # None yet, or one that is broken, or on a disk without hard links.
            shutil.rmtree(target, ignore_errors=True)
        bulk_load(target, self._graphs(self.index))

    def _graphs(self, names: Iterable[str]) -> Iterator[PackedGraph]:
        """Yield graphs as they were added."""
        with (self.path / QUADS).open("rb") as f:
            yield from stored(f, self.index, names)

    def _switch(self, revision: str) -> None:
        link = self.data / f".{CURRENT}"
        link.unlink(missing_ok=True)
        link.symlink_to(f"{SNAPSHOTS}/{revision}")
        link.replace(self.data / CURRENT)
        _sync(self.data)


def revision_of(index: Mapping[str, GraphEntry]) -> str:
    """Return the hash of a snapshot's content: of its graphs' names and hashes, in their order."""
    h = hashlib.sha256()
    for name, e in index.items():
        h.update(f"{name} {e.sha256} {e.count}\n".encode())
    return h.hexdigest()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, the same bytes for the same content, and have it on disk."""
    write_bytes(path, json.dumps(content, separators=(",", ":")).encode() + b"\n")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file and have it on disk."""
    with path.open("wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
