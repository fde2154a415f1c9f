"""Groups. Their ids contain slashes, so a path's last parameter takes the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.rest.base64_files import as_data_uri
from sigcli.daemon.rest_python import shapes
from sigcli.daemon.routes.call import as_number
from sigcli.daemon.routes.declaring import Family
from sigcli.daemon.routes.refusing import NothingThere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.daemon.routes.call import Call

routes = Family("Groups")
_GROUP = "/v1/groups/{number}/{groupid:path}"
_LINK = "https://signal.group/#"
_ONLY_ADMINS = "only-admins"


@routes.add("GET", "/v1/groups/{number}", answer=list[shapes.Group])
def groups(call: Call) -> list[dict[str, Any]]:
    """List the account's groups."""
    return [_group_object(one) for one in call.run("listGroups")]


@routes.add(
    "POST",
    "/v1/groups/{number}",
    body=shapes.CreateGroupBody,
    status=201,
    answer=shapes.GroupCreated,
)
def create(call: Call) -> dict[str, str]:
    """Create a group."""
    body = call.body
    permissions = body.get("permissions", {})
    params: dict[str, Any] = {
        "name": body["name"],
        "description": body.get("description"),
        "member": [as_number(one) for one in body["members"]],
        "admin": [as_number(one) for one in body.get("admins", [])],
        "link": body.get("group_link", "disabled"),
        "setPermissionAddMember": permissions.get("add_members", _ONLY_ADMINS),
        "setPermissionEditDetails": permissions.get("edit_group", _ONLY_ADMINS),
        "expiration": body.get("message_expiration_timer"),
    }
    if body.get("base64_avatar"):
        params["avatar"] = as_data_uri(body["base64_avatar"], "avatar")
    made = call.run("updateGroup", **params)
    return {"id": made["groupId"], "group_id": made["groupId"]}


@routes.add("POST", f"{_GROUP}/quit", status=204)
def leave(call: Call) -> None:
    """Leave a group."""
    call.run("quitGroup", groupId=call.path["groupid"])


@routes.add("POST", f"{_GROUP}/join", status=204)
def join(call: Call) -> None:
    """Join a group by its link, or by the part of it after the #."""
    word = call.path["groupid"]
    call.run("joinGroup", uri=_LINK + word.rpartition("#")[2])


@routes.add("GET", _GROUP, answer=shapes.Group, also={404: shapes.Error})
def group(call: Call) -> dict[str, Any]:
    """Get one group."""
    return _one(call)


@routes.add(
    "PATCH",
    _GROUP,
    body=shapes.UpdateGroupBody,
    is_body_required=False,
    answer=shapes.Group,
    also={404: shapes.Error},
)
def update(call: Call) -> dict[str, Any]:
    """Change a group's link, members and admins."""
    before = _one(call)
    link = call.body.get("group_link", "unchanged")
    call.run(
        "updateGroup",
        groupId=before["id"],
        member=[as_number(one) for one in call.body.get("add_members", [])],
        admin=[as_number(one) for one in call.body.get("add_admins", [])],
        link=None if link == "unchanged" else link,
    )
    return _one(call)


@routes.add("DELETE", _GROUP, status=204)
def delete(call: Call) -> None:
    """Leave a group and delete it here."""
    call.run("quitGroup", groupId=call.path["groupid"], delete=True)


def _one(call: Call) -> dict[str, Any]:
    for one in call.run("listGroups"):
        if one["id"] == call.path["groupid"]:
            return _group_object(one)
    raise NothingThere("there is no group with this id")


def _group_object(group: Mapping[str, Any]) -> dict[str, Any]:
    def people(name: str) -> list[str]:
        return [one["number"] or one["uuid"] for one in group[name]]

    def persons(name: str) -> list[dict[str, Any]]:
        return [{"number": one["number"], "uuid": one["uuid"]} for one in group[name]]

    return {
        "blocked": group["isBlocked"],
        "id": group["id"],
        "invite_link": group["groupInviteLink"],
        "members": people("members"),
        "name": group["name"] or "",
        "pending_invites": persons("pendingMembers"),
        "pending_requests": persons("requestingMembers"),
        "message_expiration_timer": group["messageExpirationTime"],
        "admins": people("admins"),
        "description": group["description"] or "",
    }
