"""Commands that make something: facts, a graph, a check, a file, a server."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kg.cli import console
from kg.cli.app import Data, Posts, app, open_network, vocabulary
from kg.cli.progress import reporter
from kg.errors import BadRequest, ValidationError
from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.schema import Schema
from kg.settings import Settings


@app.command()
def extract(
    context: typer.Context,
    paths: Posts,
    form: Annotated[str, typer.Option("--format", "-f", help="jsonl.")] = "jsonl",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    strict: Annotated[bool, typer.Option(help="Fail where a post has any flaw.")] = False,
) -> None:
    """Print the entities, claims and quantities of posts, one JSON object a post."""
    from kg.engine.choose import engine_named
    from kg.reading import read_facts

    if form != "jsonl":
        raise BadRequest(f"format {form!r} is not jsonl")
    settings: Settings = context.obj
    with reporter(quiet) as report:
        engine = engine_named("local", settings)
        for line in read_facts(paths, settings, report, engine, strict=strict):
            console.put(line)


@app.command()
def build(
    context: typer.Context,
    paths: Posts,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder to publish to. [default: data]")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and summary.")] = False,
    strict: Annotated[
        bool, typer.Option(help="Publish nothing where a post has any flaw.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="Where posts are read: local (processes) or ray (a cluster).")
    ] = "local",
    address: Annotated[
        str, typer.Option(help="Of the Ray cluster; without it one is started here.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")
    ] = False,
) -> None:
    """Build the graph of posts and publish it to a folder."""
    from kg.build import build as run
    from kg.engine.choose import engine_named

    settings: Settings = context.obj
    where = out or settings.data
    with reporter(quiet) as report:
        done = run(
            *(paths, where, settings),
            strict=strict,
            report=report,
            engine=engine_named(engine, settings, address),
        )
    if as_json:
        console.put(console.dumps(done.to_json()))
    elif not quiet:
        console.put(console.summary(done, vocabulary(settings)))
        state = "up to date" if done.up_to_date else "published"
        console.put(f"\n{where}: {state}, revision {done.snapshot.revision[:12]}")


@app.command()
def validate(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="RDF files to check (.ttl, .nq, .trig …).")
    ] = None,
    data: Data = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only violations.")] = False,
) -> None:
    """Check the ontology and the data with SHACL, and name each violation.

    The data are the files given, or else the published snapshot, where there is one.
    """
    from kg.graph.checks import check_files, check_ontology, check_snapshot

    settings: Settings = context.obj
    schema = Schema.load(settings.ontology)
    checks = [check_ontology(schema)]
    if files:
        checks += [check_files(schema, path) for path in files]
    elif data is not None or (settings.data / "current").exists():
        checks.append(check_snapshot(schema, Snapshot.open(data or settings.data)))
    elif not quiet:
        console.say(f"kg: {settings.data}: no snapshot yet, so only the ontology is checked")
    count = 0
    for check in checks:
        for where, violation in check.violations:
            count += 1
            console.put(console.clean(f"{where}: {violation}"))
        if not quiet and not check.violations:
            console.put(console.clean(f"{check.what}: valid ({check.scope})"))
    if count:
        raise ValidationError(f"{count} violation{'s' if count != 1 else ''}")


@app.command()
def export(
    context: typer.Context,
    data: Data = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="nquads, trig, turtle, jsonld, graphml, csv …")
    ] = "nquads",
) -> None:
    """Write the whole graph to standard output."""
    from kg.graph.exports import export as stream

    settings: Settings = context.obj
    snapshot = Snapshot.open(data or settings.data)
    blocks = stream(snapshot, form, lambda: Network.load(snapshot, vocabulary(settings)))
    for block in blocks:
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


@app.command()
def viz(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")],
    data: Data = None,
) -> None:
    """Write the graph as one interactive HTML file that needs nothing from the network."""
    from kg.web.standalone import write_page

    snapshot, network = open_network(context, data)
    if not out.parent.is_dir():
        raise BadRequest(f"{out.parent}: no such folder")
    write_page(network, network.schema, snapshot, out)
    console.say(f"{out}: {out.stat().st_size:,} bytes, {len(network.nodes)} entities")


@app.command()
def serve(
    context: typer.Context,
    data: Data = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
) -> None:
    """Serve the explorer, the REST API and SPARQL over HTTP."""
    from kg.web.app import create_app

    settings: Settings = context.obj
    settings = settings if data is None else replace(settings, data=data)
    Snapshot.open(settings.data)  # a clear error now instead of one for each request
    import uvicorn

    uvicorn.run(create_app(settings), host=host, port=port, log_level="warning")
