"""The stored person that the user names by number, id, username, alias or the name that they gave themselves.

A name in somebody's profile never counts: it is the other side's to choose.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.people.claimed_addresses import disputed, require_undisputed
from sigcli.client.people.recipient_words import (
    ContactName,
    LinkToUsername,
    Number,
    Username,
    classify,
)
from sigcli.durations import DAY_MS, HOUR_MS
from sigcli.errors import (
    AddressMoved,
    AmbiguousRecipient,
    DiscoveryUnavailable,
    NumberNotRegistered,
    PersonNotRegistered,
    ServiceError,
    UnknownRecipient,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store.address_claims import AddressKind
from sigcli.store.recipients import (
    find_by_number,
    find_by_service_id,
    given_names,
    load_recipient,
    note_numbers_checked,
)
from sigcli.store.unregistered_numbers import is_believed_unregistered
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sigcli.client.base.account import Account
    from sigcli.service.resources.directory import DirectoryEntry
    from sigcli.store.recipient_values import Recipient

NUMBER_FRESH_MS = DAY_MS
"""How long an answer about a number's owner is used: numbers change hands."""
NUMBER_RETRY_MS = HOUR_MS
"""How long the known owner is used after the directory did not answer."""


@dataclass(frozen=True, slots=True)
class NumberLookup:
    """What the directory said about numbers: None for one that nobody has; and the error if it did not answer."""

    entries: Mapping[str, DirectoryEntry | None] = field(default_factory=dict)
    unanswered: Collection[str] = ()
    failure: ServiceError | None = None
    put_off: Collection[str] = ()
    """Numbers of known people whose present owners are asked for later."""
    fresh: Collection[str] = frozenset()
    """Numbers that need not be asked about."""
    known: Mapping[str, Recipient] = field(default_factory=dict)
    """The owner of such a number, where nothing happens before it is used."""


def resolve(account: Account, text: str, looked_up: NumberLookup | None = None) -> Recipient:
    """The stored person that a word means; somebody new to the store gets a row.

    Looks up a username, and a number in the directory, that the store does not know or has not asked about for a day,
    unless ``looked_up`` tells the outcome: not inside a transaction. Raises UnknownRecipient, AmbiguousRecipient,
    InvalidUsername, InvalidUsernameLink, PersonNotRegistered, AddressMoved, DiscoveryUnavailable, ServiceError.
    """
    match classify(text, account.settings.aliases):
        case Number(e164):
            return _by_number(account, e164, looked_up or NumberLookup())
        case Username(name):
            from sigcli.client.people.username_lookup import person_with_username

            return person_with_username(account, name)
        case LinkToUsername(link):
            from sigcli.client.people.username_lookup import person_behind_link

            return person_behind_link(account, link)
        case ContactName(name):
            return _by_name(account, name)
        case ServiceId() as service_id:
            return _by_service_id(account, service_id)


def resolve_known(account: Account, text: str) -> Recipient:
    """As ``resolve``, for what changes only what is noted here, or a group: who is known here need not be registered.

    A number or username means the person it was last known to belong to. Only where a number alone is known of somebody
    the directory is asked, which may know more by now.
    """
    match classify(text, account.settings.aliases):
        case Number(e164) if e164 != account.number:
            known = find_by_number(account.database, e164)
        case Username() | LinkToUsername() as word:
            from sigcli.client.people.username_lookup import known_person

            known = known_person(account, word)
        case _:
            known = None
    if known is None or known.service_id is None:
        return resolve(account, text)
    if known.aci is not None:
        return known
    try:
        return resolve(account, text)
    except (PersonNotRegistered, AddressMoved, ServiceError):
        return known


def resolve_noted(account: Account, text: str) -> Recipient:
    """As ``resolve_known``, for what changes only what is noted here: a number alone is enough to be known by."""
    match classify(text, account.settings.aliases):
        case Number(e164):
            known = find_by_number(account.database, e164)
        case ContactName(name):
            known = _called(account, name)
        case _:
            known = None
    if known is None or known.service_id is not None:
        return resolve_known(account, text)
    try:
        return resolve(account, text)
    except (PersonNotRegistered, AddressMoved, DiscoveryUnavailable, ServiceError):
        return known


def own_recipient(account: Account) -> Recipient:
    """The account's own row, made if needed; opens a transaction."""
    known = find_by_service_id(account.database, account.aci)
    if known is not None and (known.pni, known.number) == (account.pni, account.number):
        return known
    from sigcli.store.recipient_merging import resolve_recipient

    with account.database.transaction() as database:
        row = resolve_recipient(
            database, aci=account.aci, pni=account.pni, number=account.number
        ).id
        return _loaded(account, row)


def is_self(account: Account, recipient: Recipient) -> bool:
    """Whether somebody is the account itself."""
    return recipient.aci == account.aci


def look_up_number(account: Account, number: str) -> Recipient:
    """Ask the directory who has a number now, and remember it; for an hour also that nobody has it.

    Raises NumberNotRegistered, AddressMoved, DiscoveryUnavailable, ServiceError.
    """
    from sigcli.client.people import contact_discovery

    if not contact_discovery.is_available(account):
        raise undiscoverable(number)
    if is_believed_unregistered(account.database, number, account.now_ms()):
        raise not_registered(number)
    if contact_discovery.discover(account, [number])[number] is None:
        raise not_registered(number)
    require_undisputed(account, AddressKind.NUMBER, number)
    found = find_by_number(account.database, number)
    # Everybody discovered is stored.
    assert found is not None
    return found


def look_up_numbers(
    account: Account, words: Iterable[str], *, anew: bool = False, only_unknown: bool = False
) -> NumberLookup:
    """Ask the directory at once about those numbers among some words that are due (``is_due``).

    Nothing is asked where there is no directory. A number that nobody had within the last hour is not asked about
    again, unless ``anew``. With ``only_unknown`` those of people who are known are put off. Where the directory does
    not answer, what is known holds, with a warning. Not inside a transaction; raises UnknownRecipient,
    InvalidUsernameLink.
    """
    from sigcli.client.people import contact_discovery

    words = list(words)
    due: dict[str, None] = {}
    fresh: dict[str, Recipient | None] = {}
    for word in words:
        meaning = classify(word, account.settings.aliases)
        if not isinstance(meaning, Number):
            continue
        asks, owner = _asks_about(account, meaning.e164)
        if asks:
            due[meaning.e164] = None
        else:
            fresh[meaning.e164] = owner
    if not due or not contact_discovery.is_available(account):
        # Looking up another word may change who is who.
        alone = fresh if len(words) == 1 else {}
        known = {number: owner for number, owner in alone.items() if owner is not None}
        return NumberLookup(fresh=frozenset(fresh), known=known)
    put_off = {number for number in due if only_unknown and _is_somebodys(account, number)}
    for number in put_off:
        del due[number]
    if not due:
        return NumberLookup(put_off=put_off, fresh=fresh)
    now_ms = account.now_ms()
    nobodys: dict[str, DirectoryEntry | None] = {
        number: None
        for number in due
        if not anew and is_believed_unregistered(account.database, number, now_ms)
    }
    asked = [number for number in due if number not in nobodys]
    try:
        answers = nobodys | contact_discovery.discover(account, asked)
        return NumberLookup(answers, put_off=put_off, fresh=fresh)
    except ServiceError as failure:
        hold_known(account, asked, failure)
        return NumberLookup(nobodys, asked, failure, put_off, fresh)


def number_of(account: Account, text: str) -> str | None:
    """The number that a word is, None for any other word; raises UnknownRecipient, InvalidUsernameLink."""
    meaning = classify(text, account.settings.aliases)
    return meaning.e164 if isinstance(meaning, Number) else None


def is_due(account: Account, number: str) -> bool:
    """Whether the directory is to be asked about a number.

    It is if nobody is known by it, their account is gone, or the last answer is a day old.
    """
    return _asks_about(account, number)[0]


def _asks_about(account: Account, number: str) -> tuple[bool, Recipient | None]:
    """Whether a number ``is_due``; if not, its owner, unless that is the account itself or in dispute."""
    if number == account.number or disputed(account, AddressKind.NUMBER, number) is not None:
        return False, None
    known = find_by_number(account.database, number)
    if known is None or known.service_id is None or known.contact.unregistered_ms is not None:
        return True, None
    is_fresh = 0 <= account.now_ms() - known.number_checked_ms < NUMBER_FRESH_MS
    return (False, known) if is_fresh else (True, None)


def _is_somebodys(account: Account, number: str) -> bool:
    """Whether somebody is known by a number and had an account when last heard of."""
    known = find_by_number(account.database, number)
    return (
        known is not None and known.service_id is not None and known.contact.unregistered_ms is None
    )


def hold_known(account: Account, numbers: Iterable[str], failure: ServiceError) -> None:
    """Use what is known of numbers that could not be asked about, with a warning; they are asked about again soon."""
    known = [
        number
        for number in numbers
        if (person := find_by_number(account.database, number)) is not None
        and person.service_id is not None
    ]
    if not known:
        return
    account.warn(
        "it could not be asked whose the numbers are, so earlier answers are used: "
        + failure.message
    )
    with account.database.transaction() as database:
        checked_ms = account.now_ms() - NUMBER_FRESH_MS + NUMBER_RETRY_MS
        note_numbers_checked(database, known, checked_ms)


def not_registered(number: str) -> NumberNotRegistered:
    """The error for a number that the directory says nobody has."""
    return NumberNotRegistered(
        f"the number {_ending(number)} is not registered with the service", number=number
    )


def undiscoverable(number: str) -> DiscoveryUnavailable:
    """The error for a number that is neither known here nor can be looked up."""
    return DiscoveryUnavailable(
        f"the number {_ending(number)} is not known here, and contact discovery is not available",
        number=number,
    )


def _ending(number: str) -> str:
    # Errors are logged: no full number in them.
    return f"ending in {number[-4:]}"


def _by_number(account: Account, number: str, looked_up: NumberLookup) -> Recipient:
    if number == account.number:
        return own_recipient(account)
    if number in looked_up.known:
        return looked_up.known[number]
    require_undisputed(account, AddressKind.NUMBER, number)
    answered = (looked_up.entries, looked_up.unanswered, looked_up.put_off, looked_up.fresh)
    is_asked = any(number in numbers for numbers in answered)
    if not is_asked and is_due(account, number):
        looked_up = look_up_numbers(account, [number])
        require_undisputed(account, AddressKind.NUMBER, number)
    known = find_by_number(account.database, number)
    is_nobodys = number in looked_up.entries and looked_up.entries[number] is None
    if known is None or known.service_id is None:
        if is_nobodys:
            raise not_registered(number)
        if looked_up.failure is not None and number in looked_up.unanswered:
            raise looked_up.failure
        return look_up_number(account, number)
    if is_nobodys and known.contact.unregistered_ms is not None:
        raise not_registered(number)
    # The directory not showing anybody does not mean that nobody has it: people can hide there.
    return known


def _by_service_id(account: Account, service_id: ServiceId) -> Recipient:
    if account.is_own(service_id):
        return own_recipient(account)
    known = find_by_service_id(account.database, service_id)
    if known is not None:
        return known
    from sigcli.store.recipient_merging import recipient_id_of

    with account.database.transaction() as database:
        return _loaded(account, recipient_id_of(database, service_id))


def _by_name(account: Account, name: str) -> Recipient:
    found = _called(account, name)
    if found.service_id is None:
        if found.number is None:
            raise UnknownRecipient(f'the contact "{name}" has neither a number nor an ACI')
        return look_up_number(account, found.number)
    return found


def _called(account: Account, name: str) -> Recipient:
    """The one person whom the user calls so; raises UnknownRecipient, AmbiguousRecipient."""
    names = given_names(account.database)
    rows = [row for row, one, _ in names if one == name]
    if not rows:
        folded = name.casefold()
        rows = [row for row, one, _ in names if one.casefold() == folded]
    found = [one for row in rows if (one := load_recipient(account.database, row)) is not None]
    if not found:
        from sigcli.client.base.user_files import shown
        from sigcli.client.people.meant_words import hint_for_recipient

        raise UnknownRecipient(
            f'there is no contact called "{shown(name)}"', hint=hint_for_recipient(account, name)
        )
    if len(found) > 1:
        raise AmbiguousRecipient(f'{len(found)} contacts are called "{name}"')
    return found[0]


def _loaded(account: Account, row_id: int) -> Recipient:
    recipient = load_recipient(account.database, row_id)
    # The row was made or found in this very transaction.
    assert recipient is not None
    return recipient
