"""The application `kg`, the options that commands share, and what they open."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from kg import __version__
from kg.cli import console
from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.schema import Schema, build_schema
from kg.settings import Settings
from kg.turtle import hash_files, parse_files

app = typer.Typer(
    name="kg",
    help="A knowledge graph of the AI infrastructure ecosystem, read from Japanese posts.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Data = Annotated[
    Path | None,
    typer.Option("--data", "-d", help="Folder that a build published to. [default: data]"),
]
Form = Annotated[str, typer.Option("--format", "-f", help="table, json or csv.")]
Posts = Annotated[list[Path], typer.Argument(help="Posts (.md, .txt), or folders with posts.")]
Properties = Annotated[
    list[str] | None, typer.Option("--property", "-p", help="Only this property (repeatable).")
]
Modalities = Annotated[
    list[str] | None,
    typer.Option("--modality", "-m", help="asserted, hedged, negated or all (repeatable)."),
]
Classes = Annotated[
    list[str] | None, typer.Option("--class", "-c", help="Only this class (repeatable).")
]
Confidence = Annotated[
    float, typer.Option("--min-confidence", min=0.0, max=1.0, help="Least confidence of an edge.")
]


def _version(wanted: bool) -> None:
    if wanted:
        console.put(__version__)
        raise typer.Exit


@app.callback()
def _common(
    context: typer.Context,
    ontology: Annotated[
        Path | None, typer.Option(help="Folder of the ontology. [default: the package's own]")
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,
) -> None:
    settings = Settings.from_env(os.environ)
    context.obj = settings if ontology is None else replace(settings, ontology=ontology)


def open_network(context: typer.Context, data: Path | None) -> tuple[Snapshot, Network]:
    """Return the current snapshot of a data folder and its network."""
    settings: Settings = context.obj
    snapshot = Snapshot.open(data or settings.data)
    return snapshot, Network.load(snapshot, vocabulary(settings))


def vocabulary(settings: Settings) -> Schema:
    """Return the schema without its entities, all that a reader of a network needs: the entities
    that posts mention are in the network, and reading thousands of others would take longer.
    """
    folder = settings.ontology
    return build_schema(parse_files(folder, ("core.ttl",)), hash_files(folder), folder)


def chosen(wanted: list[str] | None, default: tuple[str, ...] | None) -> list[str] | None:
    """Return the modalities that an option chose; None stands for all."""
    if not wanted:
        return list(default) if default is not None else None
    return None if "all" in wanted else wanted
