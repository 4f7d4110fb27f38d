"""What a post gives two names: 「緯創（Wistron）」, 「さくらインターネット」 and then 「さくら」."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.extract.document import Sentence
from kg.extract.lexicon import Lexicon
from kg.extract.names import Named, NameHit, normalise, script
from kg.schema import Schema

# What of a Japanese name says whose it is: 「欧州」 does not mean 「欧州委員会」.
SHORTEST = 3

_OPENING, _CLOSING = re.compile(r" ?[（(] ?"), re.compile(r" ?[）)]")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class _Post:
    """The names of a post: how each entity is written, in order of its first name."""

    sentences: Sequence[Sentence]
    hits: Sequence[Sequence[NameHit]]
    entities: Mapping[str, Named]
    written: Mapping[str, Sequence[str]]

    @classmethod
    def of(
        cls,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> _Post:
        written: dict[str, dict[str, None]] = defaultdict(dict)
        for s, found in zip(sentences, hits, strict=True):
            for h in found:
                written[h.entity][h.written(s.text)] = None
        return cls(sentences, hits, entities, {id: list(forms) for id, forms in written.items()})

    def names(self, id: str) -> list[str]:
        """Return what an entity is called, here and usually."""
        return [self.entities[id].name, *self.written[id]]


class Identities:
    """Tells which of a post's entities are one: what stands in brackets after a name is another name
    of it, and who says a name in full may shorten it."""

    def __init__(self, schema: Schema, lexicon: Lexicon) -> None:
        self._agents = schema.below("Agent")
        self._versioned = schema.versioned
        self._holdings = lexicon.holdings

    def tell(
        self,
        sentences: Sequence[Sentence],
        hits: Sequence[Sequence[NameHit]],
        entities: Mapping[str, Named],
    ) -> list[list[NameHit]]:
        """Return the names of a post's sentences, those of one thing for one entity."""
        post = _Post.of(sentences, hits, entities)
        meant: dict[str, str] = {}
        for id, other in (*self._in_brackets(post), *self._shortened(post)):
            # Two names may each be said to be the other.
            end = _end(meant, other)
            if end != id:
                meant.setdefault(id, end)
        if not meant:
            return list(map(list, hits))
        return [[replace(h, entity=_end(meant, h.entity)) for h in found] for found in hits]

    # ------------------------------------------------------------ another name

    def _in_brackets(self, post: _Post) -> Iterator[tuple[str, str]]:
        """Yield entities that brackets say to be others: 「生成的敵対ネットワーク（GAN）」."""
        for s, found in zip(post.sentences, post.hits, strict=True):
            plain = normalise(s.text)
            for a, b in pairwise(found):
                first, second = post.entities[a.entity], post.entities[b.entity]
                if (
                    first.cls == second.cls
                    and first.id != second.id
                    and _OPENING.fullmatch(plain, a.end, b.start)
                    and _CLOSING.match(plain, b.end)
                ):
                    yield from self._one_of(first, second)

    def _one_of(self, first: Named, second: Named) -> Iterator[tuple[str, str]]:
        """Yield which of two names of a thing gives way to which, if any: of two that are listed, only
        a holding's to its firm's."""
        if not second.known or self._holdings.get(second.id) == first.id:
            yield second.id, first.id
        elif not first.known or self._holdings.get(first.id) == second.id:
            yield first.id, second.id

    # ------------------------------------------------------------ a shorter name

    def _shortened(self, post: _Post) -> Iterator[tuple[str, str]]:
        """Yield entities whose name is short for that of others."""
        for holding, firm in self._holdings.items():
            if {holding, firm} <= post.written.keys() and _introduced(post, holding, firm):
                yield firm, holding
        whole, versions = self._longer(post), self._versions(post)
        for id, forms in post.written.items():
            e = post.entities[id]
            # What is listed is no other thing's short name, unless as the version of a family that
            # is the only one: 「Haiku」 beside Claude 3 Haiku.
            if e.known:
                meant = [] if e.name in forms else versions.get((e.cls, e.name), [])
            else:
                some = [whole.get((e.cls, form), {}) for form in forms]
                other = {k for k in some[0] if k != id and _same_maker(e, post.entities[k])}
                meant = _least(other.intersection(*some[1:]), some)
            if len(meant) == 1:
                yield id, meant[0]

    def _longer(self, post: _Post) -> dict[tuple[str, str], dict[str, int]]:
        """Return whose names each short form of a class may be short for, with the length of each."""
        found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for id in post.written:
            cls = post.entities[id].cls
            for name in post.names(id):
                for form in _short_forms(name, japanese=cls in self._agents):
                    some = found[cls, form]
                    some[id] = min(len(name), some.get(id, len(name)))
        return found

    def _versions(self, post: _Post) -> dict[tuple[str, str], list[str]]:
        """Return the entities whose name has a number inside by their class and the name without:
        Claude 3 Haiku is a Claude Haiku."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id in post.written:
            e = post.entities[id]
            words = e.name.split()
            plain = [w for w in words if not _VERSION.fullmatch(w)]
            if e.cls in self._versioned and words[: len(plain)] != plain:
                found[e.cls, " ".join(plain)].append(id)
        return found


def _short_forms(name: str, *, japanese: bool) -> Iterator[str]:
    """Yield what a name may be shortened to: Maps of Google Maps, Guardrails of Guardrails for
    Bedrock, and of a `japanese` one its beginnings, さくら of さくらインターネット."""
    words = name.split(" ")
    yield from (" ".join(words[k:]) for k in range(1, len(words)))
    if "for" in words:
        yield name.partition(" for ")[0]
    if japanese:
        for end in range(SHORTEST, len(name)):
            if script(name[end - 1]) not in {"latin", "digit", ""}:
                yield name[:end]


def _least(ids: Iterable[str], lengths: Sequence[Mapping[str, int]]) -> list[str]:
    """Return those of the shortest name."""
    shortest = {id: min(some[id] for some in lengths) for id in ids}
    least = min(shortest.values(), default=0)
    return sorted(id for id, length in shortest.items() if length == least)


def _same_maker(a: Named, b: Named) -> bool:
    """Tell whether two may be of one maker, as far as it is known."""
    return not (a.maker and b.maker) or a.maker == b.maker


def _introduced(post: _Post, full: str, short: str) -> bool:
    """Tell whether a post says a name in full before it says the one that begins it."""
    order = list(post.written)
    return order.index(full) < order.index(short) and any(
        a.startswith(b) for a in post.written[full] for b in post.written[short]
    )


def _end(meant: Mapping[str, str], id: str) -> str:
    """Return what an entity is in the end."""
    while id in meant:
        id = meant[id]
    return id
