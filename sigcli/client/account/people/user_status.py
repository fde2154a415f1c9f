"""Whether people are on the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.claimed_addresses import disputed
from sigcli.client.people.recipient_words import (
    ContactName,
    LinkToUsername,
    Number,
    Username,
    as_username,
    classify,
)
from sigcli.client.people.recipients import NumberLookup, look_up_numbers, resolve, undiscoverable
from sigcli.errors import InvalidUsername, UsernameNotRegistered
from sigcli.lazy_dataclass import dataclass
from sigcli.store.address_claims import AddressKind
from sigcli.store.recipient_values import AccessMode, Recipient
from sigcli.store.recipients import find_by_number, find_by_service_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.account import Account
    from sigcli.service.resources.directory import DirectoryEntry
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class UserStatus:
    """What is known of somebody: ``recipient`` is the word that was asked for, ``uuid`` the ACI, else the PNI."""

    recipient: str
    number: str | None
    uuid: str | None
    registered: bool
    unrestricted: bool = False
    """Whether they take sealed messages from everybody."""
    username: str | None = None
    """Where a username or a link to one was asked for."""


def user_status(
    account: Account, recipients: Iterable[str], usernames: Iterable[str] = ()
) -> list[UserStatus]:
    """Ask the service, and for numbers the directory, about each word; ``usernames`` are names without prefix or links.

    A number that is known here, and was asked about today, is asked about by its ACI. Raises UnknownRecipient,
    AmbiguousRecipient, AddressMoved for a username, DiscoveryUnavailable, InvalidUsername, InvalidUsernameLink,
    ServiceError.
    """
    words = list(recipients)
    looked_up = look_up_numbers(account, words, anew=True)
    statuses = [_status(account, text, looked_up) for text in words]
    return statuses + [_of_username(account, text, as_username(text)) for text in usernames]


def _status(account: Account, text: str, looked_up: NumberLookup) -> UserStatus:
    match classify(text, account.settings.aliases):
        case Number(e164) if (claim := disputed(account, AddressKind.NUMBER, e164)) is not None:
            # Who has it by what the service says; messages wait for the user's word.
            return UserStatus(text, e164, str(claim.claimant), True)
        case Number(e164) if e164 in looked_up.entries:
            return _of_entry(account, text, e164, looked_up.entries[e164])
        case Number(e164):
            return _of_number(account, text, e164, looked_up)
        case Username() | LinkToUsername():
            return _of_username(account, text, text)
        case ContactName():
            recipient = resolve(account, text)
            return _of_service_id(account, text, recipient, recipient.service_id)
        case service_id:
            known = find_by_service_id(account.database, service_id)
            return _of_service_id(account, text, known, service_id)


def _of_entry(account: Account, text: str, number: str, entry: DirectoryEntry | None) -> UserStatus:
    known = find_by_number(account.database, number)
    if entry is None and known is not None and known.contact.unregistered_ms is None:
        # The directory does not show everybody: ask for the account that the number was known by.
        return _of_service_id(account, text, known, known.service_id)
    if entry is None:
        return UserStatus(text, number, None, False)
    service_id = known.service_id if known else entry.aci or entry.pni
    uuid = str(service_id) if service_id else None
    return UserStatus(text, number, uuid, True, _is_unrestricted(known))


def _of_number(account: Account, text: str, number: str, looked_up: NumberLookup) -> UserStatus:
    if number == account.number:
        return UserStatus(text, number, str(account.aci), True)
    known = find_by_number(account.database, number)
    if known is None or known.service_id is None:
        raise looked_up.failure or undiscoverable(number)
    return _of_service_id(account, text, known, known.service_id)


def _of_username(account: Account, text: str, word: str) -> UserStatus:
    from sigcli.client.people.username_lookup import person_with_username, username_of_link

    meaning = classify(word, account.settings.aliases)
    username = None
    try:
        if isinstance(meaning, LinkToUsername):
            username = username_of_link(account, meaning.link, fresh=True)
        elif isinstance(meaning, Username):
            username = meaning.name
        else:
            raise InvalidUsername
        person = person_with_username(account, username, fresh=True)
    except UsernameNotRegistered:
        return UserStatus(text, None, None, False, username=username)
    uuid = str(person.aci)
    unrestricted = _is_unrestricted(person)
    return UserStatus(text, person.number, uuid, True, unrestricted, person.username)


def _of_service_id(
    account: Account, text: str, known: Recipient | None, service_id: ServiceId | None
) -> UserStatus:
    from sigcli.service.resources.accounts import account_exists

    number = known.number if known else None
    if service_id is None:
        return UserStatus(text, number, None, False)
    registered = account.is_own(service_id) or account_exists(account.unidentified, service_id)
    return UserStatus(text, number, str(service_id), registered, _is_unrestricted(known))


def _is_unrestricted(known: Recipient | None) -> bool:
    return known is not None and known.profile.access_mode is AccessMode.UNRESTRICTED
