"""The name of a message across the network: a millisecond that this account uses only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigcli.store.database import Transaction

_LAST = "last_message_timestamp_ms"


def next_message_timestamp(database: Transaction, now_ms: int) -> int:
    """A timestamp that no process of this account has used: ``max(now, last + 1)``.

    Raises HandOverLost if this is done for a caller that does it itself by now.
    """
    found = database.row("SELECT value FROM key_value WHERE key = ?", (_LAST,))
    timestamp_ms = now_ms if found is None else max(now_ms, int(found[0]) + 1)
    note_message_timestamp(database, timestamp_ms)
    if database.hand_over_id is not None:
        from sigcli.store.hand_overs import note_begun

        note_begun(database, timestamp_ms, now_ms)
    return timestamp_ms


def note_message_timestamp(database: Transaction, timestamp_ms: int) -> None:
    """Remember a timestamp that was chosen elsewhere (``--timestamp``)."""
    database.write(
        "INSERT INTO key_value (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
        (_LAST, timestamp_ms),
    )
