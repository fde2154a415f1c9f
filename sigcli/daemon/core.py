"""The heart of the daemon: the accounts that it keeps open, and what its consumers get. Channels stand on it.

A channel takes requests to ``account(name).run(operation)`` and hands events out from ``subscribe(…)``.
"""

from __future__ import annotations

import enum
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigcli.client.live.live_accounts import LiveAccounts
from sigcli.client.live.live_options import LiveOptions
from sigcli.daemon.places import Place
from sigcli.daemon.subscription import Subscription
from sigcli.errors import (
    InvalidConsumerName,
    NoLocalAccount,
    SeveralLocalAccounts,
    SigcliError,
    UnknownConsumer,
    UnknownEvent,
    UnknownLocalAccount,
)
from sigcli.store import consumers
from sigcli.store.consumers import COMMAND_LINE, DEFAULT

if TYPE_CHECKING:
    from sigcli.client.base.settings import Settings
    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.subscription import Rendering
    from sigcli.store.consumers import Consumer

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOGETHER_S = 0.1
"""What is taken within that time is stored in one transaction."""
_LOOK_S = 1.0
"""How often the list of accounts is looked at."""
_TOUCH_S = 3600.0
"""How often it is noted that the consumers that are connected are still here."""


class ReceiveMode(enum.Enum):
    """When messages are received."""

    ON_START = "on-start"
    ON_CONNECTION = "on-connection"
    """From the first subscription on."""
    MANUAL = "manual"
    """For as long as there is a subscription, or somebody has asked for it."""


@dataclass(frozen=True, slots=True)
class ConsumerState:
    """A consumer of one account as others see it."""

    account: LiveAccount
    consumer: Consumer
    waiting: int
    """How many messages it has not taken."""
    is_connected: bool


class Core:
    """Safe from several threads. Made, started, and closed by ``running``."""

    def __init__(
        self,
        settings: Settings,
        options: LiveOptions | None = None,
        receive_mode: ReceiveMode = ReceiveMode.ON_START,
    ) -> None:
        self.settings = settings
        self.receive_mode = receive_mode
        self._lives = LiveAccounts(settings, options or LiveOptions(), self._accounts_changed)
        self._lock = threading.RLock()
        self._places: dict[tuple[LiveAccount, str], Place] = {}
        self._subscriptions: dict[Subscription, str | None] = {}
        """With the account's folder, None for all accounts."""
        self._receives_all = receive_mode is ReceiveMode.ON_START
        self._has_channel = False
        self._unstored: set[Place] = set()
        self._unstored_lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._upkeep = threading.Thread(target=self._keep_up, name="sigcli-upkeep", daemon=True)

    def start(self, *, has_channel: bool = False) -> None:
        """Open the accounts and begin; raises AccountsFileDamaged.

        ``has_channel``: programs can connect, so that messages are kept for those that give no name.
        """
        self._has_channel = has_channel
        self._lives.refresh()
        self._upkeep.start()

    def close(self) -> None:
        """End everything, within a second; what was taken is stored first."""
        self._closing = True
        self._wake.set()
        with self._lock:
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            subscription.close()
        self._store_places()
        self._lives.close()

    # --- accounts ----------------------------------------------------------------------------

    @property
    def is_single(self) -> bool:
        """Whether it was started for one account: requests need not name it."""
        return self.settings.account is not None

    def accounts(self) -> dict[str, LiveAccount]:
        """The accounts by number, where they have one, and by ACI."""
        found: dict[str, LiveAccount] = {}
        for live in self._lives.all():
            if live.entry.number is not None:
                found.setdefault(live.entry.number, live)
            found.setdefault(str(live.entry.aci), live)
        return found

    def all_accounts(self) -> list[LiveAccount]:
        """Each account once."""
        return self._lives.all()

    def account(self, name: str | None = None) -> LiveAccount:
        """The account that a request names by number or ACI; without a name the only one.

        Where the daemon was started for one account, that one whatever the name. Raises UnknownLocalAccount,
        NoLocalAccount, SeveralLocalAccounts.
        """
        lives = self._lives.all()
        if name is not None and not self.is_single:
            called = [live for live in lives if live.entry.is_called(name)]
            if not called:
                # It may have been added a moment ago.
                self._lives.refresh()
                called = [live for live in self._lives.all() if live.entry.is_called(name)]
            if not called:
                raise UnknownLocalAccount
            if len(called) > 1:
                raise SeveralLocalAccounts(
                    "the account is here in more than one service environment",
                    hint="start the daemon with --service-environment",
                )
            return called[0]
        if not lives:
            raise NoLocalAccount
        if len(lives) > 1:
            raise SeveralLocalAccounts
        return lives[0]

    def start_receiving(self, account: LiveAccount | None = None) -> None:
        """Receive for one account, or for all of them, also those that are added later."""
        if account is None:
            self._receives_all = True
        for live in [account] if account is not None else self._lives.all():
            live.start_receiving()

    def stop_receiving(self, account: LiveAccount | None = None) -> None:
        """Receive no more for one account, or for all."""
        if account is None:
            self._receives_all = False
        for live in [account] if account is not None else self._lives.all():
            live.stop_receiving()

    # --- consumers ---------------------------------------------------------------------------

    def subscribe(
        self,
        consumer: str | None = None,
        account: LiveAccount | None = None,
        *,
        after: int | None = None,
        since_ms: int | None = None,
        rendering: Rendering | None = None,
    ) -> Subscription:
        """Hand events out to one more connection of a consumer, of one account or of all, also those added later.

        ``after``: everything up to this id was taken; ``since_ms``: begin with what the service received then, as far
        as it is kept. With neither it continues where the consumer has stopped, or, where another connection of the
        consumer is at that, with what comes now. Raises InvalidConsumerName, StoreError, and UnknownEvent for
        ``after`` where several accounts are meant.
        """
        name = DEFAULT if consumer is None else consumer
        if not _NAME.fullmatch(name) or name == COMMAND_LINE:
            raise InvalidConsumerName
        subscription = Subscription(name, rendering, self._taken, self._forget)
        with self._lock:
            lives = [account] if account is not None else self._lives.all()
            if after is not None and len(lives) > 1:
                raise UnknownEvent
            self._subscriptions[subscription] = None if account is None else account.entry.folder
            try:
                for live in lives:
                    place = self._place(live, name)
                    subscription.add(place, place.join(after, since_ms))
                    if after is not None:
                        self._taken(place)
            except BaseException:
                subscription.close()
                raise
        if self.receive_mode is ReceiveMode.ON_CONNECTION:
            self.start_receiving()
        elif self.receive_mode is ReceiveMode.MANUAL:
            for live in lives:
                live.start_receiving()
        return subscription

    def take(self, consumer: str, id: int, account: LiveAccount) -> None:
        """A consumer that has no connection here, or several, has taken everything up to an id; raises StoreError."""
        with self._lock:
            place = self._place(account, consumer)
            reader = place.join(after_id=id)
            place.leave(reader)
        place.store()

    def consumers(self, account: LiveAccount | None = None) -> list[ConsumerState]:
        """The consumers of one account, or of all."""
        found = []
        for live in [account] if account is not None else self._lives.all():
            with live.opened() as opened:
                database = opened.database
                for one in consumers.consumers(database):
                    place = self._places.get((live, one.name))
                    waiting = consumers.count_waiting(database, one)
                    is_connected = place is not None and place.is_connected
                    found.append(ConsumerState(live, one, waiting, is_connected))
        return found

    def remove_consumer(self, name: str, account: LiveAccount | None = None) -> None:
        """Keep nothing for a consumer any more, and end its connections; raises UnknownConsumer."""
        with self._lock:
            doomed = [one for one in self._subscriptions if one.consumer == name]
        for subscription in doomed:
            subscription.close()
        removed = False
        for live in [account] if account is not None else self._lives.all():
            with self._lock:
                self._places.pop((live, name), None)
            keep = live.settings.keep_messages_ms is not None
            with live.opened() as opened, opened.database.transaction() as database:
                removed |= consumers.remove_consumer(database, name, opened.now_ms(), keep=keep)
        if not removed:
            raise UnknownConsumer

    # --- within ------------------------------------------------------------------------------

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
            self._subscriptions.pop(subscription, None)
            wanted = set(self._subscriptions.values())
        if self.receive_mode is ReceiveMode.MANUAL and not self._closing:
            for live in self._lives.all():
                if not self._receives_all and not wanted & {None, live.entry.folder}:
                    live.stop_receiving()

    def _accounts_changed(self, come: list[LiveAccount], gone: list[LiveAccount]) -> None:
        with self._lock:
            for live in gone:
                for subscription in list(self._subscriptions):
                    subscription.remove(live)
                for key in [key for key in self._places if key[0] is live]:
                    del self._places[key]
            for live in come:
                if self._has_channel:
                    self._place(live, DEFAULT)
                for subscription, folder in self._subscriptions.items():
                    if folder is None and not subscription.covers(live):
                        place = self._place(live, subscription.consumer)
                        subscription.add(place, place.join())
                        if self.receive_mode is ReceiveMode.MANUAL:
                            live.start_receiving()
                if self._receives_all:
                    live.start_receiving()

    def _store_places(self) -> None:
        """Store what was taken; what cannot be stored now is tried again."""
        with self._unstored_lock:
            places, self._unstored = self._unstored, set()
        for place in places:
            try:
                place.store()
            except SigcliError as error:
                with self._unstored_lock:
                    self._unstored.add(place)
                if not self._closing:
                    self.settings.warn(f"what was taken cannot be noted: {error.message}")

    def _keep_up(self) -> None:
        look_at = touch_at = 0.0
        while not self._closing:
            self._wake.wait(_LOOK_S)
            self._wake.clear()
            if self._unstored:
                time.sleep(_TOGETHER_S)
                self._store_places()
            now = time.monotonic()
            if now < look_at:
                continue
            look_at = now + _LOOK_S
            try:
                self._lives.refresh()
                if now >= touch_at:
                    touch_at = now + _TOUCH_S
                    for place in list(self._places.values()):
                        place.touch()
            except SigcliError as error:
                self.settings.warn(error.message)
