"""``receive`` beside a daemon: another process brings the messages into the inbox, this one prints them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.applying.expiring import expire_due
from sigcli.client.base.waiting import pause
from sigcli.store.lease import present_lease

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.follow_up import FollowUp
    from sigcli.client.receiving.inbox_printing import InboxPrinter

_LOOK_S = 0.05
"""How often the store is looked at for what the other process has put there."""
_LEASE_LOOK_S = 0.5
"""How often the holder of the lease is looked at."""
_LINGER_S = 0.3
"""How long nothing new comes before a queue that is empty at the service counts as empty here."""
_PATIENCE_S = 60.0
"""How long the other process may need to empty the queue."""


class Follower:
    """Prints what a process brings that shares its lease, as ``receive`` with these options would."""

    def __init__(
        self,
        account: Account,
        timeout_s: float | None,
        printer: InboxPrinter,
        follow_up: FollowUp,
        stop: Stop,
        *,
        beside_any: bool = False,
    ) -> None:
        self._account = account
        self._timeout_s = timeout_s
        self._printer = printer
        self._follow_up = follow_up
        self._stop = stop
        self._beside_any = beside_any
        self._seen: object = None

    def run(self) -> bool:
        """Print until the run is over; false if the other process has gone before that."""
        began = active_at = time.monotonic()
        lease_at = 0.0
        caught_up = False
        while not self._stop.requested():
            now = time.monotonic()
            if now >= lease_at:
                lease = present_lease(self._account.database, self._account.now_ms())
                if lease is None or not (lease.is_shared or self._beside_any):
                    return False
                # One that does not share does not say so.
                caught_up = lease.is_caught_up or not lease.is_shared
                lease_at = now + (_LEASE_LOOK_S if caught_up else _LOOK_S)
            if self._others_wrote():
                printed_before = self._printer.printed
                expire_due(self._account)
                if not self._printer.print_pending():
                    break
                self._printer.tell(self._follow_up)
                if self._printer.printed != printed_before:
                    active_at = time.monotonic()
            if self._is_over(began, active_at, caught_up=caught_up):
                break
            pause(self._stop, _LOOK_S)
        if not self._stop.requested():
            self._printer.tell(self._follow_up)
        return True

    def _is_over(self, began: float, active_at: float, *, caught_up: bool) -> bool:
        silence_s = time.monotonic() - active_at
        if self._timeout_s is not None:
            return 0 <= self._timeout_s < self._printer.silence_s(active_at)
        return (caught_up and silence_s > _LINGER_S) or time.monotonic() - began > _PATIENCE_S

    def _others_wrote(self) -> bool:
        """Whether another process has changed the store since the last look."""
        version = self._account.database.row("PRAGMA data_version")
        before, self._seen = self._seen, version
        return before != version
