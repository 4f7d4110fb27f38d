"""What a build reads and depends on: posts, what is wrong with them, code and versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kg.errors import KgError, NothingToDo, PostError
from kg.model import Post, digest
from kg.schema import Schema
from kg.settings import HERE, Settings
from kg.turtle import ENTITIES, FILES, hash_files

MODELS = ("ginza", "ja-ginza", "spacy", "SudachiPy", "SudachiDict-core")
"""Distributions whose version decides what a text is read as."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a post: `kind` is unreadable, flawed, rejected or failed."""

    kind: str
    post: str
    text: str

    @classmethod
    def unreadable(cls, path: Path, error: KgError) -> Problem:
        """Return the problem of a file that cannot be read at all."""
        return cls("unreadable", path.stem, str(error))


def find(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the posts among files and below folders, and a problem for each path without one.

    Raises PostError or NothingToDo where nothing is left to read.
    """
    from kg.extract.posts import find_posts  # noqa: PLC0415  (its YAML parser: 30 ms)

    good: list[Path] = []
    problems: list[Problem] = []
    errors: list[KgError] = []
    for path in paths:
        try:
            find_posts([path])
            good.append(path)
        except KgError as e:
            errors.append(e)
            problems.append(Problem.unreadable(path, e))
    if not good:
        if len(errors) == 1:
            raise errors[0]
        raise NothingToDo("; ".join(map(str, errors)) or "no path was given")
    return find_posts(good), problems


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def read(files: Iterable[Path], max_bytes: int) -> Iterator[Post | Problem]:
    """Yield each post, or what is wrong with it, in order."""
    from kg.extract.posts import read_post  # noqa: PLC0415

    for path in files:
        try:
            yield read_post(path, max_bytes)
        except PostError as e:
            yield Problem.unreadable(path, e)


def fingerprint(
    files: Iterable[Path], schema: Schema, settings: Settings, extractor: str
) -> dict[str, Any]:
    """Return all that the content of a snapshot depends on, without reading any post."""
    return {
        "posts": {p.stem: _hash(p, settings.max_post_bytes) for p in files},
        "ontology": schema.hash,
        "base": settings.base,
        "code": code_hash(),
        "models": {m: _version(m) for m in MODELS},
        "extractor": extractor,
    }


def code_hash(folder: Path = HERE) -> str:
    """Return the SHA-256 of the code and data that turn posts into a graph."""
    wings = [folder / "extract", folder / "graph", folder / "engine"]
    files = [p for w in wings for p in w.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return _hash_code(folder, [*files, *(folder / f for f in _GROUND), folder / "build.py"])


def reading_hash(folder: Path = HERE) -> str:
    """Return the SHA-256 of the code and data that turn one post into its graph."""
    extract = [p for p in (folder / "extract").rglob("*") if p.is_file() and p.suffix != ".pyc"]
    return _hash_code(folder, [*extract, *(folder / f for f in (*_GROUND, *_READING))])


def environment() -> str:
    """Return the hash of all on a machine that decides what a post is read as."""
    return digest(reading_hash(), *(f"{m} {_version(m)}" for m in MODELS))


_GROUND = ("model.py", "schema.py")
_READING = (
    "engine/reader.py",
    "graph/packed.py",
    "graph/rdf.py",
    "graph/summary.py",
    "graph/terms.py",
    "graph/validate.py",
)


def _hash_code(folder: Path, files: Iterable[Path]) -> str:
    h = hashlib.sha256()
    for p in sorted(files):
        data = p.read_bytes()
        h.update(f"{p.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return h.hexdigest()


@dataclass(frozen=True, slots=True)
class PostKeys:
    """What the graph of a post depends on besides its bytes, and besides the entities of the
    ontology, of which each post needs only a few (see `kg.extract.trace`).
    """

    rest: str
    entities: str

    @classmethod
    def of(cls, folder: Path, inputs: Mapping[str, Any], extractor: str) -> PostKeys:
        """Return the keys for an ontology, the fingerprint of a build and an extractor."""
        models = [f"{k} {v}" for k, v in sorted(inputs["models"].items())]
        others = [name for name in FILES if name != ENTITIES]
        rest = (str(inputs["base"]), reading_hash(), extractor, hash_files(folder, others))
        return cls(digest(*rest, *models), hash_files(folder, [ENTITIES]))

    def key(self, post: str, content: str) -> str:
        """Return the key of a post's graph in the cache."""
        return digest(self.rest, post, content)


def _hash(path: Path, max_bytes: int) -> str:
    """Return the SHA-256 of a file, or what else tells that it has not changed."""
    try:
        size = path.stat().st_size
        if size > max_bytes:
            return f"{size} bytes, too large"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as e:
        return f"not readable: {e.strerror}"


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
