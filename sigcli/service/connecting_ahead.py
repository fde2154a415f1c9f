"""TLS connections made on their own threads before they are needed, while the main thread imports and encrypts.

Nothing has been sent on such a connection yet, so it may become an identified or an unidentified one.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from sigcli.errors import TimedOut

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

KEPT_S = 15.0
"""A connection unused for this long may have been closed by the other side."""


class ConnectionAhead:
    """One connection on its way; ``connect`` makes it."""

    def __init__(self, connect: Callable[[], ssl.SSLSocket], kept_s: float = KEPT_S) -> None:
        self._connect = connect
        self._kept_s = kept_s
        self._lock = threading.Lock()
        self._connection: ssl.SSLSocket | None = None
        self._problem: Exception | None = None
        self._made_at = 0.0
        self._is_given_up = False
        self._thread = threading.Thread(target=self._run, name="sigcli-connect", daemon=True)
        self._thread.start()

    def take(self, timeout_s: float) -> ssl.SSLSocket | None:
        """The connection, which then belongs to the caller; None if it has become too old.

        Raises Unreachable or TlsRejected, and TimedOut if it is not ready in time.
        """
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            self.give_up()
            raise TimedOut
        if self._problem is not None:
            raise self._problem
        if time.monotonic() - self._made_at >= self._kept_s:
            self.give_up()
            return None
        return self._connection

    def give_up(self) -> None:
        """Close it once it is ready, since nothing will take it."""
        with self._lock:
            self._is_given_up = True
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _run(self) -> None:
        try:
            connection = self._connect()
        except Exception as problem:  # raised when the connection is taken
            self._problem = problem
            return
        with self._lock:
            self._made_at = time.monotonic()
            if not self._is_given_up:
                self._connection = connection
                return
        connection.close()
