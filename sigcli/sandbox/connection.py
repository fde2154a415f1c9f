"""What a websocket handler must know of the connection underneath, which ASGI does not tell.

Pings count against idleness but never reach an application, and only the transport can be cut without
a closing handshake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from websockets.http11 import Request

_KEY = "sandbox.connection"


class ObservedProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's websocket protocol; notes when something arrived and leaves itself in the scope."""

    last_arrival_s = 0.0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["state"][_KEY] = self  # type: ignore[typeddict-item]

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
