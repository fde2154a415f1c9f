"""What one connection gets: the events of one account or of all, in order, read from the store page by page."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.received_events import EventBuilder, is_story
from sigcli.client.base.events import Failure
from sigcli.client.base.stops import NEVER_STOPS
from sigcli.errors import StoreError, UnknownEvent
from sigcli.lazy_dataclass import replace
from sigcli.store import inbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.events import Directory, ReceivedEvent
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.places import Place, Reader
    from sigcli.store.inbox_values import InboxRow

    Rendering = Callable[[ReceivedEvent, Directory], Any]
    """Makes of an event what the channel writes, while the account is at hand for names."""

_PAGE = 32
_OUTSTANDING = 4096
"""Hand-outs, of several accounts, whose order is remembered."""


class Delivery(NamedTuple):
    """One event handed out; ``id`` grows within the account. ``event`` is what the rendering has made of it.

    ``round`` is that of the reader (see :class:`~sigcli.client.live.places.Reader`).
    """

    id: int
    account: LiveAccount
    event: Any
    round: int = 0


class _Source:
    """One account of a subscription."""

    __slots__ = ("place", "reader")

    def __init__(self, place: Place, reader: Reader) -> None:
        self.place = place
        self.reader = reader


class Subscription:
    """For one thread that calls ``next``; the rest may be called from others. Made by ``HandingOut.subscribe``."""

    def __init__(
        self,
        consumer: str,
        rendering: Rendering | None,
        on_taken: Callable[[Place], None],
        on_close: Callable[[Subscription], None],
        *,
        follows_all: bool = False,
        only: frozenset[str] | None = None,
    ) -> None:
        self.consumer = consumer
        self._follows_all = follows_all
        self._only = only
        self._rendering = rendering
        self._on_taken = on_taken
        self._on_close = on_close
        self._changed = threading.Condition()
        self._is_stale = True
        """Whether there may be something that was not looked at yet."""
        self._sources: dict[LiveAccount, _Source] = {}
        self._page: deque[Delivery] = deque()
        self._order: deque[tuple[int, LiveAccount]] = deque(maxlen=_OUTSTANDING)
        self._closed = False
        self._has_left = False

    # --- for the channel ---------------------------------------------------------------------

    def next(self, timeout_s: float | None = None) -> Delivery | None:
        """The next event; None if none came in time or the subscription was closed. Raises StoreError."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._closed:
            if self._page:
                delivery = self._page.popleft()
                if self._is_handed_out(delivery):
                    return delivery
                continue
            with self._changed:
                if not self._is_stale:
                    left_s = None if deadline is None else deadline - time.monotonic()
                    if left_s is not None and left_s <= 0:
                        return None
                    self._changed.wait(left_s)
                    if not self._is_stale:
                        continue
                self._is_stale = False
            try:
                self._read_page()
            except BaseException:
                self._is_stale = True
                raise
        return None

    def taken(self, id: int, account: LiveAccount | None = None) -> None:
        """The client has taken an event and all that were handed out before it.

        ``account`` None: of the only account, or of the one to which the earliest event of this id belongs; raises
        UnknownEvent where none of several has handed it out lately.
        """
        if account is not None:
            self._take(account, id)
            return
        sources = list(self._sources)
        if len(sources) == 1:
            self._take(sources[0], id)
            return
        reached: dict[LiveAccount, int] = {}
        order = list(self._order)
        for at, (one, of) in enumerate(order):
            reached[of] = one
            if one == id:
                for _ in range(at + 1):
                    self._order.popleft()
                for live, until in reached.items():
                    self._take(live, until)
                return
        raise UnknownEvent

    def stop(self) -> None:
        """Hand out nothing more; ``close`` then gives up its place."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """End it: what was not taken is handed out to the next. May be called twice; never raises."""
        self.stop()
        with self._changed:
            if self._has_left:
                return
            self._has_left = True
        for live in list(self._sources):
            self.remove(live)
        self._on_close(self)

    @property
    def is_closed(self) -> bool:
        return self._closed

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- for HandingOut --------------------------------------------------------------------------------

    def add(self, place: Place, reader: Reader) -> None:
        """Another account is part of it."""
        reader.wake = self._wake
        self._sources[place.live] = _Source(place, reader)
        place.live.listen(self._wake)
        self._wake()

    def follows(self, live: LiveAccount) -> bool:
        """Whether an account that comes later is part of it."""
        return self._follows_all and (self._only is None or str(live.entry.aci) in self._only)

    @property
    def accounts(self) -> list[LiveAccount]:
        """Those that are part of it now."""
        return list(self._sources)

    def covers(self, live: LiveAccount) -> bool:
        """Whether an account is part of it."""
        return live in self._sources

    def remove(self, live: LiveAccount) -> None:
        """An account is no longer part of it."""
        source = self._sources.pop(live, None)
        if source is not None:
            live.unlisten(self._wake)
            source.place.leave(source.reader)
            self._on_taken(source.place)

    def _wake(self) -> None:
        with self._changed:
            self._is_stale = True
            self._changed.notify_all()

    # --- within ------------------------------------------------------------------------------

    def _take(self, live: LiveAccount, id: int) -> None:
        source = self._sources.get(live)
        if source is not None:
            source.place.take(source.reader, id)
            self._on_taken(source.place)

    def _is_handed_out(self, delivery: Delivery) -> bool:
        """Note it as read; false if it was read before the reader began anew, and will be read again."""
        source = self._sources.get(delivery.account)
        if source is not None and not source.place.read(source.reader, delivery.id, delivery.round):
            return False
        if len(self._sources) > 1:
            self._order.append((delivery.id, delivery.account))
        return True

    def _read_page(self) -> None:
        """Read what follows, of each account in turn."""
        for live, source in list(self._sources.items()):
            reader = source.reader
            round, after_id, until_id = reader.round, reader.read_id, live.ready_id
            if after_id >= until_id:
                continue
            with live.opened() as account:
                rows = inbox.following(account.database, after_id, until_id, _PAGE)
                if not rows:
                    source.place.read(reader, until_id, round)  # what was there has gone
                    continue
                # Nothing is downloaded here: the fetcher only puts long texts in their places.
                fetcher = AttachmentFetcher(account, NEVER_STOPS)
                events = EventBuilder(account)
                shown = 0
                for row in rows:
                    event = _event(events, fetcher, row)
                    content = event.content
                    if content is not None and live.options.ignore_stories and is_story(content):
                        continue
                    self._page.append(Delivery(row.id, live, self._render(account, event), round))
                    shown += 1
                if not shown:
                    source.place.read(reader, rows[-1].id, round)
            self._is_stale = True  # there may be more

    def _render(self, account: Account, event: ReceivedEvent) -> Any:
        if self._rendering is None:
            return event
        from sigcli.client.groups.people_directory import PeopleDirectory

        directory = PeopleDirectory.of(account)
        try:
            return self._rendering(event, directory)
        except StoreError:
            raise  # it is read again
        except Exception as error:
            # One that cannot be rendered is told as a failure, and stops nothing.
            failure = Failure(type(error).__name__, "the message cannot be shown")
            return self._rendering(replace(event, content=None, failure=failure), directory)


def _event(events: EventBuilder, fetcher: AttachmentFetcher, row: InboxRow) -> ReceivedEvent:
    event = events.event(row)
    if event.content is None:
        return event
    return replace(event, content=fetcher.with_long_texts(event.content))
