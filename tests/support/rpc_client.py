"""A client of JSON-RPC by the line, over a socket."""

from __future__ import annotations

import itertools
import json
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

SOON_S = 60.0


class RpcClient:
    """For one thread."""

    def __init__(self, address: str | tuple[str, int], timeout_s: float = SOON_S) -> None:
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        connected = socket.socket(family, socket.SOCK_STREAM)
        connected.settimeout(timeout_s)
        connected.connect(address)
        self.use(connected, timeout_s)

    def use(self, connected: socket.socket, timeout_s: float) -> None:
        """Talk over this."""
        self.socket = connected
        self.socket.settimeout(timeout_s)
        self._reading = self.socket.makefile("rb")
        self._ids = itertools.count()
        self._notifications: deque[dict[str, Any]] = deque()
        self._answers: dict[Any, dict[str, Any]] = {}

    def call(self, method: str, **params: Any) -> Any:
        """The result; AssertionError with the error."""
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def fail(self, method: str, **params: Any) -> dict[str, Any]:
        """The error."""
        error: dict[str, Any] = self.ask(method, **params)["error"]
        return error

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer."""
        return self.answer_to(self.begin(method, **params))

    def begin(self, method: str, **params: Any) -> int:
        """Send a request; its id."""
        id = next(self._ids)
        self.send({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        return id

    def answer_to(self, id: Any) -> dict[str, Any]:
        """The answer to a request that was sent."""
        while id not in self._answers:
            self._sort(self.read())
        return self._answers.pop(id)

    def notified(self) -> dict[str, Any]:
        """The next notification's params."""
        while not self._notifications:
            self._sort(self.read())
        params: dict[str, Any] = self._notifications.popleft()["params"]
        return params

    def forget_notifications(self) -> None:
        """Drop those that came while an answer was waited for."""
        self._notifications.clear()

    def nothing_comes(self, for_s: float = 0.5) -> bool:
        """Whether nothing is told for a while."""
        if self._notifications:
            return False
        before = self.socket.gettimeout()
        self.socket.settimeout(for_s)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)
        return False

    def send(self, value: Any) -> None:
        self.write(json.dumps(value).encode() + b"\n")

    def write(self, data: bytes) -> None:
        self.socket.sendall(data)

    def end(self) -> None:
        """Say no more, and go on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def read(self) -> Any:
        """The next line, decoded; raises EOFError at the end."""
        line = self._reading.readline()
        if not line:
            raise EOFError
        assert line.endswith(b"\n"), line
        return json.loads(line)

    def close(self) -> None:
        self._reading.close()
        self.socket.close()

    def __enter__(self) -> RpcClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sort(self, value: Any) -> None:
        if "method" in value:
            self._notifications.append(value)
        else:
            self._answers[value["id"]] = value


def read_all(connected: socket.socket) -> bytes:
    """What comes until the end."""
    found = bytearray()
    receive: Callable[[int], bytes] = connected.recv
    while piece := receive(65536):
        found += piece
    return bytes(found)
