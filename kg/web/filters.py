"""Which edges and entities an answer may use: the parameters that resources share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from kg.errors import BadRequest
from kg.graph.network import MODALITIES
from kg.web.published import Now

Names = Annotated[list[str] | None, Query(description="repeat it, or separate names with commas")]


def names(given: Sequence[str] | None, allowed: Collection[str], what: str) -> list[str] | None:
    """Split a repeatable, comma-separated parameter; None where nothing was given.

    Raises BadRequest, naming the value and those that are allowed.
    """
    found = [n.strip() for value in given or () for n in value.split(",") if n.strip()]
    for name in found:
        if name not in allowed:
            raise BadRequest(f"{what}={name!r} is not one of {', '.join(allowed)}")
    return found or None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which edges and entities an answer may use; None allows all."""

    predicates: list[str] | None
    modalities: list[str] | None
    classes: list[str] | None
    min_confidence: float


def filters(
    now: Now,
    *,
    predicate: Names = None,
    modality: Names = None,
    class_: Annotated[Names, Query(alias="class")] = None,
    min_confidence: Annotated[float, Query(ge=0, le=1)] = 0.0,
) -> Filters:
    """Dependency: the filters that most resources take."""
    return Filters(
        predicates=names(predicate, now.schema.properties, "predicate"),
        modalities=names(modality, MODALITIES, "modality"),
        classes=names(class_, now.schema.classes, "class"),
        min_confidence=min_confidence,
    )


Chosen = Annotated[Filters, Depends(filters)]
