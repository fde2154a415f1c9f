"""A client of signald's socket that hides nothing."""

from __future__ import annotations

import json
import socket
from typing import Any


class RawClient:
    """One connection; ``blocks`` are what single reads gave."""

    def __init__(self, path: str, timeout_s: float = 60) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout_s)
        self._socket.connect(path)
        self._pending: list[bytes] = []

    def set_timeout(self, timeout_s: float) -> None:
        """How long a read waits from now on."""
        self._socket.settimeout(timeout_s)

    def send(self, **request: Any) -> None:
        self.send_raw(json.dumps(request).encode() + b"\n")

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def block(self) -> bytes:
        """What one read gives."""
        return self._socket.recv(1 << 20)

    def line(self) -> dict[str, Any]:
        """The next line; EOFError at the end."""
        while not self._pending:
            block = self.block()
            if not block:
                raise EOFError
            *lines, rest = block.split(b"\n")
            assert rest == b"", "a line came in pieces"
            self._pending += lines
        found: dict[str, Any] = json.loads(self._pending.pop(0))
        return found

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send, and give the next line."""
        self.send(**request)
        return self.line()

    def end_requests(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()
