"""Rows of an account that another program has kept, stored as they are: with their age, level and use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from sigcli.store.database import Transaction
    from sigcli.store.identity_keys import TrustLevel
    from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind

NEVER_MS = 0
"""As the time of an upload: older than any, so that a key is replaced at the next opportunity."""


def adopt_identity(
    transaction: Transaction,
    service_id: ServiceId,
    identity_key: bytes,
    level: TrustLevel,
    added_ms: int,
) -> None:
    """Keep somebody's identity key (33 bytes) at a level that the user has decided on."""
    transaction.write(
        "INSERT OR REPLACE INTO identity (service_id, identity_key, trust_level, added_ms) "
        "VALUES (?, ?, ?, ?)",
        (service_id.to_fixed_width(), identity_key, int(level), added_ms),
    )


def adopt_prekey(
    transaction: Transaction,
    own: ServiceIdKind,
    prekey_id: int,
    record: bytes,
    replaced_ms: int | None,
) -> None:
    """Keep a one-time key that the service has, or had until ``replaced_ms``."""
    transaction.write(
        "INSERT OR REPLACE INTO prekey (own_identity, prekey_id, record, created_ms, uploaded_ms, "
        "replaced_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (own.value, prekey_id, record, NEVER_MS, NEVER_MS, replaced_ms),
    )


def adopt_signed_prekey(
    transaction: Transaction,
    own: ServiceIdKind,
    prekey_id: int,
    record: bytes,
    created_ms: int,
    replaced_ms: int | None,
) -> None:
    """Keep a signed key."""
    transaction.write(
        "INSERT OR REPLACE INTO signed_prekey (own_identity, prekey_id, record, created_ms, "
        "uploaded_ms, replaced_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (own.value, prekey_id, record, created_ms, NEVER_MS, replaced_ms),
    )


def adopt_kyber_prekey(
    transaction: Transaction,
    own: ServiceIdKind,
    prekey_id: int,
    record: bytes,
    created_ms: int,
    replaced_ms: int | None,
    *,
    last_resort: bool,
) -> None:
    """Keep a Kyber key of either kind."""
    transaction.write(
        "INSERT OR REPLACE INTO kyber_prekey (own_identity, prekey_id, last_resort, record, "
        "created_ms, uploaded_ms, replaced_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (own.value, prekey_id, last_resort, record, created_ms, NEVER_MS, replaced_ms),
    )


def note_next_prekey_id(
    transaction: Transaction, own: ServiceIdKind, table: str, next_id: int
) -> None:
    """Go on counting from this id in ``prekey``, ``signed_prekey`` or ``kyber_prekey``."""
    transaction.write(
        "INSERT OR REPLACE INTO key_value (key, value) VALUES (?, ?)",
        (f"next_{table}_id_{own.value}", next_id),
    )


def adopt_sender_key(
    transaction: Transaction,
    own: ServiceIdKind,
    sender: ProtocolAddress,
    distribution_id: UUID,
    record: bytes,
    created_ms: int,
) -> None:
    """Keep the chains of a device for a distribution."""
    transaction.write(
        "INSERT OR REPLACE INTO sender_key (own_identity, service_id, device_id, distribution_id, "
        "record, created_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (
            own.value,
            sender.service_id.to_fixed_width(),
            sender.device_id,
            distribution_id.bytes,
            record,
            created_ms,
        ),
    )
