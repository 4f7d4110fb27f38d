"""What a build says while it runs and at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from kg.errors import PostError, ValidationError
from kg.inputs import Problem


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of posts is: posts and characters, after so many seconds."""

    done: int
    total: int
    chars: int
    seconds: float
    post: str

    @property
    def posts_a_second(self) -> float:
        """Posts read in a second, on average."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def chars_a_second(self) -> float:
        """Characters read in a second, on average."""
        return self.chars / self.seconds if self.seconds else 0.0

    @property
    def left(self) -> float:
        """Seconds until all are read, at this speed."""
        return (self.total - self.done) / self.posts_a_second if self.done else 0.0

    def __str__(self) -> str:
        left = round(self.left)
        return (
            f"{self.done}/{self.total} posts, {self.posts_a_second:.1f} posts/s, "
            f"{self.chars_a_second:,.0f} characters/s, {left // 60}:{left % 60:02} left"
        )


@dataclass(frozen=True, slots=True)
class Reporter:
    """Where a build says how it goes: lines of log, problems, and progress."""

    log: Callable[[str], None] = lambda _: None
    problem: Callable[[Problem], None] = lambda _: None
    progress: Callable[[Progress], None] = lambda _: None


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    def spend(self, stage: str, seconds: float) -> None:
        """Count seconds to a stage."""
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside to a stage."""
        start = perf_counter()
        yield
        self.spend(name, perf_counter() - start)


@dataclass(slots=True)
class Work(Stopwatch):
    """What a build did. Sentences are those of the posts that were read, not of cached ones:
    `seen` in all, `distinct` ones, those that `needed` a parse, and those `parsed` anew.

    `seconds` are by stage, those of reading summed over processes; `elapsed` is by the clock.
    """

    read: int = 0
    cached: int = 0
    unreadable: int = 0
    rejected: int = 0
    failed: int = 0
    chars: int = 0
    seen: int = 0
    distinct: int = 0
    needed: int = 0
    parsed: int = 0
    store: str = ""
    elapsed: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "posts": {
                "read": self.read,
                "cached": self.cached,
                "unreadable": self.unreadable,
                "rejected": self.rejected,
                "failed": self.failed,
            },
            "characters_read": self.chars,
            "sentences": {
                "seen": self.seen,
                "distinct": self.distinct,
                "needed": self.needed,
                "parsed": self.parsed,
            },
            "seconds": {k: round(v, 3) for k, v in self.seconds.items()},
            "elapsed": round(self.elapsed, 3),
        }


class Intake:
    """Notes and reports everything that is wrong with any post."""

    def __init__(self, report: Reporter, problems: Iterable[Problem]) -> None:
        self.report = report
        self.problems: list[Problem] = []
        for p in problems:
            self.problem(p)

    def problem(self, problem: Problem) -> None:
        """Note and report a problem."""
        self.problems.append(problem)
        self.report.problem(problem)

    def flaws(self, post: str, path: Path, warnings: Iterable[str]) -> None:
        """Note and report what is wrong with a post that was read all the same."""
        for warning in warnings:
            self.problem(Problem("flawed", post, f"{path}: {warning}"))

    def refuse(self, strict: bool, consequence: str) -> None:
        """Raise PostError or ValidationError where `strict` and anything was wrong."""
        if not strict or not self.problems:
            return
        kinds = Counter(p.kind for p in self.problems)
        told = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        error = ValidationError if kinds["rejected"] else PostError
        raise error(f"--strict: {consequence} ({told})")
