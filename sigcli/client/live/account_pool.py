"""Opened accounts, a database connection each, that threads borrow: so operations run side by side."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.client.base.account import Account

IDLE_AT_MOST = 6


class AccountPool:
    """``open_one`` opens another account; of those that are idle all but a few are closed."""

    def __init__(self, open_one: Callable[[], Account]) -> None:
        self._open_one = open_one
        self._idle: list[Account] = []
        self._versions: dict[int, object] = {}
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def borrowed(self) -> Iterator[Account]:
        """An account for the calling thread alone; raises StoreError."""
        with self._lock:
            account = self._idle.pop() if self._idle else None
        if account is None:
            account = self._open_one()
        try:
            self._refresh(account)
            yield account
        finally:
            account.forget_streams()
            self._give_back(account)

    def close(self) -> None:
        """Close those that are idle; those in use are closed when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for account in idle:
            account.close()

    def _refresh(self, account: Account) -> None:
        """Forget what others may have changed since this one was used."""
        version = account.database.row("PRAGMA data_version")
        if self._versions.get(id(account)) != version:
            self._versions[id(account)] = version
            account.reload_keys()
            account.forget_people()

    def _give_back(self, account: Account) -> None:
        with self._lock:
            # One that was left in the middle of a transaction is not used again.
            if (
                not self._closed
                and len(self._idle) < IDLE_AT_MOST
                and not account.database.in_transaction
            ):
                self._idle.append(account)
                return
            self._versions.pop(id(account), None)
        account.close()
