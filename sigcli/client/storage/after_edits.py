"""What a command does at its end where it has changed something that the storage service holds as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.tasks import TaskKind, count_tasks

if TYPE_CHECKING:
    from sigcli.client.base.account import Account


def hand_in_edits(account: Account) -> None:
    """Bring waiting edits to the storage service; without any, nothing is imported or asked for.

    What goes wrong is a warning: the next ``receive`` does it.
    """
    if count_tasks(account.database, TaskKind.STORAGE_SYNC):
        from sigcli.client.storage.syncing import sync_waiting

        sync_waiting(account)
