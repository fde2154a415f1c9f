"""An account's tables filled at one go, as years of use leave them: people, groups, kept messages, attachments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.store.tasks import ON_DEMAND_MS, TaskKind
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, DataMessage, encode_content
from sigcli.wire.content.message_parts import GroupContext
from sigcli.wire.key_types import GroupMasterKey
from sigcli.zkgroup.groups import GroupSecretParams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database, Transaction

_DAY_MS = 24 * 3600 * 1000
_MEMBERS = 10
_ACI, _PNI, _GUID = 0xACC << 96, 0xBCC << 96, 0xCCC << 96
_MESSAGE_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; ``messages`` were printed and are kept."""

    contacts: int
    groups: int
    messages: int
    attachments: int


LARGE = Size(contacts=10_000, groups=1_000, messages=1_000_000, attachments=100_000)
SMALL = Size(contacts=10, groups=1, messages=10, attachments=1)


def contact_aci(index: int) -> ServiceId:
    """The ACI of a contact."""
    return ServiceId.aci(UUID(int=_ACI + index))


def attachment_name(index: int) -> str:
    """The local name of an attachment."""
    return f"attachment{index:08}.jpg"


def fill(database: Database, size: Size, now_ms: int) -> None:
    """Fill an account that has received nothing yet; the newest message came a minute ago."""
    with database.transaction() as transaction:
        _add_people(transaction, size, now_ms)
        master_keys = _add_groups(transaction, size, now_ms)
        _add_messages(transaction, size, master_keys, now_ms)
        _add_attachments(transaction, size, now_ms)


def _add_people(transaction: Transaction, size: Size, now_ms: int) -> None:
    transaction.write_many(
        "INSERT INTO recipient (aci, pni, number, is_contact, given_name, profile_sharing, "
        "profile_key, profile_given_name, access_mode, profile_fetched_ms, number_checked_ms) "
        "VALUES (?, ?, ?, 1, ?, 1, ?, ?, 2, ?, ?)",
        (
            (
                contact_aci(n).uuid_bytes,
                UUID(int=_PNI + n).bytes,
                f"+1555{3_000_000 + n}",
                f"Contact {n}",
                n.to_bytes(32, "big"),
                f"Somebody {n}",
                now_ms,
                now_ms,
            )
            for n in range(size.contacts)
        ),
    )
    transaction.write_many(
        "INSERT INTO identity (service_id, identity_key, trust_level, added_ms) VALUES (?, ?, 1, ?)",
        (
            (contact_aci(n).to_fixed_width(), b"\x05" + n.to_bytes(32, "big"), now_ms)
            for n in range(size.contacts)
        ),
    )
    transaction.write_many(
        "INSERT INTO session (own_identity, service_id, device_id, record) VALUES (0, ?, 1, ?)",
        ((contact_aci(n).to_fixed_width(), bytes(600)) for n in range(size.contacts)),
    )


def _add_groups(transaction: Transaction, size: Size, now_ms: int) -> list[bytes]:
    master_keys: list[bytes] = []
    for n in range(size.groups):
        params = GroupSecretParams.derive_from_master_key((n + 1).to_bytes(32, "little"))
        master_keys.append(params.get_master_key())
        row = transaction.insert(
            "INSERT INTO signal_group (group_id, master_key, revision, title, accepted, fetched_ms) "
            "VALUES (?, ?, 1, ?, 1, ?)",
            (params.get_group_identifier(), params.get_master_key(), f"Group {n}", now_ms),
        )
        transaction.write_many(
            "INSERT INTO group_person (group_row, standing, service_id, role, user_id_ciphertext, "
            "profile_key_ciphertext) VALUES (?, 0, ?, 1, ?, ?)",
            (
                (row, contact_aci(one).to_fixed_width(), bytes(65), bytes(65))
                for one in {(n * _MEMBERS + place) % size.contacts for place in range(_MEMBERS)}
            ),
        )
    return master_keys


def _add_messages(
    transaction: Transaction, size: Size, master_keys: list[bytes], now_ms: int
) -> None:
    transaction.write_many(
        "INSERT INTO inbox (server_guid, envelope_type, source, source_device, destination, sealed, "
        "urgent, story, timestamp_ms, server_received_ms, server_delivered_ms, stored_ms, content, "
        "delivered_ms, sent_ms) VALUES (?, 6, ?, 1, 0, 1, 1, 0, ?, ?, ?, ?, ?, ?, ?)",
        _messages(size, master_keys, now_ms),
    )
    last = transaction.row("SELECT coalesce(max(id), 0) FROM inbox")
    assert last is not None
    transaction.write(
        "INSERT OR REPLACE INTO consumer (name, taken_id, first_seen_ms, last_seen_ms) "
        "VALUES ('command-line', ?, ?, ?)",
        (last[0], now_ms, now_ms),
    )
    transaction.write_many(
        "INSERT INTO seen_envelope (server_guid, ciphertext_hash, seen_ms) VALUES (?, ?, ?)",
        (
            (str(UUID(int=_GUID + n)), n.to_bytes(32, "big"), now_ms - (size.messages // 5 - n))
            for n in range(size.messages // 5)
        ),
    )


def _messages(size: Size, master_keys: list[bytes], now_ms: int) -> Iterator[tuple[object, ...]]:
    for n in range(size.messages):
        time_ms = now_ms - (size.messages - n) * _MESSAGE_EVERY_MS
        group = None
        if n % 4 == 0 and master_keys:
            master_key = master_keys[n // 4 % len(master_keys)]
            group = GroupContext(master_key=GroupMasterKey(master_key), revision=1)
        content = Content(
            data_message=DataMessage(
                timestamp_ms=time_ms, body=f"message {n}, as people write them", group=group
            )
        )
        source = contact_aci(n % size.contacts).to_fixed_width()
        times = (time_ms,) * 4
        yield (str(UUID(int=_GUID + n)), source, *times, encode_content(content), time_ms, time_ms)


def _add_attachments(transaction: Transaction, size: Size, now_ms: int) -> None:
    transaction.write_many(
        "INSERT INTO attachment_use (name, source, sent_ms, conversation, expires_ms) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (
                attachment_name(n),
                (source := contact_aci(n % size.contacts).to_fixed_width()),
                now_ms - (size.attachments - n) * _MESSAGE_EVERY_MS,
                source,
                now_ms + _DAY_MS + n if n % 2 else None,
            )
            for n in range(size.attachments)
        ),
    )
    transaction.write_many(
        "INSERT INTO task (kind, target, item, created_ms, due_ms) VALUES (?, ?, ?, ?, ?)",
        (
            (
                int(TaskKind.ATTACHMENT_DOWNLOAD),
                attachment_name(n).encode(),
                b"pointer",
                now_ms,
                ON_DEMAND_MS,
            )
            for n in range(0, size.attachments, 10)
        ),
    )
