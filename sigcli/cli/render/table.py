"""Rows in aligned columns, no wider than the terminal: cells that are too long end with an ellipsis."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from sigcli.cli.render.colours import BOLD, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigcli.cli.render.colours import Paint

_GAP = "  "
_LEAST = 6
"""A column keeps this width however narrow the terminal is."""
_ZERO_WIDTH = ("Mn", "Me", "Cf")


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    whole: Sequence[int] = (),
    paint: Paint = plain,
) -> Iterator[str]:
    """The lines of a table; cells must be neutralised and have one line.

    ``whole``: columns that are never cut, such as ids.
    """
    widths = [
        max(columns(text) for text in (head, *(row[at] for row in rows)))
        for at, head in enumerate(heads)
    ]
    cuttable = [at for at in range(len(heads)) if at not in whole]
    excess = sum(widths) + len(_GAP) * (len(heads) - 1) - width
    while excess > 0 and cuttable:
        widest = max(cuttable, key=lambda at: widths[at])
        if widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
        excess -= 1
    yield _line([paint(_fitted(head, widths[at]), BOLD) for at, head in enumerate(heads)])
    for row in rows:
        yield _line([_fitted(text, widths[at]) for at, text in enumerate(row)])


def columns(text: str) -> int:
    """How many columns of a terminal a text needs."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fitted(text: str, width: int) -> str:
    """The text in exactly this many columns."""
    taken = columns(text)
    if taken > width:
        kept, taken = [], 0
        for character in text:
            step = _columns_of(character)
            if taken + step > width - 1:
                break
            kept.append(character)
            taken += step
        text = "".join(kept) + "…"
        taken += 1
    return text + " " * (width - taken)


def _line(cells: Sequence[str]) -> str:
    return _GAP.join(cells).rstrip()
