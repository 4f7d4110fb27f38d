"""What an engine is given and gives back; all of it travels between processes by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kg.graph.packed import PackedGraph
from kg.inputs import Problem

SENTENCE, PARSE = 8, 16
"""Bytes of a sentence's hash where sentences are counted, and of the key of a parse."""


def split(joined: bytes, size: int) -> Iterator[bytes]:
    """Yield the hashes or keys of `size` bytes that were joined."""
    return (joined[i : i + size] for i in range(0, len(joined), size))


@dataclass(frozen=True, slots=True)
class Source:
    """A post to read: its file's path, for messages, and the bytes that were read from it."""

    path: Path
    data: bytes

    @property
    def id(self) -> str:
        """The post's id."""
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Job:
    """What reading a post depends on besides the post.

    `ontology_hash` is that of the files that the build has read: a worker that finds others in
    `ontology` refuses. `cache` is the file with parses that are known already, if any. `maker`
    names a function (module:name) that makes another extractor than the usual one of a schema.
    `facts` asks for the facts in JSON, and not for a graph.
    """

    ontology: Path
    ontology_hash: str
    base: str
    run: str
    cache: Path | None = None
    maker: str = ""
    facts: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one post.

    Either `summary` and `graph` are there (see `kg.graph.summary` and `kg.graph.packed`), or
    `problem` says why not: the post is unreadable, rejected by validation, or failed. A post with
    flaws has both a summary and warnings in it. `entities` is the hash of what the ontology's
    entities are to it, `dependencies` all that is needed to find out again (see
    `kg.extract.trace`); both are empty where the extractor does not tell. `sentences` are hashes
    of its sentences, and `parses` the keys of those that needed a parse, joined (see `split`).
    """

    id: str
    path: Path
    sha256: str
    chars: int = 0
    summary: str = ""
    graph: PackedGraph | None = None
    problem: Problem | None = None
    entities: str = ""
    dependencies: bytes = b""
    sentences: bytes = b""
    parses: bytes = b""
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of posts that were read together, with new parses and seconds by stage."""

    outcomes: tuple[Outcome, ...]
    parses: tuple[tuple[bytes, bytes], ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


class Engine(Protocol):
    """Reads posts somewhere. What it yields may come in any order."""

    @property
    def size(self) -> int:
        """How many chunks are read at a time."""

    def run(self, chunks: Iterable[Sequence[Source]]) -> Iterator[Batch]:
        """Read chunks of posts, as they are asked for, and yield what came of each.

        A post that kills or hangs its reader, or makes it fail, comes to a `failed` problem and
        costs no other post. Raises a KgError where no post could be read at all.
        """


EngineMaker = Callable[[Job, int], Engine]
"""Makes an engine for a job and a number of posts."""

CHUNK = 32
"""Posts that are read together: enough to parse by length, few enough to see progress."""


def chunk_size(posts: int, engine: Engine) -> int:
    """Return how many posts to read together, so that every reader of an engine has work."""
    return max(1, min(CHUNK, -(-posts // (2 * engine.size))))


def chunked(
    sources: Iterable[Source], most: int, most_bytes: int = 1_000_000
) -> Iterator[list[Source]]:
    """Yield sources in chunks of up to `most` posts, of not many more bytes than `most_bytes`."""
    chunk: list[Source] = []
    held = 0
    for source in sources:
        chunk.append(source)
        held += len(source.data)
        if len(chunk) >= most or held >= most_bytes:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
