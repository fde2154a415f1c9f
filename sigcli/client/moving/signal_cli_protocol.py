"""What the Signal Protocol needs, from signal-cli's database: identities, sessions, prekeys, sender keys, send log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.errors import InvalidKey, InvalidServiceId, InvalidSession, MalformedMessage
from sigcli.protocol.libsignal_records import convert_record
from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
from sigcli.protocol.sender_keys import SenderKeyRecord
from sigcli.store import adopting
from sigcli.store.identity_keys import TrustLevel
from sigcli.store.send_log import RETENTION_MS, SentMessage, log_sent
from sigcli.store.sender_keys import mark_sender_key_shared
from sigcli.store.sessions import save_session
from sigcli.wire.addresses import MAX_DEVICE_ID, ProtocolAddress, ServiceId, ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.client.moving.report import Tally
    from sigcli.client.moving.signal_cli_account import AccountFile
    from sigcli.store.account_data import AccountKeys
    from sigcli.store.database import Transaction
    from sigcli.store.signal_cli.database import SignalCliDatabase

ASKED_AGAIN = "its messages are asked for again, and are printed when the sender answers"
_UNREADABLE = (
    InvalidKey,
    InvalidServiceId,
    InvalidSession,
    MalformedMessage,
    TypeError,
    ValueError,
)


def adopt_identities(
    transaction: Transaction, source: SignalCliDatabase, keys: AccountKeys, tally: Tally
) -> dict[ServiceId, bytes]:
    """Keep everybody's identity key and how far it is trusted; gives the keys."""
    known: dict[ServiceId, bytes] = {}
    for row in source.rows("identity"):
        try:
            service_id = ServiceId.parse(row["address"])
            key = PublicKey.deserialize(row["identity_key"]).serialize()
            level = TrustLevel(row["trust_level"])
        except _UNREADABLE:
            tally.leave_out("identity keys", "damaged; the next message brings the key again")
            continue
        if service_id in (keys.aci, keys.pni):
            continue
        adopting.adopt_identity(transaction, service_id, key, level, row["added_timestamp"])
        known[service_id] = key
        tally.take("identities")
    return known


def adopt_sessions(transaction: Transaction, source: SignalCliDatabase, tally: Tally) -> None:
    """Convert and keep the sessions."""
    for row in source.rows("session"):
        try:
            own, device = ServiceIdKind(row["account_id_type"]), _device(row["address"], row)
            converted = convert_record(row["record"])
        except _UNREADABLE:
            tally.leave_out("sessions", f"damaged: {ASKED_AGAIN}")
            continue
        tally.leave_out("sessions", f"damaged: {ASKED_AGAIN}", converted.lost_current)
        tally.leave_out("former sessions", f"damaged: {ASKED_AGAIN}", converted.lost_archived)
        record = converted.record
        if record.current is not None or record.archived:
            save_session(transaction, own, device, record)
            tally.take("sessions")


def adopt_prekeys(
    transaction: Transaction,
    source: SignalCliDatabase,
    file: AccountFile,
    now_ms: int,
    tally: Tally,
) -> None:
    """Keep this device's prekeys for the first messages that are under way: they are replaced soon."""
    for table, adopt in _ADOPTED.items():
        for row in source.rows(table):
            try:
                adopt(transaction, file, row, now_ms)
            except _UNREADABLE:
                tally.leave_out("prekeys", f"damaged; first messages made with it: {ASKED_AGAIN}")
                continue
            tally.take("prekeys")


def _adopt_one_time(
    transaction: Transaction, _file: AccountFile, row: Mapping[str, Any], _now_ms: int
) -> None:
    record = PreKeyRecord(row["key_id"], _pair(row))
    own = ServiceIdKind(row["account_id_type"])
    adopting.adopt_prekey(transaction, own, record.id, record.serialize(), row["stale_timestamp"])


def _adopt_signed(
    transaction: Transaction, file: AccountFile, row: Mapping[str, Any], now_ms: int
) -> None:
    own, created_ms = ServiceIdKind(row["account_id_type"]), row["timestamp"]
    record = SignedPreKeyRecord(row["key_id"], created_ms, _pair(row), row["signature"])
    is_active = record.id == file.active_id(own, "activeSignedPreKeyId")
    adopting.adopt_signed_prekey(
        transaction, own, record.id, record.serialize(), created_ms, None if is_active else now_ms
    )


def _adopt_kyber(
    transaction: Transaction, file: AccountFile, row: Mapping[str, Any], now_ms: int
) -> None:
    own = ServiceIdKind(row["account_id_type"])
    record = KyberPreKeyRecord.deserialize(row["serialized"])
    last_resort = bool(row["is_last_resort"])
    replaced_ms = row["stale_timestamp"]
    if last_resort and record.id != file.active_id(own, "activeLastResortKyberPreKeyId"):
        replaced_ms = replaced_ms or now_ms
    adopting.adopt_kyber_prekey(
        transaction,
        own,
        record.id,
        record.serialize(),
        row["timestamp"] or record.timestamp_ms,
        replaced_ms,
        last_resort=last_resort,
    )


_ADOPTED = {
    "pre_key": _adopt_one_time,
    "signed_pre_key": _adopt_signed,
    "kyber_pre_key": _adopt_kyber,
}


def adopt_sender_keys(
    transaction: Transaction, source: SignalCliDatabase, keys: AccountKeys, tally: Tally
) -> None:
    """Keep the sender keys of groups, and who has this device's."""
    for row in source.rows("sender_key"):
        try:
            device = _device(row["address"], row)
            record = SenderKeyRecord.deserialize(row["record"]).serialize()
            distribution = UUID(bytes=row["distribution_id"])
        except _UNREADABLE:
            tally.leave_out("sender keys", f"damaged: {ASKED_AGAIN}")
            continue
        adopting.adopt_sender_key(
            transaction, ServiceIdKind.ACI, device, distribution, record, row["created_timestamp"]
        )
        tally.take("senderKeys")
    for row in source.rows("sender_key_shared"):
        try:
            device = _device(_plain_address(row["address"]), row)
            distribution = UUID(bytes=row["distribution_id"])
        except _UNREADABLE:
            continue  # the key is handed out once more
        mark_sender_key_shared(transaction, distribution, [device], row["timestamp"])


def adopt_send_log(
    transaction: Transaction,
    source: SignalCliDatabase,
    identities: Mapping[ServiceId, bytes],
    now_ms: int,
    tally: Tally,
) -> None:
    """Keep what was sent in the last day, for receivers who ask for it again."""
    devices: dict[int, dict[ProtocolAddress, bytes]] = {}
    for row in source.rows("message_send_log"):
        try:
            device = _device(row["address"], row)
        except _UNREADABLE:
            continue
        if device.service_id in identities:
            entry = devices.setdefault(row["content_id"], {})
            entry[device] = identities[device.service_id]
    for row in source.rows("message_send_log_content"):
        sent_ms = row["timestamp"]
        if row["_id"] not in devices or not now_ms - RETENTION_MS < sent_ms <= now_ms:
            continue
        message = SentMessage(
            sent_ms, row["content"], row["content_hint"], bool(row["urgent"]), row["group_id"]
        )
        log_sent(transaction, message, devices[row["_id"]], sent_ms)
        tally.take("sentMessages")


def _device(address: str, row: Mapping[str, Any]) -> ProtocolAddress:
    device_id = row["device_id"]
    if not 1 <= device_id <= MAX_DEVICE_ID:
        raise ValueError("no device id")
    return ProtocolAddress(ServiceId.parse(address), device_id)


def _plain_address(text: str) -> str:
    """Some releases of 0.13 have stored the text of a record around the id."""
    _, mark, rest = text.partition("[address=")
    return rest.partition(",")[0] if mark else text


def _pair(row: Mapping[str, Any]) -> KeyPair:
    return KeyPair(
        PrivateKey.deserialize(row["private_key"]), PublicKey.deserialize(row["public_key"])
    )
