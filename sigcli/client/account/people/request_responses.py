"""Answering message requests, and telling the account's other devices of the answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.people.blocked_groups import set_group_blocked
from sigcli.client.people.known_people import KnownPeople
from sigcli.client.people.recipients import is_self, resolve, resolve_noted
from sigcli.client.sending.sync_sending import has_other_devices, send_sync
from sigcli.errors import SigcliError, UnknownRecipient, UsageError
from sigcli.store.groups import accept_group
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import load_recipient, update_recipient
from sigcli.store.state_versions import State, advance
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import MessageRequestResponseType, SyncMessageRequestResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.key_types import GroupIdentifier


def respond_to_requests(
    account: Account, words: Sequence[str], group_ids: Sequence[str], *, accept: bool
) -> None:
    """Accept the requests of people and groups, or delete them; the account's other devices do the same.

    The people accepted get the account's profile key. All people are looked up before anything is changed. Opens
    transactions of its own. Raises UnknownRecipient, AmbiguousRecipient, InvalidGroupId, UnknownGroup, UsageError,
    and why the other devices were not told.
    """
    # The directory may know by now which account the request of a number is from.
    people = resolve_others(account, words, known=not accept)
    if accept:
        for person in people:
            _require_somebody_to_accept(person)
    groups = _known_groups(account, group_ids)
    with account.database.transaction() as database:
        known = KnownPeople(database)
        for person in people:
            if accept:
                update_recipient(database, person.id, blocked=False)
                known.accept(load_recipient(database, person.id) or person)
            else:
                update_recipient(
                    database,
                    person.id,
                    profile_sharing=False,
                    request_state=RequestState.NONE,
                )
        if accept:
            for group_id in groups:
                set_group_blocked(database, group_id, blocked=False)
                accept_group(database, group_id)
            advance(database, State.BLOCKED, account.now_ms())
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    kind = MessageRequestResponseType.ACCEPT if accept else MessageRequestResponseType.DELETE
    error = tell_other_devices_of_answers(account, kind, people, groups)
    if accept:
        _share_profile(account, people)
    if error is not None:
        raise error


def resolve_others(
    account: Account, words: Iterable[str], *, known: bool = True
) -> list[Recipient]:
    """Everybody meant, once each; raises UnknownRecipient, AmbiguousRecipient, UsageError for the account itself.

    Who is known here need not be registered any more, unless not ``known``.
    """
    find = resolve_noted if known else resolve
    people = {person.id: person for person in (find(account, word) for word in words)}
    if any(is_self(account, person) for person in people.values()):
        raise UsageError("this is the account itself")
    return list(people.values())


def tell_other_devices_of_answers(
    account: Account,
    kind: MessageRequestResponseType,
    people: Iterable[Recipient],
    group_ids: Iterable[GroupIdentifier],
) -> SigcliError | None:
    """Send one response for each person and group; the last thing that went wrong, if anything.

    A person without an ACI cannot be named in one.
    """
    if not has_other_devices(account):
        return None
    responses = [
        SyncMessageRequestResponse(type=kind, thread=person.aci)
        for person in people
        if person.aci is not None
    ]
    responses += [SyncMessageRequestResponse(type=kind, group_id=id) for id in group_ids]
    error: SigcliError | None = None
    for response in responses:
        result = send_sync(account, SyncMessage(message_request_response=response))
        error = result.error or error
    return error


def _require_somebody_to_accept(person: Recipient) -> None:
    """A request comes from an account; who is known by a number alone has sent none."""
    if person.aci is None and not person.contact.blocked:
        raise UnknownRecipient(
            "nobody is known to have sent a message request from this number",
            hint="sigcli receive shows the sender's ACI: use that",
        )


def _known_groups(account: Account, group_ids: Sequence[str]) -> list[GroupIdentifier]:
    if not group_ids:
        return []
    from sigcli.client.groups.lookup import require_group

    return [require_group(account, text).group_id for text in group_ids]


def _share_profile(account: Account, people: Iterable[Recipient]) -> None:
    from sigcli.client.sending.profile_key_sharing import send_profile_key

    for aci in [person.aci for person in people if person.aci is not None]:
        account.attempt(partial(send_profile_key, account, aci), "the profile was not shared")
