"""What a build has to read, and what the cache knows already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.cache import Cache, Entry
from kg.engine.work import Source
from kg.errors import PostError
from kg.inputs import PostKeys, Problem, sha256
from kg.schema import Schema


@dataclass(frozen=True, slots=True)
class Plan:
    """The posts of a build: those in the cache, with their entries, and files still to read."""

    known: Mapping[str, Entry]
    unread: Sequence[Path]


def plan(
    files: Sequence[Path],
    contents: Mapping[str, str],
    keys: PostKeys,
    cache: Cache,
    schema: Schema,
) -> Plan:
    """Find each post in the cache, by the hash of its content.

    An entry that was made with other entities of the ontology is good as long as those that
    concern its post are the same; that is found out once, and noted.
    """
    entries = cache.entries()
    known: dict[str, Entry] = {}
    unread: list[Path] = []
    doubtful: list[tuple[Path, Entry]] = []
    for path in files:
        entry = entries.get(keys.key(path.stem, contents[path.stem]))
        if entry is None:
            unread.append(path)
        elif entry.ontology == keys.entities:
            known[path.stem] = entry
        else:
            doubtful.append((path, entry))
    if doubtful:
        from kg.extract.trace import Answers, Dependencies  # noqa: PLC0415

        answers = Answers.of(schema)
        good: list[Entry] = []
        for path, entry in doubtful:
            depends = cache.dependencies(entry.key)
            # Where nothing is known of what a post depends on, it depends on everything; what is
            # wrong with a file's bytes depends on nothing.
            if (depends and answers.hash(Dependencies.unpack(depends)) == entry.entities) or (
                entry.problem is not None and entry.problem.kind == "unreadable"
            ):
                good.append(replace(entry, ontology=keys.entities))
            else:
                unread.append(path)
        cache.confirm([e.key for e in good], keys.entities)
        known |= {e.id: e for e in good}
        unread.sort(key=lambda p: p.stem)
    return Plan(known, unread)


def sources(
    files: Sequence[Path], max_bytes: int, contents: dict[str, str]
) -> Iterator[Source | Problem]:
    """Read files, each once, and yield them or what is wrong with them.

    A file may have changed since it was hashed: `contents` is corrected to what was read.
    """
    from kg.extract.posts import read_bytes  # noqa: PLC0415

    for path in files:
        try:
            data = read_bytes(path, max_bytes)
        except PostError as e:
            yield Problem.unreadable(path, e)
            continue
        contents[path.stem] = sha256(data)
        yield Source(path, data)
