"""What linked devices ask the primary device for, and what it answers: contacts, blocked people, settings, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sending.configuration import sends_read_receipts
from sigcli.client.sending.sync_sending import require_sync
from sigcli.store import account_data
from sigcli.store.recipients import list_recipients
from sigcli.store.settings import read_setting
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import (
    SyncBlocked,
    SyncConfiguration,
    SyncContacts,
    SyncKeys,
    SyncRequest,
    SyncRequestType,
)

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

_CONTACTS_TYPE = "application/octet-stream"
_REQUESTED = (
    SyncRequestType.CONTACTS,
    SyncRequestType.BLOCKED,
    SyncRequestType.CONFIGURATION,
    SyncRequestType.KEYS,
)


def request_sync(account: Account) -> None:
    """As a linked device ask for all of it, and have the storage service read; raises ServiceError.

    The answers come as messages.
    """
    if account.keys.is_primary:
        return
    for kind in _REQUESTED:
        require_sync(account, SyncMessage(request=SyncRequest(type=kind)))
    with account.database.transaction() as database:
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())


def answer_sync_request(account: Account, kind: int) -> None:
    """Tell the linked devices what one of them has asked for; only the primary device answers.

    Opens transactions of its own. Raises ServiceError.
    """
    if not account.keys.is_primary:
        return
    if kind == SyncRequestType.CONTACTS:
        answer = _contacts(account)
    elif kind == SyncRequestType.BLOCKED:
        answer = blocked_list(account)
    elif kind == SyncRequestType.CONFIGURATION:
        answer = _configuration(account)
    elif kind == SyncRequestType.KEYS:
        answer = _keys(account)
    else:
        return  # something newer
    require_sync(account, answer)


def _contacts(account: Account) -> SyncMessage:
    from sigcli.client.content.attachments_out import upload_data
    from sigcli.client.sending.contact_list import listed_contacts
    from sigcli.wire.contacts import encode_contacts

    blob = upload_data(account, encode_contacts(listed_contacts(account)), _CONTACTS_TYPE)
    return SyncMessage(contacts=SyncContacts(blob=blob, complete=True))


def blocked_list(account: Account) -> SyncMessage:
    """Everybody who is blocked, for devices that replace their lists by it."""
    from sigcli.client.people.blocked_groups import blocked_groups

    people = list_recipients(account.database, blocked=True)
    return SyncMessage(
        blocked=SyncBlocked(
            acis=tuple(person.aci for person in people if person.aci is not None),
            numbers=tuple(person.number for person in people if person.number is not None),
            group_ids=tuple(sorted(blocked_groups(account.database))),
        )
    )


def _configuration(account: Account) -> SyncMessage:
    database = account.database
    return SyncMessage(
        configuration=SyncConfiguration(
            read_receipts=sends_read_receipts(database),
            unidentified_delivery_indicators=read_setting(
                database, account_data.UNIDENTIFIED_DELIVERY_INDICATORS
            ),
            typing_indicators=read_setting(database, account_data.TYPING_INDICATORS),
            link_previews=read_setting(database, account_data.LINK_PREVIEWS),
        )
    )


def _keys(account: Account) -> SyncMessage:
    return SyncMessage(
        keys=SyncKeys(
            account_entropy_pool=account.keys.account_entropy_pool,
            media_root_backup_key=account.keys.media_root_backup_key,
        )
    )
