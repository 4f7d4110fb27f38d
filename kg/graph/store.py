"""A published snapshot, as every reader opens it.

A data folder holds `snapshots/<revision>/` with `manifest.json`, `network.json`, `graph.nq.gz` (the
N-Quads of one graph after the other, each sorted), `graphs.json` (where in it each graph stands,
and its hash; the hash of these is the revision) and `store/` (the same quads in Oxigraph, with the
union of all graphs as its default graph), and `current`, a symbolic link that a build switches in
one step. A reader resolves the link once, so what it opened stays one revision however often
others publish.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

from kg.errors import SnapshotError

FORMAT = 4
"""Version of the layout above; a reader refuses another."""

CURRENT, SNAPSHOTS = "current", "snapshots"
MANIFEST, NETWORK, QUADS, STORE = "manifest.json", "network.json", "graph.nq.gz", "store"
GRAPHS = "graphs.json"


@dataclass(frozen=True, slots=True)
class GraphEntry:
    """A graph in `graph.nq.gz`: hash and number of its lines, place and size of its member."""

    sha256: str
    count: int
    offset: int
    size: int


class Snapshot:
    """A published snapshot, read-only.

    `path` is its own folder, `revision` the hash of its content, and `manifest` what its build
    wrote: `revision`, `format`, `base`, `versions`, `ontology_hash`, `counts`, `inputs`, `posts`
    (id, title, date, hash, warnings) and `problems` (of posts that were left out).
    """

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self.path = path
        self.manifest = MappingProxyType(dict(manifest))
        self.revision = str(manifest["revision"])
        self.base = str(manifest["base"])

    @classmethod
    def open(cls, data: Path) -> Snapshot:
        """Open the current snapshot of a data folder.

        Raises SnapshotError, naming the folder and what to run, where there is none or it cannot
        be read.
        """
        link = data / CURRENT
        how = f"run `kg build POSTS --out {data}`"
        if not data.is_dir():
            raise SnapshotError(f"{data}: no such folder; {how} to make it")
        if not link.exists():
            raise SnapshotError(f"{data}: no snapshot has been published here; {how}")
        path = link.resolve()
        try:
            manifest = json.loads((path / MANIFEST).read_bytes())
            if manifest["format"] != FORMAT:
                raise SnapshotError(
                    f"{path}: layout {manifest['format']} is not the {FORMAT} that this version "
                    f"reads; {how} to build it again"
                )
            return cls(path, manifest)
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise SnapshotError(f"{path / MANIFEST}: not readable ({e}); {how}") from e

    @cached_property
    def store(self) -> ox.Store:
        """The quads in Oxigraph, opened read-only at first use; raises SnapshotError."""
        return open_store(self.path)

    def network(self) -> bytes:
        """Return the JSON of the network (read by `Network.load`); raises SnapshotError."""
        try:
            return (self.path / NETWORK).read_bytes()
        except OSError as e:
            raise SnapshotError(f"{self.path / NETWORK}: not readable ({e})") from e

    def graphs(self) -> dict[str, GraphEntry]:
        """Return the graphs by name, in the order of the file; raises SnapshotError."""
        try:
            content = json.loads((self.path / GRAPHS).read_bytes())
            return {name: GraphEntry(*entry) for name, entry in content.items()}
        except (OSError, ValueError, TypeError, AttributeError) as e:
            raise SnapshotError(f"{self.path / GRAPHS}: not readable ({e})") from e

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Yield the quads of one named graph, or of all named graphs."""
        name = ox.NamedNode(graph) if graph is not None else None
        for q in self.store.quads_for_pattern(None, None, None, name):
            if not isinstance(q.graph_name, ox.DefaultGraph):
                yield q


def open_store(path: Path) -> ox.Store:
    """Open the store of the snapshot at `path` read-only; raises SnapshotError."""
    try:
        return ox.Store.read_only(str(path / STORE))
    except OSError as e:
        raise SnapshotError(f"{path / STORE}: the store cannot be opened ({e})") from e
