"""The account's own profile as it is known here: fetched anew whenever some device may have changed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import account_target
from sigcli.store.recipient_merging import recipient_id_of
from sigcli.store.recipients import set_profile_key, update_recipient
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction


def have_own_profile_fetched(account: Account, transaction: Transaction) -> None:
    """Have the own profile fetched, however new the known one is."""
    row_id = recipient_id_of(transaction, account.aci)
    set_profile_key(transaction, row_id, account.keys.profile_key)
    update_recipient(transaction, row_id, profile_fetched_ms=0)
    target = account_target(account.aci)
    add_task(transaction, TaskKind.PROFILE_FETCH, target, now_ms=account.now_ms())
