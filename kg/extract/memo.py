"""Parses that are remembered: the slowest step of a build, and half of all sentences repeat.

A parse is written as a short text, so that a hundred thousand fit into memory and into the cache of
a data folder, and so that nothing but text is ever read back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from kg.extract.parse import Parse

Known = Callable[[Sequence[bytes]], Mapping[bytes, bytes]]
"""Returns the written parses of those of some keys that it knows."""

HELD = 200_000
"""Parses that one process remembers: some 100 MB."""


class Parsing(Protocol):
    """What turns sentences into parses (see `kg.extract.parse.Parser`)."""

    @property
    def version(self) -> str:
        """What a parse depends on besides the sentence."""

    def parse(self, texts: Sequence[str]) -> Iterator[Parse]:
        """Yield the parse of each text, in order."""


def sentence_key(text: str) -> bytes:
    """Return the key of a sentence: 16 bytes of a hash of its text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _unknown(_: Sequence[bytes]) -> Mapping[bytes, bytes]:
    return {}


class RememberingParser:
    """A parser that parses no sentence twice. `known` is asked for what others have parsed."""

    def __init__(self, parser: Parsing, known: Known = _unknown) -> None:
        self.parser, self.known = parser, known
        self._held: dict[bytes, bytes] = {}
        self._fresh: dict[bytes, bytes] = {}

    @property
    def version(self) -> str:
        """The version of the parser itself."""
        return self.parser.version

    def parse(self, texts: Sequence[str]) -> Iterator[Parse]:
        """Yield the parse of each text, in order."""
        keys = [sentence_key(t) for t in texts]
        asked = [k for k in keys if k not in self._held]
        if asked:
            self._hold(self.known(asked))
        new = [i for i, k in enumerate(keys) if k not in self._held]
        if new:
            made = self.parser.parse([texts[i] for i in new])
            found = {keys[i]: encode(p) for i, p in zip(new, made, strict=True)}
            self._fresh |= found
            self._hold(found)
        for k in keys:
            yield decode(self._held[k])

    def take(self) -> list[tuple[bytes, bytes]]:
        """Return what was parsed since the last call, with its keys."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.items())

    def _hold(self, found: Mapping[bytes, bytes]) -> None:
        if len(self._held) > HELD:
            self._held.clear()
        self._held |= found


def encode(parse: Parse) -> bytes:
    """Return a parse as text; `decode` is the inverse."""
    columns = (parse.starts, parse.ends, parse.heads, parse.tags, parse.deps)
    rows = [" ".join(map(str, column)) for column in columns]
    # A lemma may hold anything, a space and a tab too, but the sentence was one line.
    return "\n".join([*rows, *parse.lemmas]).encode("utf-8", "surrogatepass")


def decode(written: bytes) -> Parse:
    """Return the parse that `encode` has written.

    >>> p = Parse((0, 2), (2, 3), ("猫", " "), ("NOUN", "X"), ("ROOT", "dep"), (0, 0))
    >>> decode(encode(p)) == p
    True
    """
    starts, ends, heads, tags, deps, *lemmas = written.decode("utf-8", "surrogatepass").split("\n")
    return Parse(
        starts=tuple(map(int, starts.split())),
        ends=tuple(map(int, ends.split())),
        lemmas=tuple(lemmas),
        tags=tuple(tags.split(" ")) if starts else (),
        deps=tuple(deps.split(" ")) if starts else (),
        heads=tuple(map(int, heads.split())),
    )
