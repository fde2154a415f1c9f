"""Requests to stop: SIGINT or SIGTERM ends a long command after its current step, with its usual exit code."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from sigcli.cli.surroundings import here
from sigcli.client.base.waiting import StopFlag

if TYPE_CHECKING:
    from collections.abc import Callable


def end_like_interrupted() -> None:
    """From now on SIGTERM ends the command like Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class StopRequest(StopFlag):
    """Turns signals into a flag and a readable descriptor while it is active."""

    def __init__(self) -> None:
        super().__init__()
        self._heed_no_more: Callable[[], None] | None = None

    def __enter__(self) -> StopRequest:
        self._heed_no_more = here().heed_stop_signals(self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        if self._heed_no_more is not None:
            self._heed_no_more()
        self.close()

    def _on_signal(self) -> None:
        if self._requested:
            here().leave_now()
        self.request()
