"""What a report of spam needs of a received message: the server's name for it and the envelope's token."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.store.database import Database, Transaction

RETENTION_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class ReportableMessage:
    """One message: its sender, their timestamp, the server's GUID, and the token if the envelope had one."""

    source: ServiceId
    timestamp_ms: int
    server_guid: str
    token: bytes | None = field(repr=False)


def remember_reportable(database: Transaction, message: ReportableMessage, now_ms: int) -> None:
    """Keep what a report needs."""
    database.write(
        "INSERT OR IGNORE INTO reportable_message "
        "(source, timestamp_ms, server_guid, token, stored_ms) VALUES (?, ?, ?, ?, ?)",
        (
            message.source.to_fixed_width(),
            message.timestamp_ms,
            message.server_guid,
            message.token,
            now_ms,
        ),
    )


def reportable_messages(
    database: Database, source: ServiceId, limit: int, timestamp_ms: int | None = None
) -> list[ReportableMessage]:
    """The newest messages of somebody that can be reported, or those with this timestamp, newest first."""
    condition = "" if timestamp_ms is None else "AND timestamp_ms = ? "
    rows = database.rows(
        "SELECT timestamp_ms, server_guid, token FROM reportable_message "  # noqa: S608
        f"WHERE source = ? {condition}ORDER BY timestamp_ms DESC LIMIT ?",
        (
            source.to_fixed_width(),
            *(() if timestamp_ms is None else (timestamp_ms,)),
            limit,
        ),
    )
    return [ReportableMessage(source, *row) for row in rows]


def reportable_senders_at(database: Database, timestamp_ms: int) -> list[ServiceId]:
    """Who sent the messages of the last month with this timestamp."""
    rows = database.rows(
        "SELECT DISTINCT source FROM reportable_message WHERE timestamp_ms = ?", (timestamp_ms,)
    )
    return [ServiceId.from_fixed_width(source) for (source,) in rows]


def prune_reportable(database: Transaction, now_ms: int) -> None:
    """Forget what is older than a month."""
    database.write("DELETE FROM reportable_message WHERE stored_ms <= ?", (now_ms - RETENTION_MS,))
