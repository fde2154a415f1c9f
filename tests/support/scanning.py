"""A mock primary that scans a linking URL while the new device goes through its own steps."""

from __future__ import annotations

import threading

from tests.support.mock_server import MockDevice, MockPrimary, MockServer


class Scan:
    """Starts scanning at once, on a thread that outlives nothing."""

    def __init__(self, server: MockServer, url: str, primary: MockPrimary) -> None:
        """`url` is what the new device shows."""
        self._device: MockDevice | None = None
        self._error: Exception | None = None

        def scan() -> None:
            try:
                self._device = server.complete_provision(url, primary)
            except Exception as error:
                self._error = error

        self._thread = threading.Thread(target=scan, daemon=True)
        self._thread.start()

    def result(self, *, timeout_s: float = 60) -> MockDevice:
        """The linked device, once it has uploaded its keys. Raises what went wrong."""
        self._thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        assert self._device is not None, f"the device did not upload its keys in {timeout_s} s"
        return self._device
