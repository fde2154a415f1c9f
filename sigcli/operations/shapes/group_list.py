"""Groups as signal-cli lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from sigcli.lazy_dataclass import dataclass
from sigcli.operations.results import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sigcli.client.base.events import Directory, Person
    from sigcli.client.groups.listing import ListedGroup
    from sigcli.store.group_values import GroupDetails, Member
    from sigcli.wire.addresses import ServiceId

    Look = Callable[[ServiceId], Person]


class GroupPerson(TypedDict):
    """Somebody in or around a group."""

    number: str | None
    uuid: str


class GroupMember(GroupPerson):
    """A member."""

    isAdmin: bool
    labelEmoji: NotRequired[str]
    label: NotRequired[str]


class GroupShape(TypedDict):
    """A group; ``revision`` is null as long as only its key is known."""

    id: str
    name: str | None
    description: str | None
    isMember: bool
    isBlocked: bool
    messageExpirationTime: int
    members: list[GroupMember]
    pendingMembers: list[GroupPerson]
    requestingMembers: list[GroupPerson]
    admins: list[GroupPerson]
    banned: list[GroupPerson]
    permissionAddMember: str
    permissionEditDetails: str
    permissionSendMessage: str
    groupInviteLink: str | None
    revision: int | None
    isTerminated: bool


@dataclass(frozen=True, slots=True)
class Groups(Result):
    """The account's groups, and the people in and around them.

    ``detailed`` is for text, where less is shown without it.
    """

    groups: Sequence[ListedGroup]
    people: Mapping[ServiceId, Person]
    detailed: bool = False

    @classmethod
    def of(cls, groups: Sequence[ListedGroup], directory: Directory, detailed: bool) -> Groups:
        """With the people looked up."""
        ids = {id for listed in groups for id in _service_ids(listed.group.details)}
        return cls(groups, {id: directory.person(id) for id in ids}, detailed)

    def to_json(self) -> list[GroupShape]:
        return [group_shape(group, self.people.__getitem__) for group in self.groups]


def group_shape(listed: ListedGroup, person: Look) -> GroupShape:
    """The element of ``listGroups``; ``person`` tells who has a service id."""
    from sigcli.operations.shapes.scalars import base64_text
    from sigcli.store.group_values import GroupDetails
    from sigcli.wire.group_access import AccessRequired

    group = listed.group
    details = group.details or GroupDetails(revision=-1)
    return {
        "id": base64_text(group.group_id),
        "name": None if group.details is None else details.title,
        "description": None if group.details is None else details.description,
        "isMember": listed.is_member,
        "isBlocked": listed.is_blocked,
        "messageExpirationTime": details.timer_s,
        "members": [_member(member, person) for member in details.members],
        "pendingMembers": _people((one.service_id for one in details.invitations), person),
        "requestingMembers": _people((one.aci for one in details.requests), person),
        "admins": _people((one.aci for one in details.administrators), person),
        "banned": _people((one.service_id for one in details.bans), person),
        "permissionAddMember": _permission(details.access.members == AccessRequired.ADMINISTRATOR),
        "permissionEditDetails": _permission(
            details.access.attributes == AccessRequired.ADMINISTRATOR
        ),
        "permissionSendMessage": _permission(details.announcements_only),
        "groupInviteLink": listed.invite_link,
        "revision": None if group.details is None else details.revision,
        "isTerminated": details.terminated,
    }


def _service_ids(details: GroupDetails | None) -> Iterable[ServiceId]:
    if details is None:
        return
    for member in details.members:
        yield member.aci
    for request in details.requests:
        yield request.aci
    yield from (invitation.service_id for invitation in details.invitations)
    yield from (ban.service_id for ban in details.bans)


def _member(member: Member, person: Look) -> GroupMember:
    known = _person(member.aci, person)
    shape: GroupMember = {
        "number": known["number"],
        "uuid": known["uuid"],
        "isAdmin": member.is_administrator,
    }
    if member.label_emoji:
        shape["labelEmoji"] = member.label_emoji
    if member.label_text:
        shape["label"] = member.label_text
    return shape


def _people(service_ids: Iterable[ServiceId], person: Look) -> list[GroupPerson]:
    return [_person(service_id, person) for service_id in service_ids]


def _person(service_id: ServiceId, person: Look) -> GroupPerson:
    found = person(service_id)
    return {"number": found.number, "uuid": found.uuid or str(service_id)}


def _permission(only_admins: bool) -> str:
    return "ONLY_ADMINS" if only_admins else "EVERY_MEMBER"
