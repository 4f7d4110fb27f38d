"""The files of the ontology: their names, their namespaces, and what they state, by subject.

Parsing is pyoxigraph's, which reads the four files in a tenth of a second.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.errors import OntologyError

KG = "https://ai-infra-kg.example/ontology/"
ENT = "https://ai-infra-kg.example/entity/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"

ENTITIES, BACKGROUND = "entities.ttl", "background.ttl"
TERMS = ("core.ttl", ENTITIES, "lexicon.ttl", "shapes.ttl")
FILES = (*TERMS, BACKGROUND)

type_ = ox.NamedNode(RDF + "type")


class Graph:
    """Turtle files as an in-memory index by subject and predicate, in the order written."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._spo: dict[object, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]] = (
            defaultdict(lambda: defaultdict(list))
        )
        self._types: dict[str, list[ox.NamedNode | ox.BlankNode]] = defaultdict(list)
        for t in triples:
            self._spo[t.subject][t.predicate.value].append(t.object)  # type: ignore[arg-type]
            if t.predicate == type_:
                self._types[t.object.value].append(t.subject)  # type: ignore[union-attr,arg-type]

    def of_type(self, iri: str) -> list[ox.NamedNode | ox.BlankNode]:
        """Return the subjects of a type."""
        return self._types.get(iri, [])

    def named(self, iri: str) -> list[ox.NamedNode]:
        """Return the subjects of a type that have an IRI."""
        return [n for n in self.of_type(iri) if isinstance(n, ox.NamedNode)]

    def typed(self) -> Iterator[tuple[ox.NamedNode, list[str]]]:
        """Yield each named subject that has types, with the IRIs of these types."""
        for s, p in self._spo.items():
            if isinstance(s, ox.NamedNode) and type_.value in p:
                yield s, [o.value for o in p[type_.value]]

    def objects(self, s: object, p: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
        """Return the objects of a subject under the property with this IRI."""
        found = self._spo.get(s)
        return found.get(p, []) if found is not None else []

    def values(self, s: object, p: str) -> list[str]:
        """Return these objects as text: IRIs, labels of blank nodes, or lexical forms."""
        return [o.value for o in self.objects(s, p)]

    def value(self, s: object, p: str, default: str = "") -> str:
        """Return the first of these, or `default`."""
        found = self.values(s, p)
        return found[0] if found else default

    def by_language(self, s: object, p: str) -> Mapping[str, str]:
        """Return the first literal of each language; one without a language counts as English."""
        out: dict[str, str] = {}
        for o in self.objects(s, p):
            if isinstance(o, ox.Literal):
                out.setdefault(o.language or "en", o.value)
        return MappingProxyType(out)

    def members(self, node: object) -> list[str]:
        """Return the IRIs of a class expression: itself, or the members of its owl:unionOf."""
        if isinstance(node, ox.NamedNode):
            return [node.value]
        out: list[str] = []
        for head in self.objects(node, OWL + "unionOf"):
            rest: object = head
            while rest != ox.NamedNode(RDF + "nil"):
                out += self.values(rest, RDF + "first")
                rest = next(iter(self.objects(rest, RDF + "rest")), ox.NamedNode(RDF + "nil"))
        return out


def hash_files(folder: Path, names: Iterable[str] = FILES) -> str:
    """Return the SHA-256 of files of the ontology, in hex."""
    h = hashlib.sha256()
    for name in names:
        try:
            data = (folder / name).read_bytes()
        except OSError as e:
            raise OntologyError(f"{folder / name}: {e.strerror or e}") from e
        h.update(f"{name} {len(data)}\n".encode() + data)
    return h.hexdigest()


def parse_files(folder: Path, names: Iterable[str] = TERMS) -> Graph:
    """Parse the named Turtle files of `folder` into one graph."""
    return Graph(t for name in names for t in parse_triples(folder / name))


def parse_triples(path: Path) -> list[ox.Triple]:
    """Parse a Turtle file; raise OntologyError where it is missing or does not parse."""
    try:
        # Blank node labels are unique per parse, so files can share one graph.
        parsed = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        return [ox.Triple(q.subject, q.predicate, q.object) for q in parsed]
    except (SyntaxError, OSError) as e:
        raise OntologyError(f"{path}: {e}") from e


def local(iri: str, namespace: str) -> str:
    """Return the local name of an IRI; raise OntologyError where it is not in `namespace`."""
    if not iri.startswith(namespace) or len(iri) == len(namespace):
        raise OntologyError(f"{iri} is not in {namespace}")
    return iri[len(namespace) :]
