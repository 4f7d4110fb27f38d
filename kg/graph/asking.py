"""A question as a user puts it: a file, standard input or a named query, with its parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TextIO

from kg.errors import BadRequest, UnknownEntity
from kg.graph.network import Network
from kg.graph.queries import NamedQuery, Parameter, named_queries, parse_named
from kg.graph.terms import XSD, entity_iri


def load_query(source: str, stdin: TextIO) -> NamedQuery:
    """Return the query in a file, on standard input ("-") or of a name.

    Raises BadRequest, with the names there are, where it is none of these.
    """
    if source == "-":
        return parse_named("-", stdin.read())
    path = Path(source)
    if path.is_file():
        try:
            return parse_named(path.stem, path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as e:
            raise BadRequest(f"{path}: not readable ({e})") from e
    known = {q.id: q for q in named_queries()}
    if source in known:
        return known[source]
    raise BadRequest(f"{source}: no such file, and no named query; there are {', '.join(known)}")


def bindings(
    query: NamedQuery, given: Sequence[str], network: Callable[[], Network]
) -> dict[str, dict[str, str]]:
    """Return terms for a query's parameters from NAME=VALUE texts, defaults for the others.

    Raises BadRequest for a name or value that does not fit, UnknownEntity for an entity that is
    not there. `network` is called only where an entity has to be resolved.
    """
    values: dict[str, str] = {}
    known = {p.name: p for p in query.parameters}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or name not in known:
            there = ", ".join(known) or "none"
            raise BadRequest(f"{item!r} is not NAME=VALUE with a parameter of the query ({there})")
        values[name] = value
    found = {name: bind(known[name], value, network) for name, value in values.items()}
    for name, p in known.items():
        if name not in found and p.default:
            # A default is an example: in a graph without that entity, the question is left open.
            with suppress(UnknownEntity):
                found[name] = bind(p, p.default, network)
    return found


def bind(parameter: Parameter, value: str, network: Callable[[], Network]) -> dict[str, str]:
    """Return the term for a parameter's value, as SPARQL results JSON writes it."""
    if parameter.kind == "entity":
        return {"type": "uri", "value": entity_iri(network().resolve(value).id)}
    if parameter.kind == "date":
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise BadRequest(f"{parameter.name}: {value!r} is not a date like 2025-12-31")
        try:
            date.fromisoformat(value)
        except ValueError as e:
            raise BadRequest(f"{parameter.name}: {value!r} is not a date ({e})") from e
        return {"type": "literal", "value": value, "datatype": XSD + "date"}
    return {"type": "literal", "value": value}
