"""Sender keys of groups, and which devices hold those of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.record_cache import cache_of
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sigcli.protocol.sender_keys import SenderKeyRecord
    from sigcli.store.database import Database, Transaction


def load_sender_key(
    database: Database, own: ServiceIdKind, sender: ProtocolAddress, distribution_id: UUID
) -> SenderKeyRecord | None:
    """The chains of a device for a distribution; raises InvalidSession for damaged ones."""
    cache = cache_of(database, "sender_key")
    key = _key(own, sender, distribution_id)
    record: SenderKeyRecord | None = cache.get(key)
    if record is not None:
        return record
    row = database.row(f"SELECT record FROM sender_key WHERE {_ONE}", key)  # noqa: S608
    if row is None:
        return None
    from sigcli.protocol.sender_keys import SenderKeyRecord

    record = SenderKeyRecord.deserialize(row[0])
    cache.put(key, record)
    return record


def save_sender_key(
    database: Transaction,
    own: ServiceIdKind,
    sender: ProtocolAddress,
    distribution_id: UUID,
    record: SenderKeyRecord,
    now_ms: int,
) -> None:
    """Replace the chains of a device for a distribution; their age stays."""
    key = _key(own, sender, distribution_id)
    database.write(
        "INSERT INTO sender_key "
        "(own_identity, service_id, device_id, distribution_id, record, created_ms) "
        "VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (own_identity, service_id, device_id, distribution_id) "
        "DO UPDATE SET record = excluded.record",
        (*key, record.serialize(), now_ms),
    )
    cache_of(database, "sender_key").put(key, record)


def sender_key_created_ms(
    database: Database, own: ServiceIdKind, sender: ProtocolAddress, distribution_id: UUID
) -> int | None:
    """When a device's sender key was first stored: this device replaces its own after a while."""
    row = database.row(
        f"SELECT created_ms FROM sender_key WHERE {_ONE}",  # noqa: S608
        _key(own, sender, distribution_id),
    )
    return None if row is None else int(row[0])


def rotate_sender_key(
    database: Transaction, own: ServiceIdKind, sender: ProtocolAddress, distribution_id: UUID
) -> None:
    """Forget this device's sender key and that anybody holds it: the next is fresh."""
    key = _key(own, sender, distribution_id)
    cache_of(database, "sender_key").discard(key)
    database.write(f"DELETE FROM sender_key WHERE {_ONE}", key)  # noqa: S608
    database.write(
        "DELETE FROM sender_key_shared WHERE distribution_id = ?", (distribution_id.bytes,)
    )


def delete_sender_keys_of(database: Transaction, service_id: ServiceId) -> None:
    """Forget the chains of every device of an account."""
    cache_of(database, "sender_key").clear()
    database.write("DELETE FROM sender_key WHERE service_id = ?", (service_id.to_fixed_width(),))


def prune_sender_keys(
    database: Transaction, own: ServiceIdKind, sender: ProtocolAddress, kept: int
) -> int:
    """Forget all but the newest sender keys of a device; gives how many went."""
    device = (own.value, sender.service_id.to_fixed_width(), sender.device_id)
    condition = "own_identity = ? AND service_id = ? AND device_id = ?"
    row = database.row(f"SELECT count(*) FROM sender_key WHERE {condition}", device)  # noqa: S608
    if row is None or row[0] <= kept:
        return 0
    cache_of(database, "sender_key").clear()
    return database.write(
        "DELETE FROM sender_key WHERE rowid IN (SELECT rowid FROM sender_key "  # noqa: S608
        f"WHERE {condition} ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
        (*device, kept),
    )


# --- who holds this device's key -----------------------------------------------------------------------


def devices_with_sender_key(database: Database, distribution_id: UUID) -> set[ProtocolAddress]:
    """The devices that were sent this device's present key of a distribution."""
    rows = database.rows(
        "SELECT service_id, device_id FROM sender_key_shared WHERE distribution_id = ?",
        (distribution_id.bytes,),
    )
    return {
        ProtocolAddress(ServiceId.from_fixed_width(service_id), device_id)
        for service_id, device_id in rows
    }


def mark_sender_key_shared(
    database: Transaction, distribution_id: UUID, devices: Iterable[ProtocolAddress], now_ms: int
) -> None:
    """Note that devices were sent this device's key."""
    database.write_many(
        "INSERT OR REPLACE INTO sender_key_shared "
        "(distribution_id, service_id, device_id, shared_ms) VALUES (?, ?, ?, ?)",
        (
            (distribution_id.bytes, device.service_id.to_fixed_width(), device.device_id, now_ms)
            for device in devices
        ),
    )


def forget_shared_with(
    database: Transaction, service_id: ServiceId, device_id: int | None = None
) -> None:
    """Note that an account, or one device of it, has none of this device's keys.

    For an identity that changed, a session that was archived, a retry request.
    """
    sql = "DELETE FROM sender_key_shared WHERE service_id = ?"
    if device_id is None:
        database.write(sql, (service_id.to_fixed_width(),))
    else:
        database.write(f"{sql} AND device_id = ?", (service_id.to_fixed_width(), device_id))


_ONE = "own_identity = ? AND service_id = ? AND device_id = ? AND distribution_id = ?"


def _key(
    own: ServiceIdKind, sender: ProtocolAddress, distribution_id: UUID
) -> tuple[int, bytes, int, bytes]:
    return (
        own.value,
        sender.service_id.to_fixed_width(),
        sender.device_id,
        distribution_id.bytes,
    )
