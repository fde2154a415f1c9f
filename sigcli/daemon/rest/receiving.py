"""``/v1/receive/{number}``: a poll for requests, a stream for websockets.

What nobody has taken waits for the next. A poll's messages are taken when the answer is written to a client that is
still there; a websocket's when the client's pong shows that it has read them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from starlette.background import BackgroundTask
from starlette.routing import WebSocketRoute

from sigcli.daemon.http.connections import unsent_bytes
from sigcli.daemon.http.requests import caller_of, in_worker
from sigcli.daemon.http.streaming import deliveries, streams_of
from sigcli.daemon.http.websocket_receipts import CONFIRM
from sigcli.daemon.rest import shapes
from sigcli.daemon.routes.call import Call
from sigcli.daemon.routes.declaring import Family, Query
from sigcli.daemon.routes.mounting import json_response
from sigcli.errors import SigcliError
from sigcli.operations.shapes.envelope import receive_object
from sigcli.operations.table import RECEIVE, SEND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.websockets import WebSocket

    from sigcli.client.live.subscription import Delivery, Subscription
    from sigcli.daemon.core import Core

routes = Family("Messages")
_PATH = "/v1/receive/{number}"
_AT_MOST = 1000
"""More come with the next poll."""
_LONGEST_S = 3600
_BEAT_S = 30.0
_WRITTEN_WITHIN_S = 10.0
_LOOK_S = 0.02


@routes.add(
    "GET",
    _PATH,
    query=(
        Query("timeout", int, default=1, minimum=0, help="seconds to wait for the first message"),
        Query("max_messages", int, default=0, minimum=0, help="0: all"),
        Query("ignore_attachments", bool, default=False, help="taken for compatibility"),
        Query("ignore_stories", bool, default=False, help="give no stories"),
        Query("ignore_avatars", bool, default=False, help="taken for compatibility"),
        Query("ignore_stickers", bool, default=False, help="taken for compatibility"),
        Query("send_read_receipts", bool, default=False, help="tell senders that it was read"),
    ),
    answer=list[shapes.Received],
)
async def receive(call: Call, request: Request) -> Response:
    """Give what has come, as soon as there is something; with an upgrade it is a websocket."""
    subscription = await in_worker(request, _subscribe, call)
    streams = streams_of(request)
    streams.add(subscription)
    watch = asyncio.create_task(_close_when_gone(request, subscription))
    try:
        found = await asyncio.get_running_loop().run_in_executor(
            streams.threads, _collect, subscription, call.query
        )
        if not found or subscription.is_closed:
            # If the client has gone, what was found is for the next.
            streams.remove(subscription)
            return json_response([])
    except BaseException:
        streams.remove(subscription)
        raise
    finally:
        watch.cancel()
    answer = json_response([one.event for one in found if not _is_left_out(one.event, call.query)])
    answer.background = BackgroundTask(_finish, request, call, subscription, found)
    return answer


def websocket_route(core: Core) -> BaseRoute:
    """The same path for clients that ask for a websocket."""

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        call = Call(core, caller_of(websocket), websocket.path_params, {}, {})
        try:
            subscription = await in_worker(websocket, _subscribe, call)
        except SigcliError as error:
            await websocket.send_text(_text({"error": error.message, "code": error.code}))
            await websocket.close(1008)
            return
        hearing = asyncio.create_task(_hear(websocket, subscription))
        try:
            await _hand_out(websocket, subscription)
        finally:
            hearing.cancel()

    return WebSocketRoute(_PATH, stream)


async def _hand_out(websocket: WebSocket, subscription: Subscription) -> None:
    """Send what comes until the client has gone."""
    from starlette.websockets import WebSocketDisconnect

    confirm = websocket.scope.get("extensions", {}).get(CONFIRM)
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        async with contextlib.aclosing(deliveries(websocket, subscription, _BEAT_S)) as events:
            async for delivery in events:
                if delivery is None:
                    continue
                await websocket.send_text(_text(delivery.event))
                if confirm is None:
                    subscription.taken(delivery.id)
                else:
                    confirm(delivery.id, subscription.taken)


async def _hear(websocket: WebSocket, subscription: Subscription) -> None:
    """What a client sends has no meaning; its end ends the subscription."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    await in_worker(websocket, subscription.close)


async def _close_when_gone(request: Request, subscription: Subscription) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    await in_worker(request, subscription.close)


def _subscribe(call: Call) -> Subscription:
    live = call.account()
    call.caller.require(RECEIVE, live.entry)
    if call.query.get("send_read_receipts"):
        call.caller.require(SEND, live.entry)
    return call.core.subscribe(call.caller.consumer, live, rendering=receive_object)


def _collect(subscription: Subscription, query: Mapping[str, Any]) -> list[Delivery]:
    """Wait for the first, and take those with it that are here already."""
    at_most = min(query["max_messages"] or _AT_MOST, _AT_MOST)
    found: list[Delivery] = []
    timeout_s = float(min(query["timeout"], _LONGEST_S))
    while len(found) < at_most:
        delivery = subscription.next(0 if found else timeout_s)
        if delivery is None:
            break
        found.append(delivery)
    return found


async def _finish(
    request: Request, call: Call, subscription: Subscription, found: list[Delivery]
) -> None:
    """The answer is written: once the client's machine has all of it, the messages are taken."""
    try:
        deadline = asyncio.get_running_loop().time() + _WRITTEN_WITHIN_S
        while unsent_bytes(request.scope):
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(_LOOK_S)
        subscription.taken(found[-1].id)
    finally:
        streams_of(request).remove(subscription)
    if call.query["send_read_receipts"]:
        await in_worker(request, _tell_all_read, call, found)


def _tell_all_read(call: Call, found: list[Delivery]) -> None:
    for one in found:
        _tell_read(call, one.event["envelope"])


def _tell_read(call: Call, envelope: Mapping[str, Any]) -> None:
    sender = envelope["sourceUuid"]
    if sender is None or not ("dataMessage" in envelope or "editMessage" in envelope):
        return
    try:
        call.run("sendReceipt", recipient=sender, targetTimestamp=envelope["timestamp"])
    except SigcliError as error:
        call.core.settings.warn(f"a read receipt was not sent: {error.message}")


def _is_left_out(event: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    return bool(query["ignore_stories"]) and "storyMessage" in event["envelope"]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
