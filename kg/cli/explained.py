"""Explanations as text: a sentence, its candidates below it, and below each why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.cli.console import clean, clean_line

if TYPE_CHECKING:
    from kg.extract.explanation import End, Explained, Explanation, Verdict
    from kg.graph.evidence import FoundClaim


def text(told: Explanation) -> str:
    """Return an explanation as lines: claims are marked +, rejected candidates -."""
    head = (
        f"{told.post}: {told.claims} claims, {told.rejected} rejected candidates with a confidence "
        f"of {told.least:g} or more ({told.threshold:g} makes a claim)"
    )
    lines = [clean(head)]
    if told.unlisted:
        guesses = (f"{g.name} ({g.cls}, {g.confidence:g})" for g in told.unlisted)
        lines += ["", clean_line(f"names that nobody lists: {', '.join(guesses)}")]
    for s in told.sentences:
        lines += ["", *map(clean_line, _sentence(s))]
    return "\n".join(lines)


def claim(found: FoundClaim) -> str:
    """Return a claim of a snapshot with its evidence."""
    v = found.view
    lines = [
        f"{found.subject} {found.predicate} {found.object}",
        f"  {v.modality}, confidence {v.confidence:g}, found by {v.frame}",
        f"  {v.date or 'undated'} {v.post} {v.title}",
        *(f"  [{s.start}:{s.end}] {s.text}" for s in v.sentences),
        f"  {v.id}",
    ]
    return "\n".join(map(clean_line, lines))


def _sentence(s: Explained) -> Iterator[str]:
    yield f"[{s.at.start}:{s.at.end}] {s.at.text}"
    for v in s.verdicts:
        yield from _verdict(v)
    for w in s.idle:
        yield f"  . {w.at.text} ({w.entry}) fired for nothing: {w.reason}"


def _verdict(v: Verdict) -> Iterator[str]:
    mark = "+" if v.made else "-"
    yield f"  {mark} {v.subject.name} {v.predicate} {v.object.name}  {v.confidence:.3f} {v.stated.modality}"
    yield f"      {v.reason}"
    if v.word is None:
        yield "      no word of the lexicon: the pair and its context alone"
    else:
        yield f"      word {v.word.at.text} at {v.word.at.start} ({v.word.entry})"
    yield f"      subject {_end(v.subject)}; object {_end(v.object)}"
    by = f": {v.stated.at.text}" if v.stated.at is not None else ""
    yield f"      {v.stated.modality}: {v.stated.rule}{by}"
    for what, sign in (("for", 1), ("against", -1)):
        counted = [w for w in v.weights if w.effect * sign > 0]
        if counted:
            told = "; ".join(
                f"{w.feature} {w.effect:+.2f}" + (f" ({w.value})" if w.value else "")
                for w in counted
            )
            yield f"      {what}: {told}"


def _end(end: End) -> str:
    if end.at is None:
        return f"{end.name}, {end.hangs}"
    parts = [end.at.text]
    if end.particle:
        parts.append(f"by {end.particle}")
    if end.hangs:
        parts.append(f"({end.hangs})")
    return " ".join(parts)
