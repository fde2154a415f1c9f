"""Groups."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from sigcli.daemon.rest import shapes
from sigcli.daemon.rest.base64_files import as_data_uri, sniffed
from sigcli.daemon.rest.group_ids import external_id, internal_id
from sigcli.daemon.rest.recipients import person
from sigcli.daemon.routes.declaring import PICTURE, Blob, Family, Query
from sigcli.daemon.routes.refusing import NothingThere
from sigcli.errors import NoSuchFile, UnknownGroup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.daemon.routes.call import Call

routes = Family("Groups")
_EXPAND = (Query("expand", bool, default=False, help="people as objects"),)
_GROUP = "/v1/groups/{number}/{groupid}"
_ALSO = {404: shapes.Error}


class CreateBody(TypedDict):
    """A new group; times in seconds."""

    name: str
    members: NotRequired[list[str]]
    description: NotRequired[str]
    expiration_time: NotRequired[int]
    group_link: NotRequired[shapes.LinkState]
    permissions: NotRequired[shapes.GivenPermissions]


class ChangeBody(TypedDict):
    """What to change; what is absent stays as it is."""

    name: NotRequired[str]
    description: NotRequired[str]
    base64_avatar: NotRequired[str]
    expiration_time: NotRequired[int]
    group_link: NotRequired[shapes.LinkState]
    permissions: NotRequired[shapes.GivenPermissions]


class MembersBody(TypedDict):
    """People, as members."""

    members: list[str]


class AdminsBody(TypedDict):
    """Members, as admins."""

    admins: list[str]


class PinBody(TypedDict):
    """A message to pin; ``duration`` in seconds, -1 for ever."""

    target_author: str
    timestamp: int
    duration: NotRequired[int]


class UnpinBody(TypedDict):
    """A message to unpin."""

    target_author: str
    timestamp: int


class IdAnswer(TypedDict):
    """The id of a group."""

    id: str


@routes.add("GET", "/v1/groups/{number}", query=_EXPAND, answer=list[shapes.Group])
def groups(call: Call) -> list[dict[str, Any]]:
    """List the account's groups."""
    return [group_object(one, expand=call.query["expand"]) for one in call.run("listGroups")]


@routes.add("POST", "/v1/groups/{number}", body=CreateBody, status=201, answer=IdAnswer)
def create(call: Call) -> dict[str, str]:
    """Create a group."""
    members = [person(one) for one in call.body.get("members", [])]
    made = call.run("updateGroup", member=members, **_changes(call.body))
    return {"id": external_id(made["groupId"])}


@routes.add("POST", f"{_GROUP}/block", status=204, also=_ALSO)
def block(call: Call) -> None:
    """Block a group."""
    with _known():
        call.run("block", groupId=_id(call))


@routes.add("POST", f"{_GROUP}/join", status=204, also=_ALSO)
def join(call: Call) -> None:
    """Accept the invitation to a group."""
    with _known():
        call.run("updateGroup", groupId=_id(call))


@routes.add("POST", f"{_GROUP}/quit", status=204, also=_ALSO)
def leave(call: Call) -> None:
    """Leave a group."""
    with _known():
        call.run("quitGroup", groupId=_id(call))


@routes.add("POST", f"{_GROUP}/members", body=MembersBody, status=204, also=_ALSO)
def add_members(call: Call) -> None:
    """Add people to a group."""
    _change_people(call, "member", call.body["members"])


@routes.add("DELETE", f"{_GROUP}/members", body=MembersBody, status=204, also=_ALSO)
def remove_members(call: Call) -> None:
    """Remove people from a group."""
    _change_people(call, "removeMember", call.body["members"])


@routes.add("POST", f"{_GROUP}/admins", body=AdminsBody, status=204, also=_ALSO)
def add_admins(call: Call) -> None:
    """Make members admins."""
    _change_people(call, "admin", call.body["admins"])


@routes.add("DELETE", f"{_GROUP}/admins", body=AdminsBody, status=204, also=_ALSO)
def remove_admins(call: Call) -> None:
    """Make admins ordinary members."""
    _change_people(call, "removeAdmin", call.body["admins"])


@routes.add("POST", f"{_GROUP}/pin-message", body=PinBody, status=201, also=_ALSO)
def pin_message(call: Call) -> None:
    """Pin a message in a group."""
    with _known():
        call.run(
            "sendPinMessage",
            groupId=_id(call),
            targetAuthor=person(call.body["target_author"]),
            targetTimestamp=call.body["timestamp"],
            pinDuration=call.body.get("duration", -1),
        )


@routes.add("DELETE", f"{_GROUP}/pin-message", body=UnpinBody, status=201, also=_ALSO)
def unpin_message(call: Call) -> None:
    """Unpin a message in a group."""
    with _known():
        call.run(
            "sendUnpinMessage",
            groupId=_id(call),
            targetAuthor=person(call.body["target_author"]),
            targetTimestamp=call.body["timestamp"],
        )


@routes.add("GET", f"{_GROUP}/avatar", answer=PICTURE, also=_ALSO)
def avatar(call: Call) -> Blob:
    """Get a group's picture."""
    try:
        with _known():
            picture = call.result_of("getAvatar", groupId=_id(call))
    except NoSuchFile as error:
        raise NothingThere(error.message) from None
    data: bytes = picture.data  # type: ignore[attr-defined]
    return Blob(data, sniffed(data))


@routes.add("GET", _GROUP, query=_EXPAND, answer=shapes.Group, also=_ALSO)
def group(call: Call) -> dict[str, Any]:
    """Get one group."""
    wanted = _id(call)
    for one in call.run("listGroups"):
        if one["id"] == wanted:
            return group_object(one, expand=call.query["expand"])
    raise NothingThere("No group with that id found")


@routes.add("PUT", _GROUP, body=ChangeBody, is_body_required=False, status=204, also=_ALSO)
def change(call: Call) -> None:
    """Change a group."""
    with _known():
        call.run("updateGroup", groupId=_id(call), **_changes(call.body))


@routes.add("DELETE", _GROUP, also=_ALSO)
def delete(call: Call) -> None:
    """Leave a group."""
    leave(call)


def group_object(group: Mapping[str, Any], *, expand: bool) -> dict[str, Any]:
    """A group of ``listGroups`` in the format of this interface."""

    def people(name: str) -> list[Any]:
        if expand:
            return [
                {"number": shapes.text(one["number"]), "uuid": one["uuid"]} for one in group[name]
            ]
        return [one["number"] or one["uuid"] for one in group[name]]

    return {
        "id": external_id(group["id"]),
        "internal_id": group["id"],
        "name": shapes.text(group["name"]),
        "description": shapes.text(group["description"]),
        "member": group["isMember"],
        "blocked": group["isBlocked"],
        "members": people("members"),
        "admins": people("admins"),
        "pending_invites": people("pendingMembers"),
        "pending_requests": people("requestingMembers"),
        "invite_link": shapes.text(group["groupInviteLink"]),
        "permissions": {
            "add_members": _permission(group["permissionAddMember"]),
            "edit_group": _permission(group["permissionEditDetails"]),
            "send_messages": _permission(group["permissionSendMessage"]),
        },
    }


def _permission(word: str) -> str:
    return word.lower().replace("_", "-")


def _id(call: Call) -> str:
    return internal_id(call.path["groupid"])


@contextmanager
def _known() -> Iterator[None]:
    """A group that is not known is not found."""
    try:
        yield
    except UnknownGroup as error:
        raise NothingThere(error.message) from None


def _change_people(call: Call, parameter: str, words: list[str]) -> None:
    with _known():
        named: dict[str, Any] = {parameter: [person(one) for one in words]}
        call.run("updateGroup", groupId=_id(call), **named)


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    permissions = body.get("permissions", {})
    avatar = body.get("base64_avatar")
    changes = {
        "name": body.get("name"),
        "description": body.get("description"),
        "avatar": None if avatar is None else (avatar and as_data_uri(avatar, "avatar")),
        "expiration": body.get("expiration_time"),
        "link": body.get("group_link"),
        "setPermissionAddMember": permissions.get("add_members"),
        "setPermissionEditDetails": permissions.get("edit_group"),
        "setPermissionSendMessages": permissions.get("send_messages"),
    }
    return {name: value for name, value in changes.items() if value is not None}
