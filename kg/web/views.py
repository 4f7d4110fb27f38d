"""From the graph's values to the JSON shapes of the REST API."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pyoxigraph as ox

from kg.graph.evidence import ClaimView, QuantityView, Sentence
from kg.graph.metrics import MEASURES
from kg.graph.network import Edge, Node
from kg.graph.paths import Path
from kg.graph.terms import entity_iri
from kg.model import Modality
from kg.schema import Schema
from kg.turtle import KG, RDFS, SKOS, parse_files
from kg.web.published import Published
from kg.web.shapes import (
    ClaimOut,
    ClassView,
    EdgeView,
    EntityDetail,
    EntityView,
    Fact,
    FactGroup,
    HopView,
    Labels,
    MeasureView,
    PathView,
    PropertyView,
    QuantityOut,
    Reference,
    SchemaView,
    SentenceView,
    Subgraph,
)


def entity_view(now: Published, node: Node) -> EntityView:
    """Return an entity's shape."""
    return EntityView(
        id=node.id,
        iri=entity_iri(node.id),
        cls=node.cls,
        name=node.name,
        name_ja=node.name_ja,
        label_ja=now.labels_ja[node.id],
        aliases=list(node.aliases),
        known=node.known,
        posts=node.posts,
        mentions=node.mentions,
        degree=node.degree,
        community=node.community,
        x=node.x,
        y=node.y,
        metrics=dict(node.metrics),
    )


def edge_view(edge: Edge) -> EdgeView:
    """Return an edge's shape."""
    return EdgeView(
        id=edge.id,
        subject=edge.subject,
        predicate=edge.predicate,
        object=edge.object,
        modality=str(edge.modality),
        modalities={str(k): v for k, v in edge.modalities.items()},
        support=edge.support,
        confidence=edge.confidence,
        first=edge.first,
        last=edge.last,
    )


def subgraph(
    now: Published,
    nodes: Iterable[Node],
    edges: Iterable[Edge],
    *,
    total_nodes: int,
    total_edges: int,
    center: str = "",
) -> Subgraph:
    """Return the shape of a part of the graph."""
    return Subgraph(
        center=center,
        nodes=[entity_view(now, n) for n in nodes],
        edges=[edge_view(e) for e in edges],
        total_nodes=total_nodes,
        total_edges=total_edges,
    )


def path_view(path: Path) -> PathView:
    """Return a path's shape."""
    return PathView(
        length=len(path.hops),
        cost=path.cost,
        hops=[
            HopView(
                edge=edge_view(hop.edge),
                source=a.id,
                target=b.id,
                forward=hop.forward,
                others=[edge_view(e) for e in hop.others],
            )
            for hop, (a, b) in zip(path.hops, pairwise(path.nodes), strict=True)
        ],
    )


def reference(schema: Schema, entity_id: str) -> Reference | None:
    """Return a known entity by id and name, or None where the ontology does not list it."""
    known = schema.entities.get(entity_id)
    return Reference(id=known.id, name=known.name, name_ja=known.name_ja) if known else None


def sentences(found: Iterable[Sentence]) -> list[SentenceView]:
    """Return the shapes of passages."""
    return [SentenceView(start=s.start, end=s.end, text=s.text) for s in found]


def claim_view(claim: ClaimView) -> ClaimOut:
    """Return a claim's shape."""
    return ClaimOut(
        post=claim.post,
        title=claim.title,
        date=claim.date,
        modality=claim.modality,
        confidence=claim.confidence,
        frame=claim.frame,
        sentences=sentences(claim.sentences),
    )


def quantity_view(quantity: QuantityView) -> QuantityOut:
    """Return a quantity's shape."""
    return QuantityOut(
        post=quantity.post,
        title=quantity.title,
        date=quantity.date,
        kind=quantity.kind,
        value=quantity.value,
        unit=quantity.unit,
        text=quantity.text,
        sentences=sentences(quantity.sentences),
    )


def entity_detail(
    now: Published, node: Node, quantities: Iterable[QuantityView], limit: int
) -> EntityDetail:
    """Return an entity with at most `limit` facts a group, the best supported first."""
    groups: dict[tuple[str, str], list[Edge]] = {}
    for edge in now.network.incident[node.id]:
        info = now.schema.properties.get(edge.predicate)
        if info is not None and info.symmetric:
            direction = "both"
        else:
            direction = "out" if edge.subject == node.id else "in"
        groups.setdefault((edge.predicate, direction), []).append(edge)

    def group_order(key: tuple[str, str]) -> tuple[int, str, int]:
        info = now.schema.properties.get(key[0])
        return (info.order if info else 999, key[0], ("out", "both", "in").index(key[1]))

    def other(edge: Edge) -> Node:
        return now.network.nodes[edge.object if edge.subject == node.id else edge.subject]

    def fact_order(edge: Edge) -> tuple[int, int, float, str]:
        strength = list(Modality).index(Modality(edge.modality))
        return (strength, -edge.support, -other(edge).metrics.get("pagerank", 0.0), edge.id)

    facts = []
    for key in sorted(groups, key=group_order):
        edges = sorted(groups[key], key=fact_order)
        shown = [Fact(edge=edge_view(e), other=entity_view(now, other(e))) for e in edges[:limit]]
        facts.append(FactGroup(predicate=key[0], direction=key[1], total=len(edges), items=shown))
    known = now.schema.entities.get(node.id)
    return EntityDetail(
        entity=entity_view(now, node),
        ranks={m: table[node.id] for m, table in now.ranks.items() if node.id in table},
        of=len(now.network.nodes),
        known_maker=reference(now.schema, known.maker) if known else None,
        known_parent=reference(now.schema, known.parent) if known else None,
        facts=facts,
        quantities=[quantity_view(q) for q in quantities],
    )


def schema_view(schema: Schema) -> SchemaView:
    """Return the ontology's terms in display order, with the labels of modalities and measures."""
    core = parse_files(schema.folder, ["core.ttl"])
    modalities = []
    for m in Modality:
        term = ox.NamedNode(KG + m.value)
        modalities.append(
            Labels(
                name=m.value,
                iri=term.value,
                label=dict(core.by_language(term, RDFS + "label")),
                definition=dict(core.by_language(term, SKOS + "definition")),
                order=int(core.value(term, KG + "order", "999")),
            )
        )
    return SchemaView(
        classes=[
            ClassView(
                name=c.name,
                iri=c.iri,
                label=dict(c.label),
                definition=dict(c.definition),
                order=c.order,
                colour=c.colour,
            )
            for c in schema.classes.values()
        ],
        properties=[
            PropertyView(
                name=p.name,
                iri=p.iri,
                label=dict(p.label),
                definition=dict(p.definition),
                order=p.order,
                colour=p.colour,
                inverse_label=dict(p.inverse_label),
                domain=sorted(p.domain),
                range=sorted(p.range),
                symmetric=p.symmetric,
            )
            for p in schema.properties.values()
        ],
        modalities=modalities,
        measures=[
            MeasureView(
                name=name,
                label=dict(core.by_language(ox.NamedNode(KG + name), RDFS + "label")),
                help=measure.help,
            )
            for name, measure in MEASURES.items()
        ],
        ontology_hash=schema.hash,
    )
