"""The heart of the daemon: the accounts that it keeps open, and the events for its consumers. Channels build on it.

A channel runs operations with ``perform(caller, …)`` and gets events from ``subscribe(…)``.
"""

from __future__ import annotations

import enum
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.client.live.backlogs import Backlogs
from sigcli.client.live.handing_out import HandingOut
from sigcli.client.live.live_account import LiveAccount
from sigcli.client.live.live_accounts import LiveAccounts
from sigcli.client.live.live_options import LiveOptions
from sigcli.daemon.counters import DONE, Counters
from sigcli.daemon.links import Links
from sigcli.daemon.polls import Polls
from sigcli.daemon.workers import Workers
from sigcli.errors import (
    NoLocalAccount,
    SeveralLocalAccounts,
    SigcliError,
    UnexpectedError,
    UnknownLocalAccount,
)
from sigcli.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.client.live.handing_out import ConsumerState
    from sigcli.client.live.subscription import Rendering, Subscription
    from sigcli.daemon.access.audit import Audit
    from sigcli.daemon.access.caller import Caller
    from sigcli.operations.declaring import Operation
    from sigcli.operations.results import Result

_LOOK_S = 1.0
"""How often the list of accounts is checked."""


class ReceiveMode(enum.Enum):
    """When messages are received."""

    ON_START = "on-start"
    ON_CONNECTION = "on-connection"
    """From the first subscription on."""
    MANUAL = "manual"
    """While there is a subscription, or an explicit request to receive."""


class Noted:
    """The outcome that is counted; ``failure``: why it failed, if that is not an exception."""

    __slots__ = ("failure",)

    def __init__(self) -> None:
        self.failure: SigcliError | None = None


class Core:
    """Made, started and closed by ``running``. Safe from several threads."""

    def __init__(
        self,
        settings: Settings,
        options: LiveOptions | None = None,
        receive_mode: ReceiveMode = ReceiveMode.ON_START,
        audit: Audit | None = None,
    ) -> None:
        self.settings = settings
        self.receive_mode = receive_mode
        self.counters = Counters()
        self.audit = audit
        """Where requests are recorded, if that is wanted."""
        self.handing_out = HandingOut(settings.warn, self._left)
        self.workers = Workers()
        self.links = Links(settings)
        self.polls = Polls(self)
        self._lives = LiveAccounts(settings, options or LiveOptions(), self._accounts_changed)
        self._receives_all = receive_mode is ReceiveMode.ON_START
        self._asked_for: set[LiveAccount] = set()
        """Accounts that are to receive explicitly, with or without a subscription."""
        self._has_channel = False
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._watch_accounts, name="sigcli-list", daemon=True)

    def start(self, *, has_channel: bool = False) -> None:
        """Open the accounts and start; raises AccountsFileDamaged.

        ``has_channel``: programs can connect, so messages are kept for those that name no consumer.
        """
        self._has_channel = has_channel
        self._lives.refresh()
        self._watch.start()

    def close(self) -> None:
        """End everything within a second; what was taken is stored first."""
        self._closing.set()
        self.workers.close()
        self.links.close()
        self.handing_out.close()
        self._lives.close()

    # --- accounts ----------------------------------------------------------------------------

    @property
    def is_single(self) -> bool:
        """Whether it was started for one account, so that requests need not name it."""
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

        A daemon started for one account uses that one whatever the name. Raises UnknownLocalAccount, NoLocalAccount,
        SeveralLocalAccounts.
        """
        if name is not None and not self.is_single:
            return self._named(name)
        # An account may have just been added; checking costs a stat.
        self._lives.refresh()
        lives = self._lives.all()
        if not lives:
            raise NoLocalAccount
        if len(lives) > 1:
            raise SeveralLocalAccounts
        return lives[0]

    def refresh(self) -> None:
        """Open accounts that were added and close those that were removed; raises AccountsFileDamaged."""
        self._lives.refresh()

    def _named(self, name: str) -> LiveAccount:
        called = [live for live in self._lives.all() if live.entry.is_called(name)]
        if not called:
            # It may have just been added.
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

    # --- operations --------------------------------------------------------------------------

    def perform(
        self, caller: Caller, name: str, operation: Operation, on: LiveAccount | Settings
    ) -> Result:
        """Run an operation for a caller on this thread, on an account or, if it needs none, on settings.

        The single entry point for all channels: access is checked, and the outcome counted and recorded in the audit
        log. Raises AccessDenied, PathNotAllowed, and the operation's own errors; a result may still carry a
        ``failure``.
        """
        live = on if isinstance(on, LiveAccount) else None
        with self.noted(caller, name, live) as noted:
            caller.may(OPERATIONS[name], None if live is None else live.entry)
            caller.check_paths(operation)
            result: Result = operation.run(on) if live is None else live.run(operation)
            noted.failure = result.failure
            return result

    @contextmanager
    def noted(self, caller: Caller, name: str, live: LiveAccount | None = None) -> Iterator[Noted]:
        """Count what a caller does in this block, and record it in the audit log."""
        noted = Noted()
        outcome = DONE
        try:
            yield noted
            if noted.failure is not None:
                outcome = noted.failure.code
        except SigcliError as error:
            outcome = error.code
            raise
        except Exception:
            outcome = UnexpectedError.code
            raise
        finally:
            self.note_done(caller.name, name, outcome, live)

    def note_done(
        self, caller: str | None, name: str, outcome: str, live: LiveAccount | None
    ) -> None:
        """Count an operation and record it in the audit log; ``outcome`` is ``ok`` or the code of an error."""
        self.counters.count(name, outcome)
        if self.audit is not None:
            account = None if live is None else str(live.entry.aci)
            self.audit.note(caller, name, outcome, account=account)

    # --- receiving ---------------------------------------------------------------------------

    def start_receiving(self, account: LiveAccount | None = None) -> None:
        """Receive for one account, or for all including those added later, until ``stop_receiving``."""
        if account is None:
            self._receives_all = True
        for live in self._meant(account):
            self._asked_for.add(live)
            live.start_receiving()

    def stop_receiving(self, account: LiveAccount | None = None) -> None:
        """Stop receiving for one account, or for all."""
        if account is None:
            self._receives_all = False
        for live in self._meant(account):
            self._asked_for.discard(live)
            live.stop_receiving()

    def subscribe(
        self,
        consumer: str | None = None,
        account: LiveAccount | None = None,
        *,
        only: frozenset[str] | None = None,
        after: int | Mapping[LiveAccount, int] | None = None,
        since_ms: int | None = None,
        rendering: Rendering | None = None,
    ) -> Subscription:
        """Deliver events to one more connection of a consumer, for one account or for all including those added later.

        ``only``: of all accounts, those with these ACIs (``Caller.accounts``). Depending on the receive mode, receiving
        begins. Raises InvalidConsumerName, UnknownEvent, StoreError.
        """
        subscription = self.handing_out.subscribe(
            lambda: self._meant(account, only),
            consumer,
            after=after,
            since_ms=since_ms,
            rendering=rendering,
            follows_all=account is None,
            only=only,
        )
        if self.receive_mode is ReceiveMode.ON_CONNECTION:
            self.start_receiving()
        elif self.receive_mode is ReceiveMode.MANUAL:
            for live in self._meant(account, only):
                live.start_receiving()
        return subscription

    def take(self, consumer: str, id: int, account: LiveAccount) -> None:
        """Record that a consumer has taken everything up to an id, over any connection; raises StoreError."""
        self.handing_out.take(consumer, id, account)

    def consumers(self, account: LiveAccount | None = None) -> list[ConsumerState]:
        """The consumers of one account, or of all."""
        return self.handing_out.states(self._meant(account))

    def remove_consumer(self, name: str, account: LiveAccount | None = None) -> None:
        """Stop keeping events for a consumer, and end its connections; raises UnknownConsumer."""
        self.handing_out.remove(name, self._meant(account))

    # --- within ------------------------------------------------------------------------------

    def _meant(
        self, account: LiveAccount | None, only: frozenset[str] | None = None
    ) -> list[LiveAccount]:
        if account is not None:
            return [account]
        return [live for live in self._lives.all() if only is None or str(live.entry.aci) in only]

    def _left(self, _subscription: Subscription) -> None:
        """A connection has ended, so in manual mode receiving may end."""
        if self.receive_mode is ReceiveMode.MANUAL:
            for live in self._lives.all():
                is_asked_for = self._receives_all or live in self._asked_for
                if not is_asked_for and not self.handing_out.is_wanted(live):
                    live.stop_receiving()

    def _accounts_changed(self, come: list[LiveAccount], gone: list[LiveAccount]) -> None:
        for live in gone:
            self._asked_for.discard(live)
            self.handing_out.remove_account(live)
        for live in come:
            if self._has_channel:
                self.handing_out.meet_default(live)
            is_wanted = self.handing_out.add(live)
            if self._receives_all or (is_wanted and self.receive_mode is ReceiveMode.MANUAL):
                live.start_receiving()

    def _watch_accounts(self) -> None:
        backlogs = Backlogs()
        lasting = LastingTrouble(self.settings.warn)
        while not self._closing.wait(_LOOK_S):
            try:
                self._lives.refresh()
                lasting.over()
            except SigcliError as error:
                lasting.met(error.message)
            backlogs.look(self._lives.all())
