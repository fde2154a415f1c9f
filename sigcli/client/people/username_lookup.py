"""Who has a username, or is behind a username link: asked of the service without a login, and kept for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.claimed_addresses import disputed, require_undisputed, take_claimed_ids
from sigcli.client.people.recipient_words import LinkToUsername, Username
from sigcli.durations import DAY_MS
from sigcli.errors import (
    AddressMoved,
    InvalidUsername,
    NotFound,
    ProtocolError,
    RateLimited,
    UsernameNotRegistered,
)
from sigcli.store.address_claims import AddressKind, find_claim, note_given_up, stays_with
from sigcli.store.followed_links import find_followed_link, forget_followed_link, note_followed_link
from sigcli.store.recipients import (
    find_by_username,
    forget_username,
    load_recipient,
    update_recipient,
)

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.username_links import UsernameLink

FRESH_MS = DAY_MS
"""How long an answer is used: usernames change hands."""


def person_with_username(account: Account, username: str, *, fresh: bool = False) -> Recipient:
    """The stored person who has a username now, looked up if that was not done lately, or if ``fresh``.

    Not inside a transaction. Raises InvalidUsername, UsernameNotRegistered, AddressMoved where another account has it
    than before, ServiceError; where the service allows no more lookups the person who had it last is good enough.
    """
    known = find_by_username(account.database, username)
    if known is not None and not fresh and _is_fresh(account, known.username_checked_ms):
        require_undisputed(account, AddressKind.USERNAME, username)
        return known
    from sigcli.zkgroup import usernames

    parsed = usernames.Username.parse(username)
    try:
        aci = _ask(account, parsed.hash())
    except NotFound:
        _forget(account, known)
        raise UsernameNotRegistered(
            f"nobody has the username {username}", username=username
        ) from None
    except RateLimited:
        if known is None or fresh:
            raise
        require_undisputed(account, AddressKind.USERNAME, username)
        account.warn(
            f"the service looks up no more usernames for now; the earlier answer for {username} is used"
        )
        return known
    return _store(account, aci, (known and known.username) or str(parsed))


def known_person(account: Account, word: Username | LinkToUsername) -> Recipient | None:
    """The person who had a username last, as far as this machine knows: nobody is asked."""
    if isinstance(word, Username):
        return find_by_username(account.database, word.name)
    followed = find_followed_link(account.database, word.link.serialize())
    return None if followed is None else find_by_username(account.database, followed[0])


def person_behind_link(account: Account, link: UsernameLink, *, fresh: bool = False) -> Recipient:
    """The stored person to whom a username link leads; raises UsernameNotRegistered, AddressMoved, ServiceError."""
    return person_with_username(account, username_of_link(account, link, fresh=fresh), fresh=fresh)


def username_of_link(account: Account, link: UsernameLink, *, fresh: bool = False) -> str:
    """The username to which a link leads.

    Not inside a transaction. Raises UsernameNotRegistered for a link that leads nowhere any more, AddressMoved for one
    that leads to another account than before, ServiceError.
    """
    from sigcli.service.resources import usernames
    from sigcli.zkgroup.usernames import Username as ParsedUsername
    from sigcli.zkgroup.usernames import decrypt_username_link

    key = link.serialize()
    followed = find_followed_link(account.database, key)
    if followed is not None and not fresh and _is_fresh(account, followed[1]):
        return followed[0]
    try:
        encrypted = usernames.follow_link(account.unidentified, str(link.handle))
        username = str(ParsedUsername.parse(decrypt_username_link(link.entropy, encrypted)))
    except (InvalidUsername, NotFound, ProtocolError):
        with account.database.transaction() as database:
            forget_followed_link(database, key)
        raise UsernameNotRegistered(
            "the username link no longer leads to anybody",
            hint="ask the person for a new one: resetting a link makes the old one invalid",
        ) from None
    if followed is not None and followed[0].lower() != username.lower():
        _require_same_account(account, followed[0], username)
    with account.database.transaction() as database:
        note_followed_link(database, key, username, account.now_ms())
    return username


def _require_same_account(account: Account, before: str, username: str) -> None:
    """Raise AddressMoved if a link that led to one account's username leads to another account's now.

    A link holds the key of the username behind it: with the service's help, anybody who knows the link could
    put another one there.
    """
    known = find_by_username(account.database, before)
    given_up = find_claim(account.database, AddressKind.USERNAME, before)
    holder = known.aci if known is not None else given_up.holder if given_up is not None else None
    if holder is None:
        return
    person = person_with_username(account, username)
    if person.aci == holder:
        return
    said = f"the username link leads to another account now: {person.aci}; it led to {holder}"
    if stays_with(account.database, holder, account.trust_policy):
        error = AddressMoved(said, username=username)
        error.hint = f"ask the person for a new link; the other account can be named: u:{username}"
        raise error
    account.warn(said)


def _is_fresh(account: Account, checked_ms: int) -> bool:
    return 0 <= account.now_ms() - checked_ms < FRESH_MS


def _ask(account: Account, username_hash: bytes) -> ServiceId:
    from sigcli.service.resources import usernames

    return usernames.look_up(account.unidentified, username_hash)


def _store(account: Account, aci: ServiceId, username: str) -> Recipient:
    with account.database.transaction() as database:
        row_id = take_claimed_ids(account, database, aci=aci, username=username)
        if disputed(account, AddressKind.USERNAME, username) is None:
            update_recipient(database, row_id, username_checked_ms=account.now_ms())
        person = load_recipient(database, row_id)
    require_undisputed(account, AddressKind.USERNAME, username)
    # The row was made or found in this very transaction.
    assert person is not None
    return person


def _forget(account: Account, known: Recipient | None) -> None:
    if known is not None:
        with account.database.transaction() as database:
            forget_username(database, known.id)
            if known.service_id is not None and known.username is not None:
                note_given_up(
                    database,
                    AddressKind.USERNAME,
                    known.username,
                    known.service_id,
                    account.now_ms(),
                )
