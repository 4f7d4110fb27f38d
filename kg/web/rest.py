"""The REST API: entities, neighbourhoods, edges with evidence, paths, centrality, schema."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from kg import __version__
from kg.errors import BadRequest
from kg.graph.evidence import evidence, quantities
from kg.graph.metrics import MEASURES, centrality
from kg.graph.neighborhoods import around
from kg.graph.network import ASSERTED, Node, rank_of
from kg.graph.paths import explain_paths
from kg.graph.queries import named_queries
from kg.web.filters import Chosen, Names, names
from kg.web.published import Now, Publications, Published
from kg.web.shapes import (
    CentralityList,
    EdgeDetail,
    EntityDetail,
    EntityList,
    ParameterView,
    PathList,
    QueryView,
    Ranked,
    SchemaView,
    Subgraph,
)
from kg.web.views import (
    claim_view,
    edge_view,
    entity_detail,
    entity_view,
    path_view,
    schema_view,
    subgraph,
)

router = APIRouter(prefix="/api")

Limit = Annotated[int, Query(ge=1, le=500, description="most items to return")]


def entity(now: Published, name: str) -> Node:
    """Return the entity with that id or any of its names; raises UnknownEntity."""
    return now.network.resolve(name)


def by_pagerank(now: Published, classes: Collection[str] | None = None) -> list[Node]:
    """Return the entities, most central first."""
    return sorted(
        (n for n in now.network.nodes.values() if classes is None or n.cls in classes),
        key=lambda n: (-rank_of(n), n.id),
    )


@router.get("/health", tags=["service"])
def health(request: Request, response: Response) -> dict[str, Any]:
    """Tell that the service answers, and from which revision. 503 without a snapshot."""
    publications: Publications = request.app.state.publications
    now = publications.current()
    response.headers["Cache-Control"] = "no-store"
    return {"status": "ok", "revision": now.snapshot.revision, "version": __version__}


@router.get("/stats", tags=["service"])
def stats(now: Now) -> dict[str, Any]:
    """Counts and versions of the published snapshot, from its manifest."""
    return {
        "revision": now.snapshot.revision,
        "entities": len(now.network.nodes),
        "edges": len(now.network.edges),
        "manifest": {k: v for k, v in now.snapshot.manifest.items() if k != "inputs"},
    }


@router.get("/schema", tags=["schema"])
def schema(now: Now) -> SchemaView:
    """Classes, properties and modalities with labels (ja, en), definitions and colours."""
    return schema_view(now.schema)


@router.get("/queries", tags=["schema"])
def queries() -> list[QueryView]:
    """The named SPARQL queries, each with a title, a description and its text."""
    return [
        QueryView(
            id=q.id,
            title=dict(q.title),
            description=dict(q.description),
            text=q.text,
            parameters=[
                ParameterView(name=p.name, kind=p.kind, default=p.default, help=p.help)
                for p in q.parameters
            ],
        )
        for q in named_queries()
    ]


@router.get("/entities", tags=["entities"])
def entities(
    now: Now,
    q: Annotated[str, Query(max_length=200, description="a name, in Japanese or English")] = "",
    limit: Limit = 20,
    class_: Annotated[Names, Query(alias="class")] = None,
) -> EntityList:
    """Search by any name or part of one. Without `q`, the most central entities."""
    classes = names(class_, now.schema.classes, "class")
    if q.strip():
        found = now.network.search(q, limit + 1, classes)
    else:
        found = by_pagerank(now, classes)[: limit + 1]
    return EntityList(
        query=q, items=[entity_view(now, n) for n in found[:limit]], more=len(found) > limit
    )


@router.get("/entities/{id}", tags=["entities"])
def entity_by_id(
    now: Now,
    id: str,
    limit: Annotated[int, Query(ge=1, le=500, description="most facts a group")] = 50,
) -> EntityDetail:
    """Everything about one entity: names, metrics, ranks, and its facts by property."""
    node = entity(now, id)
    return entity_detail(now, node, quantities(now.snapshot, node.id), limit)


@router.get("/entities/{id}/neighborhood", tags=["entities"])
def neighborhood(
    now: Now,
    chosen: Chosen,
    *,
    id: str,
    depth: Annotated[int, Query(ge=1, le=3)] = 1,
    limit: Limit = 100,
) -> Subgraph:
    """The entities around one, at most `limit` of them; the totals say how many there are."""
    node = entity(now, id)
    found = around(
        now.network,
        node.id,
        depth=depth,
        limit=limit,
        classes=chosen.classes,
        predicates=chosen.predicates,
        modalities=chosen.modalities,
        min_confidence=chosen.min_confidence,
    )
    return subgraph(
        now,
        found.nodes,
        found.edges,
        center=node.id,
        total_nodes=found.total_nodes,
        total_edges=found.total_edges,
    )


@router.get("/overview", tags=["entities"])
def overview(
    now: Now,
    chosen: Chosen,
    *,
    limit: Limit = 30,
) -> Subgraph:
    """The most central entities and the edges among them: where an exploration can start."""
    ranked = by_pagerank(now, chosen.classes)
    allowed = now.network.matching(
        predicates=chosen.predicates,
        modalities=chosen.modalities,
        min_confidence=chosen.min_confidence,
    )
    edges = [e for e in now.network.edges.values() if allowed(e)]
    ends = {e.subject for e in edges} | {e.object for e in edges}
    shown = [n for n in ranked if n.id in ends][:limit]
    inside = {n.id for n in shown}
    return subgraph(
        now,
        shown,
        [e for e in edges if e.subject in inside and e.object in inside],
        total_nodes=len(ranked),
        total_edges=len(edges),
    )


@router.get("/edges/{id:path}", tags=["edges"])
def edge(now: Now, id: str) -> EdgeDetail:
    """One edge with every claim behind it: post, date, modality, confidence, sentences."""
    found = now.network.edge(id)
    return EdgeDetail(
        edge=edge_view(found),
        subject=entity_view(now, now.network.nodes[found.subject]),
        object=entity_view(now, now.network.nodes[found.object]),
        claims=[claim_view(c) for c in evidence(now.snapshot, found)],
    )


@router.get("/paths", tags=["paths"])
def paths(
    now: Now,
    chosen: Chosen,
    *,
    source: Annotated[str, Query(min_length=1, max_length=200)],
    target: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    max_length: Annotated[int, Query(ge=1, le=6)] = 4,
) -> PathList:
    """The shortest connections of two entities, on asserted edges by default. 404 if none."""
    a, b = entity(now, source), entity(now, target)
    found = explain_paths(
        now.network,
        a.id,
        b.id,
        limit=limit,
        max_length=max_length,
        classes=chosen.classes,
        predicates=chosen.predicates,
        modalities=chosen.modalities or ASSERTED,
        min_confidence=chosen.min_confidence,
    )
    touched = {n.id: n for p in found for n in p.nodes}
    return PathList(
        source=a.id,
        target=b.id,
        paths=[path_view(p) for p in found],
        nodes=[entity_view(now, n) for n in touched.values()],
    )


@router.get("/centrality", tags=["centrality"])
def most_central(
    now: Now,
    chosen: Chosen,
    *,
    measure: str = "pagerank",
    limit: Limit = 20,
) -> CentralityList:
    """The most central entities by one of the measures that /api/schema lists.

    Filters choose the edges it is computed on (asserted ones by default); `class` only chooses
    which entities are listed.
    """
    if measure not in MEASURES:
        raise BadRequest(f"measure={measure!r} is not one of {', '.join(MEASURES)}")
    ranked = centrality(
        now.network,
        measure,
        limit=limit,
        classes=chosen.classes,
        predicates=chosen.predicates,
        modalities=chosen.modalities or ASSERTED,
        min_confidence=chosen.min_confidence,
    )
    items = [
        Ranked(rank=i, score=score, entity=entity_view(now, node))
        for i, (node, score) in enumerate(ranked, 1)
    ]
    return CentralityList(
        measure=measure, help=MEASURES[measure].help, items=items, total=len(now.network.nodes)
    )
