"""``quitGroup``: leaving a group, declining an invitation, taking back a request to join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.groups.updating import GroupOutcome
from sigcli.client.groups import attributes
from sigcli.client.groups.committing import commit_change
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.lookup import require_group
from sigcli.client.people.recipients import resolve_known
from sigcli.client.sending.group_notifying import tell_of_change
from sigcli.errors import GroupChangeRefused, LastAdministrator, NotAGroupMember
from sigcli.store.groups import delete_group
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire import group_changes as wire
from sigcli.wire.group_access import MemberRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.client.base.account import Account
    from sigcli.store.group_values import GroupDetails
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_changes import GroupActions


def quit_group(
    account: Account, group_id: str, *, delete: bool = False, admins: Sequence[str] = ()
) -> GroupOutcome:
    """Leave a group and tell its members; with ``delete`` forget it here as well.

    ``admins`` take over; there must be one if the account is the only administrator. Opens transactions of its own.
    Raises UnknownGroup, NotAGroupMember (unless the group is only to be forgotten), LastAdministrator,
    GroupChangeRefused, GroupConflict, UnknownRecipient, AmbiguousRecipient, ServiceError.
    """
    group = require_group(account, group_id)
    successors = [resolve_known(account, word).service_id for word in admins]
    params = group.params

    def encrypted(service_id: ServiceId) -> bytes:
        return attributes.encrypt_service_id(params, service_id)

    def build(details: GroupDetails) -> GroupActions | None:
        revision = details.revision + 1
        if details.member(account.aci) is not None:
            roles = tuple(
                wire.SetRole(user_id=encrypted(aci), role=MemberRole.ADMINISTRATOR)
                for aci in _promoted(account, details, successors)
            )
            own = (wire.DeleteUser(deleted_user_id=encrypted(account.aci)),)
            return wire.GroupActions(
                revision=revision, delete_members=own, modify_member_roles=roles
            )
        invitation = details.invitation(account.aci, account.pni)
        if invitation is not None:
            invited = (wire.DeleteUser(deleted_user_id=encrypted(invitation.service_id)),)
            return wire.GroupActions(revision=revision, delete_invited=invited)
        if details.request(account.aci) is not None:
            asking = (wire.DeleteUser(deleted_user_id=encrypted(account.aci)),)
            return wire.GroupActions(revision=revision, delete_requesting=asking)
        raise NotAGroupMember

    outcome = None
    try:
        group = fetch_group(account, group.master_key)
        committed = commit_change(account, group, build)
        if committed is not None:
            outcome = tell_of_change(account, committed)
    except NotAGroupMember:
        if not delete:
            raise
    if delete:
        with account.database.transaction() as database:
            delete_group(database, group.id)
            add_task(database, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
    return GroupOutcome(group.group_id, outcome)


def _promoted(
    account: Account, details: GroupDetails, successors: Sequence[ServiceId | None]
) -> list[ServiceId]:
    """Who becomes an administrator; raises LastAdministrator if nobody would be left."""
    promoted = []
    for successor in successors:
        member = details.member(successor)
        if member is None or member.aci == account.aci:
            raise GroupChangeRefused(f"{successor} is not another member of the group", hint=None)
        if not member.is_administrator:
            promoted.append(member.aci)
    own = details.member(account.aci)
    if promoted and (own is None or not own.is_administrator):
        raise GroupChangeRefused("only an administrator may name another one")
    others = [member for member in details.members if member.aci != account.aci]
    others_lead = bool(promoted) or any(member.is_administrator for member in others)
    if own is not None and own.is_administrator and others and not others_lead:
        raise LastAdministrator
    return promoted
