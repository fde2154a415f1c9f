"""Rows of the inbox as they lie in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.inbox_values import (
    EnvelopeMetadata,
    InboxFailure,
    InboxMessage,
    InboxRow,
    Withdrawal,
)
from sigcli.wire.addresses import ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database, Row, Transaction

PAGE_SIZE = 32
COLUMNS = (
    "server_guid, envelope_type, timestamp_ms, server_received_ms, server_delivered_ms, source, "
    "source_device, destination, sealed, urgent, story, content, failure_code, failure_message, "
    "envelope, stored_ms, delivered_ms, sent_ms, edits_ms, expires_ms, withdrawn, held_key, printed_ahead"
)
_INSERT = (
    "INSERT INTO inbox (server_guid, envelope_type, timestamp_ms, server_received_ms, "
    "server_delivered_ms, source, source_device, destination, sealed, urgent, story, content, "
    "failure_code, failure_message, envelope, held_until_ms, stored_ms, sent_ms, edits_ms, "
    "expires_ms, held_key, awaits_group) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def insert(
    database: Transaction,
    metadata: EnvelopeMetadata,
    content: bytes | None,
    failure: InboxFailure | None,
    envelope: bytes | None,
    held_until_ms: int | None,
    now_ms: int,
    message: InboxMessage | None = None,
    *,
    held_key: bytes | None = None,
    awaits_group: bytes | None = None,
) -> int:
    """Store a row; gives its id."""
    return database.insert(
        _INSERT,
        (
            metadata.server_guid,
            metadata.envelope_type,
            metadata.timestamp_ms,
            metadata.server_received_ms,
            metadata.server_delivered_ms,
            None if metadata.source is None else metadata.source.to_fixed_width(),
            metadata.source_device,
            None if metadata.destination is None else metadata.destination.value,
            metadata.sealed,
            metadata.urgent,
            metadata.story,
            content,
            None if failure is None else failure.code,
            None if failure is None else failure.message,
            envelope,
            held_until_ms,
            now_ms,
            None if message is None else message.sent_ms,
            None if message is None else message.edits_ms,
            None if message is None else message.expires_ms,
            held_key,
            awaits_group,
        ),
    )


def paged(
    database: Database,
    condition: str,
    parameters: tuple[object, ...],
    after_id: int,
    limit: int | None,
) -> Iterator[InboxRow]:
    """The rows of a condition that ends with ``id > ?``, in order, a page at a time."""
    query = f"SELECT id, {COLUMNS} FROM inbox WHERE {condition} ORDER BY id LIMIT ?"  # noqa: S608
    remaining = limit
    while remaining is None or remaining > 0:
        size = PAGE_SIZE if remaining is None else min(PAGE_SIZE, remaining)
        rows = database.rows(query, (*parameters, after_id, size))
        for row in rows:
            yield row_of(row)
        if len(rows) < size:
            return
        after_id = rows[-1][0]
        if remaining is not None:
            remaining -= size


def row_of(row: Row) -> InboxRow:
    """A row with ``id`` and ``COLUMNS`` as a value."""
    source = row[6]
    destination = row[8]
    metadata = EnvelopeMetadata(
        server_guid=row[1],
        envelope_type=row[2],
        timestamp_ms=row[3],
        server_received_ms=row[4],
        server_delivered_ms=row[5],
        source=None if source is None else ServiceId.from_fixed_width(source),
        source_device=row[7],
        destination=None if destination is None else ServiceIdKind(destination),
        sealed=bool(row[9]),
        urgent=bool(row[10]),
        story=bool(row[11]),
    )
    failure = None if row[13] is None else InboxFailure(row[13], row[14] or "")
    message = None if row[18] is None else InboxMessage(row[18], row[19], row[20])
    withdrawn = None if row[21] is None else Withdrawal(row[21])
    return InboxRow(
        row[0],
        metadata,
        row[12],
        failure,
        row[15],
        row[16],
        row[17],
        message,
        withdrawn,
        row[22],
        bool(row[23]),
    )
