"""A new entropy pool for the account, and everybody told who needs what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.storage.keys import NEXT_ENTROPY_POOL, key_of_pool
from sigcli.client.storage.syncing import forget_older_keys, have_storage_read, write_under
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, add_task, drop_tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def rotate_entropy_pool(account: Account) -> None:
    """Give the account a new entropy pool, as its primary device: what it holds is written anew under the new key.

    The linked devices get the keys, the service the attributes that follow from the pool. Called again after a failure
    it goes on with the same pool. Opens transactions of its own. Raises PrimaryOnly, StorageConflict, ServiceError.
    """
    from sigcli.errors import PrimaryOnly
    from sigcli.protocol.account_entropy import AccountEntropyPool

    if not account.keys.is_primary:
        raise PrimaryOnly
    database = account.database
    pool = read_setting(database, NEXT_ENTROPY_POOL)
    if pool is None:
        pool = AccountEntropyPool.generate(account.random).text
        with database.transaction() as transaction:
            write_setting(transaction, NEXT_ENTROPY_POOL, pool)
    if account.environment.storage_url is not None:
        write_under(account, key_of_pool(pool))
    with database.transaction() as transaction:
        write_setting(transaction, account_data.ACCOUNT_ENTROPY_POOL, pool)
        write_setting(transaction, NEXT_ENTROPY_POOL, None)
    account.reload_keys()
    forget_older_keys(account)
    _hand_out_keys(account)
    have_storage_read(account)


def _hand_out_keys(account: Account) -> None:
    """Tell the linked devices, PIN recovery and the service what follows from a new pool; a failure is a warning."""
    from sigcli.client.account.pin import keep_pin
    from sigcli.client.account.update_account import refresh_attributes
    from sigcli.client.sending.sync_requests import answer_sync_request
    from sigcli.client.sending.sync_sending import has_other_devices
    from sigcli.wire.content.sync_state import SyncRequestType

    database = account.database
    now_ms = account.now_ms()
    keys_target = bytes([int(SyncRequestType.KEYS)])
    with database.transaction() as transaction:
        # Should this end here, they stand as tasks.
        add_task(transaction, TaskKind.SYNC_ANSWER, keys_target, now_ms=now_ms)
        add_task(transaction, TaskKind.ATTRIBUTES_UPDATE, now_ms=now_ms)

    def tell() -> None:
        if has_other_devices(account):
            answer_sync_request(account, SyncRequestType.KEYS)
        with database.transaction() as transaction:
            drop_tasks(transaction, TaskKind.SYNC_ANSWER, keys_target)
        keep_pin(account)
        refresh_attributes(account)
        with database.transaction() as transaction:
            drop_tasks(transaction, TaskKind.ATTRIBUTES_UPDATE, b"")

    account.attempt(tell, "not everybody knows the account's new keys yet")
