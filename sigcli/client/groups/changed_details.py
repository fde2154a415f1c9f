"""What a group is after a change: one function for each kind of modification."""

from __future__ import annotations

from dataclasses import asdict
from functools import singledispatch
from typing import TYPE_CHECKING

from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import AccessKind, Change
from sigcli.errors import InvalidGroupChange
from sigcli.lazy_dataclass import replace
from sigcli.store.group_values import Member
from sigcli.wire.group_access import MemberRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.store.group_values import Ban, GroupDetails, Invitation, JoinRequest
    from sigcli.wire.addresses import ServiceId


def apply_change(details: GroupDetails, change: Change) -> GroupDetails:
    """The group after a change; raises InvalidGroupChange unless it is the next revision and fully known."""
    if change.revision != details.revision + 1:
        raise InvalidGroupChange(
            f"revision {change.revision} does not follow on {details.revision}"
        )
    if not change.complete:
        raise InvalidGroupChange("the change does something that this program does not know")
    for modification in change.modifications:
        details = _applied(modification, details, change.revision)
    return replace(details, revision=change.revision)


@singledispatch
def _applied(modification: object, details: GroupDetails, revision: int) -> GroupDetails:
    raise TypeError(type(modification))


@_applied.register(value.MemberAdded)
def _member_added(
    modification: value.MemberAdded, details: GroupDetails, revision: int
) -> GroupDetails:
    return _with_member(details, modification.member, revision)


@_applied.register(value.MemberRemoved)
def _member_removed(
    modification: value.MemberRemoved, details: GroupDetails, _: int
) -> GroupDetails:
    kept = tuple(member for member in details.members if member.aci != modification.aci)
    return replace(details, members=kept)


@_applied.register(value.RoleChanged)
def _role_changed(modification: value.RoleChanged, details: GroupDetails, _: int) -> GroupDetails:
    return _with_changed(
        details, modification.aci, lambda one: replace(one, role=modification.role)
    )


@_applied.register(value.LabelChanged)
def _label_changed(modification: value.LabelChanged, details: GroupDetails, _: int) -> GroupDetails:
    return _with_changed(
        details,
        modification.aci,
        lambda one: replace(one, label_emoji=modification.emoji, label_text=modification.text),
    )


@_applied.register(value.ProfileKeyChanged)
def _profile_key_changed(
    modification: value.ProfileKeyChanged, details: GroupDetails, _: int
) -> GroupDetails:
    return _with_changed(
        details,
        modification.aci,
        lambda one: replace(
            one,
            profile_key=modification.profile_key,
            profile_key_ciphertext=modification.ciphertext,
        ),
    )


@_applied.register(value.PersonInvited)
def _person_invited(
    modification: value.PersonInvited, details: GroupDetails, _: int
) -> GroupDetails:
    invitation = modification.invitation
    others = _without_invitation(details, invitation.service_id)
    return replace(details, invitations=(*others, invitation))


@_applied.register(value.InvitationRevoked)
def _invitation_revoked(
    modification: value.InvitationRevoked, details: GroupDetails, _: int
) -> GroupDetails:
    return replace(details, invitations=_without_invitation(details, modification.service_id))


@_applied.register(value.InvitationAccepted)
def _invitation_accepted(
    modification: value.InvitationAccepted, details: GroupDetails, revision: int
) -> GroupDetails:
    member = modification.member
    invitation = details.invitation(modification.invited_as or member.aci)
    role = MemberRole.DEFAULT if invitation is None else invitation.role
    others = tuple(one for one in details.invitations if one is not invitation)
    details = replace(details, invitations=others)
    return _with_member(details, replace(member, role=role), revision)


@_applied.register(value.JoinRequested)
def _join_requested(
    modification: value.JoinRequested, details: GroupDetails, _: int
) -> GroupDetails:
    request = modification.request
    others = _without_request(details, request.aci)
    return replace(details, requests=(*others, request))


@_applied.register(value.JoinRequestDeleted)
def _join_request_deleted(
    modification: value.JoinRequestDeleted, details: GroupDetails, _: int
) -> GroupDetails:
    return replace(details, requests=_without_request(details, modification.aci))


@_applied.register(value.JoinRequestApproved)
def _join_request_approved(
    modification: value.JoinRequestApproved, details: GroupDetails, revision: int
) -> GroupDetails:
    request = details.request(modification.aci)
    key = None if request is None else request.profile_key
    member = Member(aci=modification.aci, role=modification.role, profile_key=key)
    return _with_member(details, member, revision)


@_applied.register(value.PersonBanned)
def _person_banned(modification: value.PersonBanned, details: GroupDetails, _: int) -> GroupDetails:
    others = _without_ban(details, modification.ban.service_id)
    return replace(details, bans=(*others, modification.ban))


@_applied.register(value.PersonUnbanned)
def _person_unbanned(
    modification: value.PersonUnbanned, details: GroupDetails, _: int
) -> GroupDetails:
    return replace(details, bans=_without_ban(details, modification.service_id))


@_applied.register(value.AccessChanged)
def _access_changed(
    modification: value.AccessChanged, details: GroupDetails, _: int
) -> GroupDetails:
    access = details.access
    match modification.kind:
        case AccessKind.ATTRIBUTES:
            access = replace(access, attributes=modification.access)
        case AccessKind.MEMBERS:
            access = replace(access, members=modification.access)
        case AccessKind.INVITE_LINK:
            access = replace(access, invite_link=modification.access)
        case AccessKind.MEMBER_LABEL:
            access = replace(access, member_label=modification.access)
    return replace(details, access=access)


@_applied.register(value.TitleChanged)
@_applied.register(value.DescriptionChanged)
@_applied.register(value.AvatarChanged)
@_applied.register(value.TimerChanged)
@_applied.register(value.LinkPasswordChanged)
@_applied.register(value.AnnouncementsOnlyChanged)
def _attribute_changed(
    modification: value.AttributeChanged, details: GroupDetails, _: int
) -> GroupDetails:
    return replace(details, **asdict(modification))


@_applied.register(value.Terminated)
def _terminated(_: value.Terminated, details: GroupDetails, __: int) -> GroupDetails:
    return replace(details, terminated=True)


def _with_member(details: GroupDetails, member: Member, revision: int) -> GroupDetails:
    """Somebody is a member now, and neither invited nor asking any more."""
    # The service notes in the action the revision before, in the group the one that the change makes.
    joined = replace(member, joined_at_revision=revision)
    others = tuple(one for one in details.members if one.aci != member.aci)
    return replace(
        details,
        members=(*others, joined),
        invitations=_without_invitation(details, member.aci),
        requests=_without_request(details, member.aci),
    )


def _with_changed(
    details: GroupDetails, aci: ServiceId, change: Callable[[Member], Member]
) -> GroupDetails:
    if details.member(aci) is None:
        raise InvalidGroupChange("a change is about somebody who is not a member")
    changed = tuple(change(one) if one.aci == aci else one for one in details.members)
    return replace(details, members=changed)


def _without_invitation(details: GroupDetails, service_id: ServiceId) -> tuple[Invitation, ...]:
    return tuple(one for one in details.invitations if one.service_id != service_id)


def _without_request(details: GroupDetails, aci: ServiceId) -> tuple[JoinRequest, ...]:
    return tuple(one for one in details.requests if one.aci != aci)


def _without_ban(details: GroupDetails, service_id: ServiceId) -> tuple[Ban, ...]:
    return tuple(one for one in details.bans if one.service_id != service_id)
