"""What stands on uvicorn itself: a server without signal handlers, and connections that tell more.

ASGI does not say of a websocket that pings arrive, which count against idleness, and cannot end a connection
without a closing handshake.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import MutableMapping
    from contextlib import AbstractContextManager

    from websockets.http11 import Request

_KEY = "sandbox.connection"


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


class ObservedProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's websocket protocol; notes when something arrived and leaves itself in the scope."""

    last_arrival_s = 0.0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["state"][_KEY] = self

    def data_received(self, data: bytes) -> None:
        self.last_arrival_s = self.loop.time()
        super().data_received(data)


def last_arrival_s(scope: MutableMapping[str, Any]) -> float | None:
    """When the peer last sent anything, by the event loop's clock; None if that is not known."""
    protocol = scope.get("state", {}).get(_KEY)
    return protocol.last_arrival_s if isinstance(protocol, ObservedProtocol) else None


def cut(scope: MutableMapping[str, Any]) -> None:
    """End the connection at once, without a word."""
    protocol = scope.get("state", {}).get(_KEY)
    if isinstance(protocol, ObservedProtocol):
        protocol.transport.abort()
