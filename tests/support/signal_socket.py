"""A plain client of a Signal websocket, independent of the code under test."""

from __future__ import annotations

import base64
import json
import ssl
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from tests.support.plain_websocket import PlainWebSocket
from tests.support.wire_fields import bytes_field, decode_fields, encode_fields, int_field

_REQUEST, _RESPONSE = 1, 2
_LARGEST_FRAME = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """Something the server asks: a message, the empty queue, an address."""

    id: int
    verb: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the server. Header names are in lower case."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def basic(user: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class SignalSocket:
    """One websocket by HTTP/1.1 upgrade; a context manager."""

    def __init__(
        self,
        url: str,
        tls: ssl.SSLContext,
        *,
        path: str = "/v1/websocket/",
        authorization: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Connects; raises websockets.exceptions.InvalidStatus when refused."""
        extra = dict(headers or {})
        if authorization is not None:
            extra["Authorization"] = authorization
        self._socket = PlainWebSocket(
            url.replace("https://", "wss://") + path, tls, extra, _LARGEST_FRAME
        )
        self._next_id = 1
        self._pushed: deque[ServerRequest] = deque()

    def request(
        self,
        verb: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout_s: float = 60,
    ) -> Answer:
        """Asks the server; what it asks meanwhile is kept for `next_pushed`."""
        request_id, self._next_id = self._next_id, self._next_id + 1
        lines = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body).encode()
            lines.setdefault("content-type", "application/json")
        encoded = encode_fields((1, verb), (2, path), (3, body), (4, request_id))
        for name, value in lines.items():
            encoded += encode_fields((5, f"{name}:{value}"))
        self._socket.send(encode_fields((1, _REQUEST), (2, encoded)))
        while True:
            frame = decode_fields(self._frame(timeout_s))
            if int_field(frame, 1) == _REQUEST:
                self._pushed.append(_server_request(bytes_field(frame, 2)))
                continue
            answer = decode_fields(bytes_field(frame, 3))
            assert int_field(answer, 1) == request_id
            content = answer.get(4, [b""])[-1]
            assert isinstance(content, bytes)
            return Answer(int_field(answer, 2), content, _headers(answer.get(5, [])))

    def next_pushed(self, *, timeout_s: float = 60) -> ServerRequest:
        """The next request of the server; TimeoutError, or ConnectionClosed."""
        if self._pushed:
            return self._pushed.popleft()
        frame = decode_fields(self._frame(timeout_s))
        return _server_request(bytes_field(frame, 2))

    def answer(self, request: ServerRequest, status: int = 200) -> None:
        """Answers a request of the server."""
        encoded = encode_fields((1, request.id), (2, status), (3, "OK"))
        self._socket.send(encode_fields((1, _RESPONSE), (3, encoded)))

    def close(self) -> None:
        """Closes it properly."""
        self._socket.close()

    def __enter__(self) -> SignalSocket:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _frame(self, timeout_s: float) -> bytes:
        return self._socket.receive(timeout_s)


def _server_request(encoded: bytes) -> ServerRequest:
    fields = decode_fields(encoded)
    body = fields.get(3, [b""])[-1]
    assert isinstance(body, bytes)
    return ServerRequest(
        int_field(fields, 4),
        bytes_field(fields, 1).decode(),
        bytes_field(fields, 2).decode(),
        body,
        _headers(fields.get(5, [])),
    )


def _headers(lines: Any) -> dict[str, str]:
    pairs = (line.decode().partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
