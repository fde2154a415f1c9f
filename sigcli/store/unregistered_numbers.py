"""Numbers that nobody had when the directory was asked: kept for a while only, since anybody may register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Transaction

BELIEVED_MS = HOUR_MS


def note_unregistered(database: Transaction, numbers: Iterable[str], now_ms: int) -> None:
    """Remember that nobody has these numbers."""
    database.write_many(
        "INSERT OR REPLACE INTO unregistered_number (number, asked_ms) VALUES (?, ?)",
        ((number, now_ms) for number in numbers),
    )


def note_registered(database: Transaction, numbers: Iterable[str]) -> None:
    """Remember that somebody has these numbers."""
    database.write_many(
        "DELETE FROM unregistered_number WHERE number = ?", ((number,) for number in numbers)
    )


def is_believed_unregistered(database: Database, number: str, now_ms: int) -> bool:
    """Whether the directory said within the last hour that nobody has this number."""
    row = database.row("SELECT asked_ms FROM unregistered_number WHERE number = ?", (number,))
    return row is not None and 0 <= now_ms - int(row[0]) < BELIEVED_MS


def prune_unregistered(database: Transaction, now_ms: int) -> None:
    """Forget what is no longer believed."""
    database.write("DELETE FROM unregistered_number WHERE asked_ms <= ?", (now_ms - BELIEVED_MS,))
