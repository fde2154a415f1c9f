"""The lines of a text as it grows: everything printed about an event passes through here and is neutralised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.cli.terminal import neutral, neutral_line, timestamp_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigcli.client.base.events import Person

_STEP = "  "
_TAB_WIDTH = 4
_NOTHING_LEFT: Mapping[str, str] = {}


class Lines:
    """Lines at one indentation of a text."""

    __slots__ = ("_indent", "_lines", "left")

    def __init__(
        self,
        lines: list[str] | None = None,
        indent: str = "",
        left: Mapping[str, str] = _NOTHING_LEFT,
    ) -> None:
        self._lines: list[str] = [] if lines is None else lines
        self._indent = indent
        self.left = left
        """Why attachments are not here, by their ids."""

    def line(self, text: str) -> None:
        """Add one line; a line end inside it is made visible."""
        self._lines.append(self._indent + neutral_line(text))

    def time(self, name: str, timestamp_ms: int) -> None:
        """Add a line with a time."""
        self.line(f"{name}: {timestamp_text(timestamp_ms)}")

    def flag(self, name: str, value: bool) -> None:
        """Add a line with true or false."""
        self.line(f"{name}: {str(bool(value)).lower()}")

    def text(self, name: str, text: str) -> None:
        """Add a text of several lines: all but the first are indented, so that none can pass for ours."""
        safe = neutral(text.replace("\r\n", "\n")).expandtabs(_TAB_WIDTH)
        self._lines.append(
            f"{self._indent}{name}: " + safe.replace("\n", f"\n{self._indent}{_STEP}")
        )

    def fields(self, pairs: Iterable[tuple[str, str | None]]) -> None:
        """Add a line for each value that is visible."""
        for name, value in pairs:
            if value and value.strip():
                self.line(f"{name}: {value}")

    def deeper(self) -> Lines:
        """The same text, indented further."""
        return Lines(self._lines, self._indent + _STEP, self.left)

    def joined(self) -> str:
        """All lines as one text."""
        return "\n".join(self._lines)


def contact(person: Person | None) -> str:
    """A person as “Name” identifier, or the identifier alone."""
    if person is None:
        return "<unknown>"
    identifier = person.identifier or "<unknown>"
    return f"“{person.name}” {identifier}" if person.name else identifier
