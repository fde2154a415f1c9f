"""A group while a change is applied to it: who is in it, who acts, and what the actor may do."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.sandbox.exchange import Refused
from sigcli.values import dataclass
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_state import (
    GroupAccess,
    GroupMember,
    GroupState,
    InvitedMember,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MEMBERS = 1001
_ROLES = (MemberRole.DEFAULT, MemberRole.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request of a group: the encrypted ids (65 bytes) in the presentation of the login."""

    aci: bytes
    pni: bytes


@dataclass(frozen=True, slots=True)
class Presented:
    """Whom a verified profile key presentation shows: encrypted id and profile key."""

    user_id: bytes
    profile_key: bytes


class GroupDraft:
    """A mutable group. Every check raises Refused: 403 for what the actor may not, 400 for nonsense."""

    def __init__(
        self,
        group: GroupState,
        actor: Actor,
        verify: Callable[[bytes], Presented],
        link_password: bytes,
        now_ms: int,
    ) -> None:
        self.group = group
        self.actor = actor
        self.verify = verify
        self.now_ms = now_ms
        self.revision = group.revision + 1
        self.members = {member.user_id: member for member in group.members}
        self.invited = {invited_id(invited): invited for invited in group.invited}
        self.requesting = {person.user_id: person for person in group.requesting}
        self.banned = {person.user_id: person for person in group.banned}
        self.has_link_password = bool(group.invite_link_password) and hmac.compare_digest(
            group.invite_link_password, link_password
        )

    @property
    def access(self) -> GroupAccess:
        return self.group.access or GroupAccess()

    @property
    def is_member(self) -> bool:
        return self.actor.aci in self.members

    @property
    def is_administrator(self) -> bool:
        """As the change found the group: who leaves may name others in the same change."""
        return any(
            member.user_id == self.actor.aci and member.role == MemberRole.ADMINISTRATOR
            for member in self.group.members
        )

    def require(self, allowed: bool) -> None:
        """Raises Refused (403)."""
        if not allowed:
            raise Refused(403)

    def require_access(self, needed: AccessRequired | int) -> None:
        """Raises Refused (403) unless the actor meets a rule of access."""
        if needed == AccessRequired.MEMBER:
            self.require(self.is_member)
        elif needed == AccessRequired.ADMINISTRATOR:
            self.require(self.is_administrator)
        else:
            self.require(needed == AccessRequired.ANY)

    def require_sense(self, sensible: bool) -> None:
        """Raises Refused (400)."""
        if not sensible:
            raise Refused(400)

    def admit(self, person: Presented, role: MemberRole | int) -> GroupMember:
        """Make somebody a member, who is then neither invited nor waiting."""
        self.require_sense(role in _ROLES and person.user_id not in self.members)
        self.require_sense(len(self.members) < MAX_MEMBERS)
        self.require(person.user_id not in self.banned)
        self.invited.pop(person.user_id, None)
        self.requesting.pop(person.user_id, None)
        member = GroupMember(
            user_id=person.user_id,
            role=role,
            profile_key=person.profile_key,
            joined_at_revision=self.revision,
        )
        self.members[person.user_id] = member
        return member

    def invite(self, invited: InvitedMember | None) -> InvitedMember:
        """Note an invitation as made by the actor now."""
        if invited is None or invited.member is None:
            raise Refused(400)
        member = invited.member
        self.require_sense(len(member.user_id) == len(self.actor.aci) and member.role in _ROLES)
        self.require_sense(
            member.user_id not in self.members and member.user_id not in self.invited
        )
        self.require(member.user_id not in self.banned)
        noted = InvitedMember(
            member=GroupMember(
                user_id=member.user_id, role=member.role, joined_at_revision=self.revision
            ),
            added_by_user_id=self.actor.aci,
            timestamp_ms=self.now_ms,
        )
        self.invited[member.user_id] = noted
        return noted

    def finished(self) -> GroupState:
        """The group after the change."""
        return replace(
            self.group,
            revision=self.revision,
            members=tuple(self.members.values()),
            invited=tuple(self.invited.values()),
            requesting=tuple(self.requesting.values()),
            banned=tuple(self.banned.values()),
        )


def invited_id(invited: InvitedMember) -> bytes:
    """The encrypted id of somebody invited."""
    return b"" if invited.member is None else invited.member.user_id
