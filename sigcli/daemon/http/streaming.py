"""The events of a subscription for a coroutine, and the end of all such streams."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sigcli.daemon.http.requests import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from concurrent.futures import ThreadPoolExecutor

    from starlette.types import Scope

    from sigcli.client.live.subscription import Delivery, Subscription

_T = TypeVar("_T")
_STREAMS = "sigcli.streams"
MAX_STREAMS = 128
"""Each waits on a thread of its own."""
_SPARE_THREADS = 16


class Streams:
    """All subscriptions that are being streamed; safe from several threads."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self.threads = threads
        self.is_ending = False
        self._lock = threading.Lock()
        self._open: set[Subscription] = set()

    def lend(self, scope: Scope) -> None:
        """Make them available to ``stream_of``."""
        scope[_STREAMS] = self

    def add(self, subscription: Subscription) -> bool:
        """Add one; False if there are too many."""
        with self._lock:
            if self.is_ending or len(self._open) >= MAX_STREAMS:
                return False
            self._open.add(subscription)
            return True

    def remove(self, subscription: Subscription) -> None:
        """Remove one that has ended."""
        with self._lock:
            self._open.discard(subscription)

    def end(self) -> None:
        """End them all."""
        with self._lock:
            self.is_ending = True
            subscriptions = list(self._open)
        for subscription in subscriptions:
            subscription.close()


class Stream:
    """The stream of one subscription, for one coroutine."""

    def __init__(self, streams: Streams, subscription: Subscription) -> None:
        self._streams = streams
        self._subscription = subscription

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes."""
        return self._subscription.is_closed

    @property
    def is_ending(self) -> bool:
        """Whether the daemon is ending."""
        return self._streams.is_ending

    async def next(self, timeout_s: float) -> Delivery | None:
        """The next event, None if none came in time; raises StoreError."""
        return await self.run(self._subscription.next, timeout_s)

    async def close(self) -> None:
        """End it; ``next`` then returns None. It stores what was taken, so not for the event loop's thread."""
        if not self._subscription.is_closed:
            await self.run(self._subscription.close)

    async def run(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Run a blocking function on a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._streams.threads, function, *arguments)


@asynccontextmanager
async def stream_of(scope: Scope, subscription: Subscription) -> AsyncIterator[Stream]:
    """Stream a subscription and close it at the end; raises Refusal if there are too many streams."""
    streams = cast("Streams", scope[_STREAMS])
    stream = Stream(streams, subscription)
    if not streams.add(subscription):
        await stream.close()
        raise Refusal(503, "too many streams of events at once", {"retry-after": "5"})
    try:
        yield stream
    finally:
        streams.remove(subscription)
        await stream.close()


def stream_threads() -> ThreadPoolExecutor:
    """A pool with a thread for each stream, and some to end them with."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(MAX_STREAMS + _SPARE_THREADS, "sigcli-stream")
