"""What a group is after a change: one function for each kind of modification."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import AccessKind, Change
from sigcli.errors import InvalidGroupChange
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
        details = _APPLY[type(modification)](details, modification, change.revision)
    return replace(details, revision=change.revision)


def _member_added(
    details: GroupDetails, modification: value.MemberAdded, revision: int
) -> GroupDetails:
    return _with_member(details, modification.member, revision)


def _member_removed(
    details: GroupDetails, modification: value.MemberRemoved, _: int
) -> GroupDetails:
    kept = tuple(member for member in details.members if member.aci != modification.aci)
    return replace(details, members=kept)


def _role_changed(details: GroupDetails, modification: value.RoleChanged, _: int) -> GroupDetails:
    return _with_changed(
        details, modification.aci, lambda one: replace(one, role=modification.role)
    )


def _label_changed(details: GroupDetails, modification: value.LabelChanged, _: int) -> GroupDetails:
    return _with_changed(
        details,
        modification.aci,
        lambda one: replace(one, label_emoji=modification.emoji, label_text=modification.text),
    )


def _profile_key_changed(
    details: GroupDetails, modification: value.ProfileKeyChanged, _: int
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


def _person_invited(
    details: GroupDetails, modification: value.PersonInvited, _: int
) -> GroupDetails:
    invitation = modification.invitation
    others = _without_invitation(details, invitation.service_id)
    return replace(details, invitations=(*others, invitation))


def _invitation_revoked(
    details: GroupDetails, modification: value.InvitationRevoked, _: int
) -> GroupDetails:
    return replace(details, invitations=_without_invitation(details, modification.service_id))


def _invitation_accepted(
    details: GroupDetails, modification: value.InvitationAccepted, revision: int
) -> GroupDetails:
    member = modification.member
    invitation = details.invitation(modification.invited_as or member.aci)
    role = MemberRole.DEFAULT if invitation is None else invitation.role
    others = tuple(one for one in details.invitations if one is not invitation)
    details = replace(details, invitations=others)
    return _with_member(details, replace(member, role=role), revision)


def _join_requested(
    details: GroupDetails, modification: value.JoinRequested, _: int
) -> GroupDetails:
    request = modification.request
    others = _without_request(details, request.aci)
    return replace(details, requests=(*others, request))


def _join_request_deleted(
    details: GroupDetails, modification: value.JoinRequestDeleted, _: int
) -> GroupDetails:
    return replace(details, requests=_without_request(details, modification.aci))


def _join_request_approved(
    details: GroupDetails, modification: value.JoinRequestApproved, revision: int
) -> GroupDetails:
    request = details.request(modification.aci)
    key = None if request is None else request.profile_key
    member = Member(aci=modification.aci, role=modification.role, profile_key=key)
    return _with_member(details, member, revision)


def _person_banned(details: GroupDetails, modification: value.PersonBanned, _: int) -> GroupDetails:
    others = _without_ban(details, modification.ban.service_id)
    return replace(details, bans=(*others, modification.ban))


def _person_unbanned(
    details: GroupDetails, modification: value.PersonUnbanned, _: int
) -> GroupDetails:
    return replace(details, bans=_without_ban(details, modification.service_id))


def _access_changed(
    details: GroupDetails, modification: value.AccessChanged, _: int
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


def _title_changed(details: GroupDetails, modification: value.TitleChanged, _: int) -> GroupDetails:
    return replace(details, title=modification.title)


def _description_changed(
    details: GroupDetails, modification: value.DescriptionChanged, _: int
) -> GroupDetails:
    return replace(details, description=modification.description)


def _avatar_changed(
    details: GroupDetails, modification: value.AvatarChanged, _: int
) -> GroupDetails:
    return replace(details, avatar_url=modification.url)


def _timer_changed(details: GroupDetails, modification: value.TimerChanged, _: int) -> GroupDetails:
    return replace(details, timer_s=modification.timer_s)


def _link_password_changed(
    details: GroupDetails, modification: value.LinkPasswordChanged, _: int
) -> GroupDetails:
    return replace(details, invite_link_password=modification.password)


def _announcements_only_changed(
    details: GroupDetails, modification: value.AnnouncementsOnlyChanged, _: int
) -> GroupDetails:
    return replace(details, announcements_only=modification.announcements_only)


def _terminated(details: GroupDetails, _: value.Terminated, __: int) -> GroupDetails:
    return replace(details, terminated=True)


_APPLY: dict[type, Callable[..., GroupDetails]] = {
    value.MemberAdded: _member_added,
    value.MemberRemoved: _member_removed,
    value.RoleChanged: _role_changed,
    value.LabelChanged: _label_changed,
    value.ProfileKeyChanged: _profile_key_changed,
    value.PersonInvited: _person_invited,
    value.InvitationRevoked: _invitation_revoked,
    value.InvitationAccepted: _invitation_accepted,
    value.JoinRequested: _join_requested,
    value.JoinRequestDeleted: _join_request_deleted,
    value.JoinRequestApproved: _join_request_approved,
    value.PersonBanned: _person_banned,
    value.PersonUnbanned: _person_unbanned,
    value.TitleChanged: _title_changed,
    value.DescriptionChanged: _description_changed,
    value.AvatarChanged: _avatar_changed,
    value.TimerChanged: _timer_changed,
    value.AccessChanged: _access_changed,
    value.LinkPasswordChanged: _link_password_changed,
    value.AnnouncementsOnlyChanged: _announcements_only_changed,
    value.Terminated: _terminated,
}


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
