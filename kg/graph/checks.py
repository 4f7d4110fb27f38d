"""What `kg validate` checks: the ontology, a snapshot's posts, or RDF files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import BadRequest
from kg.graph import terms
from kg.graph.store import Snapshot
from kg.graph.validate import Validator, Violation
from kg.schema import Schema


@dataclass(frozen=True, slots=True)
class Check:
    """A thing that was checked, how much of it, and each violation with where it is."""

    what: str
    scope: str
    violations: tuple[tuple[str, Violation], ...]


def check_ontology(schema: Schema) -> Check:
    """Check the ontology that a schema was read from."""
    found = Validator(schema).ontology()
    sizes = (
        f"{len(schema.classes)} classes, {len(schema.properties)} properties, "
        f"{len(schema.entities):,} entities"
    )
    where = str(schema.folder)
    return Check(where, sizes, tuple((where, v) for v in found))


def check_snapshot(schema: Schema, snapshot: Snapshot) -> Check:
    """Check each post's graph of a snapshot against the ontology as it is now."""
    prefix = terms.post_iri(snapshot.base, "")
    graphs = sorted(
        g.value
        for g in snapshot.store.named_graphs()
        if isinstance(g, ox.NamedNode) and g.value.startswith(prefix)
    )
    posts = ((terms.post_id(snapshot.base, g), list(snapshot.quads(g))) for g in graphs)
    found = tuple((c.post, v) for c in Validator(schema).posts(posts) for v in c.violations)
    return Check(str(snapshot.path), f"{len(graphs)} posts", found)


def check_files(schema: Schema, path: Path) -> Check:
    """Check the graphs of an RDF file, each on its own (Turtle has one); raises BadRequest."""
    form = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    if form is None:
        raise BadRequest(f"{path}: not an RDF file by its name (.ttl, .nt, .nq, .trig, .jsonld)")
    graphs: dict[str, list[ox.Quad]] = {}
    try:
        for q in ox.parse(path=str(path), format=form):
            name = q.graph_name.value if isinstance(q.graph_name, ox.NamedNode) else str(path)
            graphs.setdefault(name, []).append(q)
    except (OSError, SyntaxError) as e:
        raise BadRequest(f"{path}: {e}") from e
    found = tuple(
        (c.post, v) for c in Validator(schema).posts(graphs.items()) for v in c.violations
    )
    return Check(str(path), f"{len(graphs)} graphs", found)
