"""Proofs that the service has asked for (status 428): kept until one is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.durations import WEEK_MS
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

RETENTION_MS = WEEK_MS


@dataclass(frozen=True, slots=True)
class Challenge:
    """A token, the ways in which it may be answered, and when sending works again without."""

    token: str
    options: tuple[str, ...]
    received_ms: int
    retry_after_ms: int | None


def remember_challenge(database: Transaction, challenge: Challenge) -> None:
    """Keep a challenge."""
    database.write(
        "INSERT OR REPLACE INTO challenge (token, options, received_ms, retry_after_ms) "
        "VALUES (?, ?, ?, ?)",
        (
            challenge.token,
            ",".join(challenge.options),
            challenge.received_ms,
            challenge.retry_after_ms,
        ),
    )


def open_challenges(database: Database, now_ms: int) -> list[Challenge]:
    """The challenges of the last week, newest first."""
    rows = database.rows(
        "SELECT token, options, received_ms, retry_after_ms FROM challenge "
        "WHERE received_ms > ? ORDER BY received_ms DESC, token",
        (now_ms - RETENTION_MS,),
    )
    return [
        Challenge(token, tuple(filter(None, options.split(","))), received_ms, retry_after_ms)
        for token, options, received_ms, retry_after_ms in rows
    ]


def forget_challenge(database: Transaction, token: str) -> None:
    """Remove an answered challenge."""
    database.write("DELETE FROM challenge WHERE token = ?", (token,))


def prune_challenges(database: Transaction, now_ms: int) -> None:
    """Remove what is older than a week."""
    database.write("DELETE FROM challenge WHERE received_ms <= ?", (now_ms - RETENTION_MS,))
