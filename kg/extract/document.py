"""A post as sentences: markup removed, every character's offset kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.extract.blocks import LINKED, Block, Kind, blocks
from kg.extract.posts import front_matter
from kg.model import Evidence, Post

# GiNZA refuses input over 49,149 bytes; no reader's sentence comes near this many characters.
MAX_SENTENCE = 2_000

HEAD_FIELDS = ("title", "description", "excerpt")

_HIDDEN = re.compile(
    # Repeats are bounded so that no line, however hostile, takes more than linear time.
    r"<!--.{0,2000}?-->"  # a comment
    r"|!\[[^\[\]\n]{0,300}\]\([^()\n]{0,500}\)"  # an image
    rf"|{LINKED}"  # the target of a link
    r"|\{:[^{}\n]{0,300}\}"  # kramdown attributes
    r"|<https?://[^<>\s]{0,500}>|https?://[^\s）)」】]{1,2000}"  # addresses
    r"|</?[A-Za-z][^<>\n]{0,500}>"  # HTML tags
    r"|\*\*|__|~~|`+"
    r"|(?<![A-Za-z0-9 ])\*(?! )|(?<! )\*(?![A-Za-z0-9 ])"  # emphasis by single stars
    r"|\[(?=[^\[\]\n]{0,300}\]\()"  # the opening bracket of a link
)
_LINK = re.compile(rf"(!?)\[([^\[\]\n]{{0,300}}){LINKED}")
_MARKER = re.compile(
    r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(?:\[[ xX]\][ \t]+)?"
)
_UNSEEN = re.compile("[\r\ufeff\u200b]")
_STOP = "。！？!?"
_OPEN, _CLOSE = "「『（(【〔［[", "」』）)】〕］]"
_TURNS = re.compile(f"[\n{re.escape(_STOP + _OPEN + _CLOSE)}]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without its markup.

    `offsets[i]` is where character i of `text` stands in the post; `block` numbers the paragraph
    or list item it belongs to, `section` the heading above it, and `head` is that heading's text.
    `level` is that of a heading, 1 the highest, 0 for what is none. `under` is the block that begins
    the list item which this block stands in or below, 0 for none.
    """

    text: str
    offsets: tuple[int, ...]
    kind: Kind
    block: int
    section: int
    head: str
    level: int = 0
    under: int = 0

    @property
    def start(self) -> int:
        """Where the sentence starts in the post."""
        return self.offsets[0]

    @property
    def end(self) -> int:
        """Where the sentence ends in the post."""
        return self.offsets[-1] + 1

    def evidence(self, post: Post, start: int = 0, end: int | None = None) -> Evidence:
        """Return the passage of the post that `text[start:end]` was made from."""
        a = self.offsets[start]
        b = self.offsets[(len(self.text) if end is None else end) - 1] + 1
        return Evidence(a, b, post.text[a:b])


def sentences(post: Post, boilerplate: tuple[str, ...] = ()) -> list[Sentence]:
    """Return the sentences of a post in reading order, each distinct text once.

    The title, description and excerpt come first. Sections whose heading holds one of
    `boilerplate` (related links, adverts), up to the next thematic break, blocks that are only
    links and head nothing, code and comments are left out, and so is what follows an earlier copy of
    itself.
    """
    head = front_matter(post.text)
    out: list[Sentence] = []
    seen: set[str] = set()
    number = 0

    def add(block: Block, kind: Kind, section: int, title: str, under: int = 0) -> None:
        nonlocal number
        number += 1
        for text, offsets in _split(*_clean(post.text, block.start, block.end)):
            if text not in seen:
                seen.add(text)
                found = Sentence(text, offsets, kind, number, section, title, block.level, under)
                out.append(found)

    for name in HEAD_FIELDS:
        if name in head.fields:
            field = head.fields[name]
            add(Block(Kind.TITLE, field.start, field.end), Kind.TITLE, 0, "")
    section, title, skipped = 0, "", 0
    begun: dict[int, int] = {}
    body = list(blocks(post.text, head.body))
    for block, after in zip(body, [*body, None][1:], strict=True):
        raw = post.text[block.start : block.end]
        if block.kind is None:
            if skipped:
                # Many posts go on below their adverts, under headings of a lower level.
                section, title, skipped = section + 1, "", 0
            continue
        if block.kind is Kind.HEADING:
            title = "".join(_clean(post.text, block.start, block.end)[0]).strip()
            section += 1
            if skipped and block.level > skipped:
                continue
            skipped = block.level if any(b in title for b in boilerplate) else 0
        elif not skipped and any(raw.strip("*# \n").startswith(b) for b in boilerplate):
            continue
        if skipped or (_only_links(raw) and not _heads(block, after)):
            continue
        above = [begun[item] for item in block.items if item in begun]
        add(block, block.kind, section, title, above[-1] if above else 0)
        for item in block.items:
            begun.setdefault(item, number)
    return out


def _heads(block: Block, after: Block | None) -> bool:
    """Tell whether a block is a heading, or an item that goes on in the block after it."""
    goes_on = after is not None and after.items[: len(block.items)] == block.items
    return block.kind is Kind.HEADING or (bool(block.items) and goes_on)


def _only_links(raw: str) -> bool:
    """Tell whether a block is a list of links: of what a reader sees, most is link."""
    links = list(_LINK.finditer(raw))
    seen = _LINK.sub(lambda m: "" if m.group(1) else m.group(2), _MARKER.sub("", raw)).strip()
    linked = sum(len(m.group(2)) for m in links if not m.group(1))
    return bool(links) and linked >= 0.8 * len(seen)


def _clean(text: str, start: int, end: int) -> tuple[str, list[int]]:
    """Return text[start:end] without markup, and the offset of each character that is left."""
    raw = text[start:end]
    hidden = [m.span() for p in (_HIDDEN, _UNSEEN) for m in p.finditer(raw)]
    marker = _MARKER.match(raw)
    at = marker.end() if marker else 0
    parts: list[str] = []
    offsets: list[int] = []
    for first, last in (*sorted(hidden), (len(raw), len(raw))):
        if first > at:
            parts.append(raw[at:first])
            offsets += range(start + at, start + first)
        at = max(at, last)
    return "".join(parts), offsets


def _split(text: str, offsets: list[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the sentences of a block; one inside quotation marks or brackets does not end there."""
    first, depth = 0, 0
    bounds: list[tuple[int, int]] = []
    for i in (*(m.start() for m in _TURNS.finditer(text)), len(text)):
        while i - first >= MAX_SENTENCE:
            bounds.append((first, first + MAX_SENTENCE))
            first, depth = first + MAX_SENTENCE, 0
        c = text[i : i + 1]
        if c and c in _OPEN:
            depth += 1
        elif c and c in _CLOSE:
            depth = max(0, depth - 1)
        elif c == "\n" or (c and depth == 0 and not _goes_on(text, i)):
            bounds.append((first, i + 1))
            first, depth = i + 1, 0
    bounds.append((first, len(text)))
    for a, b in bounds:
        start = a + len(text[a:b]) - len(text[a:b].lstrip())
        end = start + len(text[a:b].strip())
        if end > start:
            yield text[start:end], tuple(offsets[start:end])


def _goes_on(text: str, i: int) -> bool:
    """Tell whether the sentence goes on after the stop at `i`, as in 「Yahoo!」 or "a?!"."""
    after = text[i + 1 : i + 2]
    return bool(after) and (after in _STOP or (text[i] in "!?" and after not in " \n　" + _OPEN))
