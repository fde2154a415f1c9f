"""The groups that are blocked: known by the other devices, kept as one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.settings import Setting, read_setting, write_setting
from sigcli.wire.key_types import GroupIdentifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Transaction

_BLOCKED = Setting("blocked_groups", bytes)
"""Group ids, 32 bytes each."""
_ID_LENGTH = 32


def blocked_groups(database: Database) -> frozenset[GroupIdentifier]:
    """The ids of the blocked groups."""
    joined = read_setting(database, _BLOCKED) or b""
    return frozenset(
        GroupIdentifier(joined[at : at + _ID_LENGTH]) for at in range(0, len(joined), _ID_LENGTH)
    )


def replace_blocked_groups(database: Transaction, group_ids: Iterable[GroupIdentifier]) -> None:
    """Make exactly these the blocked ones; ids of old groups (16 bytes) are left out."""
    kept = sorted({id for id in group_ids if len(id) == _ID_LENGTH})
    write_setting(database, _BLOCKED, b"".join(kept) or None)


def set_group_blocked(database: Transaction, group_id: GroupIdentifier, blocked: bool) -> None:
    """Block or unblock one group."""
    present = blocked_groups(database)
    replace_blocked_groups(database, present | {group_id} if blocked else present - {group_id})
