"""A request to stop: SIGINT or SIGTERM ends a long command after its current step, with exit code 0."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end_like_interrupted() -> None:
    """From now on SIGTERM ends the command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class StopRequest:
    """Turns signals into a flag and a readable descriptor while it is entered."""

    def __init__(self) -> None:
        self._requested = False
        self._reader, self._writer = os.pipe()
        self._before: dict[signal.Signals, Any] = {}

    def requested(self) -> bool:
        """Whether to stop."""
        return self._requested

    def fileno(self) -> int:
        """A descriptor that becomes readable when stopping is requested."""
        return self._reader

    def request(self) -> None:
        """Ask to stop."""
        if not self._requested:
            self._requested = True
            os.write(self._writer, b"x")

    def __enter__(self) -> StopRequest:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._requested:  # asked twice: leave now; nothing is lost, only printed again
            os._exit(0)
        self.request()
