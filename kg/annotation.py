"""What somebody says a post says: annotations by hand, read from gold files, or extracted facts.

A gold file is JSON, `<stem of the post>.gold.json`:

    {"entities":   [{"id", "type", "name", "aliases": [...]}],
     "relations":  [{"subject", "predicate", "object", "modality", "evidence": [...]}],
     "quantities": [{"about", "value", "unit"}]}

Ids need only be unique in their file. Everything else in it is ignored.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from kg.errors import AnnotationError
from kg.model import Modality, PostFacts

SUFFIX = ".gold.json"

# Space, middle dots, quotation marks and stars: what annotators copy with a name, or leave out.
_LOOSE = re.compile(r"[\s・「」『』\"'*]+")


def fold(text: str) -> str:
    """Return the key under which two copies of a passage are the same.

    >>> fold("「Ｇoogle・Cloud」"), fold("**H100** は")
    ('googlecloud', 'h100は')
    """
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity of one post; `forms` are its name and its aliases (surface forms), folded."""

    id: str
    cls: str
    name: str
    forms: frozenset[str]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A claim of one post between two of its entities, by their ids; `evidence` is folded."""

    subject: str
    predicate: str
    object: str
    modality: Modality
    evidence: tuple[str, ...]
    quote: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number tied to an entity: `value` in base units of `unit`."""

    about: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """Everything that is said of one post; `doc` is the stem of its file."""

    doc: str
    entities: tuple[Thing, ...] = ()
    relations: tuple[Relation, ...] = ()
    quantities: tuple[Measure, ...] = ()

    @classmethod
    def from_json(cls, doc: str, content: Mapping[str, Any], where: str = "") -> Annotation:
        """Read the shape of a gold file.

        Raises AnnotationError, naming `where` and the field, where something is missing or of the
        wrong kind, an id is used twice, or a relation or quantity names an id that is not there.
        """
        at = where or doc
        things = tuple(map(_thing, _each(content, "entities", at)))
        ids = {t.id for t in things}
        if len(ids) < len(things):
            twice = next(t.id for i, t in enumerate(things) if t.id in {o.id for o in things[:i]})
            raise AnnotationError(f"{at}: entities: the id {twice!r} is there twice")
        relations = tuple(map(_relation, _each(content, "relations", at)))
        measures = tuple(map(_measure, _each(content, "quantities", at)))
        named = [(i, "relations") for r in relations for i in (r.subject, r.object)]
        named += [(q.about, "quantities") for q in measures]
        for i, part in named:
            if i not in ids:
                raise AnnotationError(f"{at}: {part}: no entity has the id {i!r}")
        return cls(doc, things, relations, measures)

    @classmethod
    def of(cls, facts: PostFacts) -> Annotation:
        """Return extracted facts as an annotation."""
        return cls(
            facts.post.id,
            tuple(
                Thing(e.id, e.cls, e.name, _forms(e.name, e.aliases), e.aliases)
                for e in facts.entities
            ),
            tuple(
                Relation(
                    c.subject,
                    c.predicate,
                    c.object,
                    c.modality,
                    tuple(fold(e.text) for e in c.evidence),
                    " / ".join(e.text for e in c.evidence),
                )
                for c in facts.claims
            ),
            tuple(Measure(q.about, q.value, q.unit) for q in facts.quantities),
        )


def read_gold(paths: Sequence[Path]) -> dict[str, Annotation]:
    """Return the annotations in files and folders by the stem of their post, sorted.

    Raises AnnotationError for a path that is not there, a folder without gold files, a file that
    cannot be read, and two files for one post.
    """
    found: dict[str, tuple[Path, Annotation]] = {}
    for path in paths:
        if not path.exists():
            raise AnnotationError(f"{path}: no such file or folder")
        files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not files:
            raise AnnotationError(f"{path}: no gold files (*{SUFFIX})")
        for file in files:
            doc = file.name.removesuffix(SUFFIX)
            if doc in found:
                raise AnnotationError(f"{file}: {found[doc][0]} annotates that post too")
            found[doc] = (file, read_file(file))
    return {doc: found[doc][1] for doc in sorted(found)}


def read_file(path: Path) -> Annotation:
    """Return the annotation in a gold file; raise AnnotationError where it cannot be read."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as e:
        raise AnnotationError(f"{path}: {e.strerror}") from e
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as e:
        raise AnnotationError(f"{path}: not JSON: {e}") from e
    if not isinstance(content, dict):
        raise AnnotationError(f"{path}: not a JSON object")
    return Annotation.from_json(path.name.removesuffix(SUFFIX), content, str(path))


def _forms(name: str, aliases: Sequence[str]) -> frozenset[str]:
    return frozenset(fold(a) for a in (*aliases, name)) - {""}


def _each(content: Mapping[str, Any], part: str, at: str) -> Iterator[_Fields]:
    items = content.get(part, [])
    if not isinstance(items, list):
        raise AnnotationError(f"{at}: {part} is not a list")
    for i, item in enumerate(items):
        where = f"{at}: {part}[{i}]"
        if not isinstance(item, dict):
            raise AnnotationError(f"{where} is not an object")
        yield _Fields(item, where)


@dataclass(frozen=True, slots=True)
class _Fields:
    """An object of a gold file, whose fields have kinds."""

    content: Mapping[str, Any]
    where: str

    def text(self, name: str, default: str | None = None) -> str:
        value = self.content.get(name, default)
        if not isinstance(value, str):
            raise AnnotationError(f"{self.where}.{name}: {value!r} is not text")
        return value

    def texts(self, name: str) -> list[str]:
        values = self.content.get(name, [])
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise AnnotationError(f"{self.where}.{name} is not a list of texts")
        return cast(list[str], values)


def _thing(f: _Fields) -> Thing:
    name = f.text("name", "")
    aliases = tuple(f.texts("aliases"))
    return Thing(f.text("id"), f.text("type"), name, _forms(name, aliases), aliases)


def _relation(f: _Fields) -> Relation:
    quoted = f.texts("evidence")
    modality = f.text("modality", Modality.ASSERTED.value)
    if modality not in set(Modality):
        raise AnnotationError(
            f"{f.where}.modality: {modality!r} is not one of {', '.join(Modality)}"
        )
    return Relation(
        f.text("subject"),
        f.text("predicate"),
        f.text("object"),
        Modality(modality),
        tuple(map(fold, quoted)),
        " / ".join(quoted),
    )


def _measure(f: _Fields) -> Measure:
    value = f.content.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AnnotationError(f"{f.where}.value: {value!r} is not a number")
    return Measure(f.text("about"), float(value), f.text("unit"))
