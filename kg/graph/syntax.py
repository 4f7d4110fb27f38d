"""What is wrong with a query that does not parse, in words and with its line and column.

Oxigraph says where its grammar gave up and which characters could have come next; that helps only
those who know the grammar. The usual mistakes are named here. This is for messages alone: nothing
relies on it to keep a query out.
"""

from __future__ import annotations

import re
from collections.abc import Collection

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH")

_HIDDEN = re.compile(
    r'#[^\n]*|<[^<>"{}|^`\\\s]*>|"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
)
_PAIRS = {"}": "{", ")": "(", "]": "["}


def explain(message: str, text: str, prefixes: Collection[str]) -> str:
    """Return one line on why Oxigraph refused `text` with `message`.

    `prefixes` are those that need no declaration.

    >>> explain("error at 1:22: expected …", "SELECT * { ?s foo:bar ?o }", ["kg"])
    'line 1, column 15: the prefix foo: is not declared'
    """
    # Strings, IRIs and comments become blanks of the same length, so positions hold.
    bare = _HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    found = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if not text.strip():
        return "line 1, column 1: the query is empty"
    known = _form(bare) or _prefix(bare, text, prefixes) or _brackets(bare)
    if known:
        return f"{_place(text, known[0])}: {known[1]}"
    if not found:
        return message
    if said := re.search(r"\b(?:The|A|An|Variable|Unexpected)\b [^,]{8,}", found[3]):
        return f"line {found[1]}, column {found[2]}: {said[0]}"
    offset = _offset(text, int(found[1]), int(found[2]))
    expected = _expected(found[3])
    if not text[offset:].strip():
        # Oxigraph read to the end and then knew only that it could not be; RDFLib's parser
        # stops at the pattern that it cannot read.
        offset, expected = _second_opinion(text, prefixes, offset), ""
    near = text[offset:].strip().split("\n")[0][:40]
    at = f"{near!r} is not expected" if near else "something is missing before the end"
    return f"{_place(text, offset)}: {at}{expected}"


def _second_opinion(text: str, prefixes: Collection[str], offset: int) -> int:
    """Return where RDFLib's parser stops, or `offset` where it does not."""
    from pyparsing.exceptions import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    declared = "".join(f"PREFIX {p}: <x:/> " for p in prefixes)
    try:
        parseQuery(declared + text)
    except ParseBaseException as e:
        return max(0, int(e.loc) - len(declared))
    except (ValueError, RecursionError):
        return offset
    return offset


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(row) + 1 for row in text.split("\n")[: line - 1]) + column - 1


def _form(bare: str) -> tuple[int, str] | None:
    """Find a first word that no query begins with."""
    head = re.compile(r"\s*(?:(?:PREFIX\s+[\w.-]*:|BASE)\s*)*", re.IGNORECASE).match(bare)
    start = head.end() if head else 0
    word = re.compile(r"\w*").match(bare, start)
    name = word[0].upper() if word else ""
    if name in FORMS:
        return None
    if name in _UPDATES:
        return start, f"{name} is an update; this data is read-only"
    return start, f"a query begins with {', '.join(FORMS)} or a PREFIX before it"


def _prefix(bare: str, text: str, prefixes: Collection[str]) -> tuple[int, str] | None:
    """Find a name whose prefix is not declared."""
    declared = {m[1] for m in re.finditer(r"(?i)\bPREFIX\s+([\w.-]*):", text)} | set(prefixes)
    for m in re.finditer(r"(?<![\w:?$@.-])([^\W\d_][\w.-]*)?:(?=[\w%\\])", bare):
        if (m[1] or "") not in declared:
            return m.start(), f"the prefix {m[1] or ''}: is not declared"
    return None


def _brackets(bare: str) -> tuple[int, str] | None:
    """Find a bracket that is not opened or not closed."""
    still: list[tuple[str, int]] = []
    for m in re.finditer(r"[{}()\[\]]", bare):
        if m[0] not in _PAIRS:
            still.append((m[0], m.start()))
        elif still and still[-1][0] == _PAIRS[m[0]]:
            still.pop()
        else:
            return m.start(), f"this {m[0]} closes nothing"
    return (still[-1][1], f"this {still[-1][0]} is not closed") if still else None


def _expected(told: str) -> str:
    """Return the words and signs that could have come next, where there are only a few."""
    told = told.strip().removeprefix("expected ").removeprefix("one of ")
    if not re.fullmatch(r'(?:[A-Z]{2,}|"[^"\w]+")(?:, (?:[A-Z]{2,}|"[^"\w]+"))*', told):
        return ""
    options = told.split(", ")
    # A lone OPTIONAL only says that a pattern may go on; it hides what was wrong in it.
    return "" if options == ["OPTIONAL"] or len(options) > 6 else f"; {', '.join(options)} could be"


def _place(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - text.rfind(chr(10), 0, offset)}"
