"""The sentences behind an edge or an entity, read from the store of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import UnknownClaim
from kg.graph.network import Edge
from kg.graph.store import Snapshot
from kg.graph.terms import PREFIXES, entity_id, entity_iri, iri_part, node, post_id
from kg.turtle import KG


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """A passage of a post, as offsets into the text of its file."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """What one post says of an edge, with every sentence in which it does.

    `date` is the day of the post (ISO 8601), empty where it has none.
    """

    id: str
    post: str
    title: str
    date: str
    modality: str
    confidence: float
    frame: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """A claim by its triple in ids, and what its post says."""

    subject: str
    predicate: str
    object: str
    view: ClaimView


@dataclass(frozen=True, slots=True)
class QuantityView:
    """A number that a post ties to an entity: `value` in base units of `unit`."""

    id: str
    post: str
    title: str
    date: str
    kind: str
    value: float
    unit: str
    text: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class MentionView:
    """A post that mentions an entity, and every place where it does."""

    post: str
    title: str
    date: str
    mentions: tuple[Sentence, ...]


_POST = """
    OPTIONAL {{ ?post dcterms:title ?title }}
    OPTIONAL {{ ?post dcterms:date ?date }}
"""

_PHRASE = """
    ?phrase nif:beginIndex ?start ; nif:endIndex ?end ; nif:anchorOf ?text .
"""

_CLAIMS = (
    """SELECT ?id ?post ?title ?date ?modality ?confidence ?frame ?start ?end ?text WHERE {{
    {{ SELECT ?id ?confidence WHERE {{ ?id kg:edge {edge} ; kg:confidence ?confidence }}
       ORDER BY DESC(?confidence) ?id {limit} }}
    ?id kg:modality ?modality ; kg:frame ?frame ; prov:wasDerivedFrom ?post ;
        kg:evidence ?phrase ."""
    + _PHRASE
    + _POST
    + "}}"
)

_CLAIM = (
    """SELECT ?id ?s ?p ?o ?post ?title ?date ?modality ?confidence ?frame ?start ?end ?text
    WHERE {{ BIND ({claim} AS ?id)
    ?id rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; kg:modality ?modality ;
        kg:confidence ?confidence ; kg:frame ?frame ; prov:wasDerivedFrom ?post ;
        kg:evidence ?phrase ."""
    + _PHRASE
    + _POST
    + "}}"
)

_QUANTITIES = (
    """SELECT ?id ?post ?title ?date ?kind ?value ?unit ?label ?start ?end ?text WHERE {{
    ?id kg:about {s} ; kg:quantityKind ?kind ; qudt:numericValue ?value ; kg:unit ?unit ;
        rdfs:label ?label ; prov:wasDerivedFrom ?post ; kg:evidence ?phrase ."""
    + _PHRASE
    + _POST
    + "}}"
)

_MENTIONS = (
    """SELECT ?id ?post ?title ?date ?start ?end ?text WHERE {{
    {s} kg:mention ?phrase . ?phrase nif:referenceContext ?post . BIND (?post AS ?id)"""
    + _PHRASE
    + _POST
    + "}}"
)


def evidence(snapshot: Snapshot, edge: Edge, limit: int | None = None) -> list[ClaimView]:
    """Return what each post says of an edge, by date, then post.

    With a `limit`, only the claims of the highest confidence. Raises SnapshotError where the store
    cannot be opened.
    """
    found = _grouped(
        snapshot,
        _CLAIMS,
        edge=ox.Literal(edge.id),
        limit="" if limit is None else f"LIMIT {limit}",
    )
    views = [_claim_view(claim, row, sentences) for claim, row, sentences in found]
    return sorted(views, key=lambda v: (v.date, v.post, v.id))


def claim(snapshot: Snapshot, id: str) -> FoundClaim:
    """Return a claim by its IRI, or by the last part of it.

    Raises UnknownClaim where there is none, SnapshotError where the store cannot be opened.
    """
    prefix = f"{snapshot.base}claim/"
    iri = id if id.startswith(prefix) else prefix + iri_part(id)
    try:
        named = node(iri)
    except ValueError:
        found = []
    else:
        found = list(_grouped(snapshot, _CLAIM, claim=named))
    if not found:
        raise UnknownClaim(
            f"{snapshot.path}: no claim has the id {id!r}; `kg neighbors NAME --evidence` shows ids"
        )
    _, row, sentences = found[0]
    return FoundClaim(
        entity_id(row["s"]),
        row["p"].removeprefix(KG),
        entity_id(row["o"]),
        _claim_view(row["id"], row, sentences),
    )


def quantities(snapshot: Snapshot, entity_id: str) -> list[QuantityView]:
    """Return the numbers that posts tie to an entity, by kind, date and post."""
    views = [
        QuantityView(
            id=quantity,
            post=row["post"],
            title=row.get("title", ""),
            date=row.get("date", ""),
            kind=row["kind"],
            value=float(row["value"]),
            unit=row["unit"],
            text=row["label"],
            sentences=sentences,
        )
        for quantity, row, sentences in _grouped(
            snapshot, _QUANTITIES, s=node(entity_iri(entity_id))
        )
    ]
    return sorted(views, key=lambda v: (v.kind, v.date, v.post, v.id))


def mentions(snapshot: Snapshot, entity_id: str) -> list[MentionView]:
    """Return the posts that mention an entity, by date, then post."""
    views = [
        MentionView(
            post=row["post"],
            title=row.get("title", ""),
            date=row.get("date", ""),
            mentions=places,
        )
        for _, row, places in _grouped(snapshot, _MENTIONS, s=node(entity_iri(entity_id)))
    ]
    return sorted(views, key=lambda v: (v.date, v.post))


def _claim_view(id: str, row: Mapping[str, str], sentences: tuple[Sentence, ...]) -> ClaimView:
    return ClaimView(
        id=id,
        post=row["post"],
        title=row.get("title", ""),
        date=row.get("date", ""),
        modality=row["modality"].removeprefix(KG),
        confidence=float(row["confidence"]),
        frame=row["frame"],
        sentences=sentences,
    )


def _grouped(
    snapshot: Snapshot, query: str, *, limit: str = "", **terms: ox.NamedNode | ox.Literal
) -> Iterable[tuple[str, Mapping[str, str], tuple[Sentence, ...]]]:
    """Run a query with terms put in, and gather its passages by `?id`."""
    # str() of a term is its N-Triples form: a literal is escaped, and the constructor of a
    # NamedNode refuses whatever could end it early, so an id can never become SPARQL.
    text = query.format(limit=limit, **{k: str(v) for k, v in terms.items()})
    solutions = snapshot.store.query(text, prefixes=PREFIXES)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101  (only SELECTs above)
    names = [v.value for v in solutions.variables]
    rows: dict[str, dict[str, str]] = {}
    places: dict[str, set[Sentence]] = {}
    for solution in solutions:
        row = {n: t.value for n in names if (t := solution[n]) is not None}
        row["post"] = post_id(snapshot.base, row["post"])
        rows.setdefault(row["id"], row)
        places.setdefault(row["id"], set()).add(
            Sentence(int(row["start"]), int(row["end"]), row["text"])
        )
    for key, row in rows.items():
        yield key, row, tuple(sorted(places[key]))
