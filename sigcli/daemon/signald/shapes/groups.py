"""Groups with their members."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.shapes.people import address_of
from sigcli.operations.shapes.scalars import base64_text
from sigcli.store.group_values import GroupDetails
from sigcli.wire.group_access import AccessRequired, MemberRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.base.events import Person
    from sigcli.client.groups.listing import ListedGroup
    from sigcli.wire.addresses import ServiceId


def group_shape(
    listed: ListedGroup, people: Mapping[ServiceId, Person], avatar: str | None = None
) -> dict[str, Any]:
    """``JsonGroupV2Info``; clients build objects from accessControl, memberDetail and members: no further keys."""
    group = listed.group
    details = group.details or GroupDetails(revision=0)
    access = details.access

    def address(service_id: ServiceId) -> dict[str, Any]:
        person = people.get(service_id)
        return {"uuid": str(service_id)} if person is None else address_of(person)

    return {
        "id": base64_text(group.group_id),
        "revision": details.revision,
        "title": details.title,
        "description": details.description,
        "avatar": avatar,
        "timer": details.timer_s,
        "members": [address(one.aci) for one in details.members],
        "pendingMembers": [address(one.service_id) for one in details.invitations],
        "requestingMembers": [address(one.aci) for one in details.requests],
        "banned_members": [
            {"uuid": str(one.service_id), "timestamp": one.since_ms} for one in details.bans
        ],
        "inviteLink": listed.invite_link,
        "accessControl": {
            "link": _name(AccessRequired, access.invite_link),
            "attributes": _name(AccessRequired, access.attributes),
            "members": _name(AccessRequired, access.members),
        },
        "memberDetail": [
            {
                "uuid": str(one.aci),
                "role": _name(MemberRole, one.role),
                "joined_revision": one.joined_at_revision,
            }
            for one in details.members
        ],
        "pendingMemberDetail": [
            {"uuid": str(one.service_id), "role": _name(MemberRole, one.role), "joined_revision": 0}
            for one in details.invitations
        ],
        "announcements": "ENABLED" if details.announcements_only else "DISABLED",
        "removed": not listed.is_member,
    }


def older_group_shape(shape: dict[str, Any]) -> dict[str, Any]:
    """An element of v0's ``group_list``, made from a v1 group."""
    return {
        "groupId": shape["id"],
        "name": shape["title"],
        "type": "UPDATE",
        "active": not shape["removed"],
        **shape,
    }


def _name(kind: type[enum.IntEnum], value: int) -> str:
    try:
        return kind(value).name
    except ValueError:
        return "UNKNOWN"
