"""Notifications over a connection: one line for each message.

A consumer with a name says itself what it has taken (``ackReceive``). For the others a message counts as taken when its
line was written and has been read completely.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from sigcli.daemon.jsonrpc.messages import encode, notification
from sigcli.errors import SigcliError, StoreError

if TYPE_CHECKING:
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.subscription import Delivery
    from sigcli.daemon.channels.connection import Connection
    from sigcli.daemon.core import Core

FIRST_AFTER_S = 0.15
"""A program that only asks something and closes its side gets no notifications: it would not read them."""
_LOOK_S = 0.05
_WAIT_S = 30.0
_AFTER_TROUBLE_S = 1.0
_numbers = itertools.count()


class Telling:
    """One subscription of a connection, on its own thread from ``start`` to ``close``."""

    def __init__(
        self,
        connection: Connection,
        core: Core,
        live: LiveAccount | None,
        consumer: str | None,
        *,
        after: int | None = None,
        since_ms: int | None = None,
        is_unasked: bool = False,
    ) -> None:
        """Raises InvalidConsumerName, UnknownEvent, StoreError."""
        from sigcli.operations.shapes.envelope import receive_object

        self.number = -1 if is_unasked else next(_numbers)
        self._is_unasked = is_unasked
        self._acknowledges = consumer is not None
        self._connection = connection
        self._subscription = core.subscribe(
            consumer, live, after=after, since_ms=since_ms, rendering=receive_object
        )
        self._told: deque[tuple[int, Delivery]] = deque()
        """Lines that were written and are not known to be read, each with the position of its end."""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sigcli-telling", daemon=True)

    def start(self) -> None:
        self._connection.enter()
        self._thread.start()

    def close(self) -> None:
        """End it; what the other side has read by then counts as taken."""
        self._closed.set()
        try:
            self._take()
        except (OSError, SigcliError):
            self._told.clear()
        self._subscription.close()

    def _run(self) -> None:
        try:
            self._tell()
        finally:
            self._connection.leave()

    def _tell(self) -> None:
        if self._is_unasked:
            self._closed.wait(FIRST_AFTER_S)
        while not self._closed.is_set() and not self._subscription.is_closed:
            try:
                delivery = self._subscription.next(_LOOK_S if self._told else _WAIT_S)
                if delivery is not None and not self._closed.is_set():
                    end = self._connection.write_line(encode(self._line(delivery)))
                    if not self._acknowledges:
                        self._told.append((end, delivery))
                self._take()
            except StoreError:
                time.sleep(_AFTER_TROUBLE_S)
            except OSError:
                self._connection.close()
                return

    def _line(self, delivery: Delivery) -> dict[str, Any]:
        if self._is_unasked:
            return notification("receive", delivery.event)
        params = {"subscription": self.number, "result": delivery.event}
        if self._acknowledges:
            params["id"] = delivery.id
        return notification("receive", params)

    def _take(self) -> None:
        """Record what the other side has read."""
        if not self._told:
            return
        until = self._connection.read_until()
        read: dict[LiveAccount, int] = {}
        while self._told and self._told[0][0] <= until:
            _, delivery = self._told.popleft()
            read[delivery.account] = delivery.id
        for live, id in read.items():
            self._subscription.taken(id, live)
