"""Sessions: one record for each device of a peer and identity of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import InvalidSession
from sigcli.store.record_cache import cache_of
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from sigcli.protocol.session_record import SessionRecord
    from sigcli.store.database import Database, Transaction


def load_session(
    database: Database, own: ServiceIdKind, address: ProtocolAddress
) -> SessionRecord | None:
    """The record of a device; raises InvalidSession for a damaged one."""
    cache = cache_of(database, "session")
    record: SessionRecord | None = cache.get((own.value, address))
    if record is not None:
        return record
    row = database.row(
        "SELECT record FROM session WHERE own_identity = ? AND service_id = ? AND device_id = ?",
        (own.value, address.service_id.to_fixed_width(), address.device_id),
    )
    if row is None:
        return None
    from sigcli.protocol.session_record import SessionRecord

    record = SessionRecord.deserialize(row[0])
    cache.put((own.value, address), record)
    return record


def save_session(
    database: Transaction, own: ServiceIdKind, address: ProtocolAddress, record: SessionRecord
) -> None:
    """Replace the record of a device."""
    database.write(
        "INSERT INTO session (own_identity, service_id, device_id, record) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (own_identity, service_id, device_id) DO UPDATE SET record = excluded.record",
        (
            own.value,
            address.service_id.to_fixed_width(),
            address.device_id,
            record.serialize(),
        ),
    )
    cache_of(database, "session").put((own.value, address), record)


def session_devices(database: Database, own: ServiceIdKind, service_id: ServiceId) -> list[int]:
    """The devices of an account that there is a record for, whether or not it is of use."""
    rows = database.rows(
        "SELECT device_id FROM session WHERE own_identity = ? AND service_id = ? ORDER BY device_id",
        (own.value, service_id.to_fixed_width()),
    )
    return [device_id for (device_id,) in rows]


def usable_devices(
    database: Database, own: ServiceIdKind, service_id: ServiceId, now_ms: int
) -> list[int]:
    """The devices of an account that a message can be encrypted for at once."""
    usable = []
    for device_id in session_devices(database, own, service_id):
        try:
            record = load_session(database, own, ProtocolAddress(service_id, device_id))
        except InvalidSession:
            continue
        if record is not None and record.has_usable_sender_chain(now_ms):
            usable.append(device_id)
    return usable


def delete_session(database: Transaction, own: ServiceIdKind, address: ProtocolAddress) -> bool:
    """Forget the sessions with a device (it is gone)."""
    cache_of(database, "session").discard((own.value, address))
    return bool(
        database.write(
            "DELETE FROM session WHERE own_identity = ? AND service_id = ? AND device_id = ?",
            (own.value, address.service_id.to_fixed_width(), address.device_id),
        )
    )


def archive_session(database: Transaction, own: ServiceIdKind, address: ProtocolAddress) -> bool:
    """Stop sending with the current session of a device, but still decrypt with it.

    A damaged record is deleted. True if there was a present session.
    """
    try:
        record = load_session(database, own, address)
    except InvalidSession:
        return delete_session(database, own, address)
    if record is None or record.current is None:
        return False
    save_session(database, own, address, record.archive_current())
    return True


def archive_sessions(
    database: Transaction, service_id: ServiceId, *, except_device: int | None = None
) -> int:
    """Archive the sessions with all devices of an account, for both identities of this account.

    For an identity key that changed. Gives how many there were.
    """
    rows = database.rows(
        "SELECT own_identity, device_id FROM session WHERE service_id = ?",
        (service_id.to_fixed_width(),),
    )
    return sum(
        archive_session(database, ServiceIdKind(own), ProtocolAddress(service_id, device_id))
        for own, device_id in rows
        if device_id != except_device
    )


def archive_all_sessions(database: Transaction) -> int:
    """Archive every session (the account's identity key was replaced)."""
    rows = database.rows("SELECT own_identity, service_id, device_id FROM session")
    return sum(
        archive_session(
            database,
            ServiceIdKind(own),
            ProtocolAddress(ServiceId.from_fixed_width(service_id), device_id),
        )
        for own, service_id, device_id in rows
    )


def make_sessions_receive_only(database: Transaction) -> None:
    """Send with no session that there is, also when a message makes it the current one (this is a copy).

    Damaged records are deleted.
    """
    rows = database.rows("SELECT own_identity, service_id, device_id FROM session")
    for own, service_id, device_id in rows:
        kind = ServiceIdKind(own)
        address = ProtocolAddress(ServiceId.from_fixed_width(service_id), device_id)
        try:
            record = load_session(database, kind, address)
            receiving = None if record is None else record.without_sending()
        except InvalidSession:
            delete_session(database, kind, address)
            continue
        if receiving is not None:
            save_session(database, kind, address, receiving)
