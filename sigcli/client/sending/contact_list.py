"""The contacts as the primary device tells them to the linked ones: names, timers and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.files import read_small_file
from sigcli.store.recipients import find_by_service_id, list_recipients
from sigcli.wire.contacts import ContactAvatar, ContactDetails

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

_MAX_AVATAR_BYTES = 1024 * 1024
_AVATAR_TYPE = "image/*"


def listed_contacts(account: Account) -> list[ContactDetails]:
    """Everybody who is a contact, by the names that the user has given; who has none of these has none.

    The account itself stands among them, as in the official apps; so the list is never empty.
    """
    people = list_recipients(account.database, only_contacts=True)
    details = [_details(account, person) for person in people if _is_for_others(account, person)]
    return [*details, _own_details(account)]


def _is_for_others(account: Account, person: Recipient) -> bool:
    """Whether somebody is one of the contacts, and not merely blocked or the account itself."""
    if person.aci == account.aci or (person.aci is None and person.number is None):
        return False
    return person.contact.is_contact or person.contact.profile_sharing


def _details(account: Account, person: Recipient) -> ContactDetails:
    return ContactDetails(
        aci=person.aci,
        number=person.number,
        name=person.contact.given_and_family_name or None,
        avatar=_avatar(account, person),
        expire_timer_s=person.contact.expire_timer_s,
        expire_timer_version=person.contact.expire_timer_version,
    )


def _own_details(account: Account) -> ContactDetails:
    own = find_by_service_id(account.database, account.aci)
    if own is None:
        return ContactDetails(aci=account.aci, number=account.number)
    return ContactDetails(
        aci=account.aci,
        number=account.number,
        name=own.contact.given_and_family_name or None,
        expire_timer_s=own.contact.expire_timer_s,
        expire_timer_version=own.contact.expire_timer_version,
    )


def _avatar(account: Account, person: Recipient) -> ContactAvatar | None:
    path = account.files.contact_avatar(person.aci) if person.aci is not None else None
    if path is None:
        return None
    data = read_small_file(path, _MAX_AVATAR_BYTES)
    if not data:
        return None
    return ContactAvatar(content_type=_AVATAR_TYPE, length=len(data), data=data)
