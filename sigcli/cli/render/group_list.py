"""Groups as signal-cli lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.cli.terminal import neutral_line
from sigcli.client.shapes.scalars import base64_text
from sigcli.store.group_values import GroupDetails
from sigcli.wire.group_access import AccessRequired

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.client.base.events import Directory
    from sigcli.client.groups.listing import ListedGroup
    from sigcli.store.group_values import Member
    from sigcli.wire.addresses import ServiceId


def group_json(listed: ListedGroup, directory: Directory) -> dict[str, Any]:
    """The element of ``listGroups`` in JSON; ``revision`` is null as long as only the group's key is known."""
    group = listed.group
    details = group.details or GroupDetails(revision=-1)
    return {
        "id": base64_text(group.group_id),
        "name": None if group.details is None else details.title,
        "description": None if group.details is None else details.description,
        "isMember": listed.is_member,
        "isBlocked": listed.is_blocked,
        "messageExpirationTime": details.timer_s,
        "members": [_member(member, directory) for member in details.members],
        "pendingMembers": _people((one.service_id for one in details.invitations), directory),
        "requestingMembers": _people((one.aci for one in details.requests), directory),
        "admins": _people((one.aci for one in details.administrators), directory),
        "banned": _people((one.service_id for one in details.bans), directory),
        "permissionAddMember": _permission(details.access.members == AccessRequired.ADMINISTRATOR),
        "permissionEditDetails": _permission(
            details.access.attributes == AccessRequired.ADMINISTRATOR
        ),
        "permissionSendMessage": _permission(details.announcements_only),
        "groupInviteLink": listed.invite_link,
        "revision": None if group.details is None else details.revision,
        "isTerminated": details.terminated,
    }


def group_line(listed: ListedGroup, directory: Directory, *, detailed: bool) -> str:
    """The line of ``listGroups`` in text."""
    group = listed.group
    details = group.details or GroupDetails(revision=-1)
    name = "<Unknown group>" if group.details is None else neutral_line(details.title)
    line = f"Id: {base64_text(group.group_id)} Name: {name}"
    if detailed:
        line += f" Description: {neutral_line(details.description)}"
    blanks = " " if detailed else "  "
    line += f"{blanks}Active: {_word(listed.is_member)} Blocked: {_word(listed.is_blocked)}"
    if not detailed:
        return line
    members = ", ".join(_named(member, directory) for member in details.members)
    invited = _identifiers((one.service_id for one in details.invitations), directory)
    asking = _identifiers((one.aci for one in details.requests), directory)
    administrators = _identifiers((one.aci for one in details.administrators), directory)
    banned = _identifiers((one.service_id for one in details.bans), directory)
    timer = f"{details.timer_s}s" if details.timer_s else "disabled"
    return (
        f"{line} Members: [{members}] Pending members: [{invited}] Requesting members: [{asking}]"
        f" Admins: [{administrators}] Banned: [{banned}] Message expiration: {timer}"
        f" Link: {listed.invite_link or '-'}"
    )


def _member(member: Member, directory: Directory) -> dict[str, Any]:
    shape = _person(member.aci, directory)
    shape["isAdmin"] = member.is_administrator
    if member.label_emoji:
        shape["labelEmoji"] = member.label_emoji
    if member.label_text:
        shape["label"] = member.label_text
    return shape


def _people(service_ids: Iterable[ServiceId], directory: Directory) -> list[dict[str, Any]]:
    return [_person(service_id, directory) for service_id in service_ids]


def _person(service_id: ServiceId, directory: Directory) -> dict[str, Any]:
    person = directory.person(service_id)
    return {"number": person.number, "uuid": person.uuid or str(service_id)}


def _named(member: Member, directory: Directory) -> str:
    text = _identifier(member.aci, directory)
    if member.is_administrator:
        text += "{ADMIN}"
    if member.label_text or member.label_emoji:
        text += f"({neutral_line(f'{member.label_emoji} {member.label_text}'.strip())})"
    return text


def _identifiers(service_ids: Iterable[ServiceId], directory: Directory) -> str:
    return ", ".join(_identifier(service_id, directory) for service_id in service_ids)


def _identifier(service_id: ServiceId, directory: Directory) -> str:
    return neutral_line(directory.person(service_id).identifier or str(service_id))


def _permission(only_admins: bool) -> str:
    return "ONLY_ADMINS" if only_admins else "EVERY_MEMBER"


def _word(value: bool) -> str:
    return str(value).lower()
