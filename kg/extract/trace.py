"""What of the ontology's entities the facts of one post depend on.

Most changes of entities.ttl concern few posts. While a post is read, every question that extraction
asks the tables made of the entities is noted: which entity has this name, what class has it. And
every name that stands in the post's sentences, anywhere, is found again by a scan with extraction's
own automaton. As long as a changed ontology gives the same names and the same answers, it gives
the same facts. The rest of the ontology (classes, properties, lexicon, shapes) concerns all posts.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import ahocorasick

from kg.extract.context import ContextReader
from kg.extract.lexicon import Lexicon
from kg.extract.mentions import MentionFinder
from kg.extract.names import Names, lower, normalise
from kg.extract.unknown import NoNames
from kg.model import digest
from kg.schema import KnownEntity, Schema

ENTITY, NAME, AGENT, SHORT = "entity", "name", "agent", "short"

Asked = dict[str, set[str]]


class Watched(dict[str, Any]):
    """A table whose lookups are noted in the trace of the post that is being read."""

    def __init__(self, table: Mapping[str, Any], name: str, trace: Trace) -> None:
        super().__init__(table)
        self._name, self._trace = name, trace

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401
        self._trace.asked[self._name].add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401
        """Return what the table holds for a key, and note that it was asked."""
        self._trace.asked[self._name].add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._trace.asked[self._name].add(str(key))
        return super().__contains__(key)


class Trace:
    """Where lookups are noted: `asked` is that of the post at hand."""

    def __init__(self) -> None:
        self.asked: Asked = new_asked()

    def watched(self, schema: Schema) -> Schema:
        """Return the schema with its entities watched."""
        return replace(schema, entities=Watched(schema.entities, ENTITY, self))

    def watch(self, finder: MentionFinder, context: ContextReader) -> None:
        """Watch the tables that extraction makes of the entities."""
        finder.listed.by_form = Watched(finder.listed.by_form, NAME, self)
        finder._short_of = Watched(finder._short_of, SHORT, self)
        context._agent_forms = Watched(context._agent_forms, AGENT, self)


def new_asked() -> Asked:
    """Return a trace in which nothing has been asked."""
    return {ENTITY: set(), NAME: set(), AGENT: set(), SHORT: set()}


def seen_text(sentences: Iterable[str]) -> str:
    """Return the text of a post in which names are looked for, as the automaton sees it.

    >>> seen_text(["ＡＷＳの", "Inferentia"])
    'awsの\\ninferentia'
    """
    return lower(normalise("\n".join(sentences)))


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a post's facts depend on: its folded text, and the questions asked, by table."""

    seen: str
    asked: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, sentences: Iterable[str], asked: Asked) -> Dependencies:
        """Return the dependencies of a post with these sentences."""
        return cls(seen_text(sentences), {k: tuple(sorted(v)) for k, v in asked.items() if v})

    def pack(self) -> bytes:
        """Return the dependencies as compressed JSON."""
        content = json.dumps([self.seen, self.asked], ensure_ascii=True)
        return zlib.compress(content.encode(), 1)

    @classmethod
    def unpack(cls, data: bytes) -> Dependencies:
        """Return what `pack` has written."""
        seen, asked = json.loads(zlib.decompress(data))
        return cls(seen, {k: tuple(v) for k, v in asked.items()})


class Answers:
    """The tables that an ontology's entities make, to ask a post's questions again.

    `finder` and `context` are those of an extractor, not watched yet.
    """

    def __init__(self, schema: Schema, finder: MentionFinder, context: ContextReader) -> None:
        self._names = finder.names._automaton
        self._short: ahocorasick.Automaton = ahocorasick.Automaton()
        short: dict[str, list[tuple[str, str, str]]] = {}
        for maker, forms in finder._short.items():
            for form, id in forms.items():
                short.setdefault(lower(form), []).append((maker, form, id))
        for key, found in short.items():
            self._short.add_word(key, (key, sorted(found)))
        self._short.make_automaton()
        self._tables: dict[str, Mapping[str, Any]] = {
            ENTITY: schema.entities,
            NAME: finder.listed.by_form,
            AGENT: context._agent_forms,
            SHORT: finder._short_of,
        }

    @classmethod
    def of(cls, schema: Schema) -> Answers:
        """Return the answers of an ontology that nothing is read with."""
        lexicon = Lexicon.load(schema.folder, schema)
        finder = MentionFinder(schema, lexicon, Names.of(schema), NoNames())
        return cls(schema, finder, ContextReader(schema, lexicon))

    def hash(self, d: Dependencies) -> str:
        """Return the hash of all that these entities are to a post with these dependencies."""
        names = {value for _, value in self._names.iter(d.seen)}
        short = {}
        if self._short:
            short = dict(value for _, value in self._short.iter(d.seen))
        told = {
            table: [_answer(self._tables[table].get(key)) for key in keys]
            for table, keys in d.asked.items()
        }
        content = [sorted(names), sorted(short.items()), told]
        return digest(json.dumps(content, ensure_ascii=True))


def _answer(found: object) -> object:
    """Return what a table holds, an entity without its names: those that matter are scanned for."""
    if isinstance(found, KnownEntity):
        return [found.cls, found.name, found.maker, found.parent]
    return found
