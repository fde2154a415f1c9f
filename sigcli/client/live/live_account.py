"""One account kept open: an identified and an anonymous connection that all threads share, messages received and jobs
done in the background, operations run side by side.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from sigcli.client.base.account import Account
from sigcli.client.base.waiting import StopFlag
from sigcli.client.live.account_pool import AccountPool
from sigcli.client.live.arrivals import Arrivals
from sigcli.client.live.live_intake import LiveIntake
from sigcli.client.live.live_jobs import LiveJobs
from sigcli.client.live.live_options import LiveOptions
from sigcli.client.live.live_state import LiveState
from sigcli.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.settings import Settings
    from sigcli.store.accounts_file import LocalAccount
    from sigcli.store.database import Database

_Outcome_co = TypeVar("_Outcome_co", covariant=True)
_Outcome = TypeVar("_Outcome")
CLOSED_WITHIN_S = 0.8
"""How long ``close`` waits for what is under way."""


class Operation(Protocol[_Outcome_co]):
    """Something that is done on an open account (``sigcli.operations``)."""

    def run(self, account: Account, /) -> _Outcome_co:
        """Do it."""


class LiveAccount:
    """Safe from several threads. ``close`` ends everything within a second; a kill at any time loses nothing."""

    def __init__(
        self, settings: Settings, entry: LocalAccount, options: LiveOptions | None = None
    ) -> None:
        """Open the account; raises StoreError, InvalidEnvironment."""
        self.entry = entry
        self.settings = settings
        self._options = options or LiveOptions()
        self._directory = settings.data_directory
        self._turns = threading.Lock()
        """Its threads write one after another."""
        database = self._open_database()
        try:
            self._base = Account(
                settings,
                database,
                self._directory.files_of(entry),
                entry.environment,
                by_websocket=True,
            )
            _ = self._base.chat  # made here, on one thread
        except BaseException:
            database.close()
            raise
        self._stop = StopFlag()
        self._pool = AccountPool(self._open_one)
        self._jobs = LiveJobs(self._open_one, self._options, self._stop)
        self._arrivals = Arrivals(self._open_one, self._options, self._jobs, self._stop)
        self._lock = threading.Lock()
        self._intake: LiveIntake | None = None
        self._state = LiveState()
        self._jobs.thread.start()
        self._arrivals.thread.start()

    # --- operations --------------------------------------------------------------------------

    def run(self, operation: Operation[_Outcome]) -> _Outcome:
        """Do an operation on the calling thread, beside all others; raises SigcliError."""
        with self.opened() as account:
            return operation.run(account)

    @contextmanager
    def opened(self, warn: Callable[[str], None] | None = None) -> Iterator[Account]:
        """The account for the calling thread, over the shared connections; ``warn`` is told of its warnings."""
        with self._pool.borrowed() as account:
            if warn is not None:
                account.settings = replace(self.settings, warn=warn)
            try:
                yield account
            finally:
                account.settings = self.settings
                # It may have left work for later.
                self._jobs.wake()
                self._arrivals.look_in(account.database)

    # --- receiving ---------------------------------------------------------------------------

    def start_receiving(self) -> None:
        """Have messages received in the background, from now on."""
        with self._lock:
            if self._intake is not None or self._stop.requested():
                return
            self._intake = LiveIntake(
                self._base, self._open_one, self._options, self._on_stored, self._set_state
            )
            self._intake.start()

    def stop_receiving(self) -> None:
        """Receive no more; returns once the connection is given up, or soon after."""
        with self._lock:
            intake, self._intake = self._intake, None
        if intake is not None:
            intake.request_stop()
            intake.join(CLOSED_WITHIN_S)

    @property
    def is_receiving(self) -> bool:
        return self._intake is not None

    @property
    def state(self) -> LiveState:
        """Its present state."""
        return self._state

    @property
    def ready_id(self) -> int:
        """The id of the newest row that may be handed out."""
        return self._arrivals.ready_id

    def listen(self, listener: Callable[[], None]) -> None:
        """Have a function called, which must return at once, whenever ``ready_id`` grows or ``state`` changes."""
        self._arrivals.listen(listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        self._arrivals.unlisten(listener)

    @property
    def options(self) -> LiveOptions:
        return self._options

    # --- the end -----------------------------------------------------------------------------

    def request_stop(self) -> None:
        """Begin to close, without waiting."""
        self._stop.request()
        self._jobs.wake()
        self._arrivals.wake()
        with self._lock:
            intake = self._intake
        if intake is not None:
            intake.request_stop()

    def close(self) -> None:
        """Stop everything and close the connections; work under way is cut off after a moment."""
        self.request_stop()
        with self._lock:
            intake, self._intake = self._intake, None
        self._pool.close()
        # Requests that wait for an answer end with their connection; states were stored before they left.
        chat = threading.Thread(target=self._base.chat.close, name="sigcli-goodbye", daemon=True)
        chat.start()
        ended = intake is None or intake.join(CLOSED_WITHIN_S)
        for thread in (self._jobs.thread, self._arrivals.thread, chat):
            thread.join(CLOSED_WITHIN_S)
            ended = ended and not thread.is_alive()
        if ended:
            self._base.close()
            self._stop.close()

    # --- within ------------------------------------------------------------------------------

    def _open_one(self) -> Account:
        database = self._open_database()
        try:
            account = self._base.sibling(database)
        except BaseException:
            database.close()
            raise
        account.stop = self._stop
        return account

    def _open_database(self) -> Database:
        database = self._directory.open_database(self.entry, any_thread=True)
        database.turns = self._turns
        return database

    def _on_stored(self) -> None:
        self._arrivals.wake()
        self._jobs.wake()

    def _set_state(self, state: LiveState) -> None:
        self._state = state
        self._arrivals.looks_often = state.receiver_pid is not None
        self._arrivals.tell_listeners()
