"""What the primary device answers when a linked one asks: contacts, blocked people, settings, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.sync_sending import send_sync
from sigcli.store import account_data
from sigcli.store.recipients import find_by_service_id, list_recipients
from sigcli.store.settings import read_setting
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import (
    SyncBlocked,
    SyncConfiguration,
    SyncContacts,
    SyncKeys,
    SyncRequestType,
)

if TYPE_CHECKING:
    from sigcli.client.account import Account
    from sigcli.store.recipients import Recipient
    from sigcli.wire.contacts import ContactAvatar, ContactDetails

_CONTACTS_TYPE = "application/octet-stream"
_MAX_AVATAR_BYTES = 1024 * 1024
_AVATAR_TYPE = "image/*"


def answer_sync_request(account: Account, kind: int) -> None:
    """Tell the linked devices what one of them has asked for; only the primary device does, others keep silent.

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
    result = send_sync(account, answer)
    if result.error is not None:
        raise result.error


def _contacts(account: Account) -> SyncMessage:
    from sigcli.client.attachments_out import upload_data
    from sigcli.wire.contacts import encode_contacts

    people = list_recipients(account.database, only_contacts=True)
    details = [_details(account, person) for person in people if _is_for_others(account, person)]
    # The account itself stands among them, as in the official apps; so the list is never empty.
    details.append(_own_details(account))
    blob = upload_data(account, encode_contacts(details), _CONTACTS_TYPE)
    return SyncMessage(contacts=SyncContacts(blob=blob, complete=True))


def _is_for_others(account: Account, person: Recipient) -> bool:
    """Whether somebody is one of the contacts, and not merely blocked or the account itself."""
    if person.aci == account.aci or (person.aci is None and person.number is None):
        return False
    return person.contact.is_contact or person.contact.profile_sharing


def _details(account: Account, person: Recipient) -> ContactDetails:
    from sigcli.wire.contacts import ContactDetails

    return ContactDetails(
        aci=person.aci,
        number=person.number,
        name=person.name or None,
        avatar=_avatar(account, person),
        expire_timer_s=person.contact.expire_timer_s,
        expire_timer_version=person.contact.expire_timer_version,
    )


def _own_details(account: Account) -> ContactDetails:
    from sigcli.wire.contacts import ContactDetails

    own = find_by_service_id(account.database, account.aci)
    if own is None:
        return ContactDetails(aci=account.aci, number=account.number)
    return ContactDetails(
        aci=account.aci,
        number=account.number,
        name=own.name or None,
        expire_timer_s=own.contact.expire_timer_s,
        expire_timer_version=own.contact.expire_timer_version,
    )


def _avatar(account: Account, person: Recipient) -> ContactAvatar | None:
    from sigcli.wire.contacts import ContactAvatar

    path = account.files.contact_avatar(person.aci) if person.aci is not None else None
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            data = file.read(_MAX_AVATAR_BYTES + 1)
    except OSError:
        return None
    if not 0 < len(data) <= _MAX_AVATAR_BYTES:
        return None
    return ContactAvatar(content_type=_AVATAR_TYPE, length=len(data), data=data)


def blocked_list(account: Account) -> SyncMessage:
    """Everybody who is blocked, for devices that replace their lists by it."""
    from sigcli.client.blocked_groups import blocked_groups

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
            read_receipts=bool(read_setting(database, account_data.READ_RECEIPTS)),
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
