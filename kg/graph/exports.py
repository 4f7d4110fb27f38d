"""A snapshot written out in the formats that other tools read, as a stream of bytes."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pyoxigraph as ox

from kg.errors import BadRequest, SnapshotError
from kg.graph.network import MODALITIES, Network
from kg.graph.store import QUADS, Snapshot
from kg.graph.streaming import quads, serialized, union

BLOCK = 1 << 20

EDGE_COLUMNS = (
    "id",
    "subject",
    "subject_name",
    "predicate",
    "object",
    "object_name",
    "modality",
    "support",
    "confidence",
    *MODALITIES,
    "first",
    "last",
)
NODE_COLUMNS = (
    "id",
    "class",
    "name",
    "name_ja",
    "known",
    "posts",
    "mentions",
    "degree",
    "community",
)

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: what it holds, its media type, and how it is written."""

    help: str
    media_type: str
    write: Callable[[Snapshot, Callable[[], Network]], Iterator[bytes]]


def export(snapshot: Snapshot, name: str, network: Callable[[], Network]) -> Iterator[bytes]:
    """Yield a snapshot in a format (a key of `FORMATS`), the same bytes for the same snapshot.

    `network` is called where the format needs the network. Raises BadRequest for a format there
    is not, SnapshotError where the snapshot cannot be read.
    """
    if name not in FORMATS:
        raise BadRequest(f"format {name!r} is not one of {', '.join(FORMATS)}")
    return FORMATS[name].write(snapshot, network)


def _nquads(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    path = snapshot.path / QUADS
    try:
        with gzip.open(path, "rb") as f:
            while block := f.read(BLOCK):
                yield block
    except (OSError, EOFError) as e:
        raise SnapshotError(f"{path}: not readable ({e})") from e


def _turtle(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    """The union of all graphs; a triple that several posts state is written once."""
    return serialized(union(snapshot), ox.RdfFormat.TURTLE)


def _trig(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    return serialized(quads(snapshot), ox.RdfFormat.TRIG)


def _jsonld(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    return serialized(quads(snapshot), ox.RdfFormat.JSON_LD)


def _graphml(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    """The network with all modalities, for Gephi, Cytoscape and NetworkX."""
    import networkx as nx

    g = network().graph(modalities=None)
    for _, data in g.nodes(data=True):
        data["name"] = _NOT_XML.sub("\ufffd", data["name"])
    for line in nx.generate_graphml(g, named_key_ids=True):
        yield (line + "\n").encode()


def _csv(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    """One line an edge."""
    held = network()
    yield from _table(
        EDGE_COLUMNS,
        (
            [
                e.id,
                e.subject,
                held.nodes[e.subject].name,
                e.predicate,
                e.object,
                held.nodes[e.object].name,
                e.modality,
                e.support,
                e.confidence,
                *(e.modalities.get(m, 0) for m in MODALITIES),
                e.first,
                e.last,
            ]
            for e in held.edges.values()
        ),
    )


def _csv_nodes(snapshot: Snapshot, network: Callable[[], Network]) -> Iterator[bytes]:  # noqa: ARG001
    """One line an entity."""
    held = network()
    measures = sorted({m for n in held.nodes.values() for m in n.metrics})
    yield from _table(
        [*NODE_COLUMNS, *measures],
        (
            [
                n.id,
                n.cls,
                n.name,
                n.name_ja,
                str(n.known).lower(),
                n.posts,
                n.mentions,
                n.degree,
                n.community,
                *(n.metrics.get(m, 0.0) for m in measures),
            ]
            for n in held.nodes.values()
        ),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield lines of CSV (RFC 4180, UTF-8)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in itertools.chain([header], rows):
        writer.writerow(row)
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "nquads": Format("all graphs, sorted", "application/n-quads", _nquads),
        "trig": Format("all graphs", "application/trig", _trig),
        "turtle": Format("the union of all graphs", "text/turtle", _turtle),
        "jsonld": Format("all graphs", "application/ld+json", _jsonld),
        "graphml": Format("the network", "application/graphml+xml", _graphml),
        "csv": Format("the network's edges", "text/csv", _csv),
        "csv-nodes": Format("the network's entities", "text/csv", _csv_nodes),
    }
)
"""The formats by name."""
