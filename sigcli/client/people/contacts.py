"""Contacts, out of the store alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.recipients import list_recipients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient


def list_contacts(
    account: Account,
    *,
    recipients: Sequence[str] = (),
    all_recipients: bool = False,
    blocked: bool | None = None,
    name: str | None = None,
) -> list[Recipient]:
    """The contacts that fit, in the order in which they became known; the account itself is none, but a
    recipient like others.

    ``recipients`` names some of them by number, service id, alias or contact name; who is not known is left out.
    """
    found = list_recipients(
        account.database,
        only_contacts=not (all_recipients or recipients),
        blocked=blocked,
        name=name,
    )
    if recipients:
        wanted = {
            recipient.id
            for recipient in found
            for word in recipients
            if _is_called(account, recipient, word)
        }
        found = [recipient for recipient in found if recipient.id in wanted]
    if all_recipients or recipients:
        return found
    return [recipient for recipient in found if recipient.aci != account.aci]


def _is_called(account: Account, recipient: Recipient, word: str) -> bool:
    word = account.settings.aliases.get(word, word)
    names = {recipient.number, recipient.contact.name or None}
    names |= {str(one) for one in (recipient.aci, recipient.pni) if one is not None}
    if recipient.username is not None:
        names.add(f"u:{recipient.username}")
    return word in names
