"""Find posts and read them: decoding, size, front matter, and what is wrong with a file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kg.errors import NothingToDo, PostError
from kg.model import Evidence, Post

SUFFIXES = (".md", ".markdown", ".txt")
MAX_BYTES = 10_000_000

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FIELD_NAME = re.compile(r"[a-z_]{1,40}: ")
_END_MARKER = re.compile(r"^---END---[ \t]*\r?$", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The YAML head of a post: scalar fields with where each value stands in the text.

    `body` is the offset at which the post's body starts; `problem` says why the head could not
    be used, empty where it could.
    """

    fields: dict[str, Evidence]
    body: int
    problem: str = ""


def find_posts(paths: Sequence[Path]) -> list[Path]:
    """Return the posts among files and below folders, sorted by name, each once.

    A file that is named is taken whatever its suffix; below a folder those that end in .md,
    .markdown or .txt are, hidden ones left out. Raises PostError where a path does not exist or
    two posts would have one id, and NothingToDo where there is no post at all.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise PostError(f"{path}: no such file or folder")
        for file in sorted(_below(path)) if path.is_dir() else [path]:
            found[file] = None
    if not found:
        raise NothingToDo(
            f"no posts ({', '.join(SUFFIXES)}) in {', '.join(map(str, paths)) or 'no path at all'}"
        )
    by_id: dict[str, Path] = {}
    for file in found:
        other = by_id.setdefault(file.stem, file)
        if other != file and other.resolve() != file.resolve():
            raise PostError(f"{file} and {other} would both be post {file.stem!r}: rename one")
    return [by_id[name] for name in sorted(by_id)]


def _below(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix.lower() in SUFFIXES and file.is_file() and not hidden:
            yield file


def read_post(path: Path, max_bytes: int = MAX_BYTES) -> Post:
    """Read one post.

    Flaws that leave something to read become `warnings`; raises PostError, naming the file and
    the cause, where nothing is left: it cannot be opened, is empty, larger than `max_bytes`, or
    not text.
    """
    return decode_post(path, read_bytes(path, max_bytes))


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the bytes of a post's file; raises PostError where it cannot be read or is too large."""
    try:
        with path.open("rb") as f:
            size = os.fstat(f.fileno()).st_size
            if size > max_bytes:
                raise PostError(f"{path}: {size:,} bytes, over the limit of {max_bytes:,}")
            return f.read(max_bytes)
    except OSError as e:
        raise PostError(f"{path}: {e.strerror or e}") from e


def decode_post(path: Path, data: bytes) -> Post:
    """Return the post that the bytes of a file are (see `read_post`), without touching the file."""
    if not data.decode("utf-8", "replace").strip("\ufeff \t\r\n\u3000"):
        raise PostError(f"{path}: the file is empty")
    if b"\0" in data:
        raise PostError(f"{path}: not a text file (it has NUL bytes)")
    warnings: list[str] = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        text = data.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        warnings.append(f"invalid UTF-8 at byte {e.start}; {broken} characters replaced")
    else:
        if n := text.count("\ufffd"):
            warnings.append(
                f"{n} replacement characters (U+FFFD), the first at {text.find(chr(0xFFFD))}"
            )
    head = front_matter(text)
    if head.problem:
        warnings.append(head.problem)
    if m := _END_MARKER.search(text):
        warnings.append(f"an ---END--- marker at {m.start()}; the text after it is read too")
    if n := _repeated_paragraphs(text[head.body :]):
        warnings.append(f"{n} repeated paragraphs, each read once")
    date = head.fields.get("date")
    day = _DAY.match(date.text) if date else None
    title = head.fields.get("title")
    return Post(
        id=path.stem,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title.text if title else "",
        date=day.group().replace(" ", "T") if day else "",
        warnings=tuple(f"{path}: {w}" for w in warnings),
    )


def front_matter(text: str) -> FrontMatter:
    """Return the scalar fields of the YAML head of `text`, each with its offsets.

    The text of a field is as written (inside its quotes), so that offsets hold; a value with
    escapes or over several lines is therefore not unescaped.
    """
    m = _FENCE.match(text)
    if m is None:
        return FrontMatter({}, 0, "no front matter")
    try:
        root = yaml.compose(m.group(1), Loader=yaml.SafeLoader)
    except RecursionError:
        problem = "broken YAML in the front matter: nested too deeply"
        return FrontMatter(_plain_fields(text, m), m.end(), problem)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        where = f" (line {mark.line + 2}, column {mark.column + 1})" if mark else ""
        cause = getattr(e, "problem", None) or "not YAML"
        problem = f"broken YAML in the front matter{where}: {cause}"
        return FrontMatter(_plain_fields(text, m), m.end(), problem)
    if not isinstance(root, yaml.MappingNode):
        return FrontMatter({}, m.end(), "the front matter is not a mapping")
    fields: dict[str, Evidence] = {}
    for key, value in root.value:
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode):
            quote = 1 if value.style in {"'", '"'} else 0
            # yaml skips a BOM it is given; the fenced text starts after one, so marks hold.
            start = m.start(1) + value.start_mark.index + quote
            end = m.start(1) + value.end_mark.index - quote
            fields[str(key.value)] = Evidence(start, end, text[start:end])
    return FrontMatter(fields, m.end())


def _plain_fields(text: str, head: re.Match[str]) -> dict[str, Evidence]:
    """Return the fields of a head that is not YAML, as far as a reader can make them out.

    The usual break is a colon in a title that is not quoted; such a line still says what it says.
    """
    fields: dict[str, Evidence] = {}
    at = head.start(1)
    for line in text[head.start(1) : head.end(1)].splitlines(keepends=True):
        name = _FIELD_NAME.match(line)
        value = line[name.end() :].strip() if name else ""
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        # One that opens a quote, list or mapping and does not close it says nothing for certain.
        if name and value and value[0] not in "\"'[{&*!|>":
            start = at + line.index(value, name.end())
            fields.setdefault(name.group()[:-2], Evidence(start, start + len(value), value))
        at += len(line)
    return fields


def _repeated_paragraphs(body: str) -> int:
    seen: set[str] = set()
    repeated = 0
    for block in re.split(r"\r?\n[ \t]*\r?\n", body):
        paragraph = block.strip()
        if len(paragraph) >= 40:
            repeated += paragraph in seen
            seen.add(paragraph)
    return repeated
