"""Taking part in a group: what strangers write to it is fetched from then on, and the other own devices know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.groups import accept_group
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction


def take_part(account: Account, transaction: Transaction, group_id: bytes) -> None:
    """The user takes part in a group."""
    if accept_group(transaction, group_id):
        add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
