"""Contacts, out of the store alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidServiceId
from sigcli.store.recipients import (
    USERNAME_PREFIX,
    find_by_number,
    find_by_service_id,
    find_by_username,
    given_names,
    list_recipients,
    load_recipient,
)
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.database import Database
    from sigcli.store.recipient_values import Recipient


def list_contacts(
    account: Account,
    *,
    recipients: Sequence[str] = (),
    all_recipients: bool = False,
    blocked: bool | None = None,
    name: str | None = None,
) -> list[Recipient]:
    """The contacts that fit, in the order in which they became known; the account itself is not one, but a
    recipient like others.

    ``recipients`` names some of them by number, service id, alias or contact name; who is not known is left out.
    """
    if recipients:
        named = _named(account, recipients)
        return [
            one
            for one in named
            if (blocked is None or one.contact.blocked == blocked)
            and (name is None or name in (one.contact.name, one.profile.name))
        ]
    found = list_recipients(
        account.database, only_contacts=not all_recipients, blocked=blocked, name=name
    )
    if all_recipients:
        return found
    return [recipient for recipient in found if recipient.aci != account.aci]


def _named(account: Account, words: Sequence[str]) -> list[Recipient]:
    """Those whom words name, each once, in the order in which they became known."""
    database = account.database
    found: dict[int, Recipient] = {}
    names = set()
    for word in words:
        word = account.settings.aliases.get(word, word)
        addressed = list(_by_address(database, word))
        found.update({one.id: one for one in addressed})
        if not addressed:
            names.add(word)
    # All names are read only where one is asked for: there may be very many.
    for row, name, _ in given_names(database, only_contacts=False) if names else ():
        if name in names and (one := load_recipient(database, row)) is not None:
            found[row] = one
    return [found[row] for row in sorted(found)]


def _by_address(database: Database, word: str) -> Iterator[Recipient]:
    candidates = [find_by_number(database, word)]
    if word.startswith(USERNAME_PREFIX):
        candidates.append(find_by_username(database, word.removeprefix(USERNAME_PREFIX)))
    try:
        service_id = ServiceId.parse(word)
    except InvalidServiceId:
        pass
    else:
        candidates.append(find_by_service_id(database, service_id))
    yield from (one for one in candidates if one is not None)
