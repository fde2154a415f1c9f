"""The identifier of a group, which follows from its master key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidKey

if TYPE_CHECKING:
    from sigcli.wire.content.message_parts import GroupContext
    from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey


def group_identifier(group: GroupContext) -> GroupIdentifier | None:
    """The 32 bytes that name the group of a message; None where its master key is damaged."""
    return identifier_of(group.master_key)


def identifier_of(master_key: GroupMasterKey) -> GroupIdentifier | None:
    """The 32 bytes that name the group with a master key; None where that is damaged."""
    # Half a millisecond the first time, remembered for the last groups.
    from sigcli.zkgroup.groups import GroupSecretParams

    try:
        return GroupSecretParams.derive_from_master_key(master_key).group_id
    except InvalidKey:
        return None
