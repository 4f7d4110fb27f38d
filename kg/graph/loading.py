"""The store of a snapshot: loaded in bulk, or made from the one before and what has changed.

The named graphs are what posts say; the default graph is their union. Oxigraph can ask for a union
at query time, but then a triple that n graphs hold is found n times, where SPARQL's default graph
is a set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kg.graph.packed import PackedGraph
from kg.graph.store import GraphEntry, Snapshot
from kg.graph.streaming import Blocks, plain

SMALL_CHANGE = 0.25
"""Up to this share of changed quads the store before is copied and changed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The graphs that two snapshots do not share: names to take out, names to put in."""

    gone: tuple[str, ...]
    new: tuple[str, ...]
    share: float

    @classmethod
    def between(
        cls, before: Mapping[str, GraphEntry], after: Mapping[str, GraphEntry]
    ) -> Difference:
        """Return the difference; a graph with other quads is both gone and new."""
        gone = tuple(g for g, e in before.items() if g not in after or after[g].sha256 != e.sha256)
        new = tuple(g for g, e in after.items() if g not in before or before[g].sha256 != e.sha256)
        changed = sum(before[g].count for g in gone) + sum(after[g].count for g in new)
        total = sum(e.count for e in after.values())
        return cls(gone, new, changed / max(1, total))


def bulk_load(target: Path, graphs: Iterable[PackedGraph]) -> None:
    """Make a store of graphs and of their union, reading one graph at a time."""
    store = ox.Store(str(target))
    blocks = cast("IO[bytes]", Blocks(_with_union(graphs)))
    store.bulk_load(blocks, ox.RdfFormat.N_QUADS, lenient=True)  # written by this very library
    store.flush()


def change(target: Path, before: Snapshot, gone: Iterable[str], new: Iterable[PackedGraph]) -> None:
    """Make a store of that of a snapshot, without some graphs and with others.

    The copy shares its files with the original by hard links, neither can change the other.
    """
    before.store.backup(str(target))
    store = ox.Store(str(target))
    old: set[ox.Quad] = set()
    for name in gone:
        old.update(store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
    put: set[ox.Quad] = set()
    for graph in new:
        put.update(ox.parse(graph.lines(), format=ox.RdfFormat.N_QUADS))
    kept = old & put
    for q in old - kept:
        store.remove(q)
    store.extend(put - kept)
    union = {ox.Triple(q.subject, q.predicate, q.object) for q in put - kept}
    for triple in {ox.Triple(q.subject, q.predicate, q.object) for q in old - kept} - union:
        if not _held(store, triple):
            store.remove(ox.Quad(triple.subject, triple.predicate, triple.object))
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in union)
    for name in gone:
        graph_name = ox.NamedNode(name)
        if next(store.quads_for_pattern(None, None, None, graph_name), None) is None:
            store.remove_graph(graph_name)
    store.flush()


def _held(store: ox.Store, t: ox.Triple) -> bool:
    """Tell whether any named graph holds a triple."""
    found = store.quads_for_pattern(t.subject, t.predicate, t.object, None)
    return any(not isinstance(q.graph_name, ox.DefaultGraph) for q in found)


def _with_union(graphs: Iterable[PackedGraph]) -> Iterator[bytes]:
    """Yield the lines of each graph, and again without its name."""
    for graph in graphs:
        lines = graph.lines()
        yield lines
        yield plain(lines, graph.name)
