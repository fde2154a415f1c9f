"""Whom a message is for: people and groups, settled from the user's words before anything is sent."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.client.people.recipients import look_up_numbers, number_of, own_recipient, resolve
from sigcli.errors import AddressMoved, DiscoveryUnavailable, PersonNotRegistered, ServiceError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import Group
    from sigcli.store.recipient_values import Recipient


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A word that could not be looked up, and why."""

    word: str
    error: ServiceError


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who is meant, once each.

    With ``notify_self`` the account's other devices get the message itself, as from somebody else, instead of a
    transcript.
    """

    people: tuple[Recipient, ...] = ()
    groups: tuple[Group, ...] = ()
    unregistered: tuple[PersonNotRegistered | DiscoveryUnavailable, ...] = ()
    """The numbers and usernames that nobody has, or nobody can be asked about."""
    unanswered: tuple[Unanswered, ...] = ()
    """Words that the service did not resolve, in an audience that has others as well."""
    notify_self: bool = False
    moved: tuple[AddressMoved, ...] = ()
    """Numbers and usernames that another account is said to have now: nothing is sent to either."""
    numbers_due: Mapping[int, str] = field(default_factory=dict)
    """Numbers, by rows of people, whose owners are asked for again before the message leaves."""

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
    asks_later: bool = False,
) -> Audience:
    """The people and groups that some words and group ids name, each once.

    Asks the directory for what the store does not know: not inside a transaction. A word that cannot be looked up does
    not keep the message from the others. With ``asks_later`` the directory is not asked here about numbers of people
    who are known (``numbers_due``). Raises UnknownRecipient, AmbiguousRecipient, UnknownGroup.
    """
    found: dict[int, Recipient] = {}
    unregistered: dict[str, PersonNotRegistered | DiscoveryUnavailable] = {}
    unanswered: dict[str, Unanswered] = {}
    undiscoverable: dict[str, DiscoveryUnavailable] = {}
    moved: dict[str, AddressMoved] = {}
    words = list(recipients)
    looked_up = look_up_numbers(account, words, only_unknown=asks_later)
    numbers_due: dict[int, str] = {}
    for word in words:
        try:
            recipient = resolve(account, word, looked_up)
        except PersonNotRegistered as error:
            unregistered[error.number or error.username or word] = error
        except DiscoveryUnavailable as error:
            undiscoverable[error.number or word] = error
        except AddressMoved as error:
            moved[error.number or error.username or word] = error
        except ServiceError as error:
            unanswered[word] = Unanswered(word, error)
        else:
            found[recipient.id] = recipient
            number = number_of(account, word) if looked_up.put_off else None
            if number is not None and number in looked_up.put_off:
                numbers_due[recipient.id] = number
    if note_to_self:
        own = own_recipient(account)
        found[own.id] = own
    if undiscoverable and (found or groups):
        # Nobody else is meant, and nobody can say who this is: a mistake of the caller's, like an unknown name.
        raise next(iter(undiscoverable.values()))
    if unanswered and not (found or groups):
        raise next(iter(unanswered.values())).error
    return Audience(
        tuple(found.values()),
        _groups(account, groups),
        (*unregistered.values(), *undiscoverable.values()),
        tuple(unanswered.values()),
        notify_self,
        tuple(moved.values()),
        numbers_due,
    )


def _groups(account: Account, group_ids: Sequence[str]) -> tuple[Group, ...]:
    if not group_ids:
        return ()
    from sigcli.client.groups.lookup import require_group

    found = {group.id: group for group in (require_group(account, text) for text in group_ids)}
    return tuple(found.values())
