"""A run that is never asked to stop."""

from __future__ import annotations

from sigcli.system import Wake


class NeverStops:
    """Never asks to stop."""

    def __init__(self) -> None:
        self._wake: Wake | None = None

    def requested(self) -> bool:
        """Whether to stop."""
        return False

    def fileno(self) -> int:
        """A descriptor that stays unreadable."""
        if self._wake is None:
            self._wake = Wake()
        return self._wake.fileno()


NEVER_STOPS = NeverStops()
