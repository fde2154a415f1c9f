"""What a subscription hands out, to a coroutine; and the end of all such streams."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, cast

from sigcli.daemon.http.requests import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from concurrent.futures import ThreadPoolExecutor

    from starlette.requests import HTTPConnection
    from starlette.types import Scope

    from sigcli.client.live.subscription import Delivery, Subscription

_STREAMS = "sigcli.streams"
MAX_STREAMS = 128
"""Each waits on a thread of its own."""


class Streams:
    """All subscriptions that are being streamed; safe from several threads."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        self._open: set[Subscription] = set()
        self._closing = False

    def lend(self, scope: Scope) -> None:
        """Note them, for ``deliveries``."""
        scope[_STREAMS] = self

    def add(self, subscription: Subscription) -> None:
        """One more; raises Refusal where there are too many."""
        with self._lock:
            if not self._closing and len(self._open) < MAX_STREAMS:
                self._open.add(subscription)
                return
        subscription.close()
        raise Refusal(503, "too many streams of events at once", {"retry-after": "5"})

    def remove(self, subscription: Subscription) -> None:
        """It has ended."""
        with self._lock:
            self._open.discard(subscription)
        # It stores what was taken: not for the event loop's thread.
        if not subscription.is_closed:
            self.threads.submit(subscription.close)

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._closing = True
            subscriptions = list(self._open)
        for subscription in subscriptions:
            subscription.close()
        self.threads.shutdown(wait=False)


def streams_of(connection: HTTPConnection) -> Streams:
    """All that are open, with the threads that they wait on."""
    return cast("Streams", connection.scope[_STREAMS])


async def deliveries(
    connection: HTTPConnection, subscription: Subscription, beat_s: float
) -> AsyncGenerator[Delivery | None]:
    """What comes, one after the other; None whenever nothing came for ``beat_s``.

    Ends when the subscription is closed, and closes it when the iteration ends (use ``contextlib.aclosing``). Raises
    Refusal where there are too many streams.
    """
    streams = streams_of(connection)
    loop = asyncio.get_running_loop()
    streams.add(subscription)
    try:
        while not subscription.is_closed:
            delivery = await loop.run_in_executor(streams.threads, subscription.next, beat_s)
            if delivery is None and subscription.is_closed:
                return
            yield delivery
    finally:
        streams.remove(subscription)
