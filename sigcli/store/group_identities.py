"""The identity keys of a group's members, to be compared with the service's now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction


def is_identity_check_due(database: Database, group_row: int, before_ms: int) -> bool:
    """Whether the last comparison of a group's keys began before a time."""
    row = database.row("SELECT identities_checked_ms FROM signal_group WHERE id = ?", (group_row,))
    return row is not None and int(row[0]) < before_ms


def begin_identity_check(database: Transaction, group_row: int, now_ms: int) -> None:
    """Note that a group's keys are compared now."""
    database.write(
        "UPDATE signal_group SET identities_checked_ms = ? WHERE id = ?", (now_ms, group_row)
    )


def member_identity_keys(
    database: Database, group_row: int, before_ms: int
) -> dict[ServiceId, bytes]:
    """The members' keys (33 bytes) that became known before a time."""
    rows = database.rows(
        "SELECT identity.service_id, identity_key FROM group_person JOIN identity "
        "ON identity.service_id = group_person.service_id "
        "WHERE group_row = ? AND standing = 0 AND identity.added_ms < ?",
        (group_row, before_ms),
    )
    return {ServiceId.from_fixed_width(service_id): bytes(key) for service_id, key in rows}
