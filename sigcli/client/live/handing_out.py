"""Who gets what was received: consumers by name, their connections, and their places, stored soon after they move."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.client.live.places import Place
from sigcli.client.live.subscription import Subscription
from sigcli.errors import InvalidConsumerName, SigcliError, UnknownConsumer, UnknownEvent
from sigcli.lazy_dataclass import dataclass
from sigcli.store import consumers
from sigcli.store.consumers import COMMAND_LINE, DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.subscription import Rendering
    from sigcli.store.consumers import Consumer

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOGETHER_S = 0.1
"""What is taken within that time is stored in one transaction."""
_LOOK_S = 1.0
_TOUCH_S = 3600.0
"""How often it is noted that the consumers that are connected are still here."""


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A consumer of one account as others see it."""

    account: LiveAccount
    consumer: Consumer
    waiting: int
    """How many messages it has not taken."""
    is_connected: bool
    oldest_ms: int | None = None
    """When the oldest of these was stored."""


class HandingOut:
    """Safe from several threads. ``warn`` is told what cannot be stored; ``on_leave`` that a subscription has ended."""

    def __init__(
        self, warn: Callable[[str], None], on_leave: Callable[[Subscription], None] | None = None
    ) -> None:
        self._lasting = LastingTrouble(warn)
        self._on_leave = on_leave
        self._lock = threading.RLock()
        self._removed = threading.Condition(self._lock)
        self._being_removed: set[str] = set()
        self._places: dict[tuple[LiveAccount, str], Place] = {}
        self._subscriptions: list[Subscription] = []
        self._unstored: set[Place] = set()
        self._unstored_lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._keep_up, name="sigcli-places", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all subscriptions and store what was taken; before the accounts are closed."""
        self._closing = True
        self._wake.set()
        for subscription in self.subscriptions():
            subscription.close()
        self.store_places()

    # --- consumers ---------------------------------------------------------------------------

    def subscribe(
        self,
        lives: Callable[[], Sequence[LiveAccount]],
        consumer: str | None = None,
        *,
        after: int | Mapping[LiveAccount, int] | None = None,
        since_ms: int | None = None,
        rendering: Rendering | None = None,
        follows_all: bool = False,
        only: frozenset[str] | None = None,
    ) -> Subscription:
        """One more connection of a consumer, to the accounts that ``lives`` gives.

        ``follows_all``: also to those that come later, or to those among them with the ACIs in ``only``. ``after``:
        everything up to this id was taken, or up to that of each account; ``since_ms``: begin with what the service
        received then, as far as it is kept. With neither it continues where the consumer has stopped, or, where another
        connection of the consumer is at that, with what comes now. Raises InvalidConsumerName, StoreError, and
        UnknownEvent for one ``after`` where several accounts are meant.
        """
        name = _checked(DEFAULT if consumer is None else consumer)
        subscription = Subscription(
            name, rendering, self._taken, self._forget, follows_all=follows_all, only=only
        )
        with self._lock:
            # A client that was cut off may connect again before the removal is complete; it must start afresh.
            self._removed.wait_for(lambda: name not in self._being_removed)
            wanted = lives()
            if isinstance(after, int):
                if len(wanted) > 1:
                    raise UnknownEvent
                after = dict.fromkeys(wanted, after)
            places = after or {}
            self._subscriptions.append(subscription)
            try:
                for live in wanted:
                    place = self._place(live, name)
                    subscription.add(place, place.join(places.get(live), since_ms))
                    if live in places:
                        self._taken(place)
            except BaseException:
                subscription.close()
                raise
        return subscription

    def take(self, consumer: str, id: int, account: LiveAccount) -> None:
        """A consumer that has no connection here, or several, has taken everything up to an id.

        Raises InvalidConsumerName, StoreError.
        """
        with self._lock:
            place = self._place(account, _checked(consumer))
            place.leave(place.join(after_id=id))
        place.store()

    def meet_default(self, live: LiveAccount) -> None:
        """From now on messages are kept for those that give no name; raises StoreError."""
        with self._lock:
            self._place(live, DEFAULT)

    def states(self, lives: Iterable[LiveAccount]) -> list[ConsumerState]:
        """The consumers of accounts."""
        found = []
        for live in lives:
            with live.opened() as opened:
                database = opened.database
                for one in consumers.consumers(database):
                    place = self._places.get((live, one.name))
                    waiting = consumers.count_waiting(database, one)
                    is_connected = place is not None and place.is_connected
                    oldest_ms = consumers.oldest_waiting_ms(database, one) if waiting else None
                    found.append(ConsumerState(live, one, waiting, is_connected, oldest_ms))
        return found

    def remove(self, name: str, lives: Iterable[LiveAccount]) -> None:
        """Keep nothing for a consumer any more, and end its connections; raises UnknownConsumer."""
        lives = list(lives)
        with self._lock:
            self._being_removed.add(name)
            ended = [
                one
                for one in self._subscriptions
                if one.consumer == name and any(one.covers(live) for live in lives)
            ]
            # All before the first gives up its place: none of them inherits what another leaves.
            for subscription in ended:
                subscription.stop()
        try:
            for subscription in ended:
                subscription.close()
            is_removed = [self._remove(name, live) for live in lives]
        finally:
            with self._lock:
                self._being_removed.discard(name)
                self._removed.notify_all()
        if not any(is_removed):
            raise UnknownConsumer

    def _remove(self, name: str, live: LiveAccount) -> bool:
        with self._lock:
            place = self._places.pop((live, name), None)
        if place is not None:
            place.forget()
        keep = live.settings.keep_messages_ms is not None
        with live.opened() as opened, opened.database.transaction() as database:
            return consumers.remove_consumer(database, name, opened.now_ms(), keep=keep)

    # --- accounts that come and go -----------------------------------------------------------

    def add(self, live: LiveAccount) -> bool:
        """An account is here; whether anybody subscribes to it."""
        with self._lock:
            is_wanted = False
            for subscription in self._subscriptions:
                if subscription.is_closed:
                    continue
                if subscription.follows(live) and not subscription.covers(live):
                    place = self._place(live, subscription.consumer)
                    subscription.add(place, place.join())
                is_wanted |= subscription.covers(live)
            return is_wanted

    def remove_account(self, live: LiveAccount) -> None:
        """An account has gone, and its places with it."""
        with self._lock:
            for subscription in self._subscriptions:
                subscription.remove(live)
            for key in [key for key in self._places if key[0] is live]:
                del self._places[key]

    def is_wanted(self, live: LiveAccount) -> bool:
        """Whether anybody subscribes to an account."""
        return any(one.covers(live) for one in self.subscriptions())

    def subscriptions(self) -> list[Subscription]:
        """Those that are open."""
        with self._lock:
            return list(self._subscriptions)

    # --- places ------------------------------------------------------------------------------

    def store_places(self) -> None:
        """Store what was taken; what cannot be stored now is tried again."""
        with self._unstored_lock:
            places, self._unstored = self._unstored, set()
        failure: SigcliError | None = None
        for place in places:
            try:
                place.store()
            except SigcliError as error:
                failure = error
                with self._unstored_lock:
                    self._unstored.add(place)
        if self._closing:
            return
        if failure is not None:
            self._lasting.met(f"it cannot be recorded which messages were taken: {failure.message}")
        elif places:
            self._lasting.over("what was taken is recorded again")

    def _place(self, live: LiveAccount, name: str) -> Place:
        """Where a consumer stands; the lock is held."""
        place = self._places.get((live, name))
        # Without a connection it may have been removed or moved by another process.
        if place is None or (not place.is_connected and place.is_stored):
            place = self._places[live, name] = Place(live, name)
        return place

    def _taken(self, place: Place) -> None:
        with self._unstored_lock:
            self._unstored.add(place)
        self._wake.set()

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
        if self._on_leave is not None and not self._closing:
            self._on_leave(subscription)

    def _keep_up(self) -> None:
        touch_at = time.monotonic() + _TOUCH_S
        while not self._closing:
            self._wake.wait(_LOOK_S if self._unstored else _TOUCH_S)
            self._wake.clear()
            if self._unstored:
                time.sleep(_TOGETHER_S)
                self.store_places()
            if time.monotonic() >= touch_at and not self._closing:
                touch_at = time.monotonic() + _TOUCH_S
                self._touch()

    def _touch(self) -> None:
        for place in list(self._places.values()):
            try:
                place.touch()
            except SigcliError as error:
                self._lasting.met(error.message)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or name == COMMAND_LINE:
        raise InvalidConsumerName
    return name
