"""Applying the actions of a change to a group, as the group service does.

The rules are what clients rely on; the author of a change that accepts or declines an invitation by
PNI is that PNI, as the tests of signalapp/storage-service have it. An action that the
actor may not do is 403, one that makes no sense 400; nothing is applied then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.sandbox.group_draft import GroupDraft, Presented
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import (
    AddBanned,
    AddInvited,
    AddMember,
    AddRequesting,
    DeleteUser,
    GroupActions,
    NewAccess,
    PresentProfileKey,
    SetLabel,
    SetRole,
)
from sigcli.wire.group_state import (
    BannedMember,
    GroupAccess,
    GroupState,
    RequestingMember,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROLES = (MemberRole.DEFAULT, MemberRole.ADMINISTRATOR)
_MEMBER_RULES = (AccessRequired.MEMBER, AccessRequired.ADMINISTRATOR)
_LINK_RULES = (AccessRequired.ANY, AccessRequired.ADMINISTRATOR, AccessRequired.UNSATISFIABLE)
# The change epoch from which on a client understands an action.
_EPOCHS: Mapping[str, int] = {
    "add_requesting": 1,
    "delete_requesting": 1,
    "promote_requesting": 1,
    "modify_invite_link_access": 1,
    "modify_invite_link_password": 1,
    "modify_description": 2,
    "modify_announcements_only": 3,
    "add_banned": 4,
    "delete_banned": 4,
    "promote_invited_by_pni": 5,
    "modify_member_labels": 6,
    "modify_member_label_access": 6,
    "terminate_group": 7,
}


def change_epoch(actions: GroupActions) -> int:
    """The oldest epoch of clients that understand all actions."""
    return max((epoch for name, epoch in _EPOCHS.items() if getattr(actions, name)), default=0)


def apply_actions(draft: GroupDraft, actions: GroupActions) -> tuple[GroupState, GroupActions]:
    """The group after a change, and the actions as the service signs them; raises Refused."""
    draft.require(_acts_at_all(draft, actions))
    finished = replace(
        actions,
        delete_members=tuple(_delete_member(draft, a) for a in actions.delete_members),
        delete_invited=tuple(_delete_invited(draft, a) for a in actions.delete_invited),
        delete_requesting=tuple(_delete_requesting(draft, a) for a in actions.delete_requesting),
        delete_banned=tuple(_delete_banned(draft, a) for a in actions.delete_banned),
        add_members=tuple(_add_member(draft, a) for a in actions.add_members),
        modify_member_roles=tuple(_set_role(draft, a) for a in actions.modify_member_roles),
        modify_member_labels=tuple(_set_label(draft, a) for a in actions.modify_member_labels),
        modify_member_profile_keys=tuple(
            _set_profile_key(draft, a) for a in actions.modify_member_profile_keys
        ),
        add_invited=tuple(_add_invited(draft, a) for a in actions.add_invited),
        promote_invited=tuple(
            _promote_invited(draft, a, draft.actor.aci) for a in actions.promote_invited
        ),
        promote_invited_by_pni=tuple(
            _promote_invited(draft, a, draft.actor.pni) for a in actions.promote_invited_by_pni
        ),
        add_requesting=tuple(_add_requesting(draft, a) for a in actions.add_requesting),
        promote_requesting=tuple(_promote_requesting(draft, a) for a in actions.promote_requesting),
        add_banned=tuple(_add_banned(draft, a) for a in actions.add_banned),
        source_user_id=_author(draft, actions),
    )
    _apply_attributes(draft, actions)
    _apply_access(draft, actions)
    return draft.finished(), finished


def _author(draft: GroupDraft, actions: GroupActions) -> bytes:
    """Who the change is signed for: the PNI where it acts on the actor's own invitation by PNI."""
    pni = draft.actor.pni
    declines = any(action.deleted_user_id == pni for action in actions.delete_invited)
    if actions.promote_invited_by_pni or declines:
        return pni
    return draft.actor.aci


def _acts_at_all(draft: GroupDraft, actions: GroupActions) -> bool:
    """Somebody outside may only join, ask to join, or decline."""
    inside = draft.is_member or bool(
        draft.actor.aci in draft.invited
        or draft.actor.pni in draft.invited
        or draft.actor.aci in draft.requesting
    )
    return inside or bool(actions.add_members or actions.add_requesting)


# --- people --------------------------------------------------------------------------------------


def _add_member(draft: GroupDraft, action: AddMember) -> AddMember:
    draft.require_sense(action.added is not None)
    assert action.added is not None
    person = draft.verify(action.added.presentation)
    if action.join_from_invite_link:
        draft.require(person.user_id == draft.actor.aci and draft.has_link_password)
        draft.require(draft.access.add_from_invite_link == AccessRequired.ANY)
        draft.require(action.added.role == MemberRole.DEFAULT)
    else:
        draft.require(draft.is_member)
        draft.require_access(draft.access.members)
        if action.added.role == MemberRole.ADMINISTRATOR:
            draft.require(draft.is_administrator)
    return replace(action, added=draft.admit(person, action.added.role))


def _delete_member(draft: GroupDraft, action: DeleteUser) -> DeleteUser:
    draft.require_sense(action.deleted_user_id in draft.members)
    draft.require(action.deleted_user_id == draft.actor.aci or draft.is_administrator)
    del draft.members[action.deleted_user_id]
    return action


def _set_role(draft: GroupDraft, action: SetRole) -> SetRole:
    draft.require(draft.is_administrator)
    draft.require_sense(action.user_id in draft.members and action.role in _ROLES)
    draft.members[action.user_id] = replace(draft.members[action.user_id], role=action.role)
    return action


def _set_label(draft: GroupDraft, action: SetLabel) -> SetLabel:
    draft.require_sense(action.user_id in draft.members)
    draft.require(action.user_id == draft.actor.aci)
    draft.require_access(draft.access.member_label or AccessRequired.MEMBER)
    draft.members[action.user_id] = replace(
        draft.members[action.user_id],
        label_emoji=action.label_emoji,
        label_text=action.label_text,
    )
    return action


def _set_profile_key(draft: GroupDraft, action: PresentProfileKey) -> PresentProfileKey:
    person = draft.verify(action.presentation)
    draft.require_sense(person.user_id in draft.members)
    draft.require(person.user_id == draft.actor.aci)
    member = draft.members[person.user_id]
    draft.members[person.user_id] = replace(member, profile_key=person.profile_key)
    return PresentProfileKey(user_id=person.user_id, profile_key=person.profile_key)


def _add_invited(draft: GroupDraft, action: AddInvited) -> AddInvited:
    draft.require(draft.is_member)
    draft.require_access(draft.access.members)
    noted = draft.invite(action.added)
    if noted.member is not None and noted.member.role == MemberRole.ADMINISTRATOR:
        draft.require(draft.is_administrator)
    return AddInvited(added=noted)


def _delete_invited(draft: GroupDraft, action: DeleteUser) -> DeleteUser:
    draft.require_sense(action.deleted_user_id in draft.invited)
    own = action.deleted_user_id in (draft.actor.aci, draft.actor.pni)
    draft.require(own or draft.is_administrator)
    del draft.invited[action.deleted_user_id]
    return action


def _promote_invited(
    draft: GroupDraft, action: PresentProfileKey, invited_as: bytes
) -> PresentProfileKey:
    person = draft.verify(action.presentation)
    draft.require(person.user_id == draft.actor.aci)
    invited = draft.invited.pop(invited_as, None)
    draft.require_sense(invited is not None and invited.member is not None)
    assert invited is not None
    assert invited.member is not None
    draft.admit(person, invited.member.role)
    return PresentProfileKey(
        user_id=person.user_id,
        pni=invited_as if invited_as == draft.actor.pni else b"",
        profile_key=person.profile_key,
    )


def _add_requesting(draft: GroupDraft, action: AddRequesting) -> AddRequesting:
    draft.require_sense(action.added is not None)
    assert action.added is not None
    person = draft.verify(action.added.presentation)
    draft.require(person.user_id == draft.actor.aci and draft.has_link_password)
    draft.require(draft.access.add_from_invite_link == AccessRequired.ADMINISTRATOR)
    draft.require(person.user_id not in draft.banned)
    draft.require_sense(
        person.user_id not in draft.members and person.user_id not in draft.requesting
    )
    noted = RequestingMember(
        user_id=person.user_id, profile_key=person.profile_key, timestamp_ms=draft.now_ms
    )
    draft.requesting[person.user_id] = noted
    return AddRequesting(added=noted)


def _delete_requesting(draft: GroupDraft, action: DeleteUser) -> DeleteUser:
    draft.require_sense(action.deleted_user_id in draft.requesting)
    draft.require(action.deleted_user_id == draft.actor.aci or draft.is_administrator)
    del draft.requesting[action.deleted_user_id]
    return action


def _promote_requesting(draft: GroupDraft, action: SetRole) -> SetRole:
    draft.require(draft.is_administrator)
    person = draft.requesting.pop(action.user_id, None)
    draft.require_sense(person is not None)
    assert person is not None
    draft.admit(Presented(person.user_id, person.profile_key), action.role)
    return action


def _add_banned(draft: GroupDraft, action: AddBanned) -> AddBanned:
    draft.require(draft.is_administrator)
    draft.require_sense(action.added is not None and action.added.user_id not in draft.members)
    assert action.added is not None
    noted = BannedMember(user_id=action.added.user_id, timestamp_ms=draft.now_ms)
    draft.banned[noted.user_id] = noted
    return AddBanned(added=noted)


def _delete_banned(draft: GroupDraft, action: DeleteUser) -> DeleteUser:
    draft.require(draft.is_administrator)
    draft.require_sense(draft.banned.pop(action.deleted_user_id, None) is not None)
    return action


# --- the group itself ----------------------------------------------------------------------------


def _apply_attributes(draft: GroupDraft, actions: GroupActions) -> None:
    new: dict[str, object] = {}
    if actions.modify_title is not None:
        new["title"] = actions.modify_title.value
    if actions.modify_description is not None:
        new["description"] = actions.modify_description.value
    if actions.modify_avatar is not None:
        new["avatar_url"] = actions.modify_avatar.url
    if actions.modify_timer is not None:
        new["disappearing_messages_timer"] = actions.modify_timer.value
    if new:
        draft.require_access(draft.access.attributes)
    if actions.modify_announcements_only is not None:
        draft.require(draft.is_administrator)
        new["announcements_only"] = actions.modify_announcements_only.announcements_only
    if actions.modify_invite_link_password is not None:
        draft.require(draft.is_administrator)
        new["invite_link_password"] = actions.modify_invite_link_password.value
    if actions.terminate_group is not None:
        draft.require(draft.is_administrator)
        new["terminated"] = True
    draft.group = replace(draft.group, **new)  # type: ignore[arg-type]


def _apply_access(draft: GroupDraft, actions: GroupActions) -> None:
    wanted: dict[str, tuple[NewAccess | None, tuple[AccessRequired, ...]]] = {
        "attributes": (actions.modify_attributes_access, _MEMBER_RULES),
        "members": (actions.modify_members_access, _MEMBER_RULES),
        "add_from_invite_link": (actions.modify_invite_link_access, _LINK_RULES),
        "member_label": (actions.modify_member_label_access, _MEMBER_RULES),
    }
    access: GroupAccess = draft.access
    for name, (action, allowed) in wanted.items():
        if action is None:
            continue
        draft.require(draft.is_administrator)
        draft.require_sense(action.access in allowed)
        access = replace(access, **{name: action.access})
    draft.group = replace(draft.group, access=access)
