"""Blocking people and groups, and taking that back: here, and on the account's other devices.

The list of blocked people replaces the one that the other devices have, so it is only sent by a device that knows it
whole. One that does not asks for it first; what was blocked is told by a response of its own, which replaces nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.people.request_responses import (
    resolve_others,
    tell_other_devices_of_answers,
)
from sigcli.client.base.task_items import BLOCKED_LIST_TARGET, NEW_PROFILE_KEY_TARGET
from sigcli.client.people.blocked_groups import set_group_blocked
from sigcli.client.people.pending_blocks import note_pending_blocks
from sigcli.client.sending.sync_sending import has_other_devices, require_sync, send_sync
from sigcli.errors import SigcliError, StoreError
from sigcli.store.account_data import BLOCKED_LIST_KNOWN
from sigcli.store.recipient_values import RequestState
from sigcli.store.recipients import load_recipient, update_recipient
from sigcli.store.settings import read_setting
from sigcli.store.state_versions import State, advance
from sigcli.store.tasks import TaskKind, add_task, drop_tasks
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import MessageRequestResponseType, SyncRequest, SyncRequestType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.database import Transaction
    from sigcli.store.recipient_values import Recipient
    from sigcli.wire.key_types import GroupIdentifier


def set_blocked(
    account: Account, words: Sequence[str], group_ids: Sequence[str], *, blocked: bool
) -> None:
    """Block people and groups, or unblock them, which accepts them as well; the account's other devices do the same.

    All people are looked up before anything is changed. On the primary device blocking somebody who has the
    profile key makes a new one. Opens transactions of its own. Raises UnknownRecipient, AmbiguousRecipient,
    InvalidGroupId, UnknownGroup, UsageError for the account itself. What cannot be told now is a warning, and is
    made up for by the next ``receive``.
    """
    people = resolve_others(account, words)
    groups = _group_ids(account, group_ids, known_only=blocked)
    with account.database.transaction() as database:
        is_list_known = account.keys.is_primary or bool(read_setting(database, BLOCKED_LIST_KNOWN))
        has_others = has_other_devices(account)
        needs_new_key = _change(account, database, people, groups, blocked=blocked)
        now_ms = account.now_ms()
        advance(database, State.BLOCKED, now_ms)
        add_task(database, TaskKind.STORAGE_SYNC, now_ms=now_ms)
        if is_list_known and has_others:
            add_task(database, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET, now_ms=now_ms)
        elif not is_list_known:
            ids = [person.service_id for person in people if person.service_id is not None]
            note_pending_blocks(database, ids, groups, blocked=blocked)
        if needs_new_key:
            add_task(database, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET, now_ms=now_ms)
    kind = MessageRequestResponseType.BLOCK if blocked else MessageRequestResponseType.ACCEPT
    error = tell_other_devices_of_answers(account, kind, people, groups)
    if has_others:
        error = (_send_list(account) if is_list_known else _ask_for_list(account)) or error
    if error is not None:
        account.warn(f"your other devices were not told of everything: {error.message}")
    if needs_new_key:
        _make_new_key(account)


def send_blocked_list(account: Account) -> None:
    """Send the whole list to the account's other devices; raises ServiceError if it did not go out."""
    from sigcli.client.sending.sync_requests import blocked_list

    require_sync(account, blocked_list(account))


def _group_ids(
    account: Account, texts: Sequence[str], *, known_only: bool
) -> list[GroupIdentifier]:
    if not texts:
        return []
    from sigcli.client.groups.lookup import meant_group_id, require_group

    if known_only:
        return [require_group(account, text).group_id for text in texts]
    return [meant_group_id(account, text) for text in texts]


def _change(
    account: Account,
    database: Transaction,
    people: Sequence[Recipient],
    group_ids: Sequence[GroupIdentifier],
    *,
    blocked: bool,
) -> bool:
    """Change the store; true if somebody who is blocked now has the profile key."""
    for group_id in group_ids:
        set_group_blocked(database, group_id, blocked)
    needs_new_key = False
    for person in people:
        present = load_recipient(database, person.id) or person
        if not blocked:
            if present.contact.blocked:
                update_recipient(
                    database,
                    person.id,
                    blocked=False,
                    profile_sharing=True,
                    request_state=RequestState.ACCEPTED,
                )
            continue
        update_recipient(database, person.id, blocked=True, profile_sharing=False)
        if account.keys.is_primary and present.contact.profile_sharing:
            from sigcli.client.people.profile_key_loss import is_key_lost_to

            needs_new_key |= is_key_lost_to(database, account.aci, present.aci)
    return needs_new_key


def _send_list(account: Account) -> SigcliError | None:
    try:
        send_blocked_list(account)
    except StoreError:
        raise
    except SigcliError as error:
        return error
    with account.database.transaction() as database:
        drop_tasks(database, TaskKind.SYNC_ANSWER, BLOCKED_LIST_TARGET)
    return None


def _ask_for_list(account: Account) -> SigcliError | None:
    account.warn(
        "it is not known here yet which people and groups the account has blocked: the primary device"
        " was asked, and sigcli receive takes its answer"
    )
    request = SyncMessage(request=SyncRequest(type=SyncRequestType.BLOCKED))
    return send_sync(account, request).error


def _make_new_key(account: Account) -> None:
    from sigcli.client.account.profile_key_rotation import rotate_profile_key

    if account.attempt(lambda: rotate_profile_key(account), "the profile key is replaced later"):
        with account.database.transaction() as database:
            drop_tasks(database, TaskKind.ATTRIBUTES_UPDATE, NEW_PROFILE_KEY_TARGET)
