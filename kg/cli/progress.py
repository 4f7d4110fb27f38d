"""How a long command says how far it is: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from kg.cli import console

if TYPE_CHECKING:
    from kg.reporting import Progress, Reporter

PAUSE = 10.0
"""Seconds between lines."""

FLAWS = 20
"""Flaws of posts that are told one by one."""


@contextmanager
def reporter(quiet: bool) -> Iterator[Reporter]:
    """Report to standard error; problems even where `quiet`.

    Of flaws, which posts were read in spite of, the first `FLAWS` are told, and how many there are.
    """
    from kg.inputs import Problem
    from kg.reporting import Reporter

    flaws = 0

    def problem(p: Problem) -> None:
        nonlocal flaws
        flaws += p.kind == "flawed"
        if p.kind != "flawed" or flaws <= FLAWS:
            console.say(f"kg: {p.kind}: {p.text}")

    try:
        if quiet:
            yield Reporter(problem=problem, log=console.say)
        elif not sys.stderr.isatty():
            yield Reporter(problem=problem, log=console.say, progress=lines(monotonic))
        else:
            with _bar() as progress:
                yield Reporter(problem=problem, log=console.say, progress=progress)
    finally:
        if flaws > FLAWS:
            console.say(f"kg: flawed: {flaws - FLAWS} more; `kg build --json` lists them all")


def lines(clock: Callable[[], float]) -> Callable[[Progress], None]:
    """Return what writes a line at most every `PAUSE` seconds, the first after that long."""
    last = clock()

    def progress(p: Progress) -> None:
        nonlocal last
        if clock() - last >= PAUSE:
            last = clock()
            console.say(f"kg: {p}")

    return progress


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    text = TextColumn("{task.description}", markup=False)
    with Bar(BarColumn(), text, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading posts", total=None)

        def progress(p: Progress) -> None:
            bar.update(task, completed=p.done, total=p.total, description=console.clean(p))

        yield progress
