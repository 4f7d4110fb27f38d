"""What builds remember: what came of each post, and the parses of sentences.

One SQLite file in the data folder. Everything in it can be made again, so a file that is broken or
of another version is moved aside or begun anew. Entries are found by keys that hold all they
depend on, so none can be stale; see `kg.inputs` and `kg.extract.trace` for what that is.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kg.engine.work import PARSE, Outcome, split
from kg.graph.packed import PackedGraph
from kg.inputs import Problem

NAME = "cache.sqlite"
VERSION = 1
ROOM = 500
"""Keys in one query."""

_TABLES = """
CREATE TABLE posts (
    id TEXT NOT NULL, key TEXT NOT NULL, build INTEGER NOT NULL, run TEXT NOT NULL,
    ontology TEXT NOT NULL, entities TEXT NOT NULL, sha256 TEXT NOT NULL, chars INTEGER NOT NULL,
    kind TEXT NOT NULL, problem TEXT NOT NULL, summary TEXT NOT NULL, lines INTEGER NOT NULL,
    graph_sha256 TEXT NOT NULL, PRIMARY KEY (key)
);
CREATE INDEX posts_by_id ON posts (id);
CREATE TABLE graphs (
    key TEXT PRIMARY KEY, data BLOB NOT NULL, dependencies BLOB NOT NULL,
    sentences BLOB NOT NULL, parses BLOB NOT NULL
);
CREATE TABLE parses (hash BLOB PRIMARY KEY, parser TEXT NOT NULL, parse BLOB NOT NULL)
    WITHOUT ROWID;
CREATE TABLE builds (number INTEGER PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post in the cache: `ontology` is the hash of the entities it was last found valid with,
    `entities` that of what they are to it, `run` the run that its graph names."""

    id: str
    key: str
    run: str
    ontology: str
    entities: str
    sha256: str
    chars: int
    problem: Problem | None


class Cache:
    """The cache of a data folder, for the holder of its lock.

    `said` is called with a line where a broken file is moved aside. What is written is on disk
    after `commit`; a build that is killed loses what came after the last.
    """

    def __init__(self, folder: Path, said: Callable[[str], None]) -> None:
        self.path = folder / NAME
        try:
            self._open()
        except sqlite3.DatabaseError as e:
            if isinstance(e, sqlite3.OperationalError) and "full" in str(e):
                raise
            aside = self.path.with_suffix(".broken")
            said(f"{self.path}: not a usable cache ({e}); it is now {aside.name}, and begun anew")
            self.path.replace(aside)
            for tail in ("-wal", "-shm"):
                self.path.with_name(NAME + tail).unlink(missing_ok=True)
            self._open()

    def _open(self) -> None:
        self._db = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                self._begin_anew()
            (state,) = self._db.execute("PRAGMA quick_check(1)").fetchone() if version else ("ok",)
            if state != "ok":
                raise sqlite3.DatabaseError(state)
            self._db.execute("SELECT count(*) FROM builds")
            self._db.execute("BEGIN")
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def _begin_anew(self) -> None:
        """Make the tables; those of another version go."""
        found = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in self._db.execute(found).fetchall():
            self._db.execute(f'DROP TABLE "{table}"')
        self._db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")

    def close(self) -> None:
        """Close; what was not committed is lost."""
        self._db.close()

    def commit(self) -> None:
        """Have everything written so far on disk."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    # ------------------------------------------------------------ posts

    def entries(self) -> dict[str, Entry]:
        """Return all posts in the cache, by key."""
        rows = self._db.execute(
            "SELECT id, key, run, ontology, entities, sha256, chars, kind, problem FROM posts"
        )
        return {
            key: Entry(
                *(id, key, run, ontology, entities, sha, chars),
                Problem(kind, id, problem) if kind else None,
            )
            for id, key, run, ontology, entities, sha, chars, kind, problem in rows
        }

    def put(self, key: str, run: str, ontology: str, outcome: Outcome) -> None:
        """Keep what came of a post."""
        problem, graph = outcome.problem, outcome.graph
        self._db.execute(
            "INSERT OR REPLACE INTO posts VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(outcome.id, key, run, ontology, outcome.entities, outcome.sha256, outcome.chars),
                *((problem.kind, problem.text) if problem else ("", "")),
                outcome.summary,
                *((graph.count, graph.sha256) if graph else (0, "")),
            ),
        )
        self._db.execute(
            "INSERT OR REPLACE INTO graphs VALUES (?, ?, ?, ?, ?)",
            (
                key,
                graph.data if graph else b"",
                outcome.dependencies,
                zlib.compress(outcome.sentences, 1),
                outcome.parses,
            ),
        )

    def dependencies(self, key: str) -> bytes:
        """Return what a post's facts depend on (see `kg.extract.trace`)."""
        row = self._db.execute("SELECT dependencies FROM graphs WHERE key = ?", (key,)).fetchone()
        return bytes(row[0]) if row else b""

    def confirm(self, keys: Iterable[str], ontology: str) -> None:
        """Note that posts are valid with these entities too."""
        self._db.executemany(
            "UPDATE posts SET ontology = ? WHERE key = ?", ((ontology, k) for k in keys)
        )

    def summaries(self, keys: Sequence[str]) -> Iterator[str]:
        """Yield the summary of each post, in this order."""
        for key in keys:
            yield self._db.execute("SELECT summary FROM posts WHERE key = ?", (key,)).fetchone()[0]

    def graph(self, key: str, name: str) -> PackedGraph:
        """Return the graph of a post."""
        data, sha, count = self._db.execute(
            "SELECT data, graph_sha256, lines FROM posts JOIN graphs USING (key) WHERE key = ?",
            (key,),
        ).fetchone()
        return PackedGraph(name, data, sha, count)

    def replace_graph(self, key: str, run: str, graph: PackedGraph) -> None:
        """Keep a post's graph as of another run."""
        self._db.execute(
            "UPDATE posts SET run = ?, lines = ?, graph_sha256 = ? WHERE key = ?",
            (run, graph.count, graph.sha256, key),
        )
        self._db.execute("UPDATE graphs SET data = ? WHERE key = ?", (graph.data, key))

    # ------------------------------------------------------------ parses

    def put_parses(self, parser: str, parses: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep parses by their sentences' keys."""
        self._db.executemany(
            "INSERT OR REPLACE INTO parses VALUES (?, ?, ?)",
            ((key, parser, parse) for key, parse in parses),
        )

    # ------------------------------------------------------------ pruning

    def finish(self, keys: Iterable[str]) -> None:
        """Note that a build used these posts, and drop what the last two builds did not use."""
        self._db.execute("INSERT INTO builds DEFAULT VALUES")
        (number,) = self._db.execute("SELECT max(number) FROM builds").fetchone()
        self._db.executemany(
            "UPDATE posts SET build = ? WHERE key = ?", ((number, k) for k in keys)
        )
        self._db.execute(
            "DELETE FROM graphs WHERE key IN (SELECT key FROM posts WHERE build < ?)",
            (number - 1,),
        )
        gone = self._db.execute("DELETE FROM posts WHERE build < ?", (number - 1,)).rowcount
        if gone and number % 8 == 0:
            self._prune_parses()
        self.commit()

    def _prune_parses(self) -> None:
        used: set[bytes] = set()
        for (keys,) in self._db.execute("SELECT parses FROM graphs"):
            used.update(split(keys, PARSE))
        held = [k for (k,) in self._db.execute("SELECT hash FROM parses") if k not in used]
        self._db.executemany("DELETE FROM parses WHERE hash = ?", ((k,) for k in held))


def known_parses(path: Path | None) -> Callable[[Sequence[bytes]], Mapping[bytes, bytes]] | None:
    """Return a function that looks parses of this program's parser up in a cache, for a worker."""
    if path is None:
        return None
    from kg.extract.parse import parser_version  # noqa: PLC0415

    parser = parser_version()

    def known(keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                for i in range(0, len(keys), ROOM):
                    part = keys[i : i + ROOM]
                    marks = ",".join("?" * len(part))
                    query = f"SELECT hash, parse FROM parses WHERE parser = ? AND hash IN ({marks})"  # noqa: S608
                    found.update(db.execute(query, (parser, *part)))
        except sqlite3.Error:
            return {}  # they are parsed again
        return found

    return known
