"""Mistakes grouped by cause, so that the next person knows where to push."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.annotated import SET_ASIDE, Annotated
from bench.systems import Prediction, in_gold_ids
from kg.figures import Cause, Evaluation, Mistake

NO_CANDIDATE = "no candidate"
TOO_LOW = "scored too low"


@dataclass(frozen=True, slots=True)
class Errors:
    """How often a cause made the extractor miss or invent something, and of which kinds."""

    part: str
    cause: str
    missed: int
    spurious: int
    labels: tuple[tuple[str, int], ...]
    example: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def errors(
    result: Evaluation,
    found: Mapping[str, Prediction],
    posts: Sequence[Annotated],
    same: frozenset[str],
) -> list[Errors]:
    """Group the mistakes of an evaluation, the most frequent cause of each part first."""
    of = {p.doc: p for p in posts}
    candidates = {
        doc: set(map(in_gold_ids(found[doc], p, same), found[doc].candidates))
        for doc, p in of.items()
    }
    grouped: dict[tuple[str, str], list[Mistake]] = defaultdict(list)
    for m in result.mistakes:
        cause: str = m.cause.value
        if m.part == "relation" and m.cause is Cause.NOT_RELATED:
            cause = TOO_LOW if m.key in candidates[m.doc] else NO_CANDIDATE
        grouped[m.part, cause].append(m)
    rows = [
        Errors(
            part,
            cause,
            sum(m.missed for m in some),
            sum(not m.missed for m in some),
            tuple(Counter(m.label for m in some).most_common()),
            _example(some),
        )
        for (part, cause), some in grouped.items()
    ]
    parts = ("entity", "relation", "quantity")
    return sorted(rows, key=lambda e: (parts.index(e.part), -e.missed - e.spurious, e.cause))


def _example(some: Sequence[Mistake]) -> str:
    """Return what is most often wrong, or else the first thing, with where it is; "" where that may
    be in posts that are not looked at."""
    if any(m.doc in SET_ASIDE for m in some):
        return ""
    what, n = Counter(m.what for m in some).most_common(1)[0]
    first = next(m for m in some if m.what == what)
    times = f" ({n} posts)" if n > 1 else ""
    quote = f": {first.quote[:60]}" if first.quote else ""
    return f"{first.doc} {what}{times}{quote}"
