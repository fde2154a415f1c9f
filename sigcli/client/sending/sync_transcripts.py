"""Asking the primary device for what it knows: contacts, blocked people, settings, keys; and the storage service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.sync_sending import require_sync
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncRequest, SyncRequestType

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

REQUESTED = (
    SyncRequestType.CONTACTS,
    SyncRequestType.BLOCKED,
    SyncRequestType.CONFIGURATION,
    SyncRequestType.KEYS,
)


def request_sync(account: Account) -> None:
    """Ask for all of it; the answers come as messages. Does nothing on the primary itself. Raises ServiceError.

    Reading the storage service is left as a task.
    """
    if account.keys.is_primary:
        return
    for kind in REQUESTED:
        require_sync(account, SyncMessage(request=SyncRequest(type=kind)))
    with account.database.transaction() as database:
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
