"""A named graph as the snapshot keeps it: its sorted N-Quads, compressed on their own.

`graph.nq.gz` is a row of such members in the order of their graphs' names, which any gzip reads as
one file (RFC 1952, 2.2). So a build compresses, and hashes, only the graphs that changed.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from kg.graph.terms import PROV

_GENERATED = rb"^(<[^>]*> <" + re.escape(PROV.encode()) + rb"wasGeneratedBy> )<[^>]*>"
_RUN = re.compile(_GENERATED, re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PackedGraph:
    """A graph's quads: `data` compressed, `sha256` and `count` of the lines themselves."""

    name: str
    data: bytes
    sha256: str
    count: int

    def lines(self) -> bytes:
        """Return the quads as sorted lines of N-Quads."""
        return gzip.decompress(self.data)


def pack(name: str, lines: Iterable[bytes]) -> PackedGraph:
    """Pack a graph's lines of N-Quads (without line ends), each once, in any order."""
    return pack_sorted(name, sorted(set(lines)))


def pack_sorted(name: str, lines: list[bytes]) -> PackedGraph:
    """Pack lines that are sorted and without repeats."""
    text = b"".join(line + b"\n" for line in lines)
    return PackedGraph(name, _compress(text), hashlib.sha256(text).hexdigest(), len(lines))


def stamped(graph: PackedGraph, run: str) -> PackedGraph:
    """Return a post's graph as if its claims had been made in another run.

    No IRI holds a space or a bracket, so text from posts cannot be mistaken for the property.
    """
    lines = graph.lines()
    changed = _RUN.sub(lambda m: m[1] + b"<" + run.encode() + b">", lines)
    return pack_sorted(graph.name, changed.split(b"\n")[:-1]) if changed != lines else graph


def _compress(text: bytes) -> bytes:
    buffer = io.BytesIO()
    # Without a name and a time the bytes depend on the content only.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=4, mtime=0) as f:
        f.write(text)
    return buffer.getvalue()
