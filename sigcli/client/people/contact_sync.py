"""The contacts that the primary device sends: downloaded as one attachment, and taken into the store.

Where the storage service is read, it says who they are, and this list only gives timers and pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.claimed_addresses import take_claimed_ids
from sigcli.errors import StoreError
from sigcli.store.account_data import CONTACTS_SYNCED
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import (
    RecipientChange,
    load_recipient,
    set_expire_timer,
    update_recipient,
)
from sigcli.store.settings import write_setting
from sigcli.store.storage_records import storage_version
from sigcli.wire.contacts import decode_contacts

if TYPE_CHECKING:
    from sigcli.client.applying.attachments_in import AttachmentFetcher
    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.contacts import ContactDetails
    from sigcli.wire.content import Content

MAX_BYTES = 64 * 1024 * 1024
_TOGETHER = 200
"""Contacts that are stored in one transaction."""


def take_contacts(
    account: Account,
    fetcher: AttachmentFetcher,
    content: Content,
    *,
    ignore_avatars: bool = False,
) -> None:
    """Download and store the contacts that a sync message points at, with their pictures unless these are ignored.

    Raises ServiceError, and ProtocolError if what comes is not a list of contacts.
    """
    sync = content.sync_message
    if sync is None or sync.contacts is None or sync.contacts.blob is None:
        return
    contacts = list(decode_contacts(b"".join(fetcher.pieces(sync.contacts.blob, MAX_BYTES))))
    database = account.database
    for start in range(0, len(contacts), _TOGETHER):
        with database.transaction() as transaction:
            for contact in contacts[start : start + _TOGETHER]:
                _store(account, transaction, contact)
    with database.transaction() as transaction:
        write_setting(transaction, CONTACTS_SYNCED, True)
    for contact in () if ignore_avatars else contacts:
        _store_avatar(account, contact)


def _store(account: Account, transaction: Transaction, contact: ContactDetails) -> None:
    """One contact: the user talks to them."""
    if contact.aci is None and not contact.number:
        return
    number = contact.number or None
    row_id = take_claimed_ids(account, transaction, aci=contact.aci, number=number)
    known = load_recipient(transaction, row_id)
    # Found or made in this very transaction.
    assert known is not None
    if not storage_version(transaction):
        update_recipient(transaction, row_id, **_change(account, contact, known))
    if contact.expire_timer_s is not None:
        set_expire_timer(
            transaction, row_id, contact.expire_timer_s, contact.expire_timer_version or 1
        )


def _change(account: Account, contact: ContactDetails, known: Recipient) -> RecipientChange:
    change: RecipientChange = {"is_contact": True}
    # The official apps put the name that somebody has chosen into the list where the user gave none, and it does not
    # say which it is. So it is shown until the profile is known, and is never a name to write to.
    if contact.name and not known.name:
        change["profile_given_name"] = contact.name
    if contact.aci != account.aci and not known.contact.blocked:
        change["profile_sharing"] = True
        change["request_state"] = RequestState.ACCEPTED
    return change


def _store_avatar(account: Account, contact: ContactDetails) -> None:
    if contact.aci is None or contact.avatar is None:
        return
    try:
        account.files.write_contact_avatar(contact.aci, [contact.avatar.data])
    except StoreError as error:
        account.warn(f"a contact's picture was not stored: {error.message}")
