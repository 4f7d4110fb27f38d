"""What commands print: tables for people, the same data as JSON or CSV for programs.

Text from posts is hostile: nothing of it is taken for markup, and control characters, which could
drive a terminal, are shown as U+FFFD.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kg.errors import BadRequest
from kg.graph.evidence import ClaimView
from kg.graph.neighborhoods import Neighborhood
from kg.graph.network import Edge, Network, Node
from kg.graph.paths import Path as KgPath
from kg.schema import Schema

if TYPE_CHECKING:
    from kg.build import Report
    from kg.reporting import Work

TABULAR = ("table", "json", "csv")

# C0 and C1 controls, and marks that reorder text around them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: object) -> str:
    """Return text that a terminal can do nothing with but show, on one line.

    >>> clean("a\\x1b[31mb"), clean("a\\nb")
    ('a\\ufffd[31mb', 'a b')
    """
    return _CONTROL.sub("\ufffd", re.sub(r"\s+", " ", str(text)))


def say(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """Write text and a line end to standard output."""
    sys.stdout.write(text + "\n")


def table(header: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> str:
    """Return a table as text: as wide as the terminal, or as it needs to be in a pipe or file."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    held = [[clean(v) for v in row] for row in rows]
    for i, name in enumerate(header):
        numbers = bool(held) and all(re.fullmatch(r"-?[\d.,%]*", row[i]) for row in held)
        drawn.add_column(Text(name), justify="right" if numbers else "left", overflow="fold")
    for row in held:
        drawn.add_row(*(Text(v) for v in row))
    buffer = io.StringIO()
    terminal = sys.stdout.isatty()
    console = Console(
        file=buffer,
        width=None if terminal else 10_000,
        force_terminal=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(drawn)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()).strip("\n")


def write(
    form: str, header: Sequence[str], rows: Iterable[Sequence[object]], note: str = ""
) -> None:
    """Print rows as a table, JSON (a list of objects) or CSV; `note` follows a table.

    Raises BadRequest for another form.
    """
    held = [list(r) for r in rows]
    if form == "table":
        put(table(header, held))
        if note:
            put(clean(note))
    elif form == "json":
        put(dumps([dict(zip(header, r, strict=True)) for r in held]))
    elif form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([header, *held])
        sys.stdout.write(buffer.getvalue())
    else:
        raise BadRequest(f"format {form!r} is not one of {', '.join(TABULAR)}")


def dumps(content: object) -> str:
    """Return JSON for people and programs: UTF-8, indented."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def summary(report: Report, schema: Schema) -> str:
    """Return the tables that end a build."""
    counts: Mapping[str, Any] = report.snapshot.manifest["counts"]
    totals = [
        ("posts", counts["posts"]),
        ("posts rejected by validation", counts["posts_rejected"]),
        ("posts not readable", counts["posts_unreadable"]),
        ("posts that failed", counts["posts_failed"]),
        ("entities", counts["entities"]),
        ("claims", counts["claims"]),
        ("quantities", counts["quantities"]),
        ("edges (distinct claims)", counts["edges"]),
        ("candidates rejected", counts["candidates_rejected"]),
    ]
    classes = [
        (c, schema.classes[c].label.get("ja", "") if c in schema.classes else "", n)
        for c, n in counts["entities_by_class"].items()
    ]
    modalities = list(counts["claims_by_modality"])
    claims = [
        (p, *(n.get(m, 0) for m in modalities), sum(n.values()))
        for p, n in counts["claims_by_property"].items()
    ]
    claims.append(
        ("total", *(counts["claims_by_modality"][m] for m in modalities), counts["claims"])
    )
    parts = [
        table(("", "count"), totals),
        table(("entities by class", "", "count"), classes),
        table(("claims by property", *modalities, "total"), claims),
    ]
    if counts["candidates_rejected"]:
        reasons = counts["candidates_rejected_by_reason"]
        parts.append(table(("candidates rejected because", "count"), reasons.items()))
    if not report.up_to_date:
        parts += _work(report.work)
    return "\n\n".join(parts)


def _work(work: Work) -> Iterator[str]:
    """Yield the tables of what a build did and how long that took."""
    done = [
        ("posts read", work.read),
        ("posts known from earlier builds", work.cached),
        ("posts that failed", work.failed),
        ("characters read", work.chars),
        ("sentences seen", work.seen),
        ("sentences, distinct", work.distinct),
        ("sentences that need a parse", work.needed),
        ("sentences parsed", work.parsed),
    ]
    yield table(("this build", "count"), ((name, f"{n:,}") for name, n in done))
    seconds = [(stage, f"{n:.1f}") for stage, n in work.seconds.items()]
    seconds.append(("in all, by the clock", f"{work.elapsed:.1f}"))
    yield table(("stage (of reading: summed over processes)", "seconds"), seconds)


def shorten(term: Mapping[str, Any] | None, short: Mapping[str, str]) -> str:
    """Return a term of a SPARQL JSON result for a table: IRIs with prefixes, literals bare."""
    if term is None:
        return ""
    value = term["value"]
    if term["type"] == "triple":
        return " ".join(shorten(value[k], short) for k in ("subject", "predicate", "object"))
    if term["type"] == "uri":
        for prefix, namespace in short.items():
            if value.startswith(namespace) and len(value) > len(namespace):
                return f"{prefix}:{value[len(namespace) :]}"
    return str(value)


def solutions(content: Mapping[str, Any], short: Mapping[str, str]) -> str:
    """Return a SPARQL JSON result as a table, or yes or no for an ASK."""
    if "boolean" in content:
        return "yes" if content["boolean"] else "no"
    names = content["head"]["vars"]
    rows = content["results"]["bindings"]
    return table(names, ([shorten(row.get(n), short) for n in names] for row in rows))


def neighbor_rows(network: Network, found: Neighborhood) -> tuple[list[str], list[list[object]]]:
    """Return the header and rows of a neighbourhood: one row an edge."""
    header = ["subject", "property", "object", "modality", "posts", "confidence", "first", "last"]
    return header, [
        [
            network.nodes[e.subject].name,
            e.predicate,
            network.nodes[e.object].name,
            modality(e),
            e.support,
            e.confidence,
            e.first,
            e.last,
        ]
        for e in in_reading_order(network, found)
    ]


def in_reading_order(network: Network, found: Neighborhood) -> list[Edge]:
    """Return edges from the centre outwards, by property, then by support."""
    order = {p: i for i, p in enumerate(network.schema.properties)}
    near = found.distances
    return sorted(
        found.edges,
        key=lambda e: (
            near[e.subject] + near[e.object],
            order.get(e.predicate, 999),
            -e.support,
            e.subject,
            e.object,
        ),
    )


def modality(e: Edge) -> str:
    """Return an edge's modality; where posts differ, with the number of posts for each.

    A conflict is what a reader has to see first.
    """
    if len(e.modalities) == 1:
        return e.modality
    return ", ".join(f"{m} {n}" for m, n in e.modalities.items())


def sentence_lines(edge: Edge, claims: Sequence[ClaimView]) -> list[str]:
    """Return the first sentence of each claim of an edge, with post, day, modality and claim id,
    and how many more posts speak of the edge."""
    found = [
        f"    {c.date or 'undated'} {c.post} ({c.modality}): {c.sentences[0].text}"
        f" [{c.id.rpartition('/')[2]}]"
        for c in claims
    ]
    more = edge.support - len({c.post for c in claims})
    rest = [f"    … and {posts(more, 'more ')}"] if more else []
    return [clean_line(x) for x in found] + rest


def posts(count: int, which: str = "") -> str:
    """Return a number of posts in words."""
    return f"{count} {which}post{'s' if count != 1 else ''}"


def clean_line(text: str) -> str:
    """Return `clean` text with its indentation kept."""
    body = text.lstrip(" ")
    return text[: len(text) - len(body)] + clean(body)


def path_text(network: Network, path: KgPath, evidence: Mapping[str, Sequence[ClaimView]]) -> str:
    """Return a path as text: each hop as a claim reads, with sentences behind it."""
    parts = [" – ".join(clean(n.name) for n in path.nodes)]
    for hop in path.hops:
        e = hop.edge
        parts.append(
            "  "
            + clean(
                f"{network.nodes[e.subject].name} {e.predicate} {network.nodes[e.object].name} "
                f"({modality(e)}; {posts(e.support)})"
            )
        )
        parts += sentence_lines(e, evidence[e.id])
        if hop.others:
            parts.append("    also: " + ", ".join(sorted({o.predicate for o in hop.others})))
    return "\n".join(parts)


def node_json(n: Node) -> dict[str, Any]:
    """Return what identifies a node, for JSON."""
    return {"id": n.id, "class": n.cls, "name": n.name, "name_ja": n.name_ja}


def path_json(path: KgPath, evidence: Mapping[str, Sequence[ClaimView]]) -> dict[str, Any]:
    """Return a path with the sentences behind each hop, for JSON."""
    return {
        "cost": path.cost,
        "nodes": [node_json(n) for n in path.nodes],
        "hops": [
            {
                **asdict(h.edge),
                "forward": h.forward,
                "also": [o.predicate for o in h.others],
                "evidence": [asdict(c) for c in evidence[h.edge.id]],
            }
            for h in path.hops
        ],
    }
