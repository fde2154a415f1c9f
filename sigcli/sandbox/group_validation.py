"""What must hold for a change before it is applied, and for the group after it.

Checks and their order: ``GroupValidator`` of the public storage service. A presentation is replaced by the ids in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace
from sigcli.sandbox.exchange import Refused
from sigcli.sandbox.fields import decode_url_safe
from sigcli.sandbox.group_draft import invited_id
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import (
    AddBanned,
    AddInvited,
    AddMember,
    AddRequesting,
    GroupActions,
    PresentProfileKey,
)
from sigcli.wire.group_state import (
    BannedMember,
    GroupAccess,
    GroupMember,
    InvitedMember,
    RequestingMember,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.sandbox.group_draft import GroupDraft, Presented
    from sigcli.wire.group_state import GroupState

MAX_MEMBERS = 1001
MAX_TITLE, MAX_DESCRIPTION = 1024, 8192
LINK_PASSWORD_LENGTH = 16
ROLES = (MemberRole.DEFAULT, MemberRole.ADMINISTRATOR)
MEMBER_RULES = (AccessRequired.MEMBER, AccessRequired.ADMINISTRATOR)
LINK_RULES = (AccessRequired.ANY, AccessRequired.ADMINISTRATOR, AccessRequired.UNSATISFIABLE)
_CLOSED = (AccessRequired.UNKNOWN, AccessRequired.UNSATISFIABLE)
_AVATAR_KEY_LENGTH = 16


def validated(draft: GroupDraft, actions: GroupActions) -> GroupActions:
    """The actions with ids in place of presentations; raises Refused."""
    return replace(
        actions,
        add_members=tuple(_joining(draft, action) for action in actions.add_members),
        add_invited=_invitations(draft, actions.add_invited),
        add_requesting=_requests(draft, actions.add_requesting),
        add_banned=_bans(draft, actions),
        modify_member_profile_keys=_own_keys(draft, actions.modify_member_profile_keys),
        promote_invited=_own_keys(draft, actions.promote_invited),
        promote_invited_by_pni=_own_keys(draft, actions.promote_invited_by_pni, draft.actor.pni),
    )


def valid_member(draft: GroupDraft, member: GroupMember | None) -> GroupMember:
    """A member that is added with a presentation; raises Refused (400)."""
    if member is None or member.role not in ROLES or not member.presentation:
        raise Refused(400)
    shown = draft.present(member.presentation)
    return GroupMember(
        user_id=shown.user_id,
        role=member.role,
        profile_key=shown.profile_key,
        joined_at_revision=draft.before.revision,
    )


def valid_invitation(draft: GroupDraft, invited: InvitedMember | None) -> InvitedMember:
    """An invitation that the actor makes now; raises Refused (400)."""
    member = None if invited is None else invited.member
    if (
        member is None
        or not member.user_id
        or member.role not in ROLES
        or member.presentation
        or member.profile_key
    ):
        raise Refused(400)
    return InvitedMember(
        member=GroupMember(
            user_id=member.user_id, role=member.role, joined_at_revision=draft.before.revision
        ),
        added_by_user_id=draft.actor.aci,
        timestamp_ms=draft.now_ms,
    )


def is_valid_avatar(url: str, prefix: str) -> bool:
    """Whether an avatar is where the group's form puts it; an empty one is allowed."""
    key = url.removeprefix(prefix)
    return not url or (
        url.startswith(prefix)
        and re.fullmatch(r"[A-Za-z0-9_-]+", key) is not None
        and len(decode_url_safe(key) or b"") == _AVATAR_KEY_LENGTH
    )


def require_distinct(ids: Iterable[bytes]) -> None:
    """Raises Refused (400) if a person is named twice."""
    named = list(ids)
    if len(set(named)) != len(named):
        raise Refused(400)


def require_sound(group: GroupState) -> None:
    """Raises Refused (400) for a state that no change may lead to."""
    people = [
        [member.user_id for member in group.members],
        [invited_id(invited) for invited in group.invited],
        [person.user_id for person in group.requesting],
        [person.user_id for person in group.banned],
    ]
    members, invited, requesting, banned = map(len, people)
    access = group.access or GroupAccess()
    roles = [member.role for member in group.members]
    roles += [one.member.role for one in group.invited if one.member is not None]
    sound = (
        0 < len(group.title) <= MAX_TITLE
        and len(group.description) <= MAX_DESCRIPTION
        and len(group.invite_link_password) in (0, LINK_PASSWORD_LENGTH)
        and (bool(group.invite_link_password) or access.add_from_invite_link in _CLOSED)
        and members + invited <= MAX_MEMBERS
        and max(requesting, banned) <= MAX_MEMBERS
        and access.attributes in (AccessRequired.UNKNOWN, *MEMBER_RULES)
        and access.members in (AccessRequired.UNKNOWN, *MEMBER_RULES)
        and access.add_from_invite_link in (AccessRequired.UNKNOWN, *LINK_RULES)
        and all(role in ROLES for role in roles)
    )
    if not sound:
        raise Refused(400)
    require_distinct(user_id for ids in people for user_id in ids)


# --- actions --------------------------------------------------------------------------------------


def _joining(draft: GroupDraft, action: AddMember) -> AddMember:
    # The service decides how a person comes in.
    if action.join_from_invite_link:
        raise Refused(400)
    added = valid_member(draft, action.added)
    by_link = (
        not draft.is_member
        and draft.actor.owns(added.user_id)
        and draft.access.members != AccessRequired.ANY
        and draft.access.add_from_invite_link == AccessRequired.ANY
        and draft.has_link_password
    )
    return AddMember(added=added, join_from_invite_link=by_link)


def _invitations(draft: GroupDraft, actions: tuple[AddInvited, ...]) -> tuple[AddInvited, ...]:
    if actions:
        draft.require(draft.is_member)
    return tuple(AddInvited(added=valid_invitation(draft, action.added)) for action in actions)


def _requests(draft: GroupDraft, actions: tuple[AddRequesting, ...]) -> tuple[AddRequesting, ...]:
    if actions:
        draft.require(draft.has_link_password)
    return tuple(AddRequesting(added=_request(draft, action.added)) for action in actions)


def _request(draft: GroupDraft, person: RequestingMember | None) -> RequestingMember:
    if (
        person is None
        or person.user_id
        or person.profile_key
        or not person.presentation
        or person.timestamp_ms
    ):
        raise Refused(400)
    shown = draft.present(person.presentation)
    draft.require_sense(draft.actor.owns(shown.user_id))
    return RequestingMember(
        user_id=shown.user_id, profile_key=shown.profile_key, timestamp_ms=draft.now_ms
    )


def _bans(draft: GroupDraft, actions: GroupActions) -> tuple[AddBanned, ...]:
    if not actions.add_banned:
        return ()
    lifted = {action.deleted_user_id for action in actions.delete_banned}
    named = [action.added for action in actions.add_banned]
    draft.require_sense(all(one is None or one.user_id not in lifted for one in named))
    draft.require(draft.is_member)
    draft.require_sense(all(one is not None and one.user_id for one in named))
    return tuple(
        AddBanned(added=BannedMember(user_id=one.user_id, timestamp_ms=draft.now_ms))
        for one in named
        if one is not None
    )


def _own_keys(
    draft: GroupDraft, actions: tuple[PresentProfileKey, ...], pni: bytes = b""
) -> tuple[PresentProfileKey, ...]:
    """The keys in the actor's own presentation; with ``pni`` when accepting an invitation by number."""
    draft.require_sense(
        not any(action.user_id or action.profile_key or action.pni for action in actions)
    )
    shown = [_own_key(draft, action) for action in actions]
    require_distinct(person.user_id for person in shown)
    return tuple(
        PresentProfileKey(user_id=person.user_id, pni=pni, profile_key=person.profile_key)
        for person in shown
    )


def _own_key(draft: GroupDraft, action: PresentProfileKey) -> Presented:
    draft.require_sense(bool(action.presentation))
    shown = draft.present(action.presentation)
    draft.require(draft.actor.owns(shown.user_id))
    return shown
