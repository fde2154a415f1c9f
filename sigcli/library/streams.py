"""What a consumer iterates over: each event counts as taken when the next one is asked for."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from sigcli.errors import AccountClosed, ServiceError
from sigcli.library.events import CaughtUp, Event
from sigcli.library.reading import EventReader
from sigcli.store.consumers import newest_id
from sigcli.store.lease import present_lease

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.client.live.handing_out import HandingOut
    from sigcli.library.session import Session

T_co = TypeVar("T_co", bound=Event, covariant=True)
_LOOK_S = 0.1
"""How often to check whether another process, which receives, has caught up."""


class Stream(Generic[T_co]):
    """An iterator for one thread, made by ``Account.messages`` and ``events``; ``close`` may be called from any.

    What was handed out last and not taken, because the loop was left before it asked again, comes again to the next
    stream of the consumer.
    """

    def __init__(
        self,
        session: Session,
        handing_out: HandingOut,
        consumer: str,
        timeout_s: float | None,
        wanted: Callable[[Event], T_co | None],
        *,
        until_empty: bool,
    ) -> None:
        self._session = session
        self._live = live = session.live
        self._timeout_s = timeout_s
        self._wanted = wanted
        self._until_empty = until_empty
        self._untaken: int | None = None
        self._told_caught_up = False
        self._wake = threading.Event()

        def render(event: ReceivedEvent, directory: Directory) -> Event:
            return EventReader(session, event, directory).read()

        # Nothing that is kept elsewhere may hold this object: it ends when the loop lets go of it.
        self._subscription = handing_out.subscribe(lambda: [live], consumer, rendering=render)
        live.listen(self._wake.set)
        live.start_receiving()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T_co:
        """The next event; raises LoginRefused and its like where waiting does not help, StoreError."""
        if self._untaken is not None:
            self._subscription.taken(self._untaken)
            self._untaken = None
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        is_caught_up = False
        while True:
            self._wake.clear()
            delivery = self._subscription.next(0)
            if delivery is not None:
                wanted = self._wanted(delivery.event)
                if wanted is None:
                    self._subscription.taken(delivery.id)
                    continue
                self._untaken = delivery.id
                return wanted
            if self._subscription.is_closed:
                if self._session.is_closed:
                    raise AccountClosed
                raise StopIteration
            if not is_caught_up and self._is_caught_up():
                # What came between the two looks is handed out first.
                is_caught_up = True
                continue
            if is_caught_up:
                self._told_caught_up = True
                if self._until_empty:
                    raise StopIteration
                wanted = self._wanted(CaughtUp())
                if wanted is not None:
                    return wanted
                is_caught_up = False
            self._raise_trouble()
            if not self._wait(deadline):
                raise StopIteration

    def close(self) -> None:
        """End it: the thread that waits for the next event gets StopIteration. May be called twice."""
        self._live.unlisten(self._wake.set)
        self._subscription.close()
        self._wake.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A loop that is left with break must not hold back messages of others.
        if hasattr(self, "_subscription"):
            self.close()

    # --- within ------------------------------------------------------------------------------

    def _is_caught_up(self) -> bool:
        """Whether all that waited at the service may be handed out, which was not told yet."""
        state = self._live.state
        if not state.is_caught_up and state.receiver_pid is None:
            self._told_caught_up = False
        if self._told_caught_up or not (state.is_caught_up or state.receiver_pid is not None):
            return False
        with self._live.opened() as opened:
            if state.receiver_pid is not None:
                lease = present_lease(opened.database, opened.now_ms())
                if lease is None or not lease.is_caught_up:
                    return False
            return self._live.ready_id >= newest_id(opened.database)

    def _raise_trouble(self) -> None:
        state = self._live.state
        if state.trouble is not None and (state.is_logged_out or self._until_empty):
            raise state.loss or ServiceError(state.trouble)

    def _wait(self, deadline: float | None) -> bool:
        """Wait until there is something to look at; false if the time is over."""
        wait_s = None if deadline is None else deadline - time.monotonic()
        if wait_s is not None and wait_s <= 0:
            return False
        if self._live.state.receiver_pid is not None and not self._told_caught_up:
            wait_s = _LOOK_S if wait_s is None else min(wait_s, _LOOK_S)
        self._wake.wait(wait_s)
        return True
