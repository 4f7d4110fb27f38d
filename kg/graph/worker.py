"""The process that runs one SPARQL query and can be killed.

It reads a request as JSON from standard input and writes one line of JSON, then the bytes of the
result. The kernel enforces its limits even while Oxigraph's code runs: an alarm signal for time
and an address space limit for memory (Oxigraph itself has neither a time-out nor a cancel).
Row limits are enforced here, and what was cut off is said.
"""

from __future__ import annotations

import itertools
import json
import re
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import KgError
from kg.graph.store import STORE, open_store
from kg.graph.syntax import explain
from kg.graph.terms import PREFIXES

RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
TRIPLES = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}

# What XML 1.0 cannot write, not even as a character reference.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def term_json(term: object) -> dict[str, Any]:
    """Return a term as SPARQL 1.1 Query Results JSON writes it."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        ends = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {k: term_json(v) for k, v in ends.items()}}
    if not isinstance(term, ox.Literal):
        raise TypeError(f"{term!r} is not an RDF term")
    found: dict[str, Any] = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype.value != PREFIXES["xsd"] + "string":
        found["datatype"] = term.datatype.value
    return found


def refused(text: str) -> str:
    """Return why a query that parses may not run, or an empty string.

    This is for a clear message; what keeps a query from reaching another machine is that this
    process can open no socket (see `_limit`), however a query hides its SERVICE.
    """
    if not re.search("service", re.sub(r"[?$:@]\w*", " ", text), re.IGNORECASE):
        return ""  # only a variable or a name, as nearly always
    from pyparsing.exceptions import ParseBaseException  # slow, rarely needed
    from rdflib.plugins.sparql.parser import parseQuery

    declared = "".join(f"PREFIX {k}: <{v}>\n" for k, v in PREFIXES.items())
    try:
        parsed = parseQuery(declared + text)
    except (ParseBaseException, ValueError, RecursionError):
        return ""  # Oxigraph's parser says what is wrong, or takes what RDFLib does not know
    return (
        "SERVICE is not allowed: nothing is fetched from other machines" if _calls(parsed) else ""
    )


def _calls(parsed: object) -> bool:
    """Tell whether a parse tree has a service graph pattern."""
    pending = [parsed]
    while pending:
        at = pending.pop()
        if getattr(at, "name", "") == "ServiceGraphPattern":
            return True
        if isinstance(at, dict):
            pending += at.values()
        elif not isinstance(at, str) and hasattr(at, "__iter__"):
            pending += list(at)
    return False


def run(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Run a request; return the header (kind, format, rows, truncated) and the result."""
    text, rows = request["text"], request["rows"]
    store = open_store(Path(request["path"]))
    if why := refused(text):
        return {"error": "refused", "message": why}, b""
    bindings: dict[ox.Variable, Any] = {
        ox.Variable(k): _term(v) for k, v in request["bindings"].items()
    }
    files = sum(1 for _ in (Path(request["path"]) / STORE).iterdir())
    _limit(request["seconds"], request["memory"], files)
    try:
        found = store.query(text, prefixes=PREFIXES, substitutions=bindings)
    except SyntaxError as e:
        _files(None)  # the query will not run, and its explanation may import a parser
        return {"error": "syntax", "message": explain(str(e), text, PREFIXES)}, b""
    except RuntimeError as e:
        # pyoxigraph says so where a substituted variable is not in the projection.
        return {"error": "syntax", "message": str(e)}, b""
    if isinstance(found, ox.QueryTriples):
        name = _choose(request["formats"], TRIPLES)
        triples = list(itertools.islice(found, rows + 1))
        kept = triples[:rows]
        body = ox.serialize(kept, format=TRIPLES[name], prefixes=_used(kept, name)) if name else b""
        kind, count, truncated = "construct", len(kept), len(triples) > rows
    else:
        name = _choose(request["formats"], RESULTS)
        kind, count, truncated, content = _solutions(found, rows)
        body = _written(content, name) if name else b""
    header = {"kind": kind, "format": name, "rows": count, "truncated": truncated}
    return header, body or b""


def _solutions(
    found: ox.QuerySolutions | ox.QueryBoolean, rows: int
) -> tuple[str, int, bool, dict[str, Any]]:
    if isinstance(found, ox.QueryBoolean):
        return "ask", 1, False, {"head": {}, "boolean": bool(found)}
    names = [v.value for v in found.variables]
    bindings = [
        {n: term_json(t) for n, t in zip(names, s, strict=True) if t is not None}
        for s in itertools.islice(found, rows + 1)
    ]
    kept = bindings[:rows]
    content = {"head": {"vars": names}, "results": {"bindings": kept}}
    return "select", len(kept), len(bindings) > rows, content


def _written(content: dict[str, Any], name: str) -> bytes:
    text = json.dumps(content, ensure_ascii=False)
    if name == "json":
        return text.encode()
    if name == "xml":
        text = _NOT_XML.sub("\ufffd", re.sub(r"\\u00[01][0-9a-f]", "\ufffd", text))
    parsed = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.JSON)
    return parsed.serialize(format=RESULTS[name]) or b""


def _used(triples: list[ox.Triple], name: str) -> dict[str, str] | None:
    """Return the prefixes that a result in a format with prefixes needs."""
    if name != "turtle":
        return None
    seen = {
        t.value.rpartition("/" if "#" not in t.value else "#")[0]
        for triple in triples
        for t in (triple.subject, triple.predicate, triple.object)
        if isinstance(t, ox.NamedNode)
    }
    return {k: v for k, v in PREFIXES.items() if v[:-1] in seen}


def _choose(wanted: list[str], known: dict[str, Any]) -> str:
    """Return the first wanted format that fits the kind of result; "*" is the default one."""
    return next(
        (next(iter(known)) if w == "*" else w for w in wanted if w in known or w == "*"), ""
    )


def _term(term: dict[str, str]) -> ox.NamedNode | ox.Literal:
    if term["type"] == "uri":
        return ox.NamedNode(term["value"])
    kind = term.get("datatype")
    return ox.Literal(term["value"], datatype=ox.NamedNode(kind) if kind else None)


def _limit(seconds: float, memory: int, files: int) -> None:
    """Have the kernel stop this process after `seconds` or on `memory` more bytes, and give it no
    more files or sockets than the store has `files`: a large one opens them only as it needs them.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _files(files + sum(1 for _ in Path("/proc/self/fd").iterdir()))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _files(most: int | None) -> None:
    """Allow this process so many open files and sockets, or as many as it may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if most is None else most, hard))


def main() -> None:
    """Serve one request on standard input and output."""
    request = json.load(sys.stdin.buffer)
    try:
        header, body = run(request)
    except MemoryError:
        header, body = {"error": "memory", "message": ""}, b""
    except (KgError, OSError, ValueError) as e:
        header, body = {"error": "failed", "message": str(e)}, b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
