"""Applying the actions of a change to a group, as the group service does.

Checks and their order: ``GroupsController`` and ``GroupChangeApplicator`` of the public storage service; labels and
ended groups, which it lacks, follow what clients rely on. An action that the actor may not do is 403, one that makes no
sense 400; nothing is applied then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sigcli.lazy_dataclass import replace
from sigcli.sandbox.exchange import Refused
from sigcli.sandbox.group_draft import GroupDraft, invited_id
from sigcli.sandbox.group_validation import (
    LINK_RULES,
    MEMBER_RULES,
    ROLES,
    is_valid_avatar,
    require_distinct,
    require_sound,
    validated,
)
from sigcli.wire.group_access import AccessRequired, MemberRole
from sigcli.wire.group_changes import DeleteUser, GroupActions, SetRole
from sigcli.wire.group_state import GroupAccess, GroupMember, GroupState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.wire.group_changes import NewAccess

    T = TypeVar("T")

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
    actions = validated(draft, actions)
    _lift_bans(draft, actions)
    _ban(draft, actions)
    _add_members(draft, actions)
    _delete_members(draft, actions)
    _set_roles(draft, actions)
    _set_profile_keys(draft, actions)
    _invite(draft, actions)
    _delete_invited(draft, actions)
    _promote_invited(draft, actions)
    _modify_attributes(draft, actions)
    _modify_access(draft, actions)
    _add_requesting(draft, actions)
    _delete_requesting(draft, actions)
    _promote_requesting(draft, actions)
    _modify_settings(draft, actions)
    _promote_invited_by_pni(draft, actions)
    _set_labels(draft, actions)
    actions = _keep_administrators(draft, actions)
    actions = replace(actions, source_user_id=_author(draft))
    group = draft.finished()
    require_sound(group)
    return group, actions


def _author(draft: GroupDraft) -> bytes:
    """The signer of the change: the actor's id in the group before it, else after it; raises Refused (403)."""
    before = draft.before
    known = [
        user_id
        for user_id in (
            *(member.user_id for member in before.members),
            *map(invited_id, before.invited),
            *(person.user_id for person in before.requesting),
        )
        if draft.actor.owns(user_id)
    ]
    if draft.actor.aci in known:
        return draft.actor.aci
    if known:
        return known[-1]
    for user_id in (*draft.members, *draft.requesting):
        if draft.actor.owns(user_id):
            return user_id
    raise Refused(403)


# --- people ---------------------------------------------------------------------------------------


def _lift_bans(draft: GroupDraft, actions: GroupActions) -> None:
    if actions.delete_banned:
        draft.require(draft.may_modify_members)
        _take_out(draft.banned, _named(actions.delete_banned))


def _ban(draft: GroupDraft, actions: GroupActions) -> None:
    added = [action.added for action in actions.add_banned if action.added is not None]
    if not added:
        return
    draft.require(draft.is_administrator)
    require_distinct((*draft.banned, *(person.user_id for person in added)))
    draft.banned.update((person.user_id, person) for person in added)


def _add_members(draft: GroupDraft, actions: GroupActions) -> None:
    added = [action.added for action in actions.add_members if action.added is not None]
    if not added:
        return
    access = draft.access
    by_link = access.add_from_invite_link == AccessRequired.ANY and draft.has_link_password
    joins = (access.members == AccessRequired.ANY or by_link) and (
        len(added) == 1 and draft.actor.owns(added[0].user_id)
    )
    draft.require(draft.may_modify_members or (joins and not draft.is_member))
    if any(member.role == MemberRole.ADMINISTRATOR for member in added):
        draft.require(draft.is_administrator)
    before = (member.user_id for member in draft.before.members)
    require_distinct((*before, *(member.user_id for member in added)))
    for member in added:
        draft.invited.pop(member.user_id, None)
        draft.requesting.pop(member.user_id, None)
        _admit(draft, member)


def _delete_members(draft: GroupDraft, actions: GroupActions) -> None:
    if not actions.delete_members:
        return
    named = _named(actions.delete_members)
    require_distinct(named)
    draft.require(draft.may_remove(named))
    _take_out(draft.members, named)


def _set_roles(draft: GroupDraft, actions: GroupActions) -> None:
    wanted = actions.modify_member_roles
    if not wanted:
        return
    draft.require_sense(all(action.user_id and action.role in ROLES for action in wanted))
    require_distinct(action.user_id for action in wanted)
    draft.require(draft.is_administrator)
    draft.require_sense(all(action.user_id in draft.members for action in wanted))
    for action in wanted:
        member = draft.members[action.user_id]
        draft.members[action.user_id] = replace(member, role=action.role)


def _set_profile_keys(draft: GroupDraft, actions: GroupActions) -> None:
    for action in actions.modify_member_profile_keys:
        draft.require(action.user_id in draft.members)
        member = draft.members[action.user_id]
        draft.members[action.user_id] = replace(member, profile_key=action.profile_key)


def _invite(draft: GroupDraft, actions: GroupActions) -> None:
    added = [action.added for action in actions.add_invited if action.added is not None]
    members = [invited.member for invited in added if invited.member is not None]
    if not added:
        return
    draft.require(draft.may_modify_members)
    if any(member.role == MemberRole.ADMINISTRATOR for member in members):
        draft.require(draft.is_administrator)
    present = (
        *(member.user_id for member in draft.before.members),
        *map(invited_id, draft.before.invited),
    )
    draft.require_sense(not set(present) & set(map(invited_id, added)))
    require_distinct(map(invited_id, added))
    for invited, member in zip(added, members, strict=True):
        noted = replace(member, joined_at_revision=draft.revision)
        draft.invited[member.user_id] = replace(invited, member=noted)


def _delete_invited(draft: GroupDraft, actions: GroupActions) -> None:
    if not actions.delete_invited:
        return
    named = _named(actions.delete_invited)
    require_distinct(named)
    draft.require(draft.may_remove(named))
    _take_out(draft.invited, named)


def _promote_invited(draft: GroupDraft, actions: GroupActions) -> None:
    for action in actions.promote_invited:
        _accept(draft, action.user_id, action.user_id, action.profile_key)


def _promote_invited_by_pni(draft: GroupDraft, actions: GroupActions) -> None:
    for action in actions.promote_invited_by_pni:
        _accept(draft, action.pni, action.user_id, action.profile_key)
        draft.invited.pop(action.user_id, None)


def _accept(draft: GroupDraft, invited_as: bytes, user_id: bytes, profile_key: bytes) -> None:
    invited = draft.invited.pop(invited_as, None)
    if invited is None or invited.member is None:
        raise Refused(403)
    draft.require_sense(user_id not in draft.members)
    _admit(draft, replace(invited.member, user_id=user_id, profile_key=profile_key))


def _add_requesting(draft: GroupDraft, actions: GroupActions) -> None:
    added = [action.added for action in actions.add_requesting if action.added is not None]
    if not added:
        return
    by_approval = draft.access.add_from_invite_link == AccessRequired.ADMINISTRATOR
    draft.require(by_approval and draft.has_link_password)
    draft.require_sense(len(added) == 1)
    (person,) = added
    inside = {**draft.members, **draft.invited, **draft.requesting}
    draft.require_sense(person.user_id not in inside)
    draft.requesting[person.user_id] = person


def _delete_requesting(draft: GroupDraft, actions: GroupActions) -> None:
    if actions.delete_requesting:
        named = _named(actions.delete_requesting)
        draft.require(draft.may_remove(named))
        _take_out(draft.requesting, named)


def _promote_requesting(draft: GroupDraft, actions: GroupActions) -> None:
    if not actions.promote_requesting:
        return
    draft.require(draft.is_administrator)
    require_distinct(action.user_id for action in actions.promote_requesting)
    for action in actions.promote_requesting:
        draft.require_sense(
            action.user_id not in draft.members and action.user_id in draft.requesting
        )
        person = draft.requesting.pop(action.user_id)
        member = GroupMember(
            user_id=person.user_id, role=action.role, profile_key=person.profile_key
        )
        _admit(draft, member)


def _set_labels(draft: GroupDraft, actions: GroupActions) -> None:
    for action in actions.modify_member_labels:
        draft.require_sense(action.user_id in draft.members)
        only_administrators = draft.access.member_label == AccessRequired.ADMINISTRATOR
        draft.require(action.user_id == draft.actor.aci)
        draft.require(draft.is_administrator or not only_administrators)
        draft.members[action.user_id] = replace(
            draft.members[action.user_id],
            label_emoji=action.label_emoji,
            label_text=action.label_text,
        )


def _keep_administrators(draft: GroupDraft, actions: GroupActions) -> GroupActions:
    """If no administrator is left, promote the members whom this change leaves alone, or else all."""
    if not draft.members or _has_administrator(draft):
        return actions
    touched = {action.user_id for action in actions.modify_member_roles}
    staying = [
        member.user_id
        for member in draft.members.values()
        if member.joined_at_revision != draft.revision and member.user_id not in touched
    ]
    chosen = staying or list(draft.members)
    for user_id in chosen:
        draft.members[user_id] = replace(draft.members[user_id], role=MemberRole.ADMINISTRATOR)
    made = tuple(SetRole(user_id=user_id, role=MemberRole.ADMINISTRATOR) for user_id in chosen)
    return replace(actions, modify_member_roles=actions.modify_member_roles + made)


def _has_administrator(draft: GroupDraft) -> bool:
    return any(member.role == MemberRole.ADMINISTRATOR for member in draft.members.values())


def _admit(draft: GroupDraft, member: GroupMember) -> None:
    draft.members[member.user_id] = replace(member, joined_at_revision=draft.revision)


def _named(actions: tuple[DeleteUser, ...]) -> list[bytes]:
    return [action.deleted_user_id for action in actions]


def _take_out(people: dict[bytes, T], named: list[bytes]) -> None:
    """Remove all who are named; raises Refused (400) if one is missing or named twice."""
    require_distinct(named)
    GroupDraft.require_sense(all(user_id in people for user_id in named))
    for user_id in named:
        del people[user_id]


# --- the group itself -----------------------------------------------------------------------------


def _modify_attributes(draft: GroupDraft, actions: GroupActions) -> None:
    new: dict[str, object] = {}
    if actions.modify_title is not None:
        draft.require_sense(bool(actions.modify_title.value))
        new["title"] = actions.modify_title.value
    if actions.modify_avatar is not None:
        draft.require(draft.may_modify_attributes)
        draft.require_sense(is_valid_avatar(actions.modify_avatar.url, draft.avatar_prefix))
        new["avatar_url"] = actions.modify_avatar.url
    if actions.modify_timer is not None:
        new["disappearing_messages_timer"] = actions.modify_timer.value
    if new:
        draft.require(draft.may_modify_attributes)
        draft.group = replace(draft.group, **new)  # type: ignore[arg-type]


def _modify_access(draft: GroupDraft, actions: GroupActions) -> None:
    access = draft.access
    for name, wanted in (
        ("attributes", actions.modify_attributes_access),
        ("members", actions.modify_members_access),
        ("member_label", actions.modify_member_label_access),
    ):
        if wanted is not None:
            draft.require_sense(wanted.access in MEMBER_RULES)
            access = _with_rule(draft, access, name, wanted)
    link = actions.modify_invite_link_access
    if link is not None:
        access = _with_rule(draft, access, "add_from_invite_link", link)
        draft.require_sense(link.access in LINK_RULES)
    draft.group = replace(draft.group, access=access)


def _with_rule(draft: GroupDraft, access: GroupAccess, name: str, wanted: NewAccess) -> GroupAccess:
    draft.require(draft.is_administrator)
    return replace(access, **{name: wanted.access})


def _modify_settings(draft: GroupDraft, actions: GroupActions) -> None:
    new: dict[str, object] = {}
    if actions.modify_invite_link_password is not None:
        draft.require(draft.is_administrator)
        new["invite_link_password"] = actions.modify_invite_link_password.value
    if actions.modify_description is not None:
        draft.require(draft.may_modify_attributes)
        new["description"] = actions.modify_description.value
    if actions.modify_announcements_only is not None:
        draft.require(draft.is_administrator)
        new["announcements_only"] = actions.modify_announcements_only.announcements_only
    if actions.terminate_group is not None:
        draft.require(draft.is_administrator)
        new["terminated"] = True
    draft.group = replace(draft.group, **new)  # type: ignore[arg-type]
