"""The right to receive: taken when it is free, renewed now and then, given back at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.base.waiting import pause
from sigcli.errors import ReceiverBusy, StoreError
from sigcli.store import lease, tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.store.database import Transaction

_POLL_S = 0.2
_SILENT_S = 1.0
"""How long to wait before saying which process is waited for."""


class ReceiverLease:
    """The lease of this process; a context manager that gives it back."""

    def __init__(self, account: Account, held: lease.Lease) -> None:
        self._account = account
        self._held = held
        self._renewed_ms = held.acquired_ms

    @property
    def is_shared(self) -> bool:
        """Whether others print what the holder receives."""
        return self._held.is_shared

    @classmethod
    def acquire(cls, account: Account, stop: Stop) -> ReceiverLease | None:
        """Wait for the lease as long as for any lock; None if told to stop first.

        Raises ReceiverBusy, at once if the holder hands out what it receives.
        """
        began = time.monotonic()
        deadline = began + account.settings.lock_timeout_s
        told = False
        while not stop.requested():
            try:
                return cls.take(account)
            except ReceiverBusy as busy:
                if busy.is_shared:
                    raise
                now = time.monotonic()
                left_s = deadline - now
                if left_s <= 0:
                    raise
                if not told and now - began >= _SILENT_S:
                    told = True
                    account.warn(f"{busy.message}: waiting for it to end")
                pause(stop, min(_POLL_S, left_s))
        return None

    @classmethod
    def take(cls, account: Account, *, shared: bool = False) -> ReceiverLease:
        """Take the lease without waiting; ``shared`` as in ``store.lease``. Raises ReceiverBusy."""
        with account.database.transaction() as database:
            held = lease.acquire(database, account.now_ms(), shared=shared)
            tasks.release_claims(database)
        return cls(account, held)

    def note_caught_up(self, is_caught_up: bool) -> None:
        """Say whether anything may wait at the service; opens a transaction of its own."""
        with self._account.database.transaction() as database:
            lease.note_caught_up(database, self._held, is_caught_up)

    def is_due(self) -> bool:
        """Whether it is time to renew."""
        elapsed_ms = self._account.now_ms() - self._renewed_ms
        return not 0 <= elapsed_ms < lease.HEARTBEAT_INTERVAL_MS

    def renew(self, transaction: Transaction) -> None:
        """Note that this process still receives; raises LeaseLost."""
        self._renewed_ms = self._account.now_ms()
        lease.renew(transaction, self._held, self._renewed_ms)

    def __enter__(self) -> ReceiverLease:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with self._account.database.transaction() as transaction:
                lease.release(transaction, self._held)
        except StoreError:
            return  # the holder's death is noticed as well
