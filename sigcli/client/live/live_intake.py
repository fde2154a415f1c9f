"""Receiving in the background: under the receiver lease, over a connection that is made again whenever it breaks."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.client.account.account_secrets import lost_login_hint
from sigcli.client.base.idleness import warn_of_idle_primary
from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.client.base.waiting import StopFlag, pause, unless_stopped
from sigcli.client.live.live_state import LiveState
from sigcli.client.receiving.intake import Intake, note_registered, takes_login
from sigcli.client.receiving.receiver_lease import ReceiverLease
from sigcli.client.receiving.receiving import IDLE_PRIMARY, PATIENCE_S
from sigcli.errors import (
    ConnectedElsewhere,
    DiskFull,
    LeaseLost,
    LoginRefused,
    ReauthenticationRequired,
    ReceiverBusy,
    ServiceError,
    StoreError,
    TimedOut,
    Unauthorized,
    UnexpectedError,
)
from sigcli.lazy_dataclass import replace
from sigcli.service.reconnecting import ReconnectPolicy
from sigcli.store import account_data
from sigcli.store.settings import read_setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.live.live_options import LiveOptions
    from sigcli.errors import SigcliError
    from sigcli.service.chat_socket import ChatSocket

_WAIT_S = 20.0
"""How long one wait for a push lasts: it ends with the push, or when the connection is closed."""
_LEASE_LOOK_S = 0.5
"""How often a lease that another process holds is looked at."""
_HOPELESS_S = 300.0
"""The wait after a loss that waiting alone does not mend (another device's login, an outdated version)."""
_LOGIN_LOOK_S = 5.0
"""How often it is looked whether somebody has logged in anew."""
_FULL_LOOK_S = 2.0
_STORE_LOOK_S = 5.0
_GOES_ON = "messages are received again"
_TOLD_AFTER_FAILURES = 2
"""No warning for a connection that breaks and comes back within this time."""


class LiveIntake:
    """One run from ``start`` to ``stop``; ``on_stored`` is called after each batch, ``base`` owns the connections."""

    def __init__(
        self,
        base: Account,
        open_one: Callable[[], Account],
        options: LiveOptions,
        on_stored: Callable[[], None],
        on_state: Callable[[LiveState], None],
    ) -> None:
        self._base = base
        self._open_one = open_one
        self._options = options
        self._on_stored = on_stored
        self._on_state = on_state
        self._stop = StopFlag()
        self._lock = threading.Lock()
        self._socket: ChatSocket | None = None
        self._state = LiveState(is_receiving=True)
        self._lasting = LastingTrouble(base.warn)
        self._thread = threading.Thread(target=self._run, name="sigcli-intake", daemon=True)

    def start(self) -> None:
        self._on_state(self._state)
        self._thread.start()

    def request_stop(self) -> None:
        """Have it end; what is not acknowledged comes again."""
        self._stop.request()
        with self._lock:
            socket = self._socket
        if socket is not None:
            # On a thread: closing in order waits for the service.
            threading.Thread(target=socket.close, name="sigcli-goodbye", daemon=True).start()

    def join(self, timeout_s: float) -> bool:
        """Wait for its end; whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        with self._open_one() as account:
            while not self._stop.requested():
                try:
                    self._hold_lease(account)
                except LeaseLost:
                    continue
                except DiskFull as error:
                    self._trouble(
                        "the disk is full: nothing is received until there is space", error
                    )
                    pause(self._stop, _FULL_LOOK_S)
                except StoreError as error:
                    self._trouble(error.message, error)
                    pause(self._stop, _STORE_LOOK_S)
                except Exception as error:
                    self._trouble(f"unexpected: {error!r}", UnexpectedError(type(error).__name__))
                    pause(self._stop, _STORE_LOOK_S)
            self._set(LiveState(last_received_ms=self._state.last_received_ms))

    def _hold_lease(self, account: Account) -> None:
        """Receive for as long as the lease can be had; or wait while another process receives."""
        try:
            lease = ReceiverLease.take(account, shared=True)
        except ReceiverBusy as busy:
            if self._state.receiver_pid != busy.pid:
                account.warn(
                    f"{busy.message}: what it stores is handed out, and this one receives when it ends"
                )
            self._set(replace(self._state, is_connected=False, receiver_pid=busy.pid, trouble=None))
            pause(self._stop, _LEASE_LOOK_S)
            return
        self._set(replace(self._state, receiver_pid=None))
        with lease:
            self._receive_always(account, lease)

    def _receive_always(self, account: Account, lease: ReceiverLease) -> None:
        intake = Intake(account, lease, self._stop.requested)
        intake.release_trusted()
        policy = ReconnectPolicy(sleep=lambda seconds: self._rest(account, lease, seconds))
        failures = 0

        def works() -> None:
            nonlocal failures
            failures = 0
            policy.succeeded()
            self._lasting.over(_GOES_ON)

        while not self._stop.requested():
            try:
                self._receive_once(account, intake, lease, works)
            except ServiceError as loss:
                self._set(replace(self._state, is_connected=False, is_caught_up=False))
                if self._stop.requested():
                    return
                lease.note_caught_up(False)
                if self._is_login_lost(account, loss):
                    self._wait_for_login(account, lease, loss)
                    continue
                failures += 1
                self._wait_after(account, lease, loss, policy, failures)

    def _receive_once(
        self,
        account: Account,
        intake: Intake,
        lease: ReceiverLease,
        works: Callable[[], None],
    ) -> None:
        """One connection, until it breaks or this is told to stop."""
        socket = unless_stopped(self._stop, self._connect)
        if socket is None:
            return
        with self._lock:
            self._socket = socket
        try:
            if self._stop.requested():
                return
            account.reload_keys()
            intake.begin_connection()
            if IDLE_PRIMARY in socket.alerts:
                warn_of_idle_primary(account)
            self._set(
                replace(self._state, is_connected=True, is_logged_out=False, is_caught_up=False)
            )
            while not self._stop.requested():
                wait_s = _WAIT_S if intake.is_empty else PATIENCE_S
                batch = intake.take_batch(socket, wait_s)
                if batch.envelopes:
                    self._on_stored()
                    now_ms = account.now_ms()
                    self._set(replace(self._state, last_received_ms=now_ms, trouble=None))
                    works()
                if batch.marker is not None:
                    lease.note_caught_up(True)
                    self._set(replace(self._state, is_caught_up=True, trouble=None))
                    works()
                if not intake.is_empty and not batch.envelopes:
                    raise TimedOut("the service did not say that the queue is empty")
        finally:
            with self._lock:
                self._socket = None
            socket.close()

    def _connect(self) -> ChatSocket:
        socket = self._base.chat.open_reader(receive_stories=not self._options.ignore_stories)
        if self._stop.requested():
            # Nobody waits for it any more; left open it would keep the messages from their reader.
            socket.close()
        return socket

    # --- losses ------------------------------------------------------------------------------

    def _is_login_lost(self, account: Account, loss: ServiceError) -> bool:
        if isinstance(loss, LoginRefused | Unauthorized):
            return True
        return isinstance(loss, ReauthenticationRequired) and not takes_login(account)

    def _wait_for_login(self, account: Account, lease: ReceiverLease, loss: ServiceError) -> None:
        """The service refuses this device: nothing is asked of it until there is another login here."""
        with suppress(StoreError):
            note_registered(account, False)
        text = f"{loss.message}; {lost_login_hint(account.database)}"
        self._trouble(text, loss, is_logged_out=True)
        while not self._stop.requested():
            self._rest(account, lease, _LOGIN_LOOK_S)
            password = read_setting(account.database, account_data.PASSWORD)
            is_back = read_setting(account.database, account_data.REGISTERED)
            if password != account.keys.password or is_back:
                account.reload_keys()
                self._base.renew_chat()
                return

    def _wait_after(
        self,
        account: Account,
        lease: ReceiverLease,
        loss: ServiceError,
        policy: ReconnectPolicy,
        failures: int,
    ) -> None:
        delay_s = policy.delay_s(loss)
        if isinstance(loss, ReauthenticationRequired):
            delay_s = 1.0 + random.random()  # noqa: S311 - spreads clients, keeps no secret
        if delay_s is None:
            self._trouble(f"{loss.message}; tried again in {_HOPELESS_S / 60:.0f} minutes", loss)
            delay_s = _HOPELESS_S
        elif failures >= _TOLD_AFTER_FAILURES and not isinstance(loss, ConnectedElsewhere):
            self._trouble(f"{loss.message}; trying again", loss)
        self._rest(account, lease, delay_s)

    def _rest(self, account: Account, lease: ReceiverLease, seconds: float) -> None:
        """Wait, and keep the lease meanwhile; raises LeaseLost."""
        left_s = seconds
        while left_s > 0 and not self._stop.requested():
            pause(self._stop, min(left_s, 20.0))
            left_s -= 20.0
            if lease.is_due():
                with account.database.transaction() as transaction:
                    lease.renew(transaction)

    # --- what others see ---------------------------------------------------------------------

    def _trouble(self, text: str, loss: SigcliError, *, is_logged_out: bool = False) -> None:
        """Nothing comes in, for this reason."""
        self._lasting.met(text)
        self._set(
            replace(
                self._state,
                is_connected=False,
                is_logged_out=is_logged_out,
                trouble=text,
                loss=loss,
            )
        )

    def _set(self, state: LiveState) -> None:
        if state != self._state:
            self._state = state
            self._on_state(state)
