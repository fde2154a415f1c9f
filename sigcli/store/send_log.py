"""What was sent, for a day: the answer to a device that could not decrypt it.

One entry for each content (a message and its transcript to the account's devices are two), with the
devices that got it and have not acknowledged it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sigcli.store.database import Database, Transaction
    from sigcli.wire.addresses import ProtocolAddress, ServiceId
    from sigcli.wire.key_types import GroupIdentifier

RETENTION_MS = DAY_MS
_LOOKED_UP_TOGETHER = 250


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A content as it was sent: encoded Content without padding."""

    timestamp_ms: int
    content: bytes = field(repr=False)
    content_hint: int
    urgent: bool
    group_id: GroupIdentifier | None = None


def log_sent(
    database: Transaction,
    message: SentMessage,
    devices: Mapping[ProtocolAddress, bytes],
    now_ms: int,
    *,
    kept_ms: int = RETENTION_MS,
) -> int:
    """Remember a content and the devices it goes to; gives the entry's id.

    ``devices``: with the identity key (33 bytes) that the content is encrypted for; ``kept_ms``: for how long, if less
    than a day.
    """
    # An entry that is to go earlier counts as that much older.
    sent_ms = now_ms - max(RETENTION_MS - kept_ms, 0)
    log_id = database.insert(
        "INSERT INTO send_log (timestamp_ms, content, content_hint, urgent, group_id, sent_ms) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            message.timestamp_ms,
            message.content,
            message.content_hint,
            message.urgent,
            message.group_id,
            sent_ms,
        ),
    )
    log_device(database, log_id, devices)
    return log_id


def was_sent_at(database: Database, timestamp_ms: int) -> bool:
    """Whether a message with this timestamp left here within the last day."""
    query = "SELECT 1 FROM send_log WHERE timestamp_ms = ? LIMIT 1"
    return database.row(query, (timestamp_ms,)) is not None


def log_device(
    database: Transaction, log_id: int, devices: Mapping[ProtocolAddress, bytes]
) -> None:
    """Add devices to an entry, with the identity keys as for ``log_sent``.

    The key of a device that is in it already is replaced: what goes to it now is encrypted for that one.
    """
    database.write_many(
        "INSERT INTO send_log_device (log_id, service_id, device_id, identity_key) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (log_id, service_id, device_id) DO UPDATE SET "
        "identity_key = excluded.identity_key",
        (
            (log_id, device.service_id.to_fixed_width(), device.device_id, identity_key)
            for device, identity_key in devices.items()
        ),
    )


def find_sent(
    database: Database,
    timestamp_ms: int,
    device: ProtocolAddress,
    identity_key: bytes,
    now_ms: int,
) -> SentMessage | None:
    """What this device was sent under this timestamp in the last day, None if nothing is known.

    What was encrypted for another identity key than this one (33 bytes) was not meant for its present owner.
    """
    row = database.row(
        "SELECT timestamp_ms, content, content_hint, urgent, group_id FROM send_log "
        "JOIN send_log_device ON log_id = id "
        "WHERE timestamp_ms = ? AND service_id = ? AND device_id = ? AND identity_key = ? "
        "AND sent_ms > ? ORDER BY id DESC LIMIT 1",
        (
            timestamp_ms,
            device.service_id.to_fixed_width(),
            device.device_id,
            identity_key,
            now_ms - RETENTION_MS,
        ),
    )
    if row is None:
        return None
    timestamp_ms, content, content_hint, urgent, group_id = row
    return SentMessage(timestamp_ms, content, content_hint, bool(urgent), group_id)


def forget_received(
    database: Transaction, timestamps_ms: Iterable[int], device: ProtocolAddress
) -> None:
    """Remove what a device has acknowledged with a delivery receipt."""
    service_id = device.service_id.to_fixed_width()
    named = list(timestamps_ms)
    for start in range(0, len(named), _LOOKED_UP_TOGETHER):
        some = named[start : start + _LOOKED_UP_TOGETHER]
        marks = ", ".join("?" * len(some))
        ids = database.rows(
            f"SELECT id FROM send_log WHERE timestamp_ms IN ({marks})",  # noqa: S608
            tuple(some),
        )
        database.write_many(
            "DELETE FROM send_log_device WHERE log_id = ? AND service_id = ? AND device_id = ?",
            ((log_id, service_id, device.device_id) for (log_id,) in ids),
        )
        _forget_finished(database, ids)


def forget_recipient(database: Transaction, timestamp_ms: int, service_id: ServiceId) -> None:
    """Remove one person from the entries of a timestamp."""
    ids = database.rows("SELECT id FROM send_log WHERE timestamp_ms = ?", (timestamp_ms,))
    database.write_many(
        "DELETE FROM send_log_device WHERE log_id = ? AND service_id = ?",
        ((log_id, service_id.to_fixed_width()) for (log_id,) in ids),
    )
    _forget_finished(database, ids)


def has_old_entries(database: Database, now_ms: int) -> bool:
    """Whether there is something that is not to be sent again any more."""
    query = "SELECT 1 FROM send_log WHERE sent_ms <= ? LIMIT 1"
    return database.row(query, (now_ms - RETENTION_MS,)) is not None


def prune_send_log(database: Transaction, now_ms: int) -> int:
    """Remove entries older than a day, and what has expired; gives how many."""
    return database.write("DELETE FROM send_log WHERE sent_ms <= ?", (now_ms - RETENTION_MS,))


def clear_send_log(database: Transaction) -> int:
    """Remove all entries (the log was switched off); gives how many."""
    return database.write("DELETE FROM send_log")


def _forget_finished(database: Transaction, ids: Iterable[tuple[int]]) -> None:
    database.write_many(
        "DELETE FROM send_log WHERE id = ? "
        "AND NOT EXISTS (SELECT 1 FROM send_log_device WHERE log_id = id)",
        ids,
    )
