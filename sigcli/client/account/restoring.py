"""Bringing an account's contacts, groups and settings back after it was registered again, with the key behind its PIN.

What the storage service holds is read with the restored master key and written under the key of the new pool, as the
official clients do; then the enclave and the registration lock follow. What was interrupted goes on at the next account
check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.pin import keep_pin
from sigcli.client.account.pin_recovery import note_recovered, recover_master_key, with_master_key
from sigcli.client.account.update_account import refresh_attributes
from sigcli.client.applying.group_updates import update_waiting_groups
from sigcli.client.storage.syncing import sync_storage
from sigcli.durations import WEEK_MS
from sigcli.errors import PinDataMissing
from sigcli.store import account_data
from sigcli.store.account_data import store_account_keys
from sigcli.store.settings import write_setting
from sigcli.store.tasks import TaskKind, add_task, count_tasks, drop_tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

RESTORE_TIME_MS = WEEK_MS
"""How long after a registration the PIN may still be handed in."""


def restore_by_pin(account: Account, pin: str) -> None:
    """Get the master key back with the login of an account that has no registration lock, and what it opens.

    Raises WrongPin with the tries that are left, PinDataMissing, AttestationFailed.
    """
    from sigcli.service.resources.certificates import SVR2, service_login

    login = service_login(account.identified, SVR2)
    try:
        recovered = recover_master_key(
            account.network, login, pin, account.now_ms(), account.random
        )
    except PinDataMissing:
        with account.database.transaction() as database:
            write_setting(database, account_data.PIN_RESTORE_UNTIL_MS, None)
        raise
    with account.database.transaction() as database:
        store_account_keys(database, with_master_key(account.keys, recovered.master_key))
        note_recovered(database, account.keys, recovered, account.now_ms(), locks=False)
    account.reload_keys()
    restore_records(account)


def restore_records(account: Account) -> None:
    """Read the storage service, or begin it, and have PIN recovery keep the key that it is written under now.

    Raises ServiceError, NotOffered.
    """
    database = account.database
    with database.transaction() as transaction:
        # Should this end here, the next receive goes on.
        add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    sync_storage(account)
    keep_pin(account)
    if count_tasks(database, TaskKind.ATTRIBUTES_UPDATE):
        # The profile key that has come back is the one by which others reach this account.
        refresh_attributes(account)
    with database.transaction() as transaction:
        drop_tasks(transaction, TaskKind.STORAGE_SYNC)
        drop_tasks(transaction, TaskKind.ATTRIBUTES_UPDATE, b"")
    update_waiting_groups(account)
