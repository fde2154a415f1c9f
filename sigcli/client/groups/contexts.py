"""The group that a received message is for: learned of, brought one revision on, and who may write to it.

Everything here happens in the transaction of the message and asks the network nothing: what is missing becomes a task.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.client.groups.taking_part import take_part
from sigcli.client.people.known_people import is_accepted
from sigcli.errors import InvalidGroupChange, InvalidKey
from sigcli.store.groups import find_group, note_group, standing_of
from sigcli.store.recipients import find_by_service_id
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.group_access import MemberRole

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.groups.change_values import Change
    from sigcli.store.groups import SenderStanding
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.zkgroup.groups import GroupSecretParams


def take_group_message(account: Account, sender: ServiceId, data: DataMessage, now_ms: int) -> bool:
    """Draw conclusions from a message for a group, in a transaction; false if the sender may not write to it.

    Raises what a wrong environment raises.
    """
    context = data.group
    if context is None:
        return True
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        params = GroupSecretParams.derive_from_master_key(context.master_key)
    except InvalidKey:
        return False
    group_id = params.get_group_identifier()
    standing = standing_of(account.database, group_id, sender)
    if standing is None or context.revision > standing.revision:
        _advance(account, params, context, standing, now_ms)
    if account.is_own(sender) or (standing is None and _is_known(account, sender)):
        # The first that is heard of a group comes from whoever added this account to it.
        take_part(account, group_id)
    if standing is None:
        # Who may write is known once the group has been fetched.
        return True
    may_write = _may_write(account, sender, data, standing, group_id)
    return may_write or _is_own_change(account, params, sender, data)


def _is_known(account: Account, sender: ServiceId) -> bool:
    person = find_by_service_id(account.database, sender)
    return person is not None and is_accepted(person)


def _advance(
    account: Account,
    params: GroupSecretParams,
    context: GroupContext,
    standing: SenderStanding | None,
    now_ms: int,
) -> None:
    """Apply the change that comes with the message, if it is the next one; else have the group fetched."""
    database = account.database
    if standing is not None and context.group_change:
        change = _signed_change(account, params, context)
        if change is not None and change.revision == standing.revision + 1:
            try:
                apply_received(account, params, change)
            except InvalidGroupChange:
                pass
            else:
                if change.revision >= context.revision:
                    return
    note_group(database, params.get_group_identifier(), params.get_master_key())
    add_task(database, TaskKind.GROUP_UPDATE, params.get_group_identifier(), now_ms=now_ms)


def apply_received(account: Account, params: GroupSecretParams, change: Change) -> None:
    """Apply a change to what is stored, in a transaction; raises InvalidGroupChange if it does not fit."""
    from sigcli.client.groups.changes import apply_change
    from sigcli.client.groups.storing import store_group

    group = find_group(account.database, params.get_group_identifier())
    if group is None or group.details is None or group.access_lost:
        raise InvalidGroupChange("the group is not known")
    details = apply_change(group.details, change)
    if details.member(account.aci) is None and group.details.member(account.aci) is None:
        # Somebody else's group: what invited people may know of it is fetched.
        raise InvalidGroupChange("the account is no member of the group")
    told_by_owner = () if change.editor is None else (change.editor,)
    store_group(account, params, details, told_by_owner=told_by_owner)


def _signed_change(
    account: Account, params: GroupSecretParams, context: GroupContext
) -> Change | None:
    from sigcli.client.groups.changes import open_signed_change
    from sigcli.client.groups.credentials import server_params

    try:
        return open_signed_change(context.group_change or b"", params, server_params(account))
    except InvalidGroupChange as error:
        account.warn(f"a group's change was not taken: {error.message}")
        return None


def _may_write(
    account: Account,
    sender: ServiceId,
    data: DataMessage,
    before: SenderStanding,
    group_id: bytes,
) -> bool:
    assert data.group is not None
    now = standing_of(account.database, group_id, sender) or before
    if data.group.revision > now.revision:
        # Who was a member then is known once the group has been fetched.
        return True
    if account.is_own(sender):
        return True
    if now.role is None:
        return False
    is_administrator = now.role == MemberRole.ADMINISTRATOR
    if data.admin_delete is not None and not is_administrator:
        return False
    return is_administrator or not now.announcements_only or not _has_content(data)


def _is_own_change(
    account: Account, params: GroupSecretParams, sender: ServiceId, data: DataMessage
) -> bool:
    """Whether it only tells of a change that the sender made: who leaves is no member when saying so."""
    if data.group is None or not data.group.group_change or _has_content(data):
        return False
    change = _signed_change(account, params, data.group)
    if change is None or change.editor is None:
        return False
    # Who declines an invitation by PNI acts as that PNI, and nobody need know whose it is. The service has signed it.
    return change.editor == sender or change.editor.is_pni


def _has_content(data: DataMessage) -> bool:
    """Whether there is more in a message than what belongs to every message of a group."""
    bare = replace(
        data,
        group=None,
        profile_key=None,
        expire_timer_s=0,
        expire_timer_version=None,
        flags=0,
        required_protocol_version=None,
    )
    return bare != type(data)(timestamp_ms=data.timestamp_ms)
