"""Access to the stand-ins for enclaves: who is admitted, and what is served after the handshake."""

from __future__ import annotations

import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair
from sigcli.sandbox import connection
from sigcli.sandbox.dispatch import Dropped
from sigcli.sandbox.enclave_channel import UNAVAILABLE, ChannelClosed, EnclaveChannel, close
from sigcli.sandbox.environment_file import SVR2_GENERATIONS
from sigcli.sandbox.exchange import Request, Response
from sigcli.sandbox.login import BasicLogin
from sigcli.sandbox.number_lookup import serve_lookup
from sigcli.sandbox.service_logins import DIRECTORY, SVR2, login_user
from sigcli.sandbox.svr2 import serve_svr2

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.websockets import WebSocket

    from sigcli.sandbox.dispatch import Dispatcher
    from sigcli.sandbox.state import State

    Refuse = Callable[[WebSocket, Response], Awaitable[None]]


class EnclaveDoors:
    """Contact discovery and PIN recovery; ``refuse`` answers an upgrade with a status."""

    def __init__(self, state: State, dispatcher: Dispatcher, refuse: Refuse) -> None:
        self._state = state
        self._dispatcher = dispatcher
        self._refuse = refuse
        self._key = KeyPair.generate()

    async def directory(self, websocket: WebSocket) -> None:
        """``/v1/{enclave}/discovery``."""
        user = await self._come_in(websocket, DIRECTORY)
        if user is not None:
            await self._serve(websocket, lambda channel: serve_lookup(self._state, channel, user))

    async def svr2(self, websocket: WebSocket) -> None:
        """``/v1/{enclave}``."""
        enclave = websocket.path_params["enclave"]
        if enclave not in SVR2_GENERATIONS:
            await self._refuse(websocket, Response(404))
            return
        user = await self._come_in(websocket, SVR2)
        if user is not None:
            await self._serve(
                websocket, lambda channel: serve_svr2(self._state, channel, enclave, user)
            )

    async def _come_in(self, websocket: WebSocket, service: str) -> str | None:
        """The user of the login; None if the upgrade was refused."""
        upgrade = Request(method="GET", path=websocket.url.path)
        try:
            refusal = await self._dispatcher.meet_faults(upgrade)
        except Dropped:
            connection.cut(websocket.scope)
            return None
        login = BasicLogin.parse(websocket.headers.get("authorization"))
        user = login_user(self._state, service, login)
        if refusal is None and user is None:
            refusal = Response(401)
        if refusal is not None:
            await self._refuse(websocket, refusal)
            return None
        return user

    async def _serve(
        self, websocket: WebSocket, serve: Callable[[EnclaveChannel], Awaitable[None]]
    ) -> None:
        try:
            await serve(await EnclaveChannel.accept(websocket, self._key))
        except ChannelClosed as closed:
            if closed.code is not None:
                await close(websocket, closed.code, closed.reason)
        except Exception:
            self._state.emit({"event": "error", "trace": traceback.format_exc()})
            with suppress(Exception):
                await close(websocket, UNAVAILABLE)
