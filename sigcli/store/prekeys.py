"""This device's prekeys: those the service hands out, and those it once did and peers still use.

Private keys are stored before they are uploaded. When the service has taken a new batch, the one
it replaces is marked with the time, kept for the messages that are still to come, and deleted
later. Ids are counted on in the transaction that stores the keys: two processes never share one.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS
from sigcli.errors import InvalidMessage, InvalidPrekeyId
from sigcli.protocol.limits import MAX_PREKEY_ID
from sigcli.wire.addresses import ServiceIdKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigcli.crypto.curve import PublicKey
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
    from sigcli.store.database import Database, Transaction

ONE_TIME_RETENTION_MS = 90 * DAY_MS
"""How long replaced one-time keys are kept."""
LASTING_RETENTION_MS = 30 * DAY_MS
"""How long replaced signed and last-resort keys are kept."""


class PreKeyKind(enum.Enum):
    """The kinds of prekeys: table, and which of its rows."""

    ONE_TIME = ("prekey", "1")
    SIGNED = ("signed_prekey", "1")
    KYBER = ("kyber_prekey", "last_resort = 0")
    KYBER_LAST_RESORT = ("kyber_prekey", "last_resort = 1")

    @property
    def table(self) -> str:
        return self.value[0]

    @property
    def rows(self) -> str:
        return self.value[1]


def allocate_prekey_ids(
    database: Transaction, own: ServiceIdKind, kind: PreKeyKind, count: int, random: RandomSource
) -> int:
    """Reserve ``count`` consecutive ids and give the first.

    Ids run from 1 to 0xFFFFFF and then again from 1; the first one ever is random. Both kinds of
    Kyber keys count together. Ids of keys that are still kept are passed over.
    """
    counter = f"next_{kind.table}_id_{own.value}"
    row = database.row("SELECT value FROM key_value WHERE key = ?", (counter,))
    start = int(row[0]) if row else 1 + int.from_bytes(random(4), "big") % MAX_PREKEY_ID
    while (taken := _last_taken(database, own, kind.table, start, count)) is not None:
        start = taken % MAX_PREKEY_ID + 1
    following = (start + count - 1) % MAX_PREKEY_ID + 1
    database.write(
        "INSERT INTO key_value (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (counter, following),
    )
    return start


def add_prekeys(
    database: Transaction, own: ServiceIdKind, records: Iterable[PreKeyRecord], now_ms: int
) -> None:
    """Store one-time keys that are about to be uploaded."""
    database.write_many(
        "INSERT INTO prekey (own_identity, prekey_id, record, created_ms) VALUES (?, ?, ?, ?)",
        ((own.value, record.id, record.serialize(), now_ms) for record in records),
    )


def add_signed_prekey(
    database: Transaction, own: ServiceIdKind, record: SignedPreKeyRecord, now_ms: int
) -> None:
    """Store a signed key that is about to be uploaded."""
    database.write(
        "INSERT INTO signed_prekey (own_identity, prekey_id, record, created_ms) "
        "VALUES (?, ?, ?, ?)",
        (own.value, record.id, record.serialize(), now_ms),
    )


def add_kyber_prekeys(
    database: Transaction,
    own: ServiceIdKind,
    records: Iterable[KyberPreKeyRecord],
    now_ms: int,
    *,
    last_resort: bool = False,
) -> None:
    """Store Kyber keys that are about to be uploaded."""
    database.write_many(
        "INSERT INTO kyber_prekey (own_identity, prekey_id, last_resort, record, created_ms) "
        "VALUES (?, ?, ?, ?, ?)",
        ((own.value, record.id, last_resort, record.serialize(), now_ms) for record in records),
    )


def confirm_upload(
    database: Transaction, own: ServiceIdKind, kind: PreKeyKind, ids: Sequence[int], now_ms: int
) -> None:
    """Note that the service has taken these keys in place of all earlier ones of their kind."""
    database.write(
        f"UPDATE {kind.table} SET replaced_ms = ? WHERE own_identity = ? "  # noqa: S608
        f"AND {kind.rows} AND uploaded_ms IS NOT NULL AND replaced_ms IS NULL",
        (now_ms, own.value),
    )
    database.write_many(
        f"UPDATE {kind.table} SET uploaded_ms = ?, replaced_ms = NULL "  # noqa: S608
        "WHERE own_identity = ? AND prekey_id = ?",
        ((now_ms, own.value, id) for id in ids),
    )


def active_signed_prekey(
    database: Database, own: ServiceIdKind
) -> tuple[SignedPreKeyRecord, int] | None:
    """The signed key that the service has, and when it was uploaded."""
    from sigcli.protocol.prekeys import SignedPreKeyRecord

    row = _active(database, own, PreKeyKind.SIGNED)
    return None if row is None else (SignedPreKeyRecord.deserialize(row[0]), row[1])


def active_last_resort_prekey(
    database: Database, own: ServiceIdKind
) -> tuple[KyberPreKeyRecord, int] | None:
    """The last-resort Kyber key that the service has, and when it was uploaded."""
    from sigcli.protocol.prekeys import KyberPreKeyRecord

    row = _active(database, own, PreKeyKind.KYBER_LAST_RESORT)
    return None if row is None else (KyberPreKeyRecord.deserialize(row[0]), row[1])


def delete_stale_prekeys(database: Transaction, now_ms: int) -> int:
    """Remove replaced keys whose time is over, of both identities.

    A key whose upload was never confirmed counts from its creation: the service may have it.
    """
    removed = 0
    for kind in PreKeyKind:
        lasting = kind in (PreKeyKind.SIGNED, PreKeyKind.KYBER_LAST_RESORT)
        oldest_ms = now_ms - (LASTING_RETENTION_MS if lasting else ONE_TIME_RETENTION_MS)
        removed += database.write(
            f"DELETE FROM {kind.table} WHERE {kind.rows} AND (replaced_ms <= ? "  # noqa: S608
            "OR (uploaded_ms IS NULL AND created_ms <= ?))",
            (oldest_ms, oldest_ms),
        )
    return removed


def delete_all_prekeys(database: Transaction, own: ServiceIdKind) -> None:
    """Remove every prekey of one of the account's identities (its identity key was replaced)."""
    for table in ("prekey", "signed_prekey", "kyber_prekey"):
        database.write(f"DELETE FROM {table} WHERE own_identity = ?", (own.value,))  # noqa: S608


# --- what a session asks for ----------------------------------------------------------------------


def load_prekey(database: Database, own: ServiceIdKind, prekey_id: int) -> PreKeyRecord:
    """One one-time key; raises InvalidPrekeyId."""
    from sigcli.protocol.prekeys import PreKeyRecord

    return PreKeyRecord.deserialize(_record(database, own, "prekey", prekey_id))


def remove_prekey(database: Transaction, own: ServiceIdKind, prekey_id: int) -> None:
    """Forget a one-time key that was used."""
    database.write(
        "DELETE FROM prekey WHERE own_identity = ? AND prekey_id = ?", (own.value, prekey_id)
    )


def load_signed_prekey(
    database: Database, own: ServiceIdKind, prekey_id: int
) -> SignedPreKeyRecord:
    """One signed key; raises InvalidPrekeyId."""
    from sigcli.protocol.prekeys import SignedPreKeyRecord

    return SignedPreKeyRecord.deserialize(_record(database, own, "signed_prekey", prekey_id))


def load_kyber_prekey(database: Database, own: ServiceIdKind, prekey_id: int) -> KyberPreKeyRecord:
    """One Kyber key of either kind; raises InvalidPrekeyId."""
    from sigcli.protocol.prekeys import KyberPreKeyRecord

    return KyberPreKeyRecord.deserialize(_record(database, own, "kyber_prekey", prekey_id))


def use_kyber_prekey(
    database: Transaction,
    own: ServiceIdKind,
    kyber_prekey_id: int,
    signed_prekey_id: int,
    base_key: PublicKey,
) -> None:
    """Forget a one-time key; of a last-resort key remember the first message it served.

    Raises InvalidMessage when it has served that one before.
    """
    if database.write(
        "DELETE FROM kyber_prekey WHERE own_identity = ? AND prekey_id = ? AND last_resort = 0",
        (own.value, kyber_prekey_id),
    ):
        return
    use = (own.value, kyber_prekey_id, signed_prekey_id, base_key.serialize())
    if not database.write("INSERT OR IGNORE INTO kyber_prekey_use VALUES (?, ?, ?, ?)", use):
        raise InvalidMessage("a first message was played a second time")


def _record(database: Database, own: ServiceIdKind, table: str, prekey_id: int) -> bytes:
    row = database.row(
        f"SELECT record FROM {table} WHERE own_identity = ? AND prekey_id = ?",  # noqa: S608
        (own.value, prekey_id),
    )
    if row is None:
        raise InvalidPrekeyId
    record: bytes = row[0]
    return record


def _active(database: Database, own: ServiceIdKind, kind: PreKeyKind) -> tuple[bytes, int] | None:
    row = database.row(
        f"SELECT record, uploaded_ms FROM {kind.table} WHERE own_identity = ? "  # noqa: S608
        f"AND {kind.rows} AND uploaded_ms IS NOT NULL AND replaced_ms IS NULL "
        "ORDER BY uploaded_ms DESC LIMIT 1",
        (own.value,),
    )
    return None if row is None else (row[0], row[1])


def _last_taken(
    database: Database, own: ServiceIdKind, table: str, start: int, count: int
) -> int | None:
    """The highest id in use of those wanted, in the order of counting; None: all are free."""
    end = start + count - 1
    for first, last in ((1, end - MAX_PREKEY_ID), (start, min(end, MAX_PREKEY_ID))):
        row = database.row(
            f"SELECT max(prekey_id) FROM {table} "  # noqa: S608
            "WHERE own_identity = ? AND prekey_id BETWEEN ? AND ?",
            (own.value, first, last),
        )
        if row is not None and row[0] is not None:
            return int(row[0])
    return None
