"""SPARQL on a snapshot, boxed: a worker process with time, row and memory limits runs each query.

The default graph is the union of all graphs, and the prefixes of `kg.graph.terms.PREFIXES` are
declared already. Updates, SERVICE and anything else that would write or fetch are refused.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess  # the worker is this package's own module
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import BadRequest, QueryError, QueryTimeout, SnapshotError
from kg.settings import Settings, data_folder

MEDIA_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "turtle": "text/turtle; charset=utf-8",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
"""What a result may be written as: the first four for SELECT and ASK, the others for triples."""

_ALSO = {
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/plain": "ntriples",
}
_BY_MEDIA_TYPE = {v.partition(";")[0]: k for k, v in MEDIA_TYPES.items()} | _ALSO

# Beyond the query's own limit: for Python to start and the store to open on a busy machine.
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What a query gave: `kind` is select, ask or construct (DESCRIBE too).

    `content` is the serialized result in `format` (a key of `MEDIA_TYPES`); `rows` counts its
    solutions or triples, and `truncated` says that there were more than the limit.
    """

    kind: str
    format: str
    media_type: str
    content: bytes
    rows: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a named query that a user may set: an entity (by any name), text or a date."""

    name: str
    kind: str
    default: str
    help: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query of the `queries` folder. `id` is the file's stem; texts are by language."""

    id: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    text: str
    parameters: tuple[Parameter, ...]


def negotiate(accept: str) -> list[str]:
    """Return the formats that an HTTP Accept header asks for, best first (RFC 9110, 12.5.1).

    "*" stands for the default of the kind of result. An empty header accepts all; what cannot
    be written is left out, so an empty list means that nothing will do.

    >>> negotiate("text/csv;q=0.5, application/sparql-results+xml"), negotiate("")
    (['xml', 'csv'], ['*'])
    """
    wanted: list[tuple[float, int, str]] = []
    for i, item in enumerate(accept.split(",") if accept.strip() else ["*/*"]):
        media, *arguments = (part.strip().lower() for part in item.split(";"))
        q = 1.0
        for argument in arguments:
            name, _, value = argument.partition("=")
            if name.strip() == "q":
                q = float(value) if re.fullmatch(r"\s*(0(\.\d*)?|1(\.0*)?)\s*", value) else 0.0
        if q <= 0:
            continue
        if media in {"*/*", "application/*"}:
            wanted.append((-q, 1000 + i, "*"))
        elif media == "text/*":
            wanted += [(-q, 900 + i, f) for f in ("csv", "turtle")]
        elif media in _BY_MEDIA_TYPE:
            wanted.append((-q, i, _BY_MEDIA_TYPE[media]))
    return [f for _, _, f in sorted(wanted)]


def run_query(
    snapshot: Path,
    text: str,
    *,
    settings: Settings,
    accept: str = "",
    format: str = "",
    bindings: Mapping[str, Mapping[str, str]] | None = None,
) -> QueryResult:
    """Run a query on the snapshot at a path and return its result, serialized.

    `format` (a key of `MEDIA_TYPES`) or else `accept` (an HTTP header) says how; without either,
    JSON or Turtle. `bindings` sets variables of the SELECT's projection to terms, each as SPARQL
    results JSON writes it, so no value ever becomes part of the query's text.

    Raises QueryError with line and column for a query that is not SPARQL or not allowed,
    QueryTimeout where it ran over the time or memory limit, BadRequest where no wanted format
    fits, SnapshotError where the store does not open.
    """
    if format and format not in MEDIA_TYPES:
        raise BadRequest(f"format {format!r} is not one of {', '.join(MEDIA_TYPES)}")
    formats = [format] if format else negotiate(accept)
    request = {
        "path": str(snapshot),
        "text": text,
        "formats": formats,
        "rows": settings.query_rows,
        "seconds": settings.query_seconds,
        "memory": settings.query_memory,
        "bindings": {k: dict(v) for k, v in (bindings or {}).items()},
    }
    header, content = _call(request, settings)
    problem, message = header.get("error"), str(header.get("message", ""))
    if problem == "failed":
        raise SnapshotError(message)
    if problem == "memory":
        raise QueryTimeout(_memory(settings))
    if problem == "refused":
        raise QueryError(f"this query may not run: {message}")
    if problem:
        raise QueryError(f"not a SPARQL query: {message}")
    if not header["format"]:
        what = "triples" if header["kind"] == "construct" else f"an {header['kind']} result"
        raise BadRequest(
            f"{what.replace('an select', 'a select')} cannot be written as {format or accept!r}; "
            f"there are {', '.join(MEDIA_TYPES)}"
        )
    return QueryResult(
        kind=header["kind"],
        format=header["format"],
        media_type=MEDIA_TYPES[header["format"]],
        content=content,
        rows=header["rows"],
        truncated=header["truncated"],
    )


def _call(request: Mapping[str, Any], settings: Settings) -> tuple[dict[str, Any], bytes]:
    """Have a new process serve a request."""
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "kg.graph.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            out, err = process.communicate(
                json.dumps(request).encode(), timeout=settings.query_seconds + _START_SECONDS
            )
        except subprocess.TimeoutExpired as e:
            raise QueryTimeout(_time(settings)) from e
        finally:
            process.kill()
    if process.returncode == -signal.SIGALRM:
        raise QueryTimeout(_time(settings))
    if process.returncode == -signal.SIGABRT or b"memory allocation" in err:
        # An allocation that fails aborts Oxigraph.
        raise QueryTimeout(_memory(settings))
    line, _, content = out.partition(b"\n")
    if process.returncode != 0 or not line:
        last = err.decode(errors="replace").strip().splitlines()[-1:]
        raise QueryError(f"the query stopped its worker ({process.returncode}): {last}")
    header: dict[str, Any] = json.loads(line)
    return header, content


def _time(settings: Settings) -> str:
    return (
        f"the query ran over its limit of {settings.query_seconds:g} s and was stopped; narrow "
        "it, or raise KG_QUERY_SECONDS"
    )


def _memory(settings: Settings) -> str:
    return (
        f"the query needed more than {settings.query_memory:,} bytes of memory and was stopped; "
        "narrow it, or raise KG_QUERY_MEMORY"
    )


def named_queries(folder: Path | None = None) -> list[NamedQuery]:
    """Return the queries of a folder (the package's own by default), by id."""
    where = data_folder("queries") if folder is None else folder
    return [parse_named(p.stem, p.read_text("utf-8")) for p in sorted(where.glob("*.rq"))]


def parse_named(name: str, text: str) -> NamedQuery:
    """Return a named query from its text, whose leading comments say what it is.

    `# title: …`, `# title@ja: …`, `# description: …` and `# description@ja: …` are for people;
    `# parameter NAME (KIND, default VALUE): …` declares a variable of the SELECT that may be set.

    >>> parse_named("q", "# parameter e (entity, default AWS): whose\\n").parameters
    (Parameter(name='e', kind='entity', default='AWS', help='whose'),)
    """
    titles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    parameters: list[Parameter] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if m := re.match(r"# (title|description)(?:@(\w+))?: (.+)", line):
            (titles if m[1] == "title" else descriptions)[m[2] or "en"] = m[3].strip()
        elif m := re.match(
            r"# parameter (\w+) \((entity|text|date), default ([^)]*)\): (.+)", line
        ):
            parameters.append(Parameter(m[1], m[2], m[3].strip(), m[4].strip()))
    return NamedQuery(name, titles or {"en": name}, descriptions, text, tuple(parameters))
