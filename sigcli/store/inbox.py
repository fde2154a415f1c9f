"""Received envelopes until their line has left: the heart of "received means stored".

A row is written in the same transaction as the ratchet step. It holds the decrypted content
(padding removed), or why there is none; what is to be decrypted later (its sender's identity must
first be trusted) keeps its envelope as well and is *held*. Rows are handed out in the order of their
ids and deleted once all consumers have taken them, unless messages are kept. What was handled is remembered beyond
that, by the server's GUID and by a hash of the ciphertext, so that a redelivery goes unnoticed.
A message may be withdrawn while it waits here or is kept (``withdrawals``). A message for a group
whose people are not known yet *awaits* the group: nothing of it is printed before it was judged.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.store.inbox_rows import COLUMNS, insert, paged, row_of
from sigcli.store.inbox_values import EnvelopeMetadata, InboxFailure, InboxMessage, InboxRow
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database, Transaction
    from sigcli.wire.key_types import GroupIdentifier

SEEN_RETENTION_MS = 45 * DAY_MS
"""The server keeps undelivered messages for about 30 days."""
HELD_RETENTION_MS = 14 * DAY_MS
_PRUNE_STEP = 1000
_AWAITING = f"SELECT id, {COLUMNS} FROM inbox WHERE awaits_group = ? ORDER BY id LIMIT ?"  # noqa: S608


def ciphertext_hash(ciphertext: bytes) -> bytes | None:
    """What an envelope's content is recognised by (32 bytes); None for an envelope without one."""
    return sha256(ciphertext).digest() if ciphertext else None


def message_hash(sender: ServiceId, timestamp_ms: int, content: bytes) -> bytes:
    """What a sender's message is recognised by (32 bytes) however often it is encrypted."""
    return sha256(b"%s %d %s" % (sender.to_fixed_width(), timestamp_ms, content)).digest()


# --- storing --------------------------------------------------------------------------------------


def was_seen(database: Database, server_guid: str | None, hash: bytes | None) -> bool:
    """Whether this envelope was handled before, by its GUID or its ciphertext's (or message's) hash."""
    return (
        database.row(
            "SELECT 1 FROM seen_envelope WHERE server_guid = ? OR ciphertext_hash = ?",
            (server_guid, hash),
        )
        is not None
    )


def mark_seen(
    database: Transaction, server_guid: str | None, hash: bytes | None, now_ms: int
) -> bool:
    """Remember an envelope that leaves no row of its own, or a message; false if it was seen before."""
    if server_guid is None and hash is None:
        return True
    added = database.write(
        "INSERT OR IGNORE INTO seen_envelope (server_guid, ciphertext_hash, seen_ms) "
        "VALUES (?, ?, ?)",
        (server_guid, hash, now_ms),
    )
    return added > 0


def store_content(
    database: Transaction,
    metadata: EnvelopeMetadata,
    content: bytes | None,
    hash: bytes | None,
    now_ms: int,
    message: InboxMessage | None = None,
    *,
    awaits_group: bytes | None = None,
) -> int:
    """Store a decrypted envelope, in the ratchet step's transaction; gives the row's id.

    ``content`` is the encoded Content without padding, None for a server's delivery receipt. With ``awaits_group`` it
    is not pending before it was released.
    """
    mark_seen(database, metadata.server_guid, hash, now_ms)
    return insert(
        database, metadata, content, None, None, None, now_ms, message, awaits_group=awaits_group
    )


def store_failure(
    database: Transaction,
    metadata: EnvelopeMetadata,
    failure: InboxFailure,
    hash: bytes | None,
    now_ms: int,
    *,
    held_envelope: bytes | None = None,
    held_key: bytes | None = None,
    held_ms: int = HELD_RETENTION_MS,
) -> int:
    """Store why an envelope could not be decrypted; gives the row's id.

    With ``held_envelope`` it is kept for ``held_ms``, to be decrypted after ``held_key``, its sender's identity key
    (33 bytes), is trusted.
    """
    mark_seen(database, metadata.server_guid, hash, now_ms)
    held_until_ms = None if held_envelope is None else now_ms + held_ms
    return insert(
        database, metadata, None, failure, held_envelope, held_until_ms, now_ms, held_key=held_key
    )


def store_released(
    database: Transaction,
    held: InboxRow,
    metadata: EnvelopeMetadata,
    content: bytes,
    now_ms: int,
    message: InboxMessage | None = None,
) -> int:
    """Replace a held or waiting row by its content, as the newest row."""
    database.write("DELETE FROM inbox WHERE id = ?", (held.id,))
    return insert(database, metadata, content, None, None, None, now_ms, message)


def fail_held(database: Transaction, held: InboxRow, failure: InboxFailure, now_ms: int) -> int:
    """Replace a held row by a failure of another kind, as the newest row."""
    database.write("DELETE FROM inbox WHERE id = ?", (held.id,))
    return insert(database, held.metadata, None, failure, None, None, now_ms)


def note_held_key(database: Transaction, id: int, held_key: bytes) -> None:
    """Note under which identity key (33 bytes) a row is held."""
    database.write(
        "UPDATE inbox SET held_key = ? WHERE id = ? AND envelope IS NOT NULL", (held_key, id)
    )


def drop_held(database: Transaction, held: InboxRow) -> None:
    """Remove a held or waiting row that turned out to leave nothing to print."""
    database.write("DELETE FROM inbox WHERE id = ?", (held.id,))


# --- reading --------------------------------------------------------------------------------------


def pending(database: Database, after_id: int = 0, limit: int | None = None) -> Iterator[InboxRow]:
    """Rows that not every consumer has taken, in order, a page at a time: no read lasts while a line is written.

    Rows that arrive meanwhile are met as well.
    """
    condition = "delivered_ms IS NULL AND awaits_group IS NULL AND id > ?"
    return paged(database, condition, (), after_id, limit)


def following(database: Database, after_id: int, until_id: int, limit: int) -> list[InboxRow]:
    """At most ``limit`` rows between two ids, the last included, in order; also those that are only kept."""
    condition = "awaits_group IS NULL AND id <= ? AND id > ?"
    return list(paged(database, condition, (until_id,), after_id, limit))


def replay(database: Database, since_ms: int = 0, until_id: int = 0) -> Iterator[InboxRow]:
    """Rows that are kept, from a time on (by the server's clock), in order: delivered ones, and all up to an id."""
    condition = (
        "(delivered_ms IS NOT NULL OR id <= ?) AND awaits_group IS NULL "
        "AND server_received_ms >= ? AND id > ?"
    )
    first = first_since(database, since_ms)
    return (
        iter(())
        if first is None
        else paged(database, condition, (until_id, since_ms), first - 1, None)
    )


def first_since(database: Database, since_ms: int) -> int | None:
    """The lowest id of what the service has received since a time, None if nothing of it is here."""
    # "+id": else SQLite walks along the ids from the oldest on, instead of the index from that time on.
    row = database.row("SELECT min(+id) FROM inbox WHERE server_received_ms >= ?", (since_ms,))
    return None if row is None else row[0]


def held(
    database: Database, source: ServiceId | None = None, after_id: int = 0
) -> Iterator[InboxRow]:
    """Rows that wait for an identity to be trusted, of one sender or of all, oldest first."""
    if source is None:
        return paged(database, "envelope IS NOT NULL AND id > ?", (), after_id, None)
    condition = "envelope IS NOT NULL AND source = ? AND id > ?"
    return paged(database, condition, (source.to_fixed_width(),), after_id, None)


def held_sources(database: Database) -> list[ServiceId]:
    """Whose messages wait for an identity to be trusted."""
    rows = database.rows(
        "SELECT DISTINCT source FROM inbox WHERE envelope IS NOT NULL AND source IS NOT NULL"
    )
    return [ServiceId.from_fixed_width(source) for (source,) in rows]


def awaiting(database: Database, group_id: GroupIdentifier, limit: int) -> list[InboxRow]:
    """Messages that are yet to be judged by a group, oldest first, at most ``limit``."""
    return [row_of(row) for row in database.rows(_AWAITING, (group_id, limit))]


def count_awaiting(database: Database, group_id: GroupIdentifier, source: ServiceId) -> int:
    """How many messages of somebody are yet to be judged by a group."""
    row = database.row(
        "SELECT count(*) FROM inbox WHERE awaits_group = ? AND source = ?",
        (group_id, source.to_fixed_width()),
    )
    return 0 if row is None else int(row[0])


def awaited_groups(database: Database, source: ServiceId) -> set[GroupIdentifier]:
    """The groups by which somebody's messages are yet to be judged."""
    rows = database.rows(
        "SELECT DISTINCT awaits_group FROM inbox WHERE awaits_group IS NOT NULL AND source = ?",
        (source.to_fixed_width(),),
    )
    return {group_id for (group_id,) in rows}


def count_held(database: Database, source: ServiceId | None = None) -> int:
    """How many rows wait for an identity to be trusted, of one sender or of all."""
    condition = "envelope IS NOT NULL"
    parameters: tuple[object, ...] = ()
    if source is not None:
        condition, parameters = f"{condition} AND source = ?", (source.to_fixed_width(),)
    row = database.row(f"SELECT count(*) FROM inbox WHERE {condition}", parameters)  # noqa: S608
    return 0 if row is None else int(row[0])


# --- delivering -----------------------------------------------------------------------------------


def mark_delivered(
    database: Transaction, until_id: int, now_ms: int, *, keep: bool = False
) -> None:
    """Mark the rows up to an id, which all consumers have taken (see ``consumers``).

    They are deleted, unless messages are kept (``keep``) or a row is held. A message that awaits its group is no such
    row: it gets another id once it was judged.
    """
    if not keep:
        database.write(
            "DELETE FROM inbox WHERE delivered_ms IS NULL AND awaits_group IS NULL "
            "AND id <= ? AND envelope IS NULL",
            (until_id,),
        )
    database.write(
        "UPDATE inbox SET delivered_ms = ? "
        "WHERE delivered_ms IS NULL AND awaits_group IS NULL AND id <= ?",
        (now_ms, until_id),
    )


def prune_inbox(database: Transaction, now_ms: int, keep_messages_ms: int | None = None) -> bool:
    """Remove some of what is kept no longer: delivered rows, held envelopes, memories. Gives whether that was all.

    An undelivered row is never removed, unless its group could not be fetched for too long; one whose envelope was held
    for too long loses that alone.
    """
    database.write(
        "DELETE FROM inbox WHERE awaits_group IS NOT NULL AND stored_ms <= ?",
        (now_ms - HELD_RETENTION_MS,),
    )
    database.write(
        "UPDATE inbox SET envelope = NULL, held_until_ms = NULL, held_key = NULL "
        "WHERE envelope IS NOT NULL AND held_until_ms <= ?",
        (now_ms,),
    )
    removed = database.write(
        "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox INDEXED BY inbox_delivered "
        "WHERE delivered_ms <= ? AND envelope IS NULL LIMIT ?)",
        (now_ms - (keep_messages_ms or 0), _PRUNE_STEP),
    )
    return _prune_seen(database, now_ms - SEEN_RETENTION_MS) and removed < _PRUNE_STEP


def _prune_seen(database: Transaction, until_ms: int) -> bool:
    # Ids ascend with time: looking at the oldest few is enough, and needs no index of its own.
    for _ in range(2):
        oldest = database.row(
            "SELECT id, seen_ms FROM seen_envelope WHERE id > 0 ORDER BY id LIMIT 1"
        )
        if oldest is None or oldest[1] > until_ms:
            return True
        database.write(
            "DELETE FROM seen_envelope WHERE id >= ? AND id < ? AND seen_ms <= ?",
            (oldest[0], oldest[0] + _PRUNE_STEP, until_ms),
        )
    return False
