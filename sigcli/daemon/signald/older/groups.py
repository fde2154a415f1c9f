"""v0 requests about groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.declaring import V0, served, several, text
from sigcli.daemon.signald.older.answers import answer, done
from sigcli.daemon.signald.older.fields import ACCOUNT, GROUP, GROUP_REQUIRED
from sigcli.daemon.signald.requests import groups
from sigcli.daemon.signald.shapes.groups import older_group_shape
from sigcli.daemon.signald.structures import ADDRESS

if TYPE_CHECKING:
    from sigcli.daemon.signald.call import Call


@served("list_groups", [ACCOUNT], version=V0)
def list_groups(call: Call) -> Any:
    """List the known groups."""
    shapes = [older_group_shape(one) for one in groups.known_groups(call)]
    return answer("group_list", {"groups": shapes})


@served(
    "update_group",
    [
        ACCOUNT,
        GROUP,
        text("groupName"),
        several("members", ADDRESS),
        text("avatar", doc="a picture's path"),
        text("groupAvatar"),
    ],
    version=V0,
)
def update_group(call: Call) -> Any:
    """Change a group, or create one if no id is given."""
    group_id = call.get("recipientGroupId")
    call.run(
        "updateGroup",
        group_id=group_id,
        name=call.get("groupName"),
        members=call.words("members"),
        avatar=call.get("avatar") or call.get("groupAvatar"),
    )
    if group_id is None:
        return done("group_created", 5, "Created group")
    return done("group_updated", 6, "Updated group")


@served("leave_group", [ACCOUNT, GROUP_REQUIRED], version=V0)
def leave_group(call: Call) -> Any:
    """Leave a group."""
    call.run("quitGroup", group_id=call["recipientGroupId"])
    return done("left_group", 7, "Successfully left group")


@served("group_link_info", [ACCOUNT, text("uri", required=True)], version=V0)
def group_link_info(call: Call) -> Any:
    """Show what a group's link leads to."""
    return answer("group_join_info", groups.link_info(call))
