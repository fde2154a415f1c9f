"""Groups: listing, creating, changing, joining, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import Field, flag, number, one, served, several, text
from sigcli.daemon.signald.shapes.groups import group_shape
from sigcli.daemon.signald.structures import (
    ACCESS_CHANGE,
    ADDRESS,
    GROUP,
    GROUP_INFO,
    GROUPS,
    JOIN_INFO,
    ROLE_CHANGE,
)
from sigcli.errors import SignaldRefusal

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call
    from sigcli.wire.key_types import GroupIdentifier

_ACCOUNT = text("account", required=True)
_LINK = {
    "ANY": "enabled",
    "ADMINISTRATOR": "enabled-with-approval",
    "UNSATISFIABLE": "disabled",
}
_PERMISSION = {"MEMBER": "every-member", "ADMINISTRATOR": "only-admins"}
_CHANGES = (
    "title",
    "description",
    "avatar",
    "updateTimer",
    "addMembers",
    "removeMembers",
    "updateRole",
    "updateAccessControl",
    "resetLink",
    "announcements",
)


@served("list_groups", [_ACCOUNT], answer=GROUPS)
def list_groups(call: Call) -> Any:
    """List the known groups."""
    return {"groups": known_groups(call), "legacyGroups": []}


@served("get_group", [_ACCOUNT, text("groupID", required=True), number("revision")], answer=GROUP)
def get_group(call: Call) -> Any:
    """Get a group's current state from the service."""
    return fresh_group(call, call["groupID"])


@served(
    "create_group",
    [
        _ACCOUNT,
        text("title", required=True),
        several("members", ADDRESS, required=True),
        text("avatar", doc="the path of a picture"),
        number("timer", doc="seconds"),
        text("member_role", doc="DEFAULT or ADMINISTRATOR"),
    ],
    answer=GROUP,
)
def create_group(call: Call) -> Any:
    """Create a group."""
    role = call.get("member_role", "DEFAULT")
    call.refuse_unless_known(role, ("DEFAULT", "ADMINISTRATOR"), "member_role")
    members = call.words("members")
    done = call.run(
        "updateGroup",
        name=call["title"],
        members=members,
        admins=members if role == "ADMINISTRATOR" else None,
        avatar=call.get("avatar"),
        expiration=call.get("timer"),
    )
    return stored_group(call, done.group_id)


@served(
    "update_group",
    [
        _ACCOUNT,
        text("groupID", required=True),
        text("title"),
        text("description"),
        text("avatar", doc="the path of a picture"),
        number("updateTimer", doc="seconds"),
        several("addMembers", ADDRESS),
        several("removeMembers", ADDRESS),
        one("updateRole", ROLE_CHANGE),
        one("updateAccessControl", ACCESS_CHANGE),
        flag("resetLink"),
        text("announcements", doc="ENABLED or DISABLED"),
    ],
    answer=GROUP_INFO,
    exactly_one=(_CHANGES,),
)
def update_group(call: Call) -> Any:
    """Change one thing about a group."""
    done = call.run(
        "updateGroup",
        group_id=call["groupID"],
        name=call.get("title"),
        description=call.get("description"),
        avatar=call.get("avatar"),
        expiration=call.get("updateTimer"),
        members=call.words("addMembers"),
        remove_members=call.words("removeMembers"),
        reset_link=call.get("resetLink"),
        **_role(call),
        **_access(call),
        **_announcements(call),
    )
    return {"v2": stored_group(call, done.group_id)}


@served("leave_group", [_ACCOUNT, text("groupID", required=True)], answer=GROUP_INFO)
def leave_group(call: Call) -> Any:
    """Leave a group, or decline an invitation to it."""
    done = call.run("quitGroup", group_id=call["groupID"])
    return {"v2": stored_group(call, done.group_id)}


@served("accept_invitation", [_ACCOUNT, text("groupID", required=True)], answer=GROUP)
def accept_invitation(call: Call) -> Any:
    """Accept an invitation; being a member already is fine."""
    done = call.run("updateGroup", group_id=call["groupID"])
    return stored_group(call, done.group_id)


@served("join_group", [_ACCOUNT, text("uri", required=True)], answer=JOIN_INFO)
def join_group(call: Call) -> Any:
    """Join a group by its link, or ask to."""
    joined = call.run("joinGroup", uri=call["uri"])
    return {**link_info(call), "pendingAdminApproval": joined.only_requested}


@served("group_link_info", [_ACCOUNT, text("uri", required=True)], answer=JOIN_INFO)
def group_link_info(call: Call) -> Any:
    """Show what a group's link leads to."""
    return link_info(call)


def _changes_members(
    type: str, parameter: str, doc: str, id_field: str = "groupID", people: str = "members"
) -> None:
    fields: list[Field] = [
        _ACCOUNT,
        text(id_field, required=True),
        several(people, ADDRESS, required=True),
    ]

    def change(call: Call) -> Any:
        done = call.run("updateGroup", group_id=call[id_field], **{parameter: call.words(people)})
        return stored_group(call, done.group_id)

    change.__doc__ = doc
    served(type, fields, answer=GROUP)(change)


_changes_members("approve_membership", "members", "Let in people who ask to join.")
_changes_members("ban_user", "ban", "Remove people and keep them out.", "group_id", "users")
_changes_members("unban_user", "unban", "Let banned people come back.", "group_id", "users")


@served(
    "refuse_membership",
    [
        _ACCOUNT,
        text("group_id", required=True),
        several("members", ADDRESS, required=True),
        flag("also_ban"),
    ],
    answer=GROUP,
)
def refuse_membership(call: Call) -> Any:
    """Refuse requests to join."""
    members = call.words("members")
    parameter = "ban" if call.get("also_ban") else "remove_members"
    done = call.run("updateGroup", group_id=call["group_id"], **{parameter: members})
    return stored_group(call, done.group_id)


# --- shared with v0 -------------------------------------------------------------------------------


def known_groups(call: Call) -> list[dict[str, Any]]:
    """All groups whose state is known, as stored here."""
    return _shapes(call, call.run("listGroups"))


def fresh_group(call: Call, group_id: str) -> dict[str, Any]:
    """One group, fetched from the service."""
    (shape,) = _shapes(call, call.run("listGroups", group_ids=[group_id]), only_known=False)
    return shape


def stored_group(call: Call, group_id: GroupIdentifier) -> dict[str, Any]:
    """One group as stored here; only its id if it was deleted."""
    from sigcli.operations.shapes.scalars import base64_text

    wanted = base64_text(group_id)
    groups = _shapes(call, call.run("listGroups"), only_known=False)
    return next((one for one in groups if one["id"] == wanted), {"id": wanted})


def link_info(call: Call) -> dict[str, Any]:
    """What the link in the field ``uri`` leads to."""
    from sigcli.client.account.groups.link_preview import preview_link
    from sigcli.operations.shapes.scalars import base64_text

    with call.opened() as account:
        preview = preview_link(account, call["uri"])
    return {
        "groupID": base64_text(preview.group_id),
        "title": preview.title,
        "description": preview.description,
        "memberCount": preview.member_count,
        "addFromInviteLink": int(preview.access),
        "revision": preview.revision,
        "pendingAdminApproval": preview.is_pending,
    }


# --- within ---------------------------------------------------------------------------------------


def _shapes(call: Call, groups: Any, *, only_known: bool = True) -> list[dict[str, Any]]:
    with call.opened() as account:
        files = account.files
        return [
            group_shape(one, groups.people, files.group_avatar(one.group.group_id))
            for one in groups.groups
            if one.group.details is not None or not only_known
        ]


def _role(call: Call) -> dict[str, Any]:
    change = call.get("updateRole")
    if change is None:
        return {}
    role = change["role"]
    call.refuse_unless_known(role, ("DEFAULT", "ADMINISTRATOR"), "updateRole.role")
    parameter = "admins" if role == "ADMINISTRATOR" else "remove_admins"
    return {parameter: [change["uuid"]]}


def _access(call: Call) -> dict[str, Any]:
    change: dict[str, str] | None = call.get("updateAccessControl")
    if change is None:
        return {}
    if len(change) != 1:
        raise SignaldRefusal(
            "InvalidRequestError", "updateAccessControl changes one of link, attributes, members"
        )
    ((what, value),) = change.items()
    words = _LINK if what == "link" else _PERMISSION
    call.refuse_unless_known(value, tuple(words), f"updateAccessControl.{what}")
    parameters = {"link": "link", "attributes": "edit_details", "members": "add_member"}
    return {parameters[what]: words[value]}


def _announcements(call: Call) -> dict[str, Any]:
    word = call.get("announcements")
    if word is None:
        return {}
    call.refuse_unless_known(word, ("ENABLED", "DISABLED"), "announcements")
    return {"send_messages": "only-admins" if word == "ENABLED" else "every-member"}
