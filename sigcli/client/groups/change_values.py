"""The changes of a group, decrypted: one value for each thing that a change does."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.group_values import Ban, Invitation, JoinRequest, Member
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.group_access import AccessRequired, MemberRole
    from sigcli.wire.key_types import ProfileKeyBytes


class AccessKind(enum.Enum):
    """What a rule is about; the values are the names of the fields of AccessRules."""

    ATTRIBUTES = "attributes"
    MEMBERS = "members"
    INVITE_LINK = "invite_link"
    MEMBER_LABEL = "member_label"


@dataclass(frozen=True, slots=True)
class MemberAdded:
    member: Member
    by_link: bool = False


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """Removed, or left if it is the change's editor."""

    aci: ServiceId


@dataclass(frozen=True, slots=True)
class RoleChanged:
    aci: ServiceId
    role: MemberRole | int


@dataclass(frozen=True, slots=True)
class LabelChanged:
    aci: ServiceId
    emoji: str
    text: str


@dataclass(frozen=True, slots=True)
class ProfileKeyChanged:
    aci: ServiceId
    profile_key: ProfileKeyBytes | None = field(repr=False)
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonInvited:
    invitation: Invitation


@dataclass(frozen=True, slots=True)
class InvitationRevoked:
    """Taken back, or declined if it is the change's editor."""

    service_id: ServiceId


@dataclass(frozen=True, slots=True)
class InvitationAccepted:
    """``invited_as``: the PNI, if that was invited."""

    member: Member
    invited_as: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class JoinRequested:
    request: JoinRequest


@dataclass(frozen=True, slots=True)
class JoinRequestDeleted:
    """Refused, or taken back if it is the change's editor."""

    aci: ServiceId


@dataclass(frozen=True, slots=True)
class JoinRequestApproved:
    aci: ServiceId
    role: MemberRole | int


@dataclass(frozen=True, slots=True)
class PersonBanned:
    ban: Ban


@dataclass(frozen=True, slots=True)
class PersonUnbanned:
    service_id: ServiceId


@dataclass(frozen=True, slots=True)
class TitleChanged:
    title: str


@dataclass(frozen=True, slots=True)
class DescriptionChanged:
    description: str


@dataclass(frozen=True, slots=True)
class AvatarChanged:
    """Removed if the URL is empty."""

    avatar_url: str


@dataclass(frozen=True, slots=True)
class TimerChanged:
    timer_s: int


@dataclass(frozen=True, slots=True)
class AccessChanged:
    kind: AccessKind
    access: AccessRequired | int


@dataclass(frozen=True, slots=True)
class LinkPasswordChanged:
    invite_link_password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnnouncementsOnlyChanged:
    announcements_only: bool


@dataclass(frozen=True, slots=True)
class Terminated:
    pass


AttributeChanged = (
    TitleChanged
    | DescriptionChanged
    | AvatarChanged
    | TimerChanged
    | LinkPasswordChanged
    | AnnouncementsOnlyChanged
)
"""What replaces one attribute; the field bears the name of that attribute in GroupDetails."""

Modification = (
    MemberAdded
    | MemberRemoved
    | RoleChanged
    | LabelChanged
    | ProfileKeyChanged
    | PersonInvited
    | InvitationRevoked
    | InvitationAccepted
    | JoinRequested
    | JoinRequestDeleted
    | JoinRequestApproved
    | PersonBanned
    | PersonUnbanned
    | AttributeChanged
    | AccessChanged
    | Terminated
)


@dataclass(frozen=True, slots=True)
class Change:
    """One revision's change: who made it, and everything that it does, in the order in which it is applied.

    ``complete`` is false if it does something that this program does not know: the group must be fetched then.
    """

    revision: int
    editor: ServiceId | None
    modifications: tuple[Modification, ...]
    complete: bool = True
