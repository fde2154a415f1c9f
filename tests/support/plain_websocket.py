"""A websocket client for tests, in one thread.

The ready-made synchronous client of `websockets` reads in a thread of its own. Before Python 3.13 a TLS socket does not
survive that: a write that meets the session tickets after a TLS 1.3 handshake is lost now and then.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

_CONNECT_TIMEOUT_S = 60
_CLOSE_TIMEOUT_S = 5
_CHUNK = 65536


class PlainWebSocket:
    """Whole binary messages over TLS. Not for several threads."""

    def __init__(
        self, url: str, tls: ssl.SSLContext, headers: dict[str, str], largest_message: int
    ) -> None:
        """Connects to a wss URL; raises InvalidStatus and other InvalidHandshake, OSError."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        raw = socket.create_connection((parts.hostname, parts.port or 443), _CONNECT_TIMEOUT_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket = tls.wrap_socket(raw, server_hostname=parts.hostname)
        except BaseException:
            raw.close()
            raise
        self._messages: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._protocol = ClientProtocol(parse_uri(url), max_size=largest_message)
        try:
            self._handshake(headers)
        except BaseException:
            self._socket.close()
            raise

    def send(self, message: bytes) -> None:
        """Sends one binary message; raises ConnectionClosed."""
        if self._protocol.state is not State.OPEN:
            raise self._protocol.close_exc
        self._protocol.send_binary(message)
        self._flush()

    def receive(self, timeout_s: float) -> bytes:
        """The next binary message; raises TimeoutError or ConnectionClosed."""
        deadline = time.monotonic() + timeout_s
        while not self._messages:
            if self._protocol.state is State.CLOSED:
                raise self._protocol.close_exc
            self._read(deadline)
        return self._messages.popleft()

    def close(self) -> None:
        """Says goodbye, waits for the other's, and ends the connection."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
            self._flush()
        deadline = time.monotonic() + _CLOSE_TIMEOUT_S
        try:
            while self._protocol.state is not State.CLOSED:
                self._read(deadline)
        except (TimeoutError, ConnectionClosed):
            pass
        self._socket.close()

    def _handshake(self, headers: dict[str, str]) -> None:
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush()
        deadline = time.monotonic() + _CONNECT_TIMEOUT_S
        while self._protocol.state is State.CONNECTING and (self._protocol.handshake_exc is None):
            self._read(deadline)
        if self._protocol.handshake_exc is not None:
            raise self._protocol.handshake_exc

    def _read(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing came from the server")
        self._socket.settimeout(left)
        try:
            chunk = self._socket.recv(_CHUNK)
        except TimeoutError:
            raise TimeoutError("nothing came from the server") from None
        except OSError:
            chunk = b""
        if chunk:
            self._protocol.receive_data(chunk)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.BINARY, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    self._messages.append(b"".join(self._parts))
                    self._parts.clear()
        self._flush()

    def _flush(self) -> None:
        self._socket.settimeout(_CONNECT_TIMEOUT_S)
        for chunk in self._protocol.data_to_send():
            # An empty chunk asks for a half-close, which TLS sockets of Python do not have.
            try:
                self._socket.sendall(chunk)
            except OSError:
                # The other end is gone; what it said before can still be read.
                return
