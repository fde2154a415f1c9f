"""The group that a received message is for: learned of, brought one revision on, and whether its sender may write.

A sender is judged by the group as the service has it, never by the revision that they name. Everything here happens in
the transaction of the message and asks the network nothing: where the group must be fetched first, that becomes a task
and the message waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.groups.acceptance import only_administrators_may, says_nothing, take_part
from sigcli.client.groups.verdicts import Verdict
from sigcli.client.people.known_people import is_accepted
from sigcli.errors import InvalidGroupChange, InvalidKey
from sigcli.store import inbox
from sigcli.store.group_claims import count_false_claims, is_false_claim
from sigcli.store.groups import concerns_group, find_group, holds_member, note_group, standing_of
from sigcli.store.recipients import find_by_service_id
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.group_access import MemberRole

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.groups.change_values import Change
    from sigcli.store.database import Transaction
    from sigcli.store.groups import SenderStanding
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.key_types import GroupIdentifier
    from sigcli.zkgroup.groups import GroupSecretParams

MAX_WAITING = 200
"""Messages of one stranger that wait for one group."""
MAX_CLAIMED_GROUPS = 3
"""Groups of one stranger that are looked up within an hour."""


def judge(
    account: Account,
    transaction: Transaction,
    sender: ServiceId,
    context: GroupContext,
    data: DataMessage | None,
    now_ms: int,
    *,
    fetched: bool = False,
) -> Verdict:
    """Learn of a group by a message, and judge its sender.

    ``data`` is None for a story. ``fetched``: the group has been fetched since the message came, so that it is judged
    by what is known, whatever revision it names. Raises InvalidEnvironment.
    """
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        params = GroupSecretParams.derive_from_master_key(context.master_key)
    except InvalidKey:
        return Verdict.DROPPED
    group_id = params.get_group_identifier()
    standing = standing_of(transaction, group_id, sender)
    if account.is_own(sender):
        learn_of_group(account, transaction, context, now_ms)
        return Verdict.TAKEN
    if not fetched and (standing is None or context.revision > standing.revision):
        if standing is not None and _apply_next(account, transaction, params, context, standing):
            standing = standing_of(transaction, group_id, sender)
        if standing is None or context.revision > standing.revision:
            verdict = _wait(account, transaction, params, sender, context, standing, now_ms)
            if verdict is not None:
                return verdict
    if standing is not None and _may_write(account, group_id, sender, data, standing):
        return Verdict.TAKEN
    if data is not None and _is_own_change(account, params, sender, context, data):
        return Verdict.TAKEN
    return Verdict.DROPPED


def learn_of_group(
    account: Account, transaction: Transaction, context: GroupContext, now_ms: int
) -> None:
    """Another linked device has written to a group: the user takes part in it."""
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        params = GroupSecretParams.derive_from_master_key(context.master_key)
    except InvalidKey:
        return
    database, group_id = transaction, params.get_group_identifier()
    standing = standing_of(database, group_id, account.aci)
    if standing is None or context.revision > standing.revision:
        if standing is None or not _apply_next(account, transaction, params, context, standing):
            add_task(database, TaskKind.GROUP_UPDATE, group_id, now_ms=now_ms)
        note_group(database, group_id, params.get_master_key())
    take_part(account, transaction, group_id)


def may_type(account: Account, group_id: GroupIdentifier, sender: ServiceId) -> bool:
    """Whether a typing indicator in a group is to be printed; never for an unknown group."""
    standing = standing_of(account.database, group_id, sender)
    return standing is not None and _may_write(account, group_id, sender, None, standing)


def vouches(account: Account, group_id: GroupIdentifier, sender: ServiceId) -> bool:
    """Whether a group holds both this account and somebody as members, as it was fetched."""
    database = account.database
    return holds_member(database, group_id, account.aci) and holds_member(
        database, group_id, sender
    )


def is_known_person(account: Account, sender: ServiceId) -> bool:
    """Whether the user has agreed to talk to somebody."""
    person = find_by_service_id(account.database, sender)
    return person is not None and is_accepted(person)


def _wait(
    account: Account,
    transaction: Transaction,
    params: GroupSecretParams,
    sender: ServiceId,
    context: GroupContext,
    standing: SenderStanding | None,
    now_ms: int,
) -> Verdict | None:
    """Have the group fetched before the message is judged; None if what is known will do.

    What a stranger claims is looked up after everything else, and only so often.
    """
    database, group_id = transaction, params.get_group_identifier()
    if is_false_claim(database, group_id, sender, now_ms) and not _brings_account(
        account, params, context
    ):
        return None
    is_member = standing is not None and standing.role is not None and not standing.access_lost
    is_stranger = not is_member and not is_known_person(account, sender)
    if is_stranger:
        waiting = inbox.awaited_groups(database, sender)
        claims = len(waiting - {group_id}) + count_false_claims(database, sender, now_ms)
        if claims >= MAX_CLAIMED_GROUPS:
            return Verdict.DROPPED
        if inbox.count_awaiting(database, group_id, sender) >= MAX_WAITING:
            return Verdict.DROPPED
    add_task(
        database,
        TaskKind.GROUP_LOOKUP if is_stranger else TaskKind.GROUP_UPDATE,
        group_id,
        b"" if standing is not None else params.get_master_key(),
        now_ms=now_ms,
    )
    return Verdict.HELD


def _apply_next(
    account: Account,
    transaction: Transaction,
    params: GroupSecretParams,
    context: GroupContext,
    standing: SenderStanding,
) -> bool:
    """Apply the signed change that comes with a message, if it is the next one and brings what the message names."""
    if not context.group_change:
        return False
    change = _signed_change(account, params, context)
    if change is None or change.revision != standing.revision + 1:
        return False
    try:
        apply_received(account, transaction, params, change)
    except InvalidGroupChange:
        return False
    return change.revision >= context.revision


def apply_received(
    account: Account, transaction: Transaction, params: GroupSecretParams, change: Change
) -> None:
    """Apply a change to what is stored; raises InvalidGroupChange if it does not fit."""
    from sigcli.client.groups.changed_details import apply_change
    from sigcli.client.groups.storing import store_group

    group = find_group(transaction, params.get_group_identifier())
    if group is None or group.details is None or group.access_lost:
        raise InvalidGroupChange("the group is not known")
    details = apply_change(group.details, change)
    if details.member(account.aci) is None and group.details.member(account.aci) is None:
        # Somebody else's group: what invited people may know of it is fetched.
        raise InvalidGroupChange("the account is not a member of the group")
    told_by_owner = () if change.editor is None else (change.editor,)
    store_group(account, transaction, params, details, told_by_owner=told_by_owner)


def _signed_change(
    account: Account, params: GroupSecretParams, context: GroupContext
) -> Change | None:
    if not context.group_change:
        return None
    from sigcli.client.groups.changes import open_signed_change
    from sigcli.client.groups.credentials import server_params

    try:
        return open_signed_change(context.group_change, params, server_params(account))
    except InvalidGroupChange as error:
        account.warn(f"a group's change was not taken: {error.message}")
        return None


def _brings_account(account: Account, params: GroupSecretParams, context: GroupContext) -> bool:
    """Whether a message shows that this account has just been added to the group, or invited."""
    from sigcli.client.groups.change_values import JoinRequestApproved, MemberAdded, PersonInvited

    change = _signed_change(account, params, context)
    for modification in () if change is None else change.modifications:
        match modification:
            case MemberAdded(member=member) if account.is_own(member.aci):
                return True
            case PersonInvited(invitation=invitation) if account.is_own(invitation.service_id):
                return True
            case JoinRequestApproved(aci=aci) if account.is_own(aci):
                return True
    return False


def _may_write(
    account: Account,
    group_id: GroupIdentifier,
    sender: ServiceId,
    data: DataMessage | None,
    standing: SenderStanding,
) -> bool:
    """Whether somebody may say this in a group as it is known; ``data`` is None for a story or a typing indicator."""
    if standing.role is None or standing.access_lost:
        return False
    own = [one for one in (account.aci, account.pni) if one is not None]
    if not concerns_group(account.database, group_id, own):
        return False
    if standing.role == MemberRole.ADMINISTRATOR:
        return True
    if data is not None and data.admin_delete is not None:
        return False
    return not standing.announcements_only or (
        data is not None and not only_administrators_may(data)
    )


def _is_own_change(
    account: Account,
    params: GroupSecretParams,
    sender: ServiceId,
    context: GroupContext,
    data: DataMessage,
) -> bool:
    """Whether it only tells of a change that the sender made: who leaves is no member when saying so."""
    if not context.group_change or not says_nothing(data):
        return False
    change = _signed_change(account, params, context)
    if change is None or change.editor is None:
        return False
    # An invitation by PNI is declined as that PNI, whose owner need not be known. The service has signed it.
    return change.editor == sender or change.editor.is_pni
