"""Receiving by polling: everything that is there, or comes within a time, all at once.

What one poll has returned counts as taken at the next poll of the same consumer: a client that missed the answer gets
it again.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sigcli.errors import AlreadyReceiving
from sigcli.store.consumers import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.subscription import Subscription
    from sigcli.daemon.core import Core

MOST_AT_ONCE = 1000
"""The most messages that one poll returns."""
_CONNECTS_WITHIN_S = 10.0
"""Added to the waiting time if the connection is not made yet."""
_SLICE_S = 0.2


class Polls:
    """The position of each consumer's polls; safe from several threads."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._handed_out: dict[tuple[LiveAccount, str], int] = {}
        self._busy: set[LiveAccount] = set()

    def poll(
        self,
        live: LiveAccount,
        rendering: Callable[..., Any],
        *,
        consumer: str | None = None,
        timeout_s: float = 0.0,
        most: int | None = None,
        alone: bool = False,
        gone: Callable[[], bool] = lambda: False,
    ) -> list[Any]:
        """The events, as ``rendering`` makes them; waits until none has come for ``timeout_s`` (negative: for ever).

        ``most``: stops waiting after this many. ``alone``: only if nothing else is receiving, as in signal-cli.
        ``gone`` tells whether the client is gone. Raises AlreadyReceiving, InvalidConsumerName, StoreError.
        """
        key = (live, consumer or DEFAULT)
        with self._turn(live, alone=alone):
            after = self._handed_out.get(key)
            # In manual mode receiving begins and ends with the subscription.
            with self._core.subscribe(consumer, live, after=after, rendering=rendering) as events:
                found = self._collect(live, events, timeout_s, most or MOST_AT_ONCE, gone)
            if found and not gone():
                self._handed_out[key] = found[-1][0]
            return [event for _, event in found]

    def _collect(
        self,
        live: LiveAccount,
        events: Subscription,
        timeout_s: float,
        most: int,
        gone: Callable[[], bool],
    ) -> list[tuple[int, Any]]:
        found: list[tuple[int, Any]] = []
        began = active_at = time.monotonic()
        while len(found) < most and not events.is_closed and not gone():
            delivery = events.next(_SLICE_S if timeout_s < 0 else min(_SLICE_S, timeout_s))
            now = time.monotonic()
            if delivery is not None:
                found.append((delivery.id, delivery.event))
                active_at = now
                continue
            if timeout_s < 0 and not found:
                continue
            state = live.state
            is_arriving = live.is_receiving and not state.is_caught_up and state.trouble is None
            if is_arriving and state.receiver_pid is None and now - began < _CONNECTS_WITHIN_S:
                active_at = now
            elif now - active_at >= max(timeout_s, 0.0):
                break
        return found

    @contextmanager
    def _turn(self, live: LiveAccount, *, alone: bool) -> Iterator[None]:
        with self._lock:
            if live in self._busy or (alone and live.is_receiving):
                raise AlreadyReceiving
            self._busy.add(live)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(live)
