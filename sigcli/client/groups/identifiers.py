"""The identifier of a group, which follows from its master key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidKey

if TYPE_CHECKING:
    from sigcli.wire.content.message_parts import GroupContext


def group_identifier(group: GroupContext) -> bytes | None:
    """The 32 bytes that name the group; None for a master key that is none."""
    # Half a millisecond the first time, remembered for the last groups.
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        return GroupSecretParams.derive_from_master_key(group.master_key).group_id
    except InvalidKey:
        return None
