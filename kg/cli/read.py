"""Commands that ask a published snapshot."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Annotated, Any

import typer

from kg.cli import console
from kg.cli.app import (
    Classes,
    Confidence,
    Data,
    Form,
    Modalities,
    Properties,
    app,
    chosen,
    open_network,
)
from kg.errors import BadRequest
from kg.graph.neighborhoods import around
from kg.graph.network import ASSERTED
from kg.graph.store import Snapshot
from kg.settings import Settings

# How many posts are quoted for an edge: of an entity's edges, and for a step of a path.
NEIGHBOR_SENTENCES, PATH_SENTENCES = 5, 2


@app.command()
def query(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(help="A file with a SPARQL query, - for standard input, or a name.")
    ],
    data: Data = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="table, json, csv, tsv, xml, turtle, ntriples …")
    ] = "table",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--param", help="NAME=VALUE for a named query (repeatable)."),
    ] = None,
) -> None:
    """Ask the graph in SPARQL. `kg queries` lists the questions that have a name."""
    from kg.graph.asking import bindings, load_query
    from kg.graph.queries import run_query
    from kg.graph.terms import PREFIXES

    settings: Settings = context.obj
    asked = load_query(file, sys.stdin)
    snapshot = Snapshot.open(data or settings.data)
    given = bindings(asked, parameter or [], lambda: open_network(context, data)[1])
    result = run_query(
        snapshot.path,
        asked.text,
        settings=settings,
        format="" if form == "table" else form,
        bindings=given,
    )
    if form == "table" and result.kind != "construct":
        short = {**PREFIXES, "post": f"{snapshot.base}post/", "claim": f"{snapshot.base}claim/"}
        console.put(console.solutions(json.loads(result.content), short))
    else:
        sys.stdout.buffer.write(result.content)
        if not result.content.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
    if result.truncated:
        console.say(f"kg: cut off after {result.rows:,} rows; KG_QUERY_ROWS raises the limit")
    elif form == "table" and result.kind == "select":
        console.say(f"{result.rows:,} row{'s' if result.rows != 1 else ''}")


@app.command()
def queries(form: Form = "table") -> None:
    """List the questions that `kg query` knows by name."""
    from kg.graph.queries import named_queries

    rows = [
        [q.id, q.title["en"], " ".join(f"{p.name}={p.default}" for p in q.parameters)]
        for q in named_queries()
    ]
    console.write(form, ("name", "question", "parameters"), rows)


@app.command()
def search(
    context: typer.Context,
    text: str,
    data: Data = None,
    classes: Classes = None,
    limit: Annotated[int, typer.Option(min=1)] = 10,
    form: Form = "table",
) -> None:
    """Find entities by any name in Japanese or English."""
    _, network = open_network(context, data)
    found = network.search(text, limit, classes)
    rows = [[n.id, n.cls, n.name, n.name_ja, n.posts, n.degree] for n in found]
    console.write(form, ("id", "class", "name", "name_ja", "posts", "neighbours"), rows)


@app.command()
def neighbors(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An entity by any of its names, or its id.")],
    data: Data = None,
    depth: Annotated[int, typer.Option(min=1, max=4)] = 1,
    limit: Annotated[int, typer.Option(min=1, help="Most neighbours to show.")] = 100,
    properties: Properties = None,
    modality: Modalities = None,
    classes: Classes = None,
    min_confidence: Confidence = 0.0,
    evidence: Annotated[bool, typer.Option("--evidence", "-e", help="Show sentences.")] = False,
    form: Form = "table",
) -> None:
    """Show what posts say of an entity: its edges, of all modalities unless asked otherwise."""
    from kg.graph.evidence import evidence as sentences

    snapshot, network = open_network(context, data)
    node = network.resolve(name)
    found = around(
        network,
        node.id,
        depth=depth,
        limit=limit,
        predicates=properties,
        modalities=chosen(modality, None),
        classes=classes,
        min_confidence=min_confidence,
    )
    if depth == 1:
        # Edges among the neighbours are part of the neighbourhood, but not of the question.
        own = tuple(e for e in found.edges if node.id in {e.subject, e.object})
        found = replace(found, edges=own)
    header, rows = console.neighbor_rows(network, found)
    shown, total = len(found.nodes) - 1, found.total_nodes - 1
    note = f"{node.name} ({node.cls}): {shown} of {total} neighbours, {len(rows)} edges"
    if evidence and form == "table":
        for edge, row in zip(console.in_reading_order(network, found), rows, strict=True):
            console.put(console.clean(f"{row[0]} {row[1]} {row[2]} ({row[3]})"))
            console.put(
                "\n".join(
                    console.sentence_lines(edge, sentences(snapshot, edge, NEIGHBOR_SENTENCES))
                )
            )
        console.put(console.clean(note))
    else:
        console.write(form, header, rows, note)


@app.command()
def path(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="A", help="An entity by any of its names.")],
    target: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    data: Data = None,
    limit: Annotated[int, typer.Option(min=1, help="Most paths to show.")] = 3,
    max_length: Annotated[int, typer.Option(min=1, max=8, help="Most steps of a path.")] = 4,
    properties: Properties = None,
    modality: Modalities = None,
    classes: Classes = None,
    min_confidence: Confidence = 0.0,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Show how two entities are connected, each step with the sentences that say so.

    Only asserted claims count unless --modality says otherwise.
    """
    from kg.graph.evidence import evidence
    from kg.graph.paths import explain_paths

    snapshot, network = open_network(context, data)
    found = explain_paths(
        network,
        network.resolve(source).id,
        network.resolve(target).id,
        limit=limit,
        max_length=max_length,
        predicates=properties,
        modalities=chosen(modality, ASSERTED),
        classes=classes,
        min_confidence=min_confidence,
    )
    edges = {h.edge.id: h.edge for p in found for h in p.hops}
    # For programs everything; a reader wants the surest statements, and wants them at once.
    most = PATH_SENTENCES if form == "table" else None
    claims = {i: evidence(snapshot, e, most) for i, e in edges.items()}
    if form == "table":
        console.put("\n\n".join(console.path_text(network, p, claims) for p in found))
    elif form == "json":
        console.put(console.dumps([console.path_json(p, claims) for p in found]))
    else:
        raise BadRequest(f"format {form!r} is not one of table, json")


@app.command()
def central(
    context: typer.Context,
    by: Annotated[
        str, typer.Option(help="pagerank, betweenness, closeness, degree, eigenvector or core.")
    ] = "pagerank",
    data: Data = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 20,
    classes: Classes = None,
    properties: Properties = None,
    modality: Modalities = None,
    min_confidence: Confidence = 0.0,
    form: Form = "table",
) -> None:
    """List the most central entities; only asserted claims count unless --modality says so."""
    from kg.graph.metrics import centrality

    _, network = open_network(context, data)
    found = centrality(
        network,
        by,
        limit=limit,
        classes=classes,
        predicates=properties,
        modalities=chosen(modality, ASSERTED),
        min_confidence=min_confidence,
    )
    rows: list[list[Any]] = [
        [i, n.id, n.name, n.cls, float(f"{value:.4g}") if form == "table" else value, n.posts]
        for i, (n, value) in enumerate(found, 1)
    ]
    note = f"{len(rows)} of {len(network.nodes)} entities"
    console.write(form, ("rank", "id", "name", "class", by, "posts"), rows, note)
