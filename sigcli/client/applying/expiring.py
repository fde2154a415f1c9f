"""Looks now and then whether something that was received, or sent and kept to be sent again, has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.attachment_uses import has_ended_uses
from sigcli.store.send_log import has_old_entries
from sigcli.store.withdrawals import has_expired

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def expire_due(account: Account) -> None:
    """Remove what has expired: contents of messages, and files. Opens transactions of its own."""
    database, now_ms = account.database, account.now_ms()
    if (
        has_expired(database, now_ms)
        or has_ended_uses(database, now_ms)
        or has_old_entries(database, now_ms)
    ):
        # What reading messages needs is loaded when there is something to read.
        from sigcli.client.applying.withdrawing import expire

        expire(account)
