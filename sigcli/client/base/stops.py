"""A run that nobody asks to stop."""

from __future__ import annotations

import os


class NeverStops:
    """Nobody asks to stop."""

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None

    def requested(self) -> bool:
        """Whether to stop."""
        return False

    def fileno(self) -> int:
        """A descriptor that stays unreadable."""
        if self._pipe is None:
            self._pipe = os.pipe()
        return self._pipe[0]


NEVER_STOPS = NeverStops()
