"""Keeps a websocket alive, on a thread of its own.

The service drops a socket that is silent for 90 seconds (60 while linking) and notices only at a request that it has
lost a subscription; a silently broken connection is noticed only when an answer does not come.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL_S = 30.0
PATIENCE_S = 20.0


class KeepAlive:
    """Calls ``probe`` every ``interval_s`` until it returns false, which means that the connection is gone."""

    def __init__(self, probe: Callable[[], bool], interval_s: float = INTERVAL_S) -> None:
        self._probe = probe
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sigcli-keep-alive", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns at once, since it may be inside a probe."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._interval_s):
            if not self._probe():
                return
