"""A websocket over TLS: one thread reads whole messages, any thread writes. The only file that imports websockets.

The library's protocol without I/O runs on sigcli's own socket: the library's client takes longer to import, and two
threads must not use one TLS object at the same time, which the lock here prevents without blocking either.
"""

from __future__ import annotations

import importlib
import socket
import ssl
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.errors import (
    ConnectedElsewhere,
    ConnectionLost,
    LoginRefused,
    MalformedAnswer,
    ReauthenticationRequired,
    ServiceError,
    TimedOut,
)
from sigcli.leaving_out import left_out
from sigcli.service.deadlines import Deadline, send_within
from sigcli.service.exchange import CONNECT_TIMEOUT_S, Response
from sigcli.service.network import named_network_error, wait_readable, wait_writable

# The package always imports this, and uses it in unreleased versions only; without it, importing takes half the time.
with left_out("importlib.metadata"), suppress(AttributeError):
    importlib.import_module("websockets")

# Its log imports the first, for errors that nobody logs, and its own requests the second, to write their host.
with left_out("traceback", "ipaddress"):
    from websockets.client import ClientProtocol
    from websockets.datastructures import Headers
    from websockets.exceptions import (
        InvalidStatus,
        PayloadTooBig,
        WebSocketException,
    )
    from websockets.frames import Frame, Opcode
    from websockets.http11 import Request
    from websockets.uri import WebSocketURI

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.network import Network

__all__ = ["UpgradeRefused", "WebSocket", "close_error"]

MAX_MESSAGE = 16 * 1024 * 1024
SEND_TIMEOUT_S = 30.0
GOODBYE_TIMEOUT_S = 2.0
_CHUNK = 64 * 1024
_CLOSE_ERRORS: Mapping[int, type[ConnectionLost]] = {
    4409: ConnectedElsewhere,
    4401: ReauthenticationRequired,
    # Signal's mock server refuses a login after the upgrade; the real one answers the upgrade with 403.
    3000: LoginRefused,
}


class UpgradeRefused(Exception):
    """The server answered the upgrade with an ordinary HTTP answer, for the caller to interpret."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def close_error(code: int | None, reason: str) -> ConnectionLost:
    """The error for a close code; None is a connection that ended without one."""
    if code is None:
        return ConnectionLost("the connection to the service broke off")
    kind = _CLOSE_ERRORS.get(code)
    if kind is not None:
        return kind(close_code=code, reason=reason)
    return ConnectionLost(
        f"the service closed the connection (code {code})", close_code=code, reason=reason
    )


class WebSocket:
    """An open websocket; made by ``connect``. ``headers`` are those of the upgrade answer, in lower case."""

    def __init__(
        self, connection: ssl.SSLSocket, protocol: ClientProtocol, headers: Mapping[str, str]
    ) -> None:
        self.headers = headers
        self.on_pong: Callable[[], None] | None = None
        self._socket = connection
        self._protocol = protocol
        self._lock = threading.Lock()
        self._outgoing = bytearray()
        self._messages: deque[bytes] = deque()
        self._fragments: list[bytes] = []
        self._pongs = 0
        self._is_drained = False
        """Whether the last read left nothing: the next one waits first, which costs less than a refused read."""
        self._closing = False
        self._failure: ServiceError | None = None
        connection.setblocking(False)

    @classmethod
    def connect(
        cls,
        network: Network,
        url: BaseUrl,
        path: str,
        headers: Mapping[str, str],
        timeout_s: float = CONNECT_TIMEOUT_S,
        max_message: int = MAX_MESSAGE,
    ) -> WebSocket:
        """Open a websocket at ``url`` + ``path`` within ``timeout_s``.

        Raises UpgradeRefused for an HTTP answer, MalformedAnswer for anything else that is not an upgrade, Unreachable,
        TimedOut, TlsRejected, ProxyRefused.
        """
        deadline = Deadline(timeout_s)
        connection = network.connect(url, timeout_s)
        try:
            protocol = ClientProtocol(
                WebSocketURI(True, url.host, url.port, url.path + path, ""), max_size=max_message
            )
            answer = _upgrade(
                connection,
                protocol,
                {"Host": url.authority, **headers, "User-Agent": network.user_agent},
                deadline,
            )
            opened = cls(connection, protocol, answer)
            opened._collect()
        except OSError as problem:
            connection.close()
            raise named_network_error(problem, url.host) from problem
        except BaseException:
            connection.close()
            raise
        return opened

    @property
    def pongs(self) -> int:
        """How many answers to pings have come."""
        return self._pongs

    def read(self) -> bytes:
        """Wait for the next binary message; for one thread only.

        Raises the error for the close code, ConnectionLost if the connection broke or was closed on this side,
        MalformedAnswer if the other side violates the protocol.
        """
        while True:
            if self._messages:
                return self._messages.popleft()
            if self._failure is not None:
                raise self._failure
            self._receive()

    def send(self, message: bytes) -> None:
        """Send one binary message; raises ConnectionLost or TimedOut."""
        with self._lock:
            self._require_open()
            self._protocol.send_binary(message)
            self._take_outgoing()
        self._flush()

    def ping(self) -> None:
        """Send a ping frame; its answer counts in ``pongs``. Raises ConnectionLost or TimedOut."""
        with self._lock:
            self._require_open()
            self._protocol.send_ping(b"")
            self._take_outgoing()
        self._flush()

    def say_goodbye(self) -> None:
        """Begin the closing handshake; the reader then ends with ConnectionLost. Never raises."""
        with self._lock:
            if self._closing or self._failure is not None:
                return
            self._closing = True
            try:
                self._protocol.send_close(1000)
            except WebSocketException:
                return
            self._take_outgoing()
        try:
            self._flush(GOODBYE_TIMEOUT_S)
        except ServiceError:
            return

    def abort(self) -> None:
        """Cut the connection, which wakes the reader; callable from any thread, repeatedly."""
        self._closing = True
        try:
            # Not SSLSocket.shutdown: that takes the TLS object away from a thread that may be using it.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            return

    def release(self) -> None:
        """Free the socket; only when no thread reads any more."""
        self._socket.close()

    def _require_open(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closing:
            raise ConnectionLost("the connection to the service is closed")

    def _receive(self) -> None:
        if self._is_drained:
            wait_readable(self._socket, None)
        try:
            with self._lock:
                data = self._socket.recv(_CHUNK)
                self._is_drained = not self._socket.pending()
                if data:
                    self._protocol.receive_data(data)
                else:
                    self._protocol.receive_eof()
                self._take_outgoing()
        except ssl.SSLWantReadError:
            wait_readable(self._socket, None)
            return
        except ssl.SSLWantWriteError:
            wait_writable(self._socket, None)
            return
        except (OSError, EOFError):
            self._failure = close_error(None, "")
            return
        self._collect()
        if self._outgoing:
            try:
                self._flush()
            except ServiceError as problem:
                self._failure = self._failure or problem

    def _collect(self) -> None:
        """Sort what the protocol has read into messages, pongs and the end."""
        for event in self._protocol.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode is Opcode.PONG:
                self._pongs += 1
                if self.on_pong is not None:
                    self.on_pong()
            elif event.opcode in (Opcode.BINARY, Opcode.CONT, Opcode.TEXT):
                self._collect_data(event)
        closed, problem = self._protocol.close_rcvd, self._protocol.parser_exc
        if closed is not None:
            self._failure = close_error(closed.code, closed.reason)
        elif isinstance(problem, PayloadTooBig):
            self._failure = MalformedAnswer("the service sent too large a message")
        elif isinstance(problem, EOFError):
            self._failure = close_error(None, "")
        elif problem is not None:
            self._failure = MalformedAnswer("the service violated the websocket protocol")

    def _collect_data(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT and frame.fin:
            # The service sends binary messages; it ignores text itself.
            return
        self._fragments.append(bytes(frame.data))
        if frame.fin:
            self._messages.append(b"".join(self._fragments))
            self._fragments.clear()

    def _take_outgoing(self) -> None:
        for data in self._protocol.data_to_send():
            self._outgoing += data

    def _flush(self, timeout_s: float = SEND_TIMEOUT_S) -> None:
        """Write what is pending; the lock is free while the socket is not ready."""
        deadline = Deadline(timeout_s)
        try:
            while True:
                with self._lock:
                    if not self._outgoing:
                        return
                    try:
                        sent = self._socket.send(self._outgoing)
                        del self._outgoing[:sent]
                        deadline.moved(sent)
                        continue
                    except ssl.SSLWantReadError:
                        wait = wait_readable
                    except ssl.SSLWantWriteError:
                        wait = wait_writable
                if not wait(self._socket, deadline.left_s()):
                    raise TimeoutError
        except TimeoutError:
            self.abort()
            raise TimedOut("the service stopped reading") from None
        except OSError:
            raise close_error(None, "") from None


def _upgrade(
    connection: ssl.SSLSocket,
    protocol: ClientProtocol,
    headers: Mapping[str, str],
    deadline: Deadline,
) -> dict[str, str]:
    """The headers of the answer that accepts the upgrade; raises UpgradeRefused or MalformedAnswer."""
    # What the library asks for, without its reading of the host (RFC 6455, section 4.1).
    asked = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": protocol.key,
        "Sec-WebSocket-Version": "13",
    }
    protocol.send_request(Request(protocol.uri.resource_name, Headers({**headers, **asked})))
    for data in protocol.data_to_send():
        send_within(connection, data, deadline)
    while not protocol.events and protocol.handshake_exc is None:
        connection.settimeout(deadline.left_s())
        data = connection.recv(_CHUNK)
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
    problem = protocol.handshake_exc
    if isinstance(problem, InvalidStatus):
        refusal = problem.response
        raise UpgradeRefused(
            Response(refusal.status_code, _lower(refusal.headers), bytes(refusal.body or b""))
        )
    if problem is not None:
        if isinstance(problem.__cause__, EOFError):
            raise ConnectionLost from problem
        raise MalformedAnswer("the service did not accept the websocket") from problem
    answer = protocol.events.pop(0)
    return _lower(getattr(answer, "headers", {}))


def _lower(headers: object) -> dict[str, str]:
    items = headers.raw_items() if hasattr(headers, "raw_items") else ()
    merged: dict[str, str] = {}
    for name, value in items:
        key = str(name).lower()
        merged[key] = f"{merged[key]}, {value}" if key in merged else str(value)
    return merged
