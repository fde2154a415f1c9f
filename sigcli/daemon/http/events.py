"""``/api/v1/events``: received messages as server-sent events, and which of them count as taken.

A client that uses ids says in ``Last-Event-ID`` what it has taken, and continues after it. One that names its consumer
in the query is treated as such a client from its first connection on. Other clients never say what they have taken:
what their machine has received counts when they connect again without an id, when the daemon ends, or after a while;
until then it can still be requested again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from starlette.responses import Response

from sigcli.daemon.http.connections import unsent_bytes
from sigcli.daemon.http.requests import Refusal, caller_of, in_worker, query_of
from sigcli.daemon.http.streaming import stream_of
from sigcli.daemon.json_bytes import json_bytes
from sigcli.errors import SigcliError, UserError
from sigcli.operations.shapes.envelope import receive_object
from sigcli.operations.table import RECEIVE
from sigcli.store.consumers import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.subscription import Delivery, Subscription
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core
    from sigcli.daemon.http.streaming import Stream

BEAT_S = 15.0
_LOOK_S = 0.05
_RESUMABLE_S = 600.0
"""How long a connected client that uses no ids can still request again what it was sent."""


class Drained:
    """What the machines of clients without ids have received, by consumer; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reached: dict[tuple[str, LiveAccount], int] = {}

    def note(self, consumer: str, reached: Mapping[LiveAccount, int]) -> None:
        """Record what a connection that has ended had received."""
        with self._lock:
            for live, id in reached.items():
                key = consumer, live
                self._reached[key] = max(id, self._reached.get(key, 0))

    def collect(self, consumer: str) -> dict[LiveAccount, int]:
        """What earlier connections of a consumer had received; each is returned once."""
        with self._lock:
            keys = [key for key in self._reached if key[0] == consumer]
            return {key[1]: self._reached.pop(key) for key in keys}


async def event_stream(core: Core, request: Request, drained: Drained) -> Response:
    """The response to a request for events; raises Refusal and AccessDenied."""
    query = query_of(request)
    last_id = request.headers.get("last-event-id") or None
    subscription, taking, reached = await in_worker(
        request, _subscribe, core, caller_of(request), query, last_id, drained
    )
    return EventStream(subscription, taking, reached)


def _subscribe(
    core: Core, caller: Caller, query: Mapping[str, str], last_id: str | None, drained: Drained
) -> tuple[Subscription, Taking | None, dict[LiveAccount, int]]:
    name = query.get("account")
    try:
        live = None if name is None else core.account(name)
    except UserError:
        raise Refusal(400) from None
    caller.require_scope(RECEIVE)
    if live is not None:
        caller.require(RECEIVE, live.entry)
    consumer = caller.consumer_for(query.get("consumer"))
    says_what_it_takes = last_id is not None or "consumer" in query
    seen = (
        [one for one in core.all_accounts() if caller.sees(one.entry)] if live is None else [live]
    )
    reached = positions(last_id or "", seen)
    if not says_what_it_takes:
        for one, id in drained.collect(consumer or DEFAULT).items():
            core.take(consumer or DEFAULT, id, one)
    subscription = core.subscribe(
        consumer,
        live,
        only=caller.accounts,
        after=reached or None,
        since_ms=_number(query.get("since")),
        rendering=receive_object,
    )
    taking = None if says_what_it_takes else Taking(core, subscription, drained)
    return subscription, taking, reached


class EventStream(Response):
    """A response that ends only when the client or the daemon does."""

    media_type = "text/event-stream"

    def __init__(
        self, subscription: Subscription, taking: Taking | None, reached: dict[LiveAccount, int]
    ) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._subscription = subscription
        self._taking = taking
        self._reached = reached
        """The positions that the next id tells, if it covers several accounts."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with stream_of(scope, self._subscription) as stream:
            watching = asyncio.create_task(_end_with_client(receive, stream))
            try:
                head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                await send(head)
                await self._write(scope, send, stream)
                await send({"type": "http.response.body", "body": b""})
            finally:
                watching.cancel()
                if self._taking is not None:
                    await stream.run(self._taking.end, stream.is_ending)

    async def _write(self, scope: Scope, send: Send, stream: Stream) -> None:
        taking = self._taking
        beat_at_s = time.monotonic()
        while not stream.is_closed:
            if time.monotonic() >= beat_at_s:
                # The first one gets the head of the response past proxies that collect small pieces.
                await _send(send, b":\n")
                beat_at_s = time.monotonic() + BEAT_S
            wait_s = max(0.0, beat_at_s - time.monotonic())
            if taking is not None and taking.is_waiting:
                wait_s = min(wait_s, _LOOK_S)
            delivery = await stream.next(wait_s)
            if delivery is not None:
                await _send(send, self._shown(delivery))
            if taking is None:
                continue
            if delivery is not None:
                taking.written(delivery)
            if taking.is_waiting and not unsent_bytes(scope):
                taking.drained()
            if taking.is_due:
                await stream.run(taking.take_old)

    def _shown(self, delivery: Delivery) -> bytes:
        self._reached[delivery.account] = delivery.id
        is_only = len(self._subscription.accounts) == 1
        id = str(delivery.id) if is_only else position_text(self._reached)
        return b"id:%s\nevent:receive\ndata:%s\n\n" % (id.encode(), json_bytes(delivery.event))


class Taking:
    """Decides what counts as taken for a client that does not say so."""

    def __init__(self, core: Core, subscription: Subscription, drained: Drained) -> None:
        self._core = core
        self._subscription = subscription
        self._drained = drained
        self._written: list[Delivery] = []
        self._reached: deque[tuple[float, Delivery]] = deque()

    @property
    def is_waiting(self) -> bool:
        """Whether something is on its way to the client's machine."""
        return bool(self._written)

    @property
    def is_due(self) -> bool:
        """Whether something has passed the time in which it can be requested again."""
        return bool(self._reached) and time.monotonic() - self._reached[0][0] > _RESUMABLE_S

    def written(self, delivery: Delivery) -> None:
        """Record that it is on its way."""
        self._written.append(delivery)

    def drained(self) -> None:
        """Record that everything has reached the client's machine."""
        now_s = time.monotonic()
        self._reached.extend((now_s, delivery) for delivery in self._written)
        self._written.clear()

    def take_old(self) -> None:
        """Count what was sent long enough ago as taken."""
        while self.is_due:
            _, delivery = self._reached.popleft()
            self._subscription.taken(delivery.id, delivery.account)

    def end(self, daemon_ends: bool) -> None:
        """The connection has ended: what reached the client counts when it connects again or the daemon ends."""
        reached = {delivery.account: delivery.id for _, delivery in self._reached}
        if not daemon_ends:
            self._drained.note(self._subscription.consumer, reached)
            return
        for live, id in reached.items():
            try:
                self._core.take(self._subscription.consumer, id, live)
            except SigcliError as error:
                self._core.settings.warn(
                    f"it cannot be recorded which messages were taken: {error.message}"
                )


def position_text(reached: Mapping[LiveAccount, int]) -> str:
    """An id with the progress of several accounts: the beginning of each one's ACI, and its position."""
    return "_".join(sorted(f"{_short(live)}-{id}" for live, id in reached.items()))


def positions(text: str, accounts: Sequence[LiveAccount]) -> dict[LiveAccount, int]:
    """How far each account had come at an id; parts that make no sense are left out.

    A plain number is the position of the first account, the only one at that time.
    """
    if (id := _number(text)) is not None:
        return {accounts[0]: id} if accounts else {}
    known = {_short(live): live for live in accounts}
    found: dict[LiveAccount, int] = {}
    for part in text.split("_"):
        short, _, number = part.partition("-")
        if short in known and (id := _number(number)) is not None:
            found[known[short]] = id
    return found


def _short(live: LiveAccount) -> str:
    return str(live.entry.aci)[:8]


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return int(text)


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _end_with_client(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    await stream.close()
