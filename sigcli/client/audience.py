"""Whom a message is for: people and groups, settled from the user's words before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.recipients import look_up_unknown_numbers, own_recipient, resolve
from sigcli.errors import PersonNotRegistered
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.client.account import Account
    from sigcli.store.group_values import Group
    from sigcli.store.recipients import Recipient


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who is meant, once each.

    With ``notify_self`` the own other devices get the message itself, as from somebody else, instead of a transcript.
    """

    people: tuple[Recipient, ...] = ()
    groups: tuple[Group, ...] = ()
    unregistered: tuple[PersonNotRegistered, ...] = ()
    """The numbers and usernames that nobody has."""
    notify_self: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nobody to send to."""
        return not (self.people or self.groups)


def resolve_audience(
    account: Account,
    recipients: Iterable[str],
    *,
    note_to_self: bool = False,
    groups: Sequence[str] = (),
    notify_self: bool = False,
) -> Audience:
    """Find out who is meant by some words and group ids, however often each is named.

    Asks the directory and the group service for what the store does not know: not inside a transaction. Raises what
    ``recipients.resolve``, ``groups.lookup.require_group`` and ``groups.sending.require_may_send`` raise.
    """
    people, unregistered = _people(account, recipients, note_to_self)
    return Audience(people, _groups(account, groups), unregistered, notify_self)


def _people(
    account: Account, words: Iterable[str], note_to_self: bool
) -> tuple[tuple[Recipient, ...], tuple[PersonNotRegistered, ...]]:
    found: dict[int, Recipient] = {}
    unregistered: dict[str, PersonNotRegistered] = {}
    words = list(words)
    looked_up = look_up_unknown_numbers(account, words)
    nobodys = {number for number, entry in looked_up.items() if entry is None}
    for word in words:
        try:
            recipient = resolve(account, word, nobodys=nobodys)
        except PersonNotRegistered as error:
            unregistered[error.number or error.username or word] = error
        else:
            found[recipient.id] = recipient
    if note_to_self:
        own = own_recipient(account)
        found[own.id] = own
    return tuple(found.values()), tuple(unregistered.values())


def _groups(account: Account, group_ids: Sequence[str]) -> tuple[Group, ...]:
    if not group_ids:
        return ()
    from sigcli.client.groups.lookup import require_group
    from sigcli.client.groups.sending import require_may_send

    found = {group.id: group for group in (require_group(account, text) for text in group_ids)}
    for group in found.values():
        require_may_send(account, group)
    return tuple(found.values())
