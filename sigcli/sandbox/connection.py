"""What is built on uvicorn itself: a server without signal handlers, and connections with more information.

With ASGI alone, an application does not see pings on a websocket, which count against idleness, and cannot end a
connection without a closing handshake.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    import threading
    from collections.abc import MutableMapping
    from contextlib import AbstractContextManager

_KEY = "sandbox.connection"
# Turns of the event loop until a transport has noticed the end and closed its socket.
_TURNS = 5


class AnnouncedServer(uvicorn.Server):
    """Leaves signals to the program and says when it listens."""

    def __init__(self, config: uvicorn.Config, listening: threading.Event) -> None:
        super().__init__(config)
        self._listening = listening

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening.set()

    async def cut_connections(self) -> None:
        """End the remaining connections: a peer that does not answer may keep a TLS connection open."""
        for protocol in tuple(self.server_state.connections):
            if isinstance(protocol, (CuttableHttp, ObservedWebSocket)):
                _shut_down(protocol.socket)
        for _ in range(_TURNS):
            await asyncio.sleep(0)


class CuttableHttp(H11Protocol):
    """Uvicorn's HTTP protocol; adds itself to the scope of its requests."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, _KEY: self}
        # A transport that was closed twice no longer reaches its own socket.
        self.socket: Any = transport.get_extra_info("socket")
        super().connection_made(transport)


class ObservedWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's websocket protocol; notes when something arrives and adds itself to its scope."""

    last_arrival_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.app_state = {**self.app_state, _KEY: self}
        # A transport that was closed twice no longer reaches its own socket.
        self.socket: Any = transport.get_extra_info("socket")
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.last_arrival_s = self.loop.time()
        super().data_received(data)


def last_arrival_s(scope: MutableMapping[str, Any]) -> float | None:
    """When the peer last sent anything, by the event loop's clock; None if unknown."""
    protocol = scope.get("state", {}).get(_KEY)
    return protocol.last_arrival_s if isinstance(protocol, ObservedWebSocket) else None


def cut(scope: MutableMapping[str, Any]) -> None:
    """End the connection at once, without a closing handshake."""
    protocol = scope.get("state", {}).get(_KEY)
    if isinstance(protocol, (CuttableHttp, ObservedWebSocket)):
        protocol.transport.abort()


def _shut_down(connected: Any) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
