"""Aligned tables for a terminal: the first column to the left, figures to the right."""

from __future__ import annotations

from collections.abc import Sequence


class Table:
    """Rows of text under a title; printed at the end, when all widths are known."""

    def __init__(self, title: str, header: Sequence[str]) -> None:
        self._title = title
        self._rows: list[tuple[str, ...]] = [tuple(header)]

    def add(self, *cells: str) -> None:
        """Append a row; it has as many cells as the header."""
        if len(cells) != len(self._rows[0]):
            raise ValueError(f"{len(cells)} cells under {len(self._rows[0])} columns")
        self._rows.append(cells)

    def lines(self) -> list[str]:
        """The table: title, header, rule, rows."""
        widths = [max(map(len, column)) for column in zip(*self._rows, strict=True)]
        lines = [
            "  ".join((first.ljust(widths[0]), *map(str.rjust, rest, widths[1:]))).rstrip()
            for first, *rest in self._rows
        ]
        rule = "-" * max(map(len, lines))
        return [self._title, rule, lines[0], rule, *lines[1:]]

    def print(self) -> None:
        """Print it with an empty line after it."""
        print("\n".join(self.lines()), end="\n\n", flush=True)
