"""A websocket that carries requests and responses both ways, whatever their content."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect, WebSocketState

from sigcli.errors import MalformedMessage
from sigcli.sandbox import connection
from sigcli.sandbox.dispatch import TIMESTAMP_HEADER
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from starlette.websockets import WebSocket

    from sigcli.sandbox.exchange import Response
    from sigcli.sandbox.state import State

BAD_FRAME = (1007, "Badly formatted")
IDLE = (1001, "Connection Idle Timeout")
_GONE = (WebSocketDisconnect, RuntimeError, OSError)


class FramedSocket(ABC):
    """One accepted websocket; subclasses handle the requests and what happens at the start."""

    idle_limit_s: float = 90.0

    def __init__(self, state: State, websocket: WebSocket) -> None:
        self._state = state
        self._websocket = websocket
        self._next_id = 0
        self._answered: dict[int, Callable[[WebSocketResponse], None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Read until the socket ends."""
        self._start(self._watch_idleness())
        try:
            await self._opened()
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                # Text is ignored.
                if (data := message.get("bytes")) is not None and not self._take(data):
                    await self.close(*BAD_FRAME)
                    return
        except _GONE:
            return
        finally:
            self._left()
            for task in self._tasks:
                task.cancel()

    async def _opened(self) -> None:  # noqa: B027 - a hook that not every socket needs
        """Called once the socket is open."""

    def _left(self) -> None:  # noqa: B027 - a hook that not every socket needs
        """Called once it is closed."""

    @abstractmethod
    async def _answer(self, request: WebSocketRequest) -> Response | None:
        """The answer to a request of the peer; None for no answer at all."""

    async def send_request(
        self, path: str, body: bytes, answered: Callable[[WebSocketResponse], None] | None = None
    ) -> None:
        """Send ``PUT path``; ``answered`` is called with the peer's response."""
        id, self._next_id = self._next_id, self._next_id + 1
        if answered is not None:
            self._answered[id] = answered
        stamp = str(self._state.clock.now_ms())
        await self._send(
            WebSocketRequest(
                id=id, verb="PUT", path=path, body=body, headers=((TIMESTAMP_HEADER, stamp),)
            )
        )

    async def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake; never raises."""
        if self._websocket.application_state is WebSocketState.CONNECTED:
            try:
                await self._websocket.close(code, reason)
            except _GONE:
                return

    def close_soon(self, code: int, reason: str) -> None:
        """Close after what is being answered now."""
        self._start(self.close(code, reason))

    def cut(self) -> None:
        """End the connection without a closing handshake."""
        connection.cut(self._websocket.scope)

    async def _send(self, frame: WebSocketRequest | WebSocketResponse) -> None:
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._websocket.send_bytes(encode_frame(frame))
        except _GONE:
            return

    def _take(self, data: bytes) -> bool:
        """Handle a frame in the background; returns false if it is not valid."""
        try:
            frame = decode_frame(data)
        except MalformedMessage:
            return False
        if isinstance(frame, WebSocketRequest):
            self._start(self._respond(frame))
        elif frame.id is not None and (answered := self._answered.pop(frame.id, None)):
            answered(frame)
        return True

    async def _respond(self, request: WebSocketRequest) -> None:
        response = await self._answer(request)
        if response is None or request.id is None:
            return
        headers = {**response.headers, "Content-Length": str(len(response.body))}
        await self._send(
            WebSocketResponse(
                id=request.id,
                status=response.status,
                message=_phrase(response.status),
                body=response.body,
                headers=tuple(headers.items()),
            )
        )

    async def _watch_idleness(self) -> None:
        loop = asyncio.get_running_loop()
        opened_s = loop.time()
        while True:
            last_s = connection.last_arrival_s(self._websocket.scope) or opened_s
            left_s = last_s + self.idle_limit_s - loop.time()
            if left_s <= 0:
                await self.close(*IDLE)
                return
            await asyncio.sleep(left_s)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
