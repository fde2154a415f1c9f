"""How a run shows things to people: quiet or not, coloured or not, how wide. Imports next to nothing."""

from __future__ import annotations

import os
from contextvars import ContextVar

from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import here

TYPE_CHECKING = False  # help does not wait for typing to be imported
if TYPE_CHECKING:
    from typing import Any, TextIO

DEFAULT_WIDTH, DEFAULT_HEIGHT = 80, 24
_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
_COLOURS: ContextVar[str] = ContextVar("colours", default="auto")


def settle_presentation(*, quiet: Any, colours: Any) -> None:
    """Note the options of this run."""
    _QUIET.set(bool(quiet))
    _COLOURS.set(colours or "auto")


def is_quiet() -> bool:
    """Whether timestamps, notices and progress are unwanted."""
    return _QUIET.get()


def on_terminal() -> bool:
    """Whether a person reads stdout; never, when standing in for signal-cli."""
    return _is_terminal(here().stdout) and not manner().stands_in


def moves_cursor(stream: TextIO) -> bool:
    """Whether a stream is a terminal on which a line can be written over."""
    return _is_terminal(stream) and here().environ.get("TERM", "dumb") not in ("", "dumb")


def wants_colours() -> bool:
    """Whether stdout is to be coloured: always, never, or where a terminal can and NO_COLOR is not set."""
    asked = _COLOURS.get()
    if asked != "auto":
        return asked == "always"
    return moves_cursor(here().stdout) and not here().environ.get("NO_COLOR")


def width(stream: TextIO | None = None) -> int:
    """How many columns a stream has, stdout unless another is given."""
    return size(stream)[0]


def size(stream: TextIO | None = None) -> tuple[int, int]:
    """Columns and rows of a stream, stdout unless another is given: COLUMNS and LINES, else its own, else 80 and 24."""
    try:
        own = os.get_terminal_size((stream or here().stdout).fileno())
    except (OSError, ValueError):
        own = os.terminal_size((0, 0))
    columns = _named("COLUMNS") or own.columns or DEFAULT_WIDTH
    return columns, _named("LINES") or own.lines or DEFAULT_HEIGHT


def _named(variable: str) -> int:
    named = here().environ.get(variable, "")
    return int(named) if named.isdecimal() else 0


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False
