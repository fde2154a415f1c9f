"""Groups: named by the identifier that follows from their master key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.client.shapes.scalars import base64_text
from sigcli.errors import InvalidKey

if TYPE_CHECKING:
    from sigcli.client.events import Directory
    from sigcli.wire.content.message_parts import GroupContext


def group_identifier(group: GroupContext) -> bytes | None:
    """The 32 bytes that name the group; None for a master key that is none."""
    # Half a millisecond the first time, remembered for the last groups.
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        return GroupSecretParams.derive_from_master_key(group.master_key).group_id
    except InvalidKey:
        return None


def group_info_json(group: GroupContext, directory: Directory) -> dict[str, Any]:
    """``groupInfo``; the name is null for a group that is not known here."""
    identifier = group_identifier(group)
    return {
        "groupId": base64_text(identifier),
        "groupName": None if identifier is None else directory.group_name(identifier),
        "revision": group.revision,
        "type": "UPDATE" if group.group_change else "DELIVER",
    }
