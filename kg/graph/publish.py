"""Writing a snapshot: sorted quads, their hash, the store, and one switch of `current`.

Everything is written to a folder of its own, which readers never see; a crash at any point leaves
the snapshot before it in place. One build at a time holds the lock of a data folder.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import heapq
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import BadRequest
from kg.graph.store import CURRENT, FORMAT, MANIFEST, NETWORK, QUADS, SNAPSHOTS, STORE, Snapshot

LOCK = ".lock"
UNFINISHED = ".building-"
CHUNK = 500_000
"""Lines sorted in memory at a time; more are merged from files."""


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
        self._lines: list[bytes] = []
        self._chunks: list[Path] = []

    def __enter__(self) -> Draft:
        for left in (self.data / SNAPSHOTS).glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)  # by a build that was killed: the lock says that it is over
        self.path = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.data / SNAPSHOTS))
        self.path.chmod(0o755)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines of N-Quads, in any order."""
        self._lines.extend(lines)
        if len(self._lines) >= CHUNK:
            chunk = self.path / f"chunk-{len(self._chunks)}"
            chunk.write_bytes(b"".join(line + b"\n" for line in sorted(set(self._lines))))
            self._chunks.append(chunk)
            self._lines = []

    def _sorted(self) -> Iterator[bytes]:
        """Yield all lines once, sorted, with their line ends."""
        files = [chunk.open("rb") for chunk in self._chunks]
        try:
            last = b""
            own = (line + b"\n" for line in sorted(set(self._lines)))
            for line in heapq.merge(own, *files):
                if line != last:
                    yield line
                last = line
        finally:
            for f in files:
                f.close()

    def publish(self, network: Mapping[str, Any], manifest: Mapping[str, Any]) -> Snapshot:
        """Write what was added with its network and manifest, make it current, and return it.

        `revision`, `format` and the number of quads are added to the manifest. A snapshot with
        this very content keeps its folder; the one that was current before is kept as well, and
        older ones are removed.
        """
        plain = self.path / "graph.nq"
        union = self.path / "union.nt"
        revision, count = self._write_quads(plain, union)
        self._write_store(plain, union)
        plain.unlink()
        union.unlink()
        for chunk in self._chunks:
            chunk.unlink()
        content = {"format": FORMAT, "revision": revision, "quads": count, **manifest}
        write_json(self.path / NETWORK, network)
        write_json(self.path / MANIFEST, content)
        final = self.data / SNAPSHOTS / revision
        before = (self.data / CURRENT).resolve().name if (self.data / CURRENT).exists() else ""
        if (final / MANIFEST).exists() and (final / STORE).is_dir():
            for name in (NETWORK, MANIFEST):  # the same quads, perhaps from other inputs
                (self.path / name).replace(final / name)
        else:
            shutil.rmtree(final, ignore_errors=True)
            self.path.chmod(0o755)
            self.path.replace(final)
        _sync(final.parent)
        self._switch(revision)
        for old in (self.data / SNAPSHOTS).iterdir() if before != revision else ():
            if old.name not in {revision, before}:
                shutil.rmtree(old, ignore_errors=True)
        return Snapshot(final, content)

    def _write_quads(self, plain: Path, union: Path) -> tuple[str, int]:
        """Write the sorted quads as a file and compressed, and the triples of all graphs, each
        once, as another; return the hash and number of the quads.
        """
        h, count, last = hashlib.sha256(), 0, b""
        with (
            plain.open("wb") as out,
            union.open("wb") as merged,
            (self.path / QUADS).open("wb") as raw,
            # Without a name and a time the bytes depend on the content only.
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=4, mtime=0) as packed,
        ):
            for line in self._sorted():
                h.update(line)
                out.write(line)
                packed.write(line)
                count += 1
                # "s p o g .": no IRI has a space, and the same triples stand next to each other.
                triple = line.rsplit(b" ", 2)[0]
                if triple != last:
                    merged.write(triple + b" .\n")
                last = triple
        return h.hexdigest(), count

    def _write_store(self, plain: Path, union: Path) -> None:
        """Load the named graphs, and their union as the default graph.

        Oxigraph can ask for a union at query time, but then a triple that n graphs hold is found
        n times, where SPARQL's default graph is a set.
        """
        store = ox.Store(str(self.path / STORE))
        store.bulk_load(path=str(plain), format=ox.RdfFormat.N_QUADS)
        store.bulk_load(path=str(union), format=ox.RdfFormat.N_TRIPLES)
        store.flush()
        store.optimize()

    def _switch(self, revision: str) -> None:
        link = self.data / f".{CURRENT}"
        link.unlink(missing_ok=True)
        link.symlink_to(f"{SNAPSHOTS}/{revision}")
        link.replace(self.data / CURRENT)
        _sync(self.data)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, the same bytes for the same content, and have it on disk."""
    with path.open("w", encoding="utf-8") as f:
        json.dump(content, f, ensure_ascii=True, separators=(",", ":"))
        f.write("\n")
        f.flush()
        os.fsync(f.fileno())


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
