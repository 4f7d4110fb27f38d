"""The vocabulary of the dataset and the IRIs of the things in it.

Ids and post names are data, so they are percent-encoded into IRIs here and nowhere else. Kana,
kanji and other letters stay readable (RFC 3987); everything else beyond ASCII letters, digits,
`-`, `.`, `_` and `~` is encoded as UTF-8 bytes.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg.model import digest
from kg.turtle import ENT, KG, OWL, RDF, RDFS, SKOS

DCTERMS = "http://purl.org/dc/terms/"
NIF = "http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#"
PROV = "http://www.w3.org/ns/prov#"
QUDT = "http://qudt.org/schema/qudt/"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {
    "dcterms": DCTERMS,
    "ent": ENT,
    "kg": KG,
    "nif": NIF,
    "owl": OWL,
    "prov": PROV,
    "qudt": QUDT,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "xsd": XSD,
}
"""Prefixes that every query may use without declaring them, and that Turtle is written with."""


def iri_part(text: str) -> str:
    """Return `text` as one path segment of an IRI; `unquote` of it is the text again.

    >>> iri_part("a b/ねこ"), iri_part("50%")
    ('a%20b%2Fねこ', '50%25')
    """
    return "".join(
        c
        if ord(c) > 0x7F and unicodedata.category(c) in {"Ll", "Lu", "Lo", "Lm", "Nd"}
        else quote(c, safe="", errors="surrogateescape")
        for c in text
    )


def entity_iri(entity_id: str) -> str:
    """Return the IRI of an entity."""
    return ENT + iri_part(entity_id)


def entity_id(iri: str) -> str:
    """Return the id of an entity from its IRI (the inverse of `entity_iri`)."""
    return unquote(iri.removeprefix(ENT))


def property_iri(name: str) -> str:
    """Return the IRI of a property or class of the ontology from its local name."""
    return KG + name


def post_iri(base: str, post_id: str) -> str:
    """Return the IRI of a post, which is also the name of its graph."""
    return f"{base}post/{iri_part(post_id)}"


def post_id(base: str, iri: str) -> str:
    """Return the id of a post from the IRI of the post or of a passage in it."""
    return unquote(iri.removeprefix(f"{base}post/").partition("#")[0])


def phrase_iri(base: str, post: str, start: int, end: int) -> str:
    """Return the IRI of a passage: an RFC 5147 character range of its post."""
    return f"{post_iri(base, post)}#char={start},{end}"


def claim_iri(base: str, post: str, triple: tuple[str, str, str], modality: str) -> str:
    """Return the IRI of what a post says of two entities, the same in every build."""
    return f"{base}claim/{digest(post, *triple, modality)[:24]}"


def edge_id(subject: str, predicate: str, object_: str) -> str:
    """Return the id of an edge, which the claims of all posts on one triple share."""
    return digest(subject, predicate, object_)[:16]


def quantity_iri(base: str, post: str, *parts: str) -> str:
    """Return the IRI of a number in a post from all that tells it from others there."""
    return f"{base}quantity/{digest(post, *parts)[:24]}"


def run_iri(base: str, ontology_hash: str, versions: str) -> str:
    """Return the IRI of an extraction run: what it depends on, not when it was."""
    return f"{base}run/{digest(ontology_hash, versions)[:24]}"


def background_iri(base: str) -> str:
    """Return the name of the graph with what is known apart from the posts."""
    return f"{base}background"


def metrics_iri(base: str) -> str:
    """Return the name of the graph with computed metrics."""
    return f"{base}metrics"


def node(iri: str) -> ox.NamedNode:
    """Return an RDF node; raises ValueError for an IRI that RFC 3987 does not allow."""
    return ox.NamedNode(iri)
