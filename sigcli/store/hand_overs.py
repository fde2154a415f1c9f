"""Commands that a daemon does for a caller, so that a caller whose daemon has died knows whether it may do them itself.

Whoever writes the id first decides: the daemon, in the transaction from which on something may have left the machine,
or the caller, who then does the command itself; the daemon's part of it ends there if it still lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.errors import HandOverLost
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.database import Transaction

RETENTION_MS = DAY_MS
"""How long an id is known: a caller may be suspended for a while."""


@dataclass(frozen=True, slots=True)
class BegunHandOver:
    """What a daemon has begun; ``timestamp_ms`` is that of its message, None if it sends none or had not come to it."""

    timestamp_ms: int | None


def note_begun(database: Transaction, timestamp_ms: int | None, now_ms: int) -> None:
    """Note that the command of this connection, if it is done for a caller, takes effect from here on.

    Raises HandOverLost if the caller does it by now.
    """
    id = database.hand_over_id
    if id is None:
        return
    row = database.row("SELECT is_lost, timestamp_ms FROM hand_over WHERE id = ?", (id,))
    if row is None:
        database.write("DELETE FROM hand_over WHERE noted_ms <= ?", (now_ms - RETENTION_MS,))
        database.write(
            "INSERT INTO hand_over (id, timestamp_ms, is_lost, noted_ms) VALUES (?, ?, 0, ?)",
            (id, timestamp_ms, now_ms),
        )
    elif row[0]:
        raise HandOverLost
    elif row[1] is None and timestamp_ms is not None:
        database.write("UPDATE hand_over SET timestamp_ms = ? WHERE id = ?", (timestamp_ms, id))


def take_back(database: Transaction, id: bytes, now_ms: int) -> BegunHandOver | None:
    """Have the caller do a command itself; what the daemon has begun if it was earlier, else None."""
    row = database.row("SELECT is_lost, timestamp_ms FROM hand_over WHERE id = ?", (id,))
    if row is not None:
        return None if row[0] else BegunHandOver(row[1])
    database.write(
        "INSERT INTO hand_over (id, timestamp_ms, is_lost, noted_ms) VALUES (?, NULL, 1, ?)",
        (id, now_ms),
    )
    return None
