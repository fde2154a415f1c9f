"""Looks now and then whether something that was received has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.attachment_uses import has_ended_uses
from sigcli.store.withdrawals import has_expired

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def expire_due(account: Account) -> None:
    """Remove what has expired: contents of messages, and files. Opens transactions of its own."""
    now_ms = account.now_ms()
    if has_expired(account.database, now_ms) or has_ended_uses(account.database, now_ms):
        # What reading messages needs is loaded when there is something to read.
        from sigcli.client.applying.withdrawing import expire

        expire(account)
