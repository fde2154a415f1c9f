"""The provisioning websocket: an address for a new device, and what a primary device sends there."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from secrets import token_bytes
from typing import TYPE_CHECKING

from sigcli.sandbox.exchange import OK, Response
from sigcli.sandbox.framed_socket import FramedSocket
from sigcli.wire.provisioning import encode_address

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from sigcli.sandbox.state import State
    from sigcli.wire.frames import WebSocketRequest, WebSocketResponse

LIFETIME_S = 90.0
ADDRESS_PATH = "/v1/address"
MESSAGE_PATH = "/v1/message"
_TIMEOUT = (1000, "Timeout")
_DONE = (1000, "Closed")


class ProvisioningSocket(FramedSocket):
    """A socket of a device that waits to be linked, for 90 seconds at most."""

    idle_limit_s = 60.0

    def __init__(self, state: State, websocket: WebSocket) -> None:
        super().__init__(state, websocket)
        self._address = urlsafe_b64encode(token_bytes(16)).decode()

    async def _opened(self) -> None:
        self._state.presence.wait_at(self._address, self._deliver)
        self._start(self._expire())
        await self.send_request(ADDRESS_PATH, encode_address(self._address))

    def _left(self) -> None:
        self._state.presence.leave_address(self._address)

    async def _answer(self, request: WebSocketRequest) -> Response:
        alive = request.path in ("/v1/keepalive", "/v1/keepalive/provisioning")
        return OK if alive else Response(404)

    def _deliver(self, message: bytes) -> None:
        def answered(_: WebSocketResponse) -> None:
            self.close_soon(*_DONE)

        self._start(self.send_request(MESSAGE_PATH, message, answered))

    async def _expire(self) -> None:
        await asyncio.sleep(LIFETIME_S)
        await self.close(*_TIMEOUT)
