"""What senders claimed of groups and the service did not confirm: for a while it is not asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import HOUR_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.key_types import GroupIdentifier

CLAIM_MEMORY_MS = HOUR_MS
"""How long a false claim is remembered."""


def note_false_claim(
    database: Transaction, group_id: GroupIdentifier, sender: ServiceId, now_ms: int
) -> None:
    """Remember that the service knows nothing of what somebody claimed of a group."""
    database.write(
        "INSERT INTO false_group_claim (group_id, claimed_by, asked_ms) VALUES (?, ?, ?) "
        "ON CONFLICT (group_id, claimed_by) DO UPDATE SET asked_ms = excluded.asked_ms",
        (group_id, sender.to_fixed_width(), now_ms),
    )


def is_false_claim(
    database: Database, group_id: GroupIdentifier, sender: ServiceId, now_ms: int
) -> bool:
    """Whether somebody's claim of this group was found false a short while ago."""
    row = database.row(
        "SELECT 1 FROM false_group_claim WHERE group_id = ? AND claimed_by = ? AND asked_ms > ?",
        (group_id, sender.to_fixed_width(), now_ms - CLAIM_MEMORY_MS),
    )
    return row is not None


def count_false_claims(database: Database, sender: ServiceId, now_ms: int) -> int:
    """Of how many groups somebody's claims were found false a short while ago."""
    row = database.row(
        "SELECT count(*) FROM false_group_claim WHERE claimed_by = ? AND asked_ms > ?",
        (sender.to_fixed_width(), now_ms - CLAIM_MEMORY_MS),
    )
    return 0 if row is None else int(row[0])


def prune_false_claims(database: Transaction, now_ms: int) -> None:
    """Forget what is remembered for too long."""
    database.write("DELETE FROM false_group_claim WHERE asked_ms <= ?", (now_ms - CLAIM_MEMORY_MS,))
