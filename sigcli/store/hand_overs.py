"""Commands that a daemon does for a caller, so that a caller whose daemon has died knows whether it may do them itself.

The side that writes the id first decides: the daemon, in the transaction after which something may have left the
machine, or the caller, which then does the command itself; the daemon's part of it ends there if it still lives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.errors import HandOverLost
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.store.database import Database, Transaction

RETENTION_MS = DAY_MS
"""How long an id is known: a caller may be suspended for a while."""
_MESSAGE = b""
"""The part that stands for the message itself: its result is its timestamp."""


@dataclass(frozen=True, slots=True)
class BegunHandOver:
    """What a daemon has begun; ``timestamp_ms`` is that of its message, None if it sends none or had not come to it."""

    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class ResumedHandOver:
    """A message that a caller goes on with; ``parts``: what became of each that has begun, None if nobody knows."""

    timestamp_ms: int
    parts: Mapping[bytes, str | None]


def note_begun(database: Transaction, timestamp_ms: int | None, now_ms: int) -> None:
    """Note that the command of this connection, if it is done for a caller, takes effect from here on.

    Raises HandOverLost if the caller does it by now.
    """
    id = database.hand_over_id
    if id is None:
        return
    row = database.row("SELECT is_lost, timestamp_ms FROM hand_over WHERE id = ?", (id,))
    if row is None:
        prune_hand_overs(database, now_ms)
        database.write(
            "INSERT INTO hand_over (id, timestamp_ms, is_lost, noted_ms) VALUES (?, ?, 0, ?)",
            (id, timestamp_ms, now_ms),
        )
    elif row[0]:
        raise HandOverLost
    elif row[1] is None and timestamp_ms is not None:
        database.write("UPDATE hand_over SET timestamp_ms = ? WHERE id = ?", (timestamp_ms, id))


def prune_hand_overs(database: Transaction, now_ms: int) -> None:
    """Forget those that no caller asks for any more, and their parts."""
    database.write("DELETE FROM hand_over WHERE noted_ms <= ?", (now_ms - RETENTION_MS,))


def begin_message(database: Transaction, timestamp_ms: int) -> None:
    """Note the timestamp of the message that is sent for a caller."""
    if database.hand_over_id is not None:
        # After a second one nobody could tell whose parts are whose.
        database.write(
            "INSERT INTO hand_over_part (hand_over, part, result) VALUES (?, ?, ?) "
            "ON CONFLICT (hand_over, part) DO UPDATE SET result = NULL",
            (database.hand_over_id, _MESSAGE, str(timestamp_ms)),
        )


def begin_parts(database: Transaction, parts: Sequence[bytes]) -> None:
    """Note that parts of a message that is sent for a caller may leave the machine from here on.

    Raises HandOverLost if the caller goes on with it by now.
    """
    id = database.hand_over_id
    if id is None:
        return
    row = database.row("SELECT is_lost FROM hand_over WHERE id = ?", (id,))
    if row is None:
        return
    if row[0]:
        raise HandOverLost
    database.write_many(
        "INSERT INTO hand_over_part (hand_over, part, result) VALUES (?, ?, NULL) "
        "ON CONFLICT (hand_over, part) DO UPDATE SET result = NULL",
        [(id, part) for part in parts],
    )


def end_parts(database: Database, results: Mapping[bytes, str | None]) -> None:
    """Note what became of parts (None: it has not arrived), also of a command that is broken off.

    Opens a transaction.
    """
    id = database.hand_over_id
    if id is None or not results:
        return
    before, database.before_transaction = database.before_transaction, None
    try:
        with database.transaction(is_lasting=False) as transaction:
            transaction.write_many(
                "DELETE FROM hand_over_part WHERE hand_over = ? AND part = ?",
                [(id, part) for part, result in results.items() if result is None],
            )
            transaction.write_many(
                "UPDATE hand_over_part SET result = ? WHERE hand_over = ? AND part = ?",
                [(result, id, part) for part, result in results.items() if result is not None],
            )
    finally:
        database.before_transaction = before


def resume(database: Transaction, id: bytes) -> ResumedHandOver | None:
    """Have the caller go on with a message that the daemon has begun; None if it sent none, or more than one.

    The daemon, if it still lives, begins no further part of it.
    """
    rows = database.rows("SELECT part, result FROM hand_over_part WHERE hand_over = ?", (id,))
    parts: dict[bytes, str | None] = dict(rows)
    timestamp = parts.pop(_MESSAGE, None)
    if timestamp is None:
        return None
    database.write("UPDATE hand_over SET is_lost = 1 WHERE id = ?", (id,))
    return ResumedHandOver(int(timestamp), parts)


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
