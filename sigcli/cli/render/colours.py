"""Colours for a terminal that wants them; without them text stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Paint = Callable[[str, str], str]
    """Applies a style to a text."""

BOLD, FAINT, CYAN = "1", "2", "36"
_OF_PEOPLE = ("32", "33", "34", "35", "36", "31")


def plain(text: str, style: str) -> str:
    """Without colours."""
    del style
    return text


def coloured(text: str, style: str) -> str:
    """In the style; the text must be neutralised."""
    return f"\x1b[{style}m{text}\x1b[0m"


def paint() -> Paint:
    """What stdout of this run needs."""
    from sigcli.cli.presentation import wants_colours

    return coloured if wants_colours() else plain


def style_of(identifier: str) -> str:
    """A person's colour: the same in every run."""
    return _OF_PEOPLE[sum(map(ord, identifier)) % len(_OF_PEOPLE)]
