"""A group while a change is applied to it: its members, the actor, and what the actor may do.

Permissions: ``GroupAuth`` of the public storage service. They depend on the group before the change, so an
administrator who leaves may promote others in the same change.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.sandbox.exchange import Refused
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_state import GroupAccess, GroupState, InvitedMember

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EVERY_MEMBER = (AccessRequired.ANY, AccessRequired.MEMBER)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request about a group: the encrypted ids (65 bytes) in the presentation of the login."""

    aci: bytes
    pni: bytes

    def owns(self, user_id: bytes) -> bool:
        """Whether an encrypted id is one of the actor's two."""
        return user_id in (self.aci, self.pni)


@dataclass(frozen=True, slots=True)
class Presented:
    """The person in a verified profile key presentation: encrypted id and profile key."""

    user_id: bytes
    profile_key: bytes


class GroupDraft:
    """A mutable group. Every check raises Refused: 403 for what the actor may not do, 400 for invalid input."""

    def __init__(
        self,
        group: GroupState,
        actor: Actor,
        present: Callable[[bytes], Presented],
        link_password: bytes,
        now_ms: int,
        avatar_prefix: str,
    ) -> None:
        """``present`` verifies a presentation; the URL of an avatar must begin with ``avatar_prefix``."""
        self.before = group
        self.group = group
        self.actor = actor
        self.present = present
        self.now_ms = now_ms
        self.avatar_prefix = avatar_prefix
        self.revision = group.revision + 1
        self.members = {member.user_id: member for member in group.members}
        self.invited = {invited_id(invited): invited for invited in group.invited}
        self.requesting = {person.user_id: person for person in group.requesting}
        self.banned = {person.user_id: person for person in group.banned}
        self.has_link_password = bool(group.invite_link_password) and hmac.compare_digest(
            group.invite_link_password, link_password
        )

    # --- what the actor may do ---------------------------------------------------------------

    @property
    def access(self) -> GroupAccess:
        """The access rules before the change."""
        return self.before.access or GroupAccess()

    @property
    def is_member(self) -> bool:
        return any(self.actor.owns(member.user_id) for member in self.before.members)

    @property
    def is_administrator(self) -> bool:
        return any(
            self.actor.owns(member.user_id) and member.role == MemberRole.ADMINISTRATOR
            for member in self.before.members
        )

    @property
    def may_modify_attributes(self) -> bool:
        return self._may(self.access.attributes)

    @property
    def may_modify_members(self) -> bool:
        """Whether the actor may add, invite and lift bans."""
        return self._may(self.access.members)

    def may_remove(self, user_ids: Sequence[bytes]) -> bool:
        """Whether the actor may remove these: an administrator anyone, others only themselves."""
        return self.is_administrator or (len(user_ids) == 1 and self.actor.owns(user_ids[0]))

    def _may(self, rule: AccessRequired | int) -> bool:
        return self.is_member and (self.is_administrator or rule in _EVERY_MEMBER)

    @staticmethod
    def require(allowed: bool) -> None:
        """Raises Refused (403)."""
        if not allowed:
            raise Refused(403)

    @staticmethod
    def require_sense(sensible: bool) -> None:
        """Raises Refused (400)."""
        if not sensible:
            raise Refused(400)

    # --- the outcome -------------------------------------------------------------------------

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
    """The encrypted id of an invited person."""
    return b"" if invited.member is None else invited.member.user_id
