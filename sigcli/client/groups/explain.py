"""What a change of a group means, for people and programs: who did what to whom."""

from __future__ import annotations

from dataclasses import field
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from sigcli.client.groups import change_values as value
from sigcli.client.groups.change_values import AccessKind
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.group_access import AccessRequired, MemberRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.groups.change_values import Change
    from sigcli.wire.addresses import ServiceId


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing that happened.

    ``type`` is its name in JSON and ``details`` what stands beside it there; ``sentence`` has ``{editor}`` and
    ``{person}`` in place of names, and what others have chosen stands in ``quoted``, in place of ``{quoted}``.
    """

    type: str
    sentence: str
    person: ServiceId | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    quoted: str = ""


def explain(change: Change) -> tuple[Explanation, ...]:
    """Everything that a change does, in its order."""
    return tuple(_explained(one, change.editor) for one in change.modifications)


@singledispatch
def _explained(modification: object, _: ServiceId | None) -> Explanation:
    raise TypeError(type(modification))


@_explained.register(value.MemberAdded)
def _member_added(modification: value.MemberAdded, editor: ServiceId | None) -> Explanation:
    aci = modification.member.aci
    if modification.by_link:
        return Explanation("MEMBER_JOINED_BY_LINK", "{person} joined by the group's link", aci)
    return Explanation("MEMBER_ADDED", "{editor} added {person}", aci)


@_explained.register(value.MemberRemoved)
def _member_removed(modification: value.MemberRemoved, editor: ServiceId | None) -> Explanation:
    if modification.aci == editor:
        return Explanation("MEMBER_LEFT", "{person} left the group", modification.aci)
    return Explanation("MEMBER_REMOVED", "{editor} removed {person}", modification.aci)


@_explained.register(value.RoleChanged)
def _role_changed(modification: value.RoleChanged, editor: ServiceId | None) -> Explanation:
    if modification.role == MemberRole.ADMINISTRATOR:
        sentence = "{editor} made {person} an admin"
        return Explanation("ADMIN_GRANTED", sentence, modification.aci)
    sentence = "{editor} made {person} a plain member"
    return Explanation("ADMIN_REVOKED", sentence, modification.aci)


@_explained.register(value.LabelChanged)
def _label_changed(modification: value.LabelChanged, editor: ServiceId | None) -> Explanation:
    label = f"{modification.emoji} {modification.text}".strip()
    return Explanation(
        "LABEL_CHANGED",
        "{person} has the label {quoted} now" if label else "{person} has no label any more",
        modification.aci,
        {"labelEmoji": modification.emoji, "label": modification.text},
        label,
    )


@_explained.register(value.ProfileKeyChanged)
def _profile_key_changed(
    modification: value.ProfileKeyChanged, editor: ServiceId | None
) -> Explanation:
    return Explanation("PROFILE_KEY_CHANGED", "{person} has a new profile key", modification.aci)


@_explained.register(value.PersonInvited)
def _person_invited(modification: value.PersonInvited, editor: ServiceId | None) -> Explanation:
    return Explanation(
        "MEMBER_INVITED", "{editor} invited {person}", modification.invitation.service_id
    )


@_explained.register(value.InvitationRevoked)
def _invitation_revoked(
    modification: value.InvitationRevoked, editor: ServiceId | None
) -> Explanation:
    service_id = modification.service_id
    if service_id == editor:
        return Explanation("INVITATION_DECLINED", "{person} declined the invitation", service_id)
    return Explanation(
        "INVITATION_REVOKED", "{editor} took back the invitation of {person}", service_id
    )


@_explained.register(value.InvitationAccepted)
def _invitation_accepted(
    modification: value.InvitationAccepted, editor: ServiceId | None
) -> Explanation:
    aci = modification.member.aci
    return Explanation("INVITATION_ACCEPTED", "{person} accepted the invitation", aci)


@_explained.register(value.JoinRequested)
def _join_requested(modification: value.JoinRequested, editor: ServiceId | None) -> Explanation:
    return Explanation("JOIN_REQUESTED", "{person} asks to join", modification.request.aci)


@_explained.register(value.JoinRequestDeleted)
def _join_request_deleted(
    modification: value.JoinRequestDeleted, editor: ServiceId | None
) -> Explanation:
    if modification.aci == editor:
        sentence = "{person} does not ask to join any more"
        return Explanation("JOIN_REQUEST_CANCELLED", sentence, modification.aci)
    return Explanation("JOIN_REQUEST_REFUSED", "{editor} did not let {person} in", modification.aci)


@_explained.register(value.JoinRequestApproved)
def _join_request_approved(
    modification: value.JoinRequestApproved, editor: ServiceId | None
) -> Explanation:
    return Explanation("JOIN_REQUEST_APPROVED", "{editor} let {person} in", modification.aci)


@_explained.register(value.PersonBanned)
def _person_banned(modification: value.PersonBanned, editor: ServiceId | None) -> Explanation:
    return Explanation("MEMBER_BANNED", "{editor} banned {person}", modification.ban.service_id)


@_explained.register(value.PersonUnbanned)
def _person_unbanned(modification: value.PersonUnbanned, editor: ServiceId | None) -> Explanation:
    sentence = "{editor} lifted the ban of {person}"
    return Explanation("MEMBER_UNBANNED", sentence, modification.service_id)


@_explained.register(value.TitleChanged)
def _title_changed(modification: value.TitleChanged, editor: ServiceId | None) -> Explanation:
    return Explanation(
        "NAME_CHANGED",
        "{editor} named the group {quoted}",
        details={"name": modification.title},
        quoted=modification.title,
    )


@_explained.register(value.DescriptionChanged)
def _description_changed(
    modification: value.DescriptionChanged, editor: ServiceId | None
) -> Explanation:
    text = modification.description
    return Explanation(
        "DESCRIPTION_CHANGED",
        "{editor} described the group: {quoted}" if text else "{editor} removed the description",
        details={"description": text},
        quoted=text,
    )


@_explained.register(value.AvatarChanged)
def _avatar_changed(modification: value.AvatarChanged, editor: ServiceId | None) -> Explanation:
    removed = not modification.avatar_url
    return Explanation(
        "AVATAR_CHANGED",
        "{editor} removed the picture" if removed else "{editor} changed the picture",
        details={"isRemoved": removed},
    )


@_explained.register(value.TimerChanged)
def _timer_changed(modification: value.TimerChanged, editor: ServiceId | None) -> Explanation:
    seconds = modification.timer_s
    return Explanation(
        "EXPIRATION_CHANGED",
        f"{{editor}} lets messages vanish after {seconds} seconds"
        if seconds
        else "{editor} lets messages stay",
        details={"messageExpirationTime": seconds},
    )


@_explained.register(value.AccessChanged)
def _access_changed(modification: value.AccessChanged, editor: ServiceId | None) -> Explanation:
    if modification.kind is AccessKind.INVITE_LINK:
        state = _LINK_STATES.get(modification.access, "DISABLED")
        sentence = f"{{editor}} set the group's link to {state.lower().replace('_', ' ')}"
        return Explanation("LINK_CHANGED", sentence, details={"link": state})
    name, doing = _PERMISSIONS[modification.kind]
    return _permission(name, doing, only_admins=modification.access == AccessRequired.ADMINISTRATOR)


def _permission(name: str, doing: str, *, only_admins: bool) -> Explanation:
    who = "only admins" if only_admins else "every member"
    return Explanation(
        "PERMISSION_CHANGED",
        f"{{editor}} lets {who} {doing}",
        details={"permission": name, "value": "ONLY_ADMINS" if only_admins else "EVERY_MEMBER"},
    )


@_explained.register(value.LinkPasswordChanged)
def _link_password_changed(
    modification: value.LinkPasswordChanged, editor: ServiceId | None
) -> Explanation:
    return Explanation("LINK_RESET", "{editor} made a new link to the group")


@_explained.register(value.AnnouncementsOnlyChanged)
def _announcements_only_changed(
    modification: value.AnnouncementsOnlyChanged, editor: ServiceId | None
) -> Explanation:
    return _permission("sendMessage", "send", only_admins=modification.announcements_only)


@_explained.register(value.Terminated)
def _terminated(modification: value.Terminated, editor: ServiceId | None) -> Explanation:
    return Explanation("TERMINATED", "{editor} ended the group")


_LINK_STATES: Mapping[int, str] = {
    AccessRequired.ANY: "ENABLED",
    AccessRequired.ADMINISTRATOR: "ENABLED_WITH_APPROVAL",
}
_PERMISSIONS = {
    AccessKind.ATTRIBUTES: ("editDetails", "edit the group's details"),
    AccessKind.MEMBERS: ("addMember", "add members"),
    AccessKind.MEMBER_LABEL: ("memberLabel", "set a label"),
}
