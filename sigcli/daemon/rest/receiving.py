"""``/v1/receive/{number}``: a poll for requests, a stream for websockets.

Messages that were not taken are delivered next time. A poll's messages are taken when the response has been written to
a client that is still there; a websocket's when the client's pong shows that it has read them.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from sigcli.daemon.http.connections import unsent_bytes
from sigcli.daemon.http.requests import caller_of, in_worker, query_of
from sigcli.daemon.http.streaming import stream_of
from sigcli.daemon.http.websocket_receipts import CONFIRM
from sigcli.daemon.json_bytes import json_bytes
from sigcli.daemon.rest import shapes
from sigcli.daemon.routes.call import Call
from sigcli.daemon.routes.declaring import Family, Query
from sigcli.daemon.routes.mounting import json_response
from sigcli.durations import HOUR_S
from sigcli.errors import SigcliError
from sigcli.operations.shapes.envelope import receive_object
from sigcli.operations.table import RECEIVE, SEND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send
    from starlette.websockets import WebSocket

    from sigcli.client.live.subscription import Delivery, Subscription
    from sigcli.daemon.core import Core
    from sigcli.daemon.http.streaming import Stream

routes = Family("Messages")
_PATH = "/v1/receive/{number}"
_AT_MOST = 1000
"""More come with the next poll."""
_LONGEST_S = HOUR_S
_BEAT_S = 30.0
_WRITTEN_WITHIN_S = 10.0
_LOOK_S = 0.02


@routes.add(
    "GET",
    _PATH,
    query=(
        Query("timeout", int, default=1, minimum=0, help="seconds to wait for the first message"),
        Query("max_messages", int, default=0, minimum=0, help="0: all"),
        Query("ignore_attachments", bool, default=False, help="accepted for compatibility"),
        Query("ignore_stories", bool, default=False, help="leave out stories"),
        Query("ignore_avatars", bool, default=False, help="accepted for compatibility"),
        Query("ignore_stickers", bool, default=False, help="accepted for compatibility"),
        Query(
            "send_read_receipts",
            bool,
            default=False,
            help="tell senders that their messages were read",
        ),
        Query(
            "consumer", str, default=None, help="the consumer, if the token does not determine it"
        ),
    ),
    answer=list[shapes.Received],
)
async def receive(call: Call, request: Request) -> Response:
    """Return received messages as soon as there are any; with an upgrade it is a websocket."""
    subscription = await in_worker(request, _subscribe, call)
    return _Poll(call, subscription)


class _Poll(Response):
    """The response to a poll. Its messages are taken once the client's machine has received all of it."""

    def __init__(self, call: Call, subscription: Subscription) -> None:
        super().__init__()
        self._call = call
        self._subscription = subscription

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = self._call.query
        async with stream_of(scope, self._subscription) as stream:
            watching = asyncio.create_task(_close_when_gone(receive, stream))
            try:
                found = await stream.run(_collect, self._subscription, query)
            finally:
                watching.cancel()
            # If the client is gone, the messages are kept for the next poll.
            given = [] if stream.is_closed else found
            shown = [one.event for one in given if not _is_left_out(one.event, query)]
            await json_response(shown)(scope, receive, send)
            if given and await _is_written(scope):
                self._subscription.taken(given[-1].id)
                await stream.close()
                if query["send_read_receipts"]:
                    await stream.run(_tell_read, self._call, given)


def websocket_route(core: Core) -> BaseRoute:
    """The same path for clients that ask for a websocket."""

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        query = {"consumer": query_of(websocket).get("consumer")}
        call = Call(core, caller_of(websocket), websocket.path_params, query, {})
        try:
            subscription = await in_worker(websocket, _subscribe, call)
        except SigcliError as error:
            await websocket.send_text(websocket_text({"error": error.message, "code": error.code}))
            await websocket.close(1008)
            return
        with contextlib.suppress(WebSocketDisconnect):
            await _hand_out(websocket, subscription)

    return WebSocketRoute(_PATH, stream)


async def _hand_out(websocket: WebSocket, subscription: Subscription) -> None:
    """Send messages as they arrive, until the client is gone."""
    confirm = websocket.scope.get("extensions", {}).get(CONFIRM)
    async with stream_of(websocket.scope, subscription) as stream:
        hearing = asyncio.create_task(_hear(websocket, stream))
        try:
            while not stream.is_closed:
                delivery = await stream.next(_BEAT_S)
                if delivery is None or hearing.done():
                    continue
                await websocket.send_text(websocket_text(delivery.event))
                if confirm is None:
                    subscription.taken(delivery.id)
                else:
                    confirm(delivery.id, subscription.taken)
        finally:
            hearing.cancel()
        if stream.is_ending:
            await websocket.close(1012)


async def _hear(websocket: WebSocket, stream: Stream) -> None:
    """What a client sends is ignored; when its side ends, the subscription ends."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    await stream.close()


async def _close_when_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    await stream.close()


async def _is_written(scope: Scope) -> bool:
    """Wait until the client's machine has received all of the response; false if it does not."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + _WRITTEN_WITHIN_S
    while unsent_bytes(scope):
        if loop.time() > deadline_s:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


def _subscribe(call: Call) -> Subscription:
    live = call.account()
    call.caller.require(RECEIVE, live.entry)
    if call.query.get("send_read_receipts"):
        call.caller.require(SEND, live.entry)
    consumer = call.caller.consumer_for(call.query.get("consumer"))
    return call.core.subscribe(consumer, live, rendering=receive_object)


def _collect(subscription: Subscription, query: Mapping[str, Any]) -> list[Delivery]:
    """Wait for the first message, and add those that are already here."""
    at_most = min(query["max_messages"] or _AT_MOST, _AT_MOST)
    found: list[Delivery] = []
    timeout_s = float(min(query["timeout"], _LONGEST_S))
    while len(found) < at_most:
        delivery = subscription.next(0 if found else timeout_s)
        if delivery is None:
            break
        found.append(delivery)
    return found


def _tell_read(call: Call, given: list[Delivery]) -> None:
    for one in given:
        envelope = one.event["envelope"]
        sender = envelope["sourceUuid"]
        if sender is None or not ("dataMessage" in envelope or "editMessage" in envelope):
            continue
        try:
            call.run("sendReceipt", recipient=sender, targetTimestamp=envelope["timestamp"])
        except SigcliError as error:
            call.core.settings.warn(f"a read receipt was not sent: {error.message}")


def _is_left_out(event: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    return bool(query["ignore_stories"]) and "storyMessage" in event["envelope"]


def websocket_text(value: Any) -> str:
    """What a frame holds: a letter that no text can carry may not end the stream, again at each new connection."""
    return json_bytes(value).decode()
