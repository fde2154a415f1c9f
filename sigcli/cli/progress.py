"""Progress as one line of a terminal that is overwritten; shown only to people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.presentation import is_quiet, moves_cursor, width
from sigcli.cli.standing_in import manner
from sigcli.cli.surroundings import here

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from sigcli.client.base.progress import Report

_FIRST_S = 0.5
"""What is done before this is not worth a line."""
_EVERY_S = 0.2
_ECHO = len("^C")
"""Columns that the terminal itself writes behind the line when Ctrl-C is pressed."""


def progress_line() -> Report | None:
    """The progress line on stderr; None if stderr is not a suitable terminal or the run is quiet."""
    stderr = here().stderr
    if is_quiet() or manner().stands_in or not moves_cursor(stderr):
        return None
    return ProgressLine(stderr, width(stderr))


class ProgressLine:
    """One line, removed when its task is over or another message is printed."""

    def __init__(
        self, stderr: TextIO, columns: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stderr = stderr
        self._columns = columns
        self._clock = clock
        self._what: str | None = None
        self._next_at = 0.0
        self._shown = 0

    def __call__(self, what: str, done: int | None, total: int) -> None:
        if done is None:
            self.clear()
            self._what = None
            return
        now = self._clock()
        if what != self._what:
            self._what, self._next_at = what, now + _FIRST_S
        if now >= self._next_at:
            self._next_at = now + _EVERY_S
            self._show(progress_text(what, done, total))

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            blanks = min(self._shown + _ECHO, self._columns - 1)
            self._write("\r" + " " * blanks + "\r")
            self._shown = 0
        terminal.progress_over(self._stderr)

    def _show(self, text: str) -> None:
        # The last column stays free: a full line may begin the next one.
        text = terminal.neutral_line(text)[: self._columns - 1]
        rest = max(0, self._shown - len(text))
        # Noted before it is there: an interruption right after the writing has it removed.
        self._shown += len(text)
        terminal.progress_shown(self._stderr, self.clear)
        self._write("\r" + text + " " * rest)
        self._shown = len(text)

    def _write(self, text: str) -> None:
        try:
            self._stderr.write(text)
            self._stderr.flush()
        except (OSError, ValueError, UnicodeEncodeError):
            return


def progress_text(what: str, done: int, total: int) -> str:
    """``sending a.png: 42 % of 1.2 MB``; a count where the total is not known."""
    from sigcli.cli.render.brief import size_text

    if not total:
        return f"{what}: {done:,}"
    return f"{what}: {100 * done // total} % of {size_text(total)}"
