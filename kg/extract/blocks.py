"""The blocks of a Markdown text: headings, lines of paragraphs and items, rows, breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Longer "headings" are paragraphs whose line break was lost.
_MAX_HEADING = 150

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")

_UNREAD_HTML = ("<!--", "<script", "<style", "<svg", "<iframe")

# What makes a heading of the line above it. Three dashes do so to Markdown; those who write them
# mean a thematic break, nearly always.
_UNDERLINE = re.compile(r"(?<=\n)[ >]{0,8}(-+|=+)[ \t]*\r?\n?\Z")

# Lines that are headings though Markdown has none in them.
_BOLD = re.compile(
    r"[^\w*\n]{0,6}(?:\*\*|__)[^*_\n]*[^*_\n。](?:\*\*|__)(?: ?[（(][^）)\n]{0,30}[）)])?"
    r"[^\w\n。]{0,6}\s*"
)
# How a link ends, which says where it leads to, and a line that is a link.
LINKED = r"\]\([^()\n]{0,500}\)"
_LINKED = re.compile(LINKED)
_LINK = re.compile(rf"[^\w\[\]\n]{{0,6}}\[[^\[\]\n]+{LINKED}[^\w\n]{{0,6}}\s*")
_MARK = re.compile(r"\s*([●○■□◆◇▼▽▲△★☆◎【■✅🟠🟢🔵🔴🟣🟡])")
_LOWEST = 7


class Kind(StrEnum):
    """Where in a post a sentence stands."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Block:
    """A block: text[start:end]."""

    kind: Kind | None  # None: a thematic break
    start: int
    end: int
    level: int = 0
    items: tuple[int, ...] = ()  # the numbers of the list items around it, outermost first


def blocks(text: str, body: int) -> Iterator[Block]:
    """Yield the text blocks of the body in order."""
    # Markdown's own line ends are \n; replacing \r one for one keeps every offset.
    source = (
        text[body:]
        .replace("\r", " ")
        .replace("\u2028", " ")
        .replace("\x0b", " ")
        .replace("\x0c", " ")
    )
    lines = [0, *(m.end() for m in re.finditer("\n", source)), len(source) + 1]

    def span(token: Token) -> tuple[int, int]:
        first, last = token.map or (0, 0)
        return body + lines[first], body + min(lines[min(last, len(lines) - 1)], len(source))

    items: list[int] = []
    numbers = count(1)
    for token in _MARKDOWN.parse(source):
        match token.type:
            case "list_item_open":
                items.append(next(numbers))
            case "list_item_close":
                items.pop()
            case "heading_open":
                a, b = span(token)
                if b - a > _MAX_HEADING:
                    yield from _lines(text, a, b, Kind.PARAGRAPH)
                elif (line := _UNDERLINE.search(text, a, b)) and line.group(1) == "---":
                    yield from _lines(text, a, line.start(), Kind.PARAGRAPH)
                    yield Block(None, line.start(), b)
                else:
                    end = line.start() if line else b
                    yield Block(Kind.HEADING, a, end, level=int(token.tag[1:]))
            case "hr":
                yield Block(None, *span(token))
            case "paragraph_open":
                kind = Kind.ITEM if items else Kind.PARAGRAPH
                yield from _lines(text, *span(token), kind, tuple(items))
            case "tr_open":
                yield Block(Kind.ROW, *span(token))
            case "html_block" if not token.content.lstrip().startswith(_UNREAD_HTML):
                yield from _lines(text, *span(token), Kind.PARAGRAPH)


def _lines(
    text: str, start: int, end: int, kind: Kind, items: tuple[int, ...] = ()
) -> Iterator[Block]:
    """Yield each line of a paragraph: these posts break lines where a thought ends.

    Many write headings as lines of their own, which Markdown takes for text.
    """
    at = start
    lines = text[start:end].splitlines(keepends=True)
    for i, line in enumerate(lines):
        before, after = lines[max(0, i - 1) : i], lines[i + 1 : i + 2]
        begins_item = bool(items) and i == 0
        if line.strip() and not items[1:] and not begins_item and _is_heading(line, before, after):
            yield Block(Kind.HEADING, at, at + len(line), level=_LOWEST)
        elif line.strip():
            yield Block(kind, at, at + len(line), items=items)
        at += len(line)


def _is_heading(line: str, before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether a line of a paragraph, given those beside it, is a heading: all of it bold, a
    link above what is said of it, or the only line with a mark like ● or 【."""
    if len(line) > _MAX_HEADING:
        return False
    if _BOLD.fullmatch(_LINKED.sub("]", line)):
        return True
    if _LINK.fullmatch(line) and not before and any(not _LINK.fullmatch(x) for x in after):
        return True
    mark = _MARK.match(line)
    alike = (_MARK.match(other) for other in (*before, *after))
    return bool(mark and "。" not in line and not any(m and m[1] == mark[1] for m in alike))
