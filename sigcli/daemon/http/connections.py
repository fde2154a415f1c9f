"""What is built on uvicorn itself: a server without signal handlers, which closes stuck connections.

Uvicorn waits for ever for the head of a request, for the rest of a body that no route reads, and for a client that does
not read its answer. Here all connections are checked regularly, and one that makes no progress for too long is closed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sigcli.system import unread_bytes, unread_request

if TYPE_CHECKING:
    import threading
    from collections.abc import MutableMapping
    from contextlib import AbstractContextManager

_KEY = "sigcli.connection"
_LOOK_S = 1.0
_HEAD_S = 15.0
"""For the head of a request."""
_REST_S = 5.0
"""For the rest of a body after the answer."""
_WRITE_S = 30.0
"""For a client that reads nothing of its answer."""


class QuietServer(uvicorn.Server):
    """Leaves signals to the program, says when it listens, and closes stuck connections."""

    def __init__(self, config: uvicorn.Config, listening: threading.Event) -> None:
        super().__init__(config)
        self.listening = listening
        self._sweeping: asyncio.Task[None] | None = None

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._sweeping = asyncio.create_task(self._sweep())
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        await super().shutdown(sockets)
        for protocol in tuple(self.server_state.connections):
            protocol.transport.abort()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_S)
            for protocol in tuple(self.server_state.connections):
                if isinstance(
                    protocol, (WatchedHttp, WatchedWebSocket)
                ) and protocol.watch.is_stuck(protocol.phase(), loop.time()):
                    _cut(protocol.transport)


class Watch:
    """How long a connection has been in its current phase without progress."""

    __slots__ = ("_phase", "_since_s")

    def __init__(self) -> None:
        self._phase: tuple[float, Any] | None = None
        self._since_s = 0.0

    def is_stuck(self, phase: tuple[float, Any] | None, now_s: float) -> bool:
        """Check once more; ``phase`` is the time it may take and what must change meanwhile, None if nothing is
        awaited.
        """
        if phase != self._phase:
            self._phase, self._since_s = phase, now_s
            return False
        return phase is not None and now_s - self._since_s > phase[0]


class WatchedHttp(H11Protocol):
    """Uvicorn's HTTP protocol; adds itself to the scope of its requests."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, _KEY: self}
        self.watch = Watch()
        self.is_same_user: bool | None = None
        """Whether the other end is a program of the daemon's own user; None until it was looked up."""
        super().connection_made(transport)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not valid HTTP."""
        body = json.dumps({"error": msg}).encode()
        kind, length = (b"content-type", b"application/json"), str(len(body)).encode()
        headers = [kind, (b"content-length", length), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def phase(self) -> tuple[float, Any] | None:
        """What it currently waits for."""
        if size := self.transport.get_write_buffer_size():
            return _WRITE_S, size
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            return _HEAD_S, "head"
        is_answered = self.cycle is not None and self.cycle.response_complete
        if is_answered and self.conn.their_state is h11.SEND_BODY:
            return _REST_S, "rest"
        return None


class WatchedWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's websocket protocol."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.watch = Watch()
        super().connection_made(transport)

    def phase(self) -> tuple[float, Any] | None:
        """What it currently waits for."""
        size = self.transport.get_write_buffer_size()
        return (_WRITE_S, size) if size else None


def _cut(transport: asyncio.Transport) -> None:
    """Close a connection at once; the system keeps no data for a client that reads nothing."""
    if transport.get_write_buffer_size():
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
    transport.abort()


def connection_of(scope: MutableMapping[str, Any]) -> WatchedHttp | None:
    """The connection of a request; None outside of the server."""
    found = scope.get("state", {}).get(_KEY)
    return found if isinstance(found, WatchedHttp) else None


def unsent_bytes(scope: MutableMapping[str, Any]) -> int:
    """How many written bytes the client's machine has not received; 0 if that is unknown."""
    connection = connection_of(scope)
    if connection is None:
        return 0
    waiting = connection.transport.get_write_buffer_size()
    if not waiting:
        with suppress(OSError, ValueError):
            descriptor = connection.transport.get_extra_info("socket").fileno()
            waiting = unread_bytes(descriptor, unread_request(descriptor))
    return waiting
