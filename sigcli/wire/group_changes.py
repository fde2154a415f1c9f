"""Changes of a group in transit, attributes still encrypted: bytes to typed values and back.

Format: Signal's ``Groups.proto``. The actions of a change are signed, so they stay bytes; ids and keys are zkgroup's
serialised objects.
"""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import groups_pb2 as pb
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_state import (
    BANNED_MEMBER,
    GROUP_MEMBER,
    GROUP_STATE,
    INVITED_MEMBER,
    REQUESTING_MEMBER,
    BannedMember,
    GroupMember,
    GroupState,
    InvitedMember,
    RequestingMember,
)
from sigcli.wire.mapping import (
    Codec,
    Field,
    Value,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
    text,
)

SUPPORTED_CHANGE_EPOCH = 7
"""The newest change epoch whose actions this schema covers."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddMember(Value):
    """A person becomes a member, perhaps by the group link."""

    added: GroupMember | None
    join_from_invite_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddInvited(Value):
    """A person is invited."""

    added: InvitedMember | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddRequesting(Value):
    """A person asks to join."""

    added: RequestingMember | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AddBanned(Value):
    """A person is banned."""

    added: BannedMember | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DeleteUser(Value):
    """A member, an invited, requesting or banned person is removed from that list."""

    deleted_user_id: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SetRole(Value):
    """A member has a new role, or a requesting person becomes a member with it."""

    user_id: bytes
    role: MemberRole | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SetLabel(Value):
    """A member has a new label."""

    user_id: bytes
    label_emoji: bytes = b""
    label_text: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PresentProfileKey(Value):
    """A member's new profile key, or an invited person's on joining (``pni``: invited by number).

    The client sends the presentation, the service adds the rest.
    """

    presentation: bytes = b""
    user_id: bytes = b""
    pni: bytes = b""
    profile_key: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewAttribute(Value):
    """A new encrypted title, description, timer, or link password; empty if it is cleared."""

    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewAvatar(Value):
    """A new avatar by its URL; empty if it is removed."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewAccess(Value):
    """A new rule for one kind of access."""

    access: AccessRequired | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewAnnouncementsOnly(Value):
    """Whether only administrators may send."""

    announcements_only: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TerminateGroup(Value):
    """The group ends."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupActions(Value):
    """All actions of one change, and the revision that it makes."""

    revision: int
    source_user_id: bytes = b""
    group_id: bytes = b""
    """Set by the service only: a request with it is refused."""
    add_members: tuple[AddMember, ...] = ()
    delete_members: tuple[DeleteUser, ...] = ()
    modify_member_roles: tuple[SetRole, ...] = ()
    modify_member_labels: tuple[SetLabel, ...] = ()
    modify_member_profile_keys: tuple[PresentProfileKey, ...] = ()
    add_invited: tuple[AddInvited, ...] = ()
    delete_invited: tuple[DeleteUser, ...] = ()
    promote_invited: tuple[PresentProfileKey, ...] = ()
    promote_invited_by_pni: tuple[PresentProfileKey, ...] = ()
    add_requesting: tuple[AddRequesting, ...] = ()
    delete_requesting: tuple[DeleteUser, ...] = ()
    promote_requesting: tuple[SetRole, ...] = ()
    add_banned: tuple[AddBanned, ...] = ()
    delete_banned: tuple[DeleteUser, ...] = ()
    modify_title: NewAttribute | None = None
    modify_description: NewAttribute | None = None
    modify_avatar: NewAvatar | None = None
    modify_timer: NewAttribute | None = None
    modify_attributes_access: NewAccess | None = None
    modify_members_access: NewAccess | None = None
    modify_invite_link_access: NewAccess | None = None
    modify_member_label_access: NewAccess | None = None
    modify_invite_link_password: NewAttribute | None = None
    modify_announcements_only: NewAnnouncementsOnly | None = None
    terminate_group: TerminateGroup | None = None
    unknown_fields: tuple[int, ...] = ()
    """Numbers of actions that this schema lacks; read only."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupChange(Value):
    """A change with the service's signature over its serialised actions."""

    actions: bytes
    server_signature: bytes = b""
    change_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupResponse(Value):
    """A group as fetched or created, and endorsements for sending to it."""

    group: GroupState | None
    endorsements: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupChangeResponse(Value):
    """A change as the service has applied it, and endorsements for sending to the group."""

    change: GroupChange | None
    endorsements: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupLogEntry(Value):
    """One revision of the log: the change that made it, the group after it, or both."""

    change: GroupChange | None = None
    state: GroupState | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupLog(Value):
    """A page of the log, and endorsements for sending to the group."""

    entries: tuple[GroupLogEntry, ...] = ()
    endorsements: bytes = b""


def _attribute(field: str) -> Codec[NewAttribute]:
    return Codec(NewAttribute, {"value": data(field)})


def _access(field: str) -> Codec[NewAccess]:
    return Codec(NewAccess, {"access": enumeration(field, AccessRequired)})


_ADD_MEMBER = Codec(
    AddMember,
    {"added": message("added", GROUP_MEMBER), "join_from_invite_link": flag("joinFromInviteLink")},
)
_DELETE_USER = Codec(DeleteUser, {"deleted_user_id": data("deletedUserId")})
_SET_ROLE = Codec(SetRole, {"user_id": data("userId"), "role": enumeration("role", MemberRole)})
_SET_LABEL = Codec(
    SetLabel,
    {
        "user_id": data("userId"),
        "label_emoji": data("labelEmoji"),
        "label_text": data("labelString"),
    },
)
_PRESENTED: dict[str, Field] = {
    "presentation": data("presentation"),
    "user_id": data("user_id"),
    "profile_key": data("profile_key"),
}
_PRESENT_PROFILE_KEY = Codec(PresentProfileKey, _PRESENTED)
_GROUP_ACTIONS = Codec(
    GroupActions,
    {
        "revision": number("version"),
        "source_user_id": data("sourceUserId"),
        "group_id": data("group_id"),
        "add_members": messages("addMembers", _ADD_MEMBER),
        "delete_members": messages("deleteMembers", _DELETE_USER),
        "modify_member_roles": messages("modifyMemberRoles", _SET_ROLE),
        "modify_member_labels": messages("modifyMemberLabels", _SET_LABEL),
        "modify_member_profile_keys": messages("modifyMemberProfileKeys", _PRESENT_PROFILE_KEY),
        "add_invited": messages(
            "addMembersPendingProfileKey",
            Codec(AddInvited, {"added": message("added", INVITED_MEMBER)}),
        ),
        "delete_invited": messages("deleteMembersPendingProfileKey", _DELETE_USER),
        "promote_invited": messages("promoteMembersPendingProfileKey", _PRESENT_PROFILE_KEY),
        "promote_invited_by_pni": messages(
            "promote_members_pending_pni_aci_profile_key",
            Codec(PresentProfileKey, {**_PRESENTED, "pni": data("pni")}),
        ),
        "add_requesting": messages(
            "addMembersPendingAdminApproval",
            Codec(AddRequesting, {"added": message("added", REQUESTING_MEMBER)}),
        ),
        "delete_requesting": messages("deleteMembersPendingAdminApproval", _DELETE_USER),
        "promote_requesting": messages("promoteMembersPendingAdminApproval", _SET_ROLE),
        "add_banned": messages(
            "add_members_banned", Codec(AddBanned, {"added": message("added", BANNED_MEMBER)})
        ),
        "delete_banned": messages("delete_members_banned", _DELETE_USER),
        "modify_title": message("modifyTitle", _attribute("title")),
        "modify_description": message("modifyDescription", _attribute("description")),
        "modify_avatar": message("modifyAvatar", Codec(NewAvatar, {"url": text("avatar")})),
        "modify_timer": message("modifyDisappearingMessageTimer", _attribute("timer")),
        "modify_attributes_access": message("modifyAttributesAccess", _access("attributesAccess")),
        "modify_members_access": message("modifyMemberAccess", _access("membersAccess")),
        "modify_invite_link_access": message(
            "modifyAddFromInviteLinkAccess", _access("addFromInviteLinkAccess")
        ),
        "modify_member_label_access": message(
            "modifyMemberLabelAccess", _access("memberLabelAccess")
        ),
        "modify_invite_link_password": message(
            "modifyInviteLinkPassword", _attribute("inviteLinkPassword")
        ),
        "modify_announcements_only": message(
            "modify_announcements_only",
            Codec(NewAnnouncementsOnly, {"announcements_only": flag("announcements_only")}),
        ),
        "terminate_group": message("terminate_group", Codec(TerminateGroup, {})),
    },
)
_GROUP_CHANGE = Codec(
    GroupChange,
    {
        "actions": data("actions"),
        "server_signature": data("serverSignature"),
        "change_epoch": number("changeEpoch"),
    },
)
_ENDORSEMENTS = data("group_send_endorsements_response")
_GROUP_RESPONSE = Codec(
    GroupResponse, {"group": message("group", GROUP_STATE), "endorsements": _ENDORSEMENTS}
)
_GROUP_CHANGE_RESPONSE = Codec(
    GroupChangeResponse,
    {"change": message("group_change", _GROUP_CHANGE), "endorsements": _ENDORSEMENTS},
)
_GROUP_LOG_ENTRY = Codec(
    GroupLogEntry,
    {"change": message("groupChange", _GROUP_CHANGE), "state": message("groupState", GROUP_STATE)},
)
_GROUP_LOG = Codec(
    GroupLog,
    {"entries": messages("groupChanges", _GROUP_LOG_ENTRY), "endorsements": _ENDORSEMENTS},
)


def decode_actions(serialised: bytes) -> GroupActions:
    """Parse the actions of a change; raises MalformedMessage."""
    return _GROUP_ACTIONS.decode(pb.GroupChange.Actions, serialised)


def encode_actions(actions: GroupActions) -> bytes:
    """Serialise actions; raises MalformedMessage for what a field cannot hold."""
    return _GROUP_ACTIONS.encode(pb.GroupChange.Actions, actions)


def decode_group_change(serialised: bytes) -> GroupChange:
    """Parse a signed change, as in a message's group context; raises MalformedMessage."""
    return _GROUP_CHANGE.decode(pb.GroupChange, serialised)


def encode_group_change(change: GroupChange) -> bytes:
    """Serialise a signed change."""
    return _GROUP_CHANGE.encode(pb.GroupChange, change)


def decode_group_response(serialised: bytes) -> GroupResponse:
    """Parse the answer to fetching or creating a group; raises MalformedMessage."""
    return _GROUP_RESPONSE.decode(pb.GroupResponse, serialised)


def encode_group_response(response: GroupResponse) -> bytes:
    """Serialise the answer to fetching or creating a group."""
    return _GROUP_RESPONSE.encode(pb.GroupResponse, response)


def decode_change_response(serialised: bytes) -> GroupChangeResponse:
    """Parse the answer to a change; raises MalformedMessage."""
    return _GROUP_CHANGE_RESPONSE.decode(pb.GroupChangeResponse, serialised)


def encode_change_response(response: GroupChangeResponse) -> bytes:
    """Serialise the answer to a change."""
    return _GROUP_CHANGE_RESPONSE.encode(pb.GroupChangeResponse, response)


def decode_group_log(serialised: bytes) -> GroupLog:
    """Parse a page of the log; raises MalformedMessage."""
    return _GROUP_LOG.decode(pb.GroupChanges, serialised)


def encode_group_log(log: GroupLog) -> bytes:
    """Serialise a page of the log."""
    return _GROUP_LOG.encode(pb.GroupChanges, log)
