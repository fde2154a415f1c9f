"""Whether the user takes part in a group: what its members send is treated as that of people they know then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidKey
from sigcli.store.groups import is_accepted_group
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from sigcli.store.database import Database
    from sigcli.wire.content import Content
    from sigcli.wire.content.message_parts import GroupContext


def takes_part(database: Database, group: GroupContext) -> bool:
    """Whether the group of a message is one that the user has made, joined, written to or accepted elsewhere."""
    try:
        params = GroupSecretParams.derive_from_master_key(group.master_key)
    except InvalidKey:
        return False
    return is_accepted_group(database, params.get_group_identifier())


def group_of(content: Content) -> GroupContext | None:
    """The group that a message, or a new version of one, is for."""
    data = content.data_message
    if content.edit_message is not None:
        data = content.edit_message.data_message
    return None if data is None else data.group
