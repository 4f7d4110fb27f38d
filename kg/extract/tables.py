"""Tables: which row is the head of which rows, and which cell of a row a character stands in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.extract.blocks import Kind
from kg.extract.document import Sentence


@dataclass(frozen=True)
class Cells:
    """The cells of a row of a Markdown table.

    >>> row = Cells("| 価格 | $20 | $30 |")
    >>> row.column(7), row.text(2), row.span(7)
    (1, '$30', (6, 11))
    """

    row: str

    @cached_property
    def _bounds(self) -> list[tuple[int, int]]:
        at = [k for k, c in enumerate(self.row) if c == "|"]
        starts = [k + 1 for k in at] if self.row.startswith("|") else [0, *(k + 1 for k in at)]
        return [(a, b - 1) for a, b in zip(starts, [*starts[1:], len(self.row) + 1], strict=True)]

    def column(self, at: int) -> int:
        """Return the number of the cell that a character stands in, the first being 0."""
        return max(0, sum(start <= at for start, _ in self._bounds) - 1)

    def span(self, at: int) -> tuple[int, int]:
        """Return where the cell of a character starts and ends."""
        return self._bounds[self.column(at)]

    def text(self, column: int) -> str:
        """Return the text of a cell, "" where the row has fewer."""
        if column >= len(self._bounds):
            return ""
        start, end = self._bounds[column]
        return self.row[start:end].strip()


def heads(sentences: Sequence[Sentence]) -> dict[int, int]:
    """Return for each row of a table but its first the index of that first row.

    Rows that follow each other without another sentence between them are one table.
    """
    out: dict[int, int] = {}
    head = -1
    for i, s in enumerate(sentences):
        if s.kind is not Kind.ROW or (head >= 0 and s.section != sentences[head].section):
            head = -1
        if s.kind is Kind.ROW:
            if head < 0:
                head = i
            elif s.block != sentences[head].block:
                out[i] = head
    return out
