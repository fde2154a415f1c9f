"""Groups that are to be brought up to date: a message told of them, or another own device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import NotAGroupMember, SigcliError, StoreError
from sigcli.store.groups import find_group
from sigcli.store.tasks import TaskKind, claim_task, complete_task, put_off_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_RETRY_MS = 30_000


def update_group(account: Account, group_id: bytes) -> None:
    """Fetch what is new of a group; being no member any more is no error. Raises ServiceError, ProtocolError."""
    from sigcli.client.groups.fetching import catch_up

    group = find_group(account.database, group_id)
    if group is None:
        return
    try:
        catch_up(account, group)
    except NotAGroupMember:
        return
    from sigcli.client.applying.withdrawing import apply_waiting_deletions

    apply_waiting_deletions(account, group.master_key)


def update_waiting_groups(account: Account) -> None:
    """Fetch every group for which that is due; one that fails stays due, and is a warning."""
    database = account.database
    while True:
        now_ms = account.now_ms()
        with database.transaction():
            task = claim_task(database, now_ms, (TaskKind.GROUP_UPDATE,))
        if task is None:
            return
        try:
            update_group(account, task.target)
        except StoreError:
            raise
        except SigcliError as error:
            with database.transaction():
                put_off_task(database, task.items, now_ms + _RETRY_MS)
            account.warn(f"a group could not be fetched yet: {error.message}")
            continue
        with database.transaction():
            complete_task(database, task.items)
