"""The state of a group as the service keeps it, attributes still encrypted: bytes to typed values and back.

Format: Signal's ``Groups.proto``. User ids, profile keys and presentations are zkgroup's serialised objects; titles and
other attributes decrypt to a GroupAttribute.
"""

from __future__ import annotations

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import groups_pb2 as pb
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.mapping import (
    Codec,
    Value,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
    text,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupMember(Value):
    """A full member; to add one, a client gives a presentation instead of user id and profile key."""

    user_id: bytes = b""
    role: MemberRole | int = MemberRole.UNKNOWN
    profile_key: bytes = b""
    presentation: bytes = b""
    joined_at_revision: int = 0
    label_emoji: bytes = b""
    label_text: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvitedMember(Value):
    """An invited person whose profile key is not known yet."""

    member: GroupMember | None = None
    added_by_user_id: bytes = b""
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RequestingMember(Value):
    """A person who asked to join and waits for an administrator."""

    user_id: bytes = b""
    profile_key: bytes = b""
    presentation: bytes = b""
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BannedMember(Value):
    """A person who may not join again."""

    user_id: bytes = b""
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupAccess(Value):
    """Who may change the group's attributes, its members, join by link and set labels."""

    attributes: AccessRequired | int = AccessRequired.UNKNOWN
    members: AccessRequired | int = AccessRequired.UNKNOWN
    add_from_invite_link: AccessRequired | int = AccessRequired.UNKNOWN
    member_label: AccessRequired | int = AccessRequired.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupState(Value):
    """A group at one revision."""

    public_key: bytes = b""
    title: bytes = b""
    description: bytes = b""
    avatar_url: str = ""
    disappearing_messages_timer: bytes = b""
    access: GroupAccess | None = None
    revision: int = 0
    members: tuple[GroupMember, ...] = ()
    invited: tuple[InvitedMember, ...] = ()
    requesting: tuple[RequestingMember, ...] = ()
    banned: tuple[BannedMember, ...] = ()
    invite_link_password: bytes = b""
    announcements_only: bool = False
    terminated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupAttribute(Value):
    """What an encrypted attribute holds: one of the four."""

    title: str | None = None
    avatar: bytes | None = None
    timer_s: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InviteLinkContents(Value):
    """What a group link leads to, in its first version."""

    master_key: bytes
    password: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupInviteLink(Value):
    """The payload of a group link; None for a version that is not known."""

    contents: InviteLinkContents | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GroupJoinInfo(Value):
    """What the service shows of a group to a person with its link."""

    public_key: bytes = b""
    title: bytes = b""
    description: bytes = b""
    avatar_url: str = ""
    member_count: int = 0
    add_from_invite_link: AccessRequired | int = AccessRequired.UNKNOWN
    revision: int = 0
    pending_admin_approval: bool = False
    pending_admin_approval_full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AvatarUpload(Value):
    """The fields of the form that uploads a group's avatar."""

    key: str = ""
    credential: str = ""
    acl: str = ""
    algorithm: str = ""
    date: str = ""
    policy: str = ""
    signature: str = ""


GROUP_MEMBER = Codec(
    GroupMember,
    {
        "user_id": data("userId"),
        "role": enumeration("role", MemberRole),
        "profile_key": data("profileKey"),
        "presentation": data("presentation"),
        "joined_at_revision": number("joinedAtVersion"),
        "label_emoji": data("labelEmoji"),
        "label_text": data("labelString"),
    },
)
INVITED_MEMBER = Codec(
    InvitedMember,
    {
        "member": message("member", GROUP_MEMBER),
        "added_by_user_id": data("addedByUserId"),
        "timestamp_ms": number("timestamp"),
    },
)
REQUESTING_MEMBER = Codec(
    RequestingMember,
    {
        "user_id": data("userId"),
        "profile_key": data("profileKey"),
        "presentation": data("presentation"),
        "timestamp_ms": number("timestamp"),
    },
)
BANNED_MEMBER = Codec(
    BannedMember, {"user_id": data("userId"), "timestamp_ms": number("timestamp")}
)
GROUP_ACCESS = Codec(
    GroupAccess,
    {
        "attributes": enumeration("attributes", AccessRequired),
        "members": enumeration("members", AccessRequired),
        "add_from_invite_link": enumeration("addFromInviteLink", AccessRequired),
        "member_label": enumeration("memberLabel", AccessRequired),
    },
)
GROUP_STATE = Codec(
    GroupState,
    {
        "public_key": data("publicKey"),
        "title": data("title"),
        "description": data("description"),
        "avatar_url": text("avatarUrl"),
        "disappearing_messages_timer": data("disappearingMessagesTimer"),
        "access": message("accessControl", GROUP_ACCESS),
        "revision": number("version"),
        "members": messages("members", GROUP_MEMBER),
        "invited": messages("membersPendingProfileKey", INVITED_MEMBER),
        "requesting": messages("membersPendingAdminApproval", REQUESTING_MEMBER),
        "banned": messages("members_banned", BANNED_MEMBER),
        "invite_link_password": data("inviteLinkPassword"),
        "announcements_only": flag("announcements_only"),
        "terminated": flag("terminated"),
    },
)
_GROUP_ATTRIBUTE = Codec(
    GroupAttribute,
    {
        "title": text("title"),
        "avatar": data("avatar"),
        "timer_s": number("disappearingMessagesDuration"),
        "description": text("descriptionText"),
    },
)
_INVITE_LINK_CONTENTS = Codec(
    InviteLinkContents,
    {"master_key": data("groupMasterKey"), "password": data("inviteLinkPassword")},
)
_GROUP_INVITE_LINK = Codec(
    GroupInviteLink, {"contents": message("contentsV1", _INVITE_LINK_CONTENTS)}
)
_GROUP_JOIN_INFO = Codec(
    GroupJoinInfo,
    {
        "public_key": data("publicKey"),
        "title": data("title"),
        "description": data("description"),
        "avatar_url": text("avatar"),
        "member_count": number("memberCount"),
        "add_from_invite_link": enumeration("addFromInviteLink", AccessRequired),
        "revision": number("version"),
        "pending_admin_approval": flag("pendingAdminApproval"),
        "pending_admin_approval_full": flag("pendingAdminApprovalFull"),
    },
)
_AVATAR_UPLOAD = Codec(
    AvatarUpload,
    {
        name: text(name)
        for name in ("key", "credential", "acl", "algorithm", "date", "policy", "signature")
    },
)


def decode_group_state(serialised: bytes) -> GroupState:
    """Parse a Group; raises MalformedMessage."""
    return GROUP_STATE.decode(pb.Group, serialised)


def encode_group_state(group: GroupState) -> bytes:
    """Serialise a Group; raises MalformedMessage for what a field cannot hold."""
    return GROUP_STATE.encode(pb.Group, group)


def decode_member(serialised: bytes) -> GroupMember:
    """Parse a Member, as the service answers for joining a group; raises MalformedMessage."""
    return GROUP_MEMBER.decode(pb.Member, serialised)


def encode_member(member: GroupMember) -> bytes:
    """Serialise a Member."""
    return GROUP_MEMBER.encode(pb.Member, member)


def decode_attribute(serialised: bytes) -> GroupAttribute:
    """Parse a decrypted attribute; raises MalformedMessage."""
    return _GROUP_ATTRIBUTE.decode(pb.GroupAttributeBlob, serialised)


def encode_attribute(attribute: GroupAttribute) -> bytes:
    """Serialise an attribute before it is encrypted; raises MalformedMessage."""
    return _GROUP_ATTRIBUTE.encode(pb.GroupAttributeBlob, attribute)


def decode_invite_link(serialised: bytes) -> GroupInviteLink:
    """Parse the payload of a group link; raises MalformedMessage."""
    return _GROUP_INVITE_LINK.decode(pb.GroupInviteLink, serialised)


def encode_invite_link(link: GroupInviteLink) -> bytes:
    """Serialise the payload of a group link."""
    return _GROUP_INVITE_LINK.encode(pb.GroupInviteLink, link)


def decode_join_info(serialised: bytes) -> GroupJoinInfo:
    """Parse what a link shows of a group; raises MalformedMessage."""
    return _GROUP_JOIN_INFO.decode(pb.GroupJoinInfo, serialised)


def encode_join_info(info: GroupJoinInfo) -> bytes:
    """Serialise what a link shows of a group."""
    return _GROUP_JOIN_INFO.encode(pb.GroupJoinInfo, info)


def decode_avatar_upload(serialised: bytes) -> AvatarUpload:
    """Parse the form for an avatar; raises MalformedMessage."""
    return _AVATAR_UPLOAD.decode(pb.AvatarUploadAttributes, serialised)


def encode_avatar_upload(upload: AvatarUpload) -> bytes:
    """Serialise the form for an avatar."""
    return _AVATAR_UPLOAD.encode(pb.AvatarUploadAttributes, upload)
