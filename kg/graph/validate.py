"""SHACL on posts and on the ontology, by pySHACL and before any inference.

`shapes.ttl` says what OWL cannot; the shapes for domains and ranges are derived from the Schema, so
they are never written twice. Violations name the focus node, the path and the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.graph.rdf import TYPE
from kg.graph.terms import PREFIXES, entity_id
from kg.schema import Schema
from kg.turtle import ENT, KG, RDF, parse_triples

if TYPE_CHECKING:
    import rdflib

SH = "http://www.w3.org/ns/shacl#"
_PREDICATE = ox.NamedNode(RDF + "predicate")
BATCH = 40
"""Posts that are checked in one data graph."""


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A node that breaks a shape: on which path, with which value, and what should hold."""

    focus: str
    path: str
    message: str
    value: str = ""

    def __str__(self) -> str:
        value = f" (has {self.value})" if self.value else ""
        path = f" {self.path}" if self.path else ""
        return f"{self.focus}{path}: {self.message}{value}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A post's quads with the violations in them; none means that it may be published."""

    post: str
    quads: Sequence[ox.Quad]
    violations: tuple[Violation, ...]


class Validator:
    """Checks data against `shapes.ttl` and the shapes that follow from a schema.

    Raises OntologyError where shapes.ttl does not parse or holds something that is not SHACL.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    @cached_property
    def _shapes(self) -> rdflib.Graph:
        import rdflib

        path = self.schema.folder / "shapes.ttl"
        graph = rdflib.Graph()
        try:
            graph.parse(data=path.read_bytes(), format="turtle")
        except (OSError, SyntaxError, ValueError) as e:
            raise OntologyError(f"{path}: {e}") from e
        graph.parse(data=derived(self.schema), format="turtle")
        _hoist(graph)
        return graph

    @cached_property
    def _derived(self) -> dict[rdflib.URIRef, list[rdflib.term.Node]]:
        """The shapes on the claims with each property, without their targets.

        Which claims these are is found by looking them up, and not by a SPARQL query for each
        property, whose parsing alone takes as long as the rest.
        """
        import rdflib

        found: dict[rdflib.URIRef, list[rdflib.term.Node]] = {}
        for p in self.schema.properties.values():
            node = self._shapes.value(rdflib.URIRef(f"{p.iri}#shape"), _sh("target"))
            parts = list(self._shapes.subjects(_sh("target"), node))
            for part in parts:
                self._shapes.remove((part, _sh("target"), node))
            found[rdflib.URIRef(p.iri)] = parts
        return found

    def violations(self, triples: Iterable[ox.Triple | ox.Quad]) -> list[Violation]:
        """Return what is wrong with a data graph, sorted."""
        import pyshacl
        import rdflib

        data = rdflib.Graph()
        terms: dict[object, rdflib.term.Node] = {}

        def term(t: object) -> rdflib.term.Node:
            # The same object for the same term: made once, and compared by identity.
            if t not in terms:
                terms[t] = _rdflib(t)
            return terms[t]

        for t in triples:
            data.add((term(t.subject), term(t.predicate), term(t.object)))
        targeted = self._derived
        shapes = rdflib.Graph()
        for prop, parts in targeted.items():
            for claim in data.subjects(_rdflib(_PREDICATE), prop):
                for part in parts:
                    shapes.add((part, _sh("targetNode"), claim))
        for triple in self._shapes:  # a copy: pySHACL changes the shapes graph that it is given
            shapes.add(triple)
        try:
            _, report, _ = pyshacl.validate(
                data, shacl_graph=shapes, inference="none", advanced=True, inplace=True
            )
        except pyshacl.errors.ReportableRuntimeError as e:
            raise OntologyError(f"{self.schema.folder / 'shapes.ttl'}: {e}") from e
        if not isinstance(report, rdflib.Graph):
            raise OntologyError(f"{self.schema.folder / 'shapes.ttl'}: {report}")
        return sorted({_violation(report, r) for r in report.objects(None, _sh("result"))})

    def ontology(self) -> list[Violation]:
        """Return what is wrong with the ontology that the schema was read from, sorted."""
        return self.violations(vocabulary(self.schema, ("core.ttl", "entities.ttl")))

    def posts(self, posts: Iterable[tuple[str, Sequence[ox.Quad]]]) -> Iterator[Checked]:
        """Check posts, given as name and quads, and yield each in turn.

        A batch of posts is checked as one graph, which is many times faster. What one post says
        of an entity must not excuse or spoil another, so a batch ends before a post that gives
        an entity another class, and the posts of a batch with violations are checked one by one.
        """
        batch: list[tuple[str, Sequence[ox.Quad]]] = []
        classes: dict[str, str] = {}
        for post, quads in posts:
            own = {
                q.subject.value: q.object.value  # type: ignore[union-attr]
                for q in quads
                if q.predicate == TYPE and q.subject.value.startswith(ENT)  # type: ignore[union-attr]
            }
            if len(batch) >= BATCH or any(classes.get(e, c) != c for e, c in own.items()):
                yield from self._batch(batch)
                batch, classes = [], {}
            batch.append((post, quads))
            classes |= own
        yield from self._batch(batch)

    def _batch(self, batch: Sequence[tuple[str, Sequence[ox.Quad]]]) -> Iterator[Checked]:
        if not batch:
            return
        found = self.violations(q for _, quads in batch for q in quads)
        for post, quads in batch:
            alone = found if len(batch) == 1 else self.violations(quads) if found else []
            yield Checked(post, quads, tuple(alone))


def vocabulary(schema: Schema, files: Iterable[str] = ("core.ttl",)) -> list[ox.Triple]:
    """Return the triples of files of the ontology."""
    return [triple for name in files for triple in parse_triples(schema.folder / name)]


def derived(schema: Schema) -> str:
    """Return the shapes that follow from the schema, in Turtle.

    For each property, one shape on the claims with it: their subjects' classes lie in its domain
    and their objects' in its range. One more says that claims have no other property, and one
    that entities have no other class. Paths are sequences (rdf:subject rdf:type), so every class
    that an entity has is checked, and none is inferred.
    """
    blocks = [f"@prefix {k}: <{v}> .\n" for k, v in PREFIXES.items()] + [f"@prefix sh: <{SH}> .\n"]
    for p in schema.properties.values():
        blocks.append(
            f"<{p.iri}#shape> a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "
            f'"SELECT ?this WHERE {{ ?this <{RDF}predicate> <{p.iri}> }}" ] ;\n'
            + _end("subject", p.name, "domain", p.domain)
            + " ;\n"
            + _end("object", p.name, "range", p.range)
            + " .\n"
        )
    properties = " ".join(f"<{p.iri}>" for p in schema.properties.values())
    blocks.append(
        f"kg:KnownPropertyShape a sh:NodeShape ; sh:targetClass kg:Claim ; sh:property [ "
        f"sh:path rdf:predicate ; sh:in ( {properties} ) ; "
        f'sh:message "a claim has a property of the ontology" ] .\n'
    )
    classes = " ".join(f"<{c.iri}>" for c in schema.classes.values())
    blocks.append(
        f"kg:KnownClassShape a sh:NodeShape ; "
        f"sh:targetObjectsOf rdf:subject , rdf:object , kg:about ; "
        f"sh:targetSubjectsOf kg:mention , skos:prefLabel ; sh:property [ "
        f"sh:path rdf:type ; sh:in ( {classes} ) ; "
        f'sh:message "an entity has a class of the ontology" ] .\n'
    )
    return "\n".join(blocks)


def _hoist(shapes: rdflib.Graph) -> None:
    """Give the property shapes of each node shape its targets, and take them out of it.

    They then have the same focus nodes and the same results, but pySHACL checks each on all of
    them at once, where it goes through a node shape's focus nodes one by one: twice as fast.
    """
    targets = [_sh(f"target{kind}") for kind in ("", "Class", "Node", "ObjectsOf", "SubjectsOf")]
    for shape, part in list(shapes.subject_objects(_sh("property"))):
        own = [(t, o) for t in targets for o in shapes.objects(shape, t)]
        for t, o in own:
            shapes.add((part, t, o))
        if own:
            shapes.add((part, _rdflib(TYPE), _sh("PropertyShape")))
            shapes.remove((shape, _sh("property"), part))


def _end(end: str, name: str, kind: str, classes: Iterable[str]) -> str:
    allowed = sorted(classes)
    return (
        f"    sh:property [ sh:path ( rdf:{end} rdf:type ) ; "
        f"sh:in ( {' '.join(f'<{KG}{c}>' for c in allowed)} ) ; "
        f'sh:message "the {end} of {name} is in its {kind}: {", ".join(allowed)}" ]'
    )


def _rdflib(term: object) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if not isinstance(term, ox.Literal):
        raise TypeError(f"{term!r} is not a term of RDF 1.1")
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    # As xsd:string would be in Turtle, and not normalized: a bad lexical form has to stay bad.
    return rdflib.Literal(term.value, datatype=term.datatype.value, normalize=False)


def _sh(name: str) -> rdflib.URIRef:
    import rdflib

    return rdflib.URIRef(SH + name)


def _violation(report: rdflib.Graph, result: rdflib.term.Node) -> Violation:
    value = report.value(result, _sh("value"))
    return Violation(
        focus=short(str(report.value(result, _sh("focusNode")))),
        path=_path(report, report.value(result, _sh("resultPath"))),
        message=str(report.value(result, _sh("resultMessage")) or ""),
        value="" if value is None else short(str(value))[:80],
    )


def _path(report: rdflib.Graph, path: rdflib.term.Node | None) -> str:
    """Return a path as SPARQL writes it; a sequence is a list."""
    import rdflib
    from rdflib.collection import Collection

    if path is None:
        return ""
    if isinstance(path, rdflib.BNode):
        return "/".join(short(str(step)) for step in Collection(report, path))
    return short(str(path))


def short(iri: str) -> str:
    """Return an IRI with a prefix where there is one for it, ids readable."""
    if iri.startswith(ENT):
        return "ent:" + entity_id(iri)
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri
