"""The chat websocket: requests through the same table as REST, and the delivery of queued messages.

Rules of the queue: ``WebSocketConnection`` of the public Signal-Server. A message leaves the queue when it was answered
with a 2xx, and otherwise stays for the next connection.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from sigcli.sandbox.delivery import send_receipt
from sigcli.sandbox.dispatch import Dropped
from sigcli.sandbox.exchange import OK, Request, Response
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.framed_socket import FramedSocket
from sigcli.sandbox.login import find_caller
from sigcli.wire.envelopes import with_text_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.websockets import WebSocket

    from sigcli.sandbox.dispatch import Dispatcher
    from sigcli.sandbox.exchange import Caller
    from sigcli.sandbox.queues import Queued
    from sigcli.sandbox.state import State
    from sigcli.wire.frames import WebSocketRequest, WebSocketResponse

WINDOW = 256
MESSAGE_PATH = "/api/v1/message"
QUEUE_EMPTY_PATH = "/api/v1/queue/empty"
KEEPALIVE_PATH = "/v1/keepalive"
STORIES_HEADER = "x-signal-receive-stories"
NO_MESSAGES_HEADER = "x-signal-disable-messages"
_ORPHANED = (1000, "OK")
_CUT_DELAY_S = 0.05
_NOT_INHERITED = frozenset({"connection", "upgrade"})


class ChatSocket(FramedSocket):
    """An open chat socket, with or without a login."""

    def __init__(
        self,
        state: State,
        websocket: WebSocket,
        dispatcher: Dispatcher,
        caller: Caller | None,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(state, websocket)
        self.idle_limit_s = state.switches.idle_limit_s
        self._dispatcher = dispatcher
        self._place = None if caller is None else (caller.account.aci, caller.device.id)
        self._inherited = {
            name: value
            for name, value in headers.items()
            if name not in _NOT_INHERITED and "websocket-" not in name
        }
        self._stories = headers.get(STORIES_HEADER) == "true"
        self.reads_messages = caller is not None and headers.get(NO_MESSAGES_HEADER) != "true"
        self._wake = asyncio.Event()
        self._cursor = 0
        self._unanswered: set[int] = set()
        # Positions that must be answered before the queue counts as empty; None until the queue was read.
        self._before_empty: set[int] | None = None
        self._told_empty = False
        self._sent = 0
        self._cut_after: int | None = None

    async def _opened(self) -> None:
        if self._place is None:
            return
        self._state.presence.enter(self._place, self)
        if self.reads_messages:
            upgrade = Request(
                method="GET", path="/v1/websocket/", caller=find_caller(self._state, self._place)
            )
            cut = self._state.faults.take(FaultKind.CUT, upgrade)
            self._cut_after = None if cut is None else max(1, cut.after)
            self._start(self._deliver())
            self.wake()

    def _left(self) -> None:
        if self._place is not None:
            self._state.presence.leave(self._place, self)

    def wake(self) -> None:
        """Check the queue."""
        self._wake.set()

    # --- requests of the client ------------------------------------------------------------------

    async def _answer(self, request: WebSocketRequest) -> Response | None:
        parts = urlsplit(request.path)
        if (request.verb, parts.path) == ("GET", KEEPALIVE_PATH):
            return self._keep_alive()
        headers = self._inherited | dict(request.headers)
        # The inner one is sent by mistake and ignored.
        if "user-agent" in self._inherited:
            headers["user-agent"] = self._inherited["user-agent"]
        caller = None
        if self._place is not None:
            caller = find_caller(self._state, self._place)
            if caller is None:
                return self._dispatcher.stamped(Response(401))
        try:
            return await self._dispatcher.answer(
                Request(
                    method=request.verb,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers=headers,
                    body=request.body,
                    over_websocket=True,
                    caller=caller,
                ),
                with_caller=True,
            )
        except Dropped:
            self.cut()
            return None

    def _keep_alive(self) -> Response:
        if self._place is not None and not self._state.presence.reads(*self._place):
            self.close_soon(*_ORPHANED)
        return self._dispatcher.stamped(OK)

    # --- messages for the client -----------------------------------------------------------------

    async def _deliver(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._send_what_fits()
            if self._before_empty is not None and not self._before_empty and not self._told_empty:
                self._told_empty = True
                await self.send_request(QUEUE_EMPTY_PATH, b"")

    async def _send_what_fits(self) -> None:
        assert self._place is not None
        while (room := WINDOW - len(self._unanswered)) > 0:
            now_ms = self._state.clock.now_ms()
            queued = self._state.queues.after(*self._place, self._cursor, room, now_ms)
            if not queued:
                if self._before_empty is None:
                    self._before_empty = set(self._unanswered)
                return
            for message in queued:
                self._cursor = message.position
                await self._send_message(message)

    async def _send_message(self, message: Queued) -> None:
        if message.story and not self._stories:
            self._state.queues.remove(message.position)
            self._state.database.commit()
            return
        if self._cut_after is not None and self._sent >= self._cut_after:
            return
        self._sent += 1
        self._unanswered.add(message.position)
        position, receipt = message.position, message.receipt

        def answered(response: WebSocketResponse) -> None:
            self._unanswered.discard(position)
            if self._before_empty is not None:
                self._before_empty.discard(position)
            if response.is_success:
                self._state.queues.remove(position)
                if receipt is not None and self._place is not None:
                    send_receipt(self._state, receipt, self._place[1])
                self._state.database.commit()
            self.wake()

        envelope = message.envelope
        if self._state.switches.legacy_ids:
            envelope = with_text_ids(envelope)
        await self.send_request(MESSAGE_PATH, envelope, answered)
        if self._sent == self._cut_after:
            # Not at once: what was sent should still arrive.
            asyncio.get_running_loop().call_later(_CUT_DELAY_S, self.cut)
