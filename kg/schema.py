"""The ontology as a frozen value: classes, properties and known entities, read from Turtle.

What Japanese expresses a property is in `kg.extract.lexicon`; this module knows only what every
wing needs. How the files are read is in `kg.turtle`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.turtle import (
    BACKGROUND,
    ENT,
    KG,
    OWL,
    RDFS,
    SKOS,
    Graph,
    hash_files,
    local,
    parse_files,
    parse_triples,
)


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class that entities may have; a number after a name of a `versioned` one is a version."""

    name: str
    label: Mapping[str, str]
    definition: Mapping[str, str]
    colour: str
    order: int
    versioned: bool = False

    @property
    def iri(self) -> str:
        """Return the IRI of the class."""
        return KG + self.name


@dataclass(frozen=True, slots=True)
class PropertyInfo:
    """A property that claims may have; `domain` and `range` are names of entity classes."""

    name: str
    label: Mapping[str, str]
    inverse_label: Mapping[str, str]
    definition: Mapping[str, str]
    colour: str
    order: int
    domain: frozenset[str]
    range: frozenset[str]
    symmetric: bool
    like_with_like: bool

    @property
    def iri(self) -> str:
        """Return the IRI of the property."""
        return KG + self.name


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """An entity the ontology lists. `forms` are all its labels, preferred ones first."""

    id: str
    cls: str
    name: str
    name_ja: str
    forms: tuple[str, ...]
    maker: str = ""
    parent: str = ""


_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Schema:
    """The ontology. Mappings are keyed by local name (`Company`, `develops`, `nvidia-h100`)."""

    classes: Mapping[str, ClassInfo]
    properties: Mapping[str, PropertyInfo]
    entities: Mapping[str, KnownEntity]
    hash: str
    folder: Path

    def known(self, subject: str, obj: str) -> frozenset[str]:
        """Return the properties of which it is general knowledge that they hold of two entities."""
        return self.background.get((subject, obj), _NOTHING)

    def allows(self, subject_class: str, predicate: str, object_class: str) -> bool:
        """Tell whether the classes lie in the property's domain and range."""
        p = self.properties[predicate]
        return (
            subject_class in p.domain
            and object_class in p.range
            and (not p.like_with_like or self.alike(subject_class, object_class))
        )

    def alike(self, a: str, b: str) -> bool:
        """Tell whether two classes are of a kind: the same, or with a common parent below Thing."""
        return a == b or bool(self._parents[a] & self._parents[b])

    def below(self, upper: str) -> frozenset[str]:
        """Return the entity classes at or below a class of core.ttl, itself included."""
        return frozenset(c for c in self.classes if upper in self._above[c])

    @cached_property
    def versioned(self) -> frozenset[str]:
        """The classes of which a number after a name is a version."""
        return frozenset(c.name for c in self.classes.values() if c.versioned)

    @cached_property
    def background(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """What background.ttl states, as the properties of pairs; symmetric ones in both orders.

        Raises OntologyError where the file does not parse or names a property that is not there.
        What it says of entities that are not listed is left out. It is read at first use: only
        judging what posts say needs it.
        """
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        ids = set(self.entities)
        for t in parse_triples(self.folder / BACKGROUND):
            s, p, o = (local(str(n.value), ns) for n, ns in zip(t, (ENT, KG, ENT), strict=True))
            if p not in self.properties:
                raise OntologyError(f"{self.folder / BACKGROUND}: {KG}{p} is not a property")
            if s in ids and o in ids:
                found[s, o].add(p)
                if self.properties[p].symmetric:
                    found[o, s].add(p)
        return {pair: frozenset(properties) for pair, properties in found.items()}

    @cached_property
    def _above(self) -> Mapping[str, frozenset[str]]:
        graph = parse_files(self.folder, ["core.ttl"])
        above: dict[str, frozenset[str]] = {}
        for c in self.classes:
            seen: set[str] = set()
            pending = [c]
            while pending:
                name = pending.pop()
                if name not in seen:
                    seen.add(name)
                    parents = graph.values(ox.NamedNode(KG + name), RDFS + "subClassOf")
                    pending += [p.removeprefix(KG) for p in parents]
            above[c] = frozenset(seen)
        return above

    @cached_property
    def _parents(self) -> Mapping[str, frozenset[str]]:
        graph = parse_files(self.folder, ["core.ttl"])
        upper = {KG + "Thing", KG + "Product", KG + "Agent"}
        return {
            c: frozenset(graph.values(ox.NamedNode(KG + c), RDFS + "subClassOf")) - upper
            for c in self.classes
        }

    @classmethod
    def load(cls, folder: Path) -> Schema:
        """Read the ontology in `folder`.

        Raises OntologyError, naming the file or term, where a file is missing or does not parse,
        a class has no colour, an entity no label, or a term refers to one that is not there.
        """
        return build_schema(parse_files(folder), hash_files(folder), folder)


def build_schema(graph: Graph, digest: str, folder: Path) -> Schema:
    """Turn parsed Turtle into a Schema (see `Schema.load` for what it raises)."""
    leaves = {c.value: c for c in graph.named(OWL + "Class") if graph.value(c, KG + "colour")}
    classes = {
        local(iri, KG): ClassInfo(
            name=local(iri, KG),
            label=graph.by_language(node, RDFS + "label"),
            definition=graph.by_language(node, SKOS + "definition"),
            colour=graph.value(node, KG + "colour"),
            order=int(graph.value(node, KG + "order", "999")),
            versioned=graph.value(node, KG + "versioned") == "true",
        )
        for iri, node in leaves.items()
    }
    below = _descendants(graph, leaves)

    def expand(prop: ox.NamedNode, end: str) -> frozenset[str]:
        names: set[str] = set()
        for node in graph.objects(prop, RDFS + end):
            for iri in graph.members(node):
                if iri not in below:
                    raise OntologyError(f"{prop.value}: {end} {iri} is not a class of entities")
                names |= {local(c, KG) for c in below[iri]}
        return frozenset(names)

    symmetric = set(graph.named(OWL + "SymmetricProperty"))
    properties: dict[str, PropertyInfo] = {}
    for prop in graph.named(OWL + "ObjectProperty"):
        if not graph.value(prop, KG + "colour"):
            continue
        name = local(prop.value, KG)
        inverse = next(iter(graph.objects(prop, OWL + "inverseOf")), None)
        properties[name] = PropertyInfo(
            name=name,
            label=graph.by_language(prop, RDFS + "label"),
            inverse_label=graph.by_language(
                inverse if inverse is not None else prop, RDFS + "label"
            ),
            definition=graph.by_language(prop, SKOS + "definition"),
            colour=graph.value(prop, KG + "colour"),
            order=int(graph.value(prop, KG + "order", "999")),
            domain=expand(prop, "domain"),
            range=expand(prop, "range"),
            symmetric=prop in symmetric,
            like_with_like=graph.value(prop, KG + "likeWithLike") == "true",
        )
    entities = dict(_entities(graph, classes))
    for e in entities.values():
        for end, other in (("knownMaker", e.maker), ("knownParent", e.parent)):
            if other and other not in entities:
                raise OntologyError(f"{ENT}{e.id}: kg:{end} {other} is not an entity")
    by_order = {n: classes[n] for n in sorted(classes, key=lambda n: (classes[n].order, n))}
    props = {n: properties[n] for n in sorted(properties, key=lambda n: (properties[n].order, n))}
    return Schema(
        classes=MappingProxyType(by_order),
        properties=MappingProxyType(props),
        entities=MappingProxyType(entities),
        hash=digest,
        folder=folder,
    )


def _descendants(graph: Graph, leaves: Mapping[str, ox.NamedNode]) -> dict[str, set[str]]:
    """Map every class to the entity classes at or below it."""
    below: dict[str, set[str]] = defaultdict(set)
    for iri, node in leaves.items():
        pending: list[ox.NamedNode | ox.BlankNode | ox.Literal] = [node]
        while pending:
            at = pending.pop()
            if iri not in below[at.value]:
                below[at.value].add(iri)
                pending += graph.objects(at, RDFS + "subClassOf")
    return dict(below)


def _entities(graph: Graph, classes: Mapping[str, ClassInfo]) -> Iterator[tuple[str, KnownEntity]]:
    of_class = {KG + name: name for name in classes}
    for node, types in graph.typed():
        if not node.value.startswith(ENT):
            continue
        name = local(node.value, ENT)
        cls = [of_class[t] for t in types if t in of_class]
        if len(cls) != 1:
            raise OntologyError(f"{node.value} needs exactly one class of {', '.join(classes)}")
        preferred = graph.by_language(node, SKOS + "prefLabel")
        if "en" not in preferred:
            raise OntologyError(f"{node.value} has no skos:prefLabel in English")
        forms = dict.fromkeys(
            graph.values(node, SKOS + "prefLabel")
            + graph.values(node, SKOS + "altLabel")
            + graph.values(node, SKOS + "hiddenLabel")
        )
        yield (
            name,
            KnownEntity(
                id=name,
                cls=cls[0],
                name=preferred["en"],
                name_ja=preferred.get("ja", ""),
                forms=tuple(forms),
                maker=graph.value(node, KG + "knownMaker").removeprefix(ENT),
                parent=graph.value(node, KG + "knownParent").removeprefix(ENT),
            ),
        )
