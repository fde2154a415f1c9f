"""What is known of a group: its decrypted attributes and people."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.wire.group_access import AccessRequired, MemberRole

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey, ProfileKeyBytes
    from sigcli.zkgroup.groups import GroupSecretParams


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A full member.

    The ciphertexts (65 bytes) are as the service sent them. The profile key is there where it was decrypted; the
    store keeps it with the person.
    """

    aci: ServiceId
    role: MemberRole | int = MemberRole.DEFAULT
    joined_at_revision: int = 0
    label_emoji: str = ""
    label_text: str = ""
    user_id_ciphertext: bytes = field(default=b"", repr=False, compare=False)
    profile_key_ciphertext: bytes = field(default=b"", repr=False, compare=False)
    profile_key: ProfileKeyBytes | None = field(default=None, repr=False, compare=False)

    @property
    def is_administrator(self) -> bool:
        return self.role == MemberRole.ADMINISTRATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Somebody who was invited, by ACI or PNI, and has not accepted."""

    service_id: ServiceId
    role: MemberRole | int = MemberRole.DEFAULT
    added_by: ServiceId | None = None
    since_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """Somebody who asked to join and waits for an administrator."""

    aci: ServiceId
    since_ms: int = 0
    profile_key: ProfileKeyBytes | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Somebody who may not join again."""

    service_id: ServiceId
    since_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """Who may change attributes and members, join by link, and set labels."""

    attributes: AccessRequired | int = AccessRequired.UNKNOWN
    members: AccessRequired | int = AccessRequired.UNKNOWN
    invite_link: AccessRequired | int = AccessRequired.UNKNOWN
    member_label: AccessRequired | int = AccessRequired.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetails:
    """A group at one revision; ``timer_s`` 0: messages do not vanish."""

    revision: int
    title: str = ""
    description: str = ""
    avatar_url: str = ""
    timer_s: int = 0
    access: AccessRules = AccessRules()
    members: tuple[Member, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    requests: tuple[JoinRequest, ...] = ()
    bans: tuple[Ban, ...] = ()
    invite_link_password: bytes = field(default=b"", repr=False)
    announcements_only: bool = False
    terminated: bool = False

    def member(self, service_id: ServiceId | None) -> Member | None:
        """The member with this ACI."""
        return next((member for member in self.members if member.aci == service_id), None)

    def invitation(self, *service_ids: ServiceId | None) -> Invitation | None:
        """The invitation of one of these ids."""
        return next((one for one in self.invitations if one.service_id in service_ids), None)

    def request(self, service_id: ServiceId | None) -> JoinRequest | None:
        """The request of this ACI to join."""
        return next((one for one in self.requests if one.aci == service_id), None)

    def is_banned(self, service_id: ServiceId | None) -> bool:
        return any(ban.service_id == service_id for ban in self.bans)

    @property
    def administrators(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.is_administrator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group in the store; ``details`` is None as long as nothing but its key is known."""

    id: int
    group_id: GroupIdentifier
    master_key: GroupMasterKey = field(repr=False)
    details: GroupDetails | None = None
    access_lost: bool = False
    """The service said that this account is no member."""
    fetched_ms: int = 0
    distribution_id: UUID | None = None

    @property
    def params(self) -> GroupSecretParams:
        """All keys of the group, which follow from the master key."""
        # Half a millisecond the first time, remembered for the last groups.
        from sigcli.zkgroup.groups import GroupSecretParams

        return GroupSecretParams.derive_from_master_key(self.master_key)

    @property
    def revision(self) -> int:
        """-1 as long as nothing but the key is known."""
        return -1 if self.details is None else self.details.revision
