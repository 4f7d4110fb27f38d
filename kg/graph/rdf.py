"""Facts as RDF: the graph of a post, the background and the metrics.

Claims are standard statement nodes (rdf:subject, rdf:predicate, rdf:object), passages are NIF
phrases with RFC 5147 offsets, provenance is PROV-O and quantities follow QUDT. There are no blank
nodes, counters or times, so the same facts always give the same quads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pyoxigraph as ox

from kg.graph import terms
from kg.graph.network import Node
from kg.graph.terms import DCTERMS, NIF, PROV, QUDT, XSD, node
from kg.model import Claim, Entity, Evidence, Modality, Post, PostFacts, Quantity, digest
from kg.schema import Schema
from kg.turtle import KG, RDF, RDFS, SKOS

TYPE = node(RDF + "type")
LABEL = node(RDFS + "label")


def literal(text: str) -> ox.Literal:
    """Return a plain literal; what UTF-8 cannot encode (a lone surrogate) becomes U+FFFD."""
    return ox.Literal(re.sub("[\ud800-\udfff]", "\ufffd", text))


def typed(value: str, kind: str) -> ox.Literal:
    """Return a literal of an XML Schema datatype, named without its namespace."""
    return ox.Literal(value, datatype=node(XSD + kind))


def decimal(value: float) -> ox.Literal:
    """Return a number as xsd:decimal in canonical form.

    A number that is not finite gives a literal that is no decimal, which validation rejects.
    """
    exact = Decimal(repr(float(value)))
    text = f"{exact:f}" if exact.is_finite() else str(exact)
    return typed(text.rstrip("0").rstrip(".") if "." in text else text, "decimal")


def dates(date: str) -> Iterator[tuple[ox.NamedNode, ox.Literal]]:
    """Yield dcterms:issued as the post gives it and dcterms:date, the day.

    A time with a zone is written in UTC, as the store would; the day stays that of the post's own
    zone. A text that is not an ISO 8601 date gives neither: reading the post has warned of it.
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return
    day = moment.date().isoformat()
    yield node(DCTERMS + "date"), typed(day, "date")
    if len(date) <= len(day):
        yield node(DCTERMS + "issued"), typed(day, "date")
        return
    utc = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    zone = "Z" if moment.tzinfo else ""
    text = utc.isoformat()
    text = text.rstrip("0") if "." in text else text
    yield node(DCTERMS + "issued"), typed(text + zone, "dateTime")


def flaws(post: Post) -> tuple[str, ...]:
    """Return the warnings of a post without its path, which is no property of its content."""
    path = re.compile(rf".*?{re.escape(post.id)}(\.\w+)?: ", re.DOTALL)
    return tuple(path.sub("", w, count=1) if path.match(w) else w for w in post.warnings)


def in_order(claim: Claim, schema: Schema) -> tuple[str, str, str]:
    """Return the ids of a claim's triple, the ends of a symmetric one in alphabetical order."""
    subject, object_ = claim.subject, claim.object
    known = schema.properties.get(claim.predicate)  # one that is not is for validation to find
    if known is not None and known.symmetric and object_ < subject:
        subject, object_ = object_, subject
    return subject, claim.predicate, object_


class PostWriter:
    """Writes the quads of one post."""

    def __init__(self, facts: PostFacts, schema: Schema, base: str, run: str) -> None:
        self.facts, self.schema, self.base = facts, schema, base
        self.post = node(terms.post_iri(base, facts.post.id))
        self.run = node(run)
        self._quads: dict[ox.Quad, None] = {}

    def quads(self) -> list[ox.Quad]:
        """Return the quads, all in the graph that the post names."""
        self._post(self.facts.post)
        for entity in self.facts.entities:
            self._entity(entity)
        for claim in self.facts.claims:
            self._claim(claim)
        for quantity in self.facts.quantities:
            self._quantity(quantity)
        return list(self._quads)

    def _add(
        self, subject: ox.NamedNode, predicate: str, *objects: ox.NamedNode | ox.Literal
    ) -> None:
        for o in objects:
            self._quads[ox.Quad(subject, node(predicate), o, self.post)] = None

    def _post(self, post: Post) -> None:
        self._add(self.post, TYPE.value, node(KG + "Post"), node(NIF + "Context"))
        self._add(self.post, DCTERMS + "identifier", literal(post.id))
        if post.title:
            self._add(self.post, DCTERMS + "title", literal(post.title))
        for predicate, value in dates(post.date):
            self._add(self.post, predicate.value, value)
        self._add(self.post, KG + "sha256", literal(post.sha256))
        self._add(self.post, KG + "warning", *(literal(w) for w in flaws(post)))
        self._range(self.post, 0, len(post.text))

    def _range(self, subject: ox.NamedNode, start: int, end: int) -> None:
        # NIF's range is xsd:nonNegativeInteger, which Oxigraph stores as xsd:integer.
        self._add(subject, NIF + "beginIndex", typed(str(start), "integer"))
        self._add(subject, NIF + "endIndex", typed(str(end), "integer"))

    def _phrase(self, evidence: Evidence) -> ox.NamedNode:
        phrase = node(terms.phrase_iri(self.base, self.facts.post.id, evidence.start, evidence.end))
        self._add(phrase, TYPE.value, node(NIF + "Phrase"))
        self._range(phrase, evidence.start, evidence.end)
        self._add(phrase, NIF + "anchorOf", literal(evidence.text))
        self._add(phrase, NIF + "referenceContext", self.post)
        return phrase

    def _entity(self, entity: Entity) -> None:
        subject = node(terms.entity_iri(entity.id))
        self._add(subject, TYPE.value, node(KG + entity.cls))
        self._add(subject, LABEL.value, literal(entity.name))
        self._add(subject, SKOS + "altLabel", *(literal(a) for a in entity.aliases))
        for mention in entity.mentions:
            phrase = self._phrase(mention)
            self._add(subject, KG + "mention", phrase)
            if not entity.known:
                # On the mention, not the entity: another post may be surer of the same entity.
                self._add(phrase, KG + "confidence", decimal(entity.confidence))

    def _claim(self, claim: Claim) -> None:
        triple = in_order(claim, self.schema)
        subject, object_ = (node(terms.entity_iri(end)) for end in (triple[0], triple[2]))
        predicate = node(terms.property_iri(claim.predicate))
        it = node(terms.claim_iri(self.base, self.facts.post.id, triple, claim.modality.value))
        self._add(it, TYPE.value, node(KG + "Claim"))
        self._add(it, RDF + "subject", subject)
        self._add(it, RDF + "predicate", predicate)
        self._add(it, RDF + "object", object_)
        # One look in an index finds the claims of an edge; a join of subject and object does not.
        self._add(it, KG + "edge", literal(terms.edge_id(*triple)))
        self._add(it, KG + "modality", node(KG + claim.modality.value))
        self._add(it, KG + "confidence", decimal(claim.confidence))
        self._add(it, KG + "frame", literal(claim.frame))
        self._add(it, KG + "evidence", *(self._phrase(e) for e in claim.evidence))
        self._provenance(it)
        if claim.modality is Modality.ASSERTED:
            self._add(subject, predicate.value, object_)

    def _quantity(self, q: Quantity) -> None:
        value = decimal(q.value)
        parts = (q.about, q.kind, q.unit, value.value, str(q.start), str(q.end))
        it = node(terms.quantity_iri(self.base, self.facts.post.id, *parts))
        self._add(it, TYPE.value, node(KG + "QuantityClaim"))
        self._add(it, KG + "about", node(terms.entity_iri(q.about)))
        self._add(it, KG + "quantityKind", literal(q.kind))
        self._add(it, QUDT + "numericValue", value)
        self._add(it, KG + "unit", literal(q.unit))
        self._add(it, LABEL.value, literal(q.text))
        self._add(it, KG + "evidence", self._phrase(q.evidence))
        self._provenance(it)

    def _provenance(self, subject: ox.NamedNode) -> None:
        self._add(subject, PROV + "wasDerivedFrom", self.post)
        self._add(subject, PROV + "wasGeneratedBy", self.run)


def background_quads(
    vocabulary: Iterable[ox.Triple], schema: Schema, base: str, mentioned: Iterable[str]
) -> Iterator[ox.Quad]:
    """Yield what is known apart from the posts: the vocabulary's terms, and the labels, makers and
    parents of the entities that posts mention (and of those makers and parents in turn).
    """
    graph = node(terms.background_iri(base))
    for t in named(vocabulary, base):
        yield ox.Quad(t.subject, t.predicate, t.object, graph)
    wanted = sorted(i for i in mentioned if i in schema.entities)
    seen = set(wanted)
    while wanted:
        entity = schema.entities[wanted.pop()]
        subject = node(terms.entity_iri(entity.id))
        yield ox.Quad(subject, TYPE, node(KG + entity.cls), graph)
        labels = {"en": entity.name, "ja": entity.name_ja}
        for language, name in labels.items():
            if name:
                yield ox.Quad(
                    subject, node(SKOS + "prefLabel"), ox.Literal(name, language=language), graph
                )
        for form in entity.forms:
            if form not in labels.values():
                yield ox.Quad(subject, node(SKOS + "altLabel"), literal(form), graph)
        for predicate, other in (("knownMaker", entity.maker), ("knownParent", entity.parent)):
            if other:
                target = node(terms.entity_iri(other))
                yield ox.Quad(subject, node(KG + predicate), target, graph)
                if other not in seen:
                    seen.add(other)
                    wanted.append(other)


def named(triples: Iterable[ox.Triple], base: str) -> list[ox.Triple]:
    """Return triples with each blank node replaced by an IRI made of what it says.

    Two blank nodes that say the same become one, which is what they mean in an ontology's class
    expressions. Raises ValueError where blank nodes form a cycle.
    """
    held = list(triples)
    says: dict[ox.BlankNode, list[ox.Triple]] = {}
    for t in held:
        if isinstance(t.subject, ox.BlankNode):
            says.setdefault(t.subject, []).append(t)
    names: dict[ox.BlankNode, ox.NamedNode] = {}

    def name(b: ox.BlankNode, above: tuple[ox.BlankNode, ...]) -> ox.NamedNode:
        if b in above:
            raise ValueError(f"blank node {b} is part of a cycle")
        if b not in names:
            content = sorted(
                f"{t.predicate} {term(t.object, (*above, b))}" for t in says.get(b, [])
            )
            names[b] = node(f"{base}.well-known/genid/{digest(*content)[:24]}")
        return names[b]

    def term(o: object, above: tuple[ox.BlankNode, ...] = ()) -> object:
        return name(o, above) if isinstance(o, ox.BlankNode) else o

    return sorted(
        {ox.Triple(term(t.subject), t.predicate, term(t.object)) for t in held},  # type: ignore[arg-type]
        key=str,
    )


def run_quads(
    base: str, run: str, ontology_hash: str, versions: Mapping[str, str]
) -> list[ox.Quad]:
    """Return the description of an extraction run: what it depends on, never when it was."""
    graph, it = node(terms.background_iri(base)), node(run)
    found = [
        ox.Quad(it, TYPE, node(KG + "Run"), graph),
        ox.Quad(it, TYPE, node(PROV + "Activity"), graph),
        ox.Quad(it, node(KG + "ontologyHash"), literal(ontology_hash), graph),
    ]
    return found + [
        ox.Quad(it, node(KG + "modelVersion"), literal(f"{k} {v}".strip()), graph)
        for k, v in versions.items()
    ]


def metric_quads(nodes: Iterable[Node], base: str) -> Iterator[ox.Quad]:
    """Yield the metrics, community and number of posts of each entity."""
    graph = node(terms.metrics_iri(base))
    for n in nodes:
        subject = node(terms.entity_iri(n.id))
        for name, value in n.metrics.items():
            yield ox.Quad(subject, node(KG + name), decimal(value), graph)
        yield ox.Quad(subject, node(KG + "community"), typed(str(n.community), "integer"), graph)
        yield ox.Quad(subject, node(KG + "posts"), typed(str(n.posts), "integer"), graph)


def lines(quads: Iterable[ox.Quad]) -> list[bytes]:
    """Return quads as lines of N-Quads, without their line ends."""
    # Not splitlines(): only a line feed ends a line of N-Quads, and it is escaped inside.
    return (ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")[:-1]
