"""``joinGroup``: becoming a member by a group's link, at once or once an administrator approves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.account.groups.updating import accept_invitation
from sigcli.client.groups.acceptance import take_part
from sigcli.client.groups.changes import open_change
from sigcli.client.groups.credentials import authorization, server_params
from sigcli.client.groups.fetching import fetch_group
from sigcli.client.groups.lookup import LINK_OPEN, parse_link
from sigcli.client.groups.profile_credentials import own_presentation
from sigcli.client.sending.group_notifying import tell_of_change
from sigcli.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    GroupConflict,
    GroupLinkInactive,
    InvalidGroupChange,
    MalformedAnswer,
    NotAGroupMember,
)
from sigcli.lazy_dataclass import dataclass
from sigcli.store.groups import note_group
from sigcli.wire import group_changes as wire
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import encode_group_change
from sigcli.wire.group_state import GroupMember, RequestingMember
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.outcomes import SendOutcome
    from sigcli.store.group_values import Group
    from sigcli.wire.group_changes import GroupActions, GroupChangeResponse
    from sigcli.wire.group_state import GroupJoinInfo
    from sigcli.wire.key_types import GroupIdentifier

_MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class JoinOutcome:
    """``only_requested``: an administrator has yet to approve. ``outcome``: how the members were told, if at all."""

    group_id: GroupIdentifier
    only_requested: bool
    outcome: SendOutcome | None


def join_group(account: Account, link_text: str) -> JoinOutcome:
    """Join the group of a link, and tell its members. Opens transactions of its own.

    Being a member already is no error, and an invitation is accepted. Raises InvalidGroupLink, GroupLinkInactive,
    GroupCredentialUnavailable, GroupConflict, ServiceError.
    """
    link = parse_link(link_text)
    params = GroupSecretParams.derive_from_master_key(link.master_key)
    group_id = params.get_group_identifier()
    present = _already_inside(account, params)
    if present is not None:
        return present
    presentation = own_presentation(account, params)
    for _ in range(_MAX_ATTEMPTS):
        info = account.groups.join_info(authorization(account, params), link.password)
        if info.pending_admin_approval:
            return JoinOutcome(group_id, only_requested=True, outcome=None)
        asks = info.add_from_invite_link == AccessRequired.ADMINISTRATOR
        try:
            response = account.groups.change(
                authorization(account, params),
                _actions(info, presentation),
                link_password=link.password,
            )
        except Conflict:
            continue
        except (BadRequest, Forbidden) as error:
            raise GroupLinkInactive from error
        if asks:
            with account.database.transaction() as database:
                note_group(database, group_id, params.get_master_key())
            return JoinOutcome(group_id, only_requested=True, outcome=None)
        return JoinOutcome(
            group_id, only_requested=False, outcome=_joined(account, params, response)
        )
    raise GroupConflict


def _already_inside(account: Account, params: GroupSecretParams) -> JoinOutcome | None:
    try:
        group = fetch_group(account, params.get_master_key())
    except NotAGroupMember:
        return None
    group_id = params.get_group_identifier()
    details = group.details
    if details is not None and details.member(account.aci) is not None:
        return JoinOutcome(group_id, only_requested=False, outcome=None)
    accepted = accept_invitation(account, group)
    if accepted is None:
        return None
    return JoinOutcome(group_id, only_requested=False, outcome=accepted[1])


def _actions(info: GroupJoinInfo, presentation: bytes) -> GroupActions:
    if info.add_from_invite_link not in LINK_OPEN:
        raise GroupLinkInactive
    revision = info.revision + 1
    if info.add_from_invite_link == AccessRequired.ADMINISTRATOR:
        request = wire.AddRequesting(added=RequestingMember(presentation=presentation))
        return wire.GroupActions(revision=revision, add_requesting=(request,))
    member = GroupMember(presentation=presentation, role=MemberRole.DEFAULT)
    # The service itself notes that it was by the link, and refuses an action that says so.
    added = wire.AddMember(added=member)
    return wire.GroupActions(revision=revision, add_members=(added,))


def _joined(
    account: Account, params: GroupSecretParams, response: GroupChangeResponse
) -> SendOutcome:
    from sigcli.client.groups.committing import Committed

    change = response.change
    if change is None:
        raise MalformedAnswer("the group service did not send the change back")
    try:
        open_change(change, params, server_params(account))
    except InvalidGroupChange as error:
        raise MalformedAnswer(error.message) from error
    group: Group = fetch_group(account, params.get_master_key())
    with account.database.transaction() as transaction:
        take_part(account, transaction, group.group_id)
    details = group.details
    assert details is not None  # it was fetched a moment ago
    return tell_of_change(account, Committed(details, group, encode_group_change(change)))
