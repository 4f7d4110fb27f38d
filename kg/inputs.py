"""What a build reads and depends on: posts, what is wrong with them, code and versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kg.errors import KgError, NothingToDo, PostError
from kg.model import Post
from kg.schema import Schema
from kg.settings import HERE, Settings

MODELS = ("ginza", "ja-ginza", "spacy", "SudachiPy", "SudachiDict-core")
"""Distributions whose version decides what a text is read as."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a post: `kind` is unreadable, flawed or rejected."""

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
    h = hashlib.sha256()
    wings = [folder / "extract", folder / "graph"]
    files = [p for w in wings for p in w.rglob("*") if p.is_file() and p.suffix != ".pyc"]
    for p in [*sorted(files), folder / "model.py", folder / "schema.py", folder / "build.py"]:
        data = p.read_bytes()
        h.update(f"{p.relative_to(folder).as_posix()} {len(data)}\n".encode() + data)
    return h.hexdigest()


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
