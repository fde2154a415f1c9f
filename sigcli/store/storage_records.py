"""The records of the storage service as last seen there: what differs from them here is an edit of this device."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import dataclass
from sigcli.store.account_data import STORAGE_MANIFEST, STORAGE_MANIFEST_VERSION
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigcli.store.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record: its id in the service (16 bytes), its type there, and what it says, serialised.

    ``record`` is None where the manifest lists an id whose record could not be decrypted.
    """

    raw_id: bytes
    type: int
    record: bytes | None = field(repr=False)


def storage_version(database: Database) -> int:
    """The version of the manifest that was last seen; 0 if none was."""
    return read_setting(database, STORAGE_MANIFEST_VERSION) or 0


def seen_manifest(database: Database) -> bytes | None:
    """The manifest that was last seen, decrypted."""
    return read_setting(database, STORAGE_MANIFEST)


def seen_records(database: Database) -> list[SeenRecord]:
    """All records that were last seen, in the order of their ids."""
    rows = database.rows("SELECT raw_id, type, record FROM storage_record ORDER BY raw_id")
    return [SeenRecord(*row) for row in rows]


def save_seen(
    database: Transaction,
    version: int,
    manifest: bytes,
    *,
    gone: Iterable[bytes] = (),
    new: Iterable[SeenRecord] = (),
) -> None:
    """Note what the service has now: a manifest, without some records and with some new ones."""
    database.write_many(
        "DELETE FROM storage_record WHERE raw_id = ?", ((raw_id,) for raw_id in gone)
    )
    database.write_many(
        "INSERT OR REPLACE INTO storage_record (raw_id, type, record) VALUES (?, ?, ?)",
        ((one.raw_id, one.type, one.record) for one in new),
    )
    write_setting(database, STORAGE_MANIFEST_VERSION, version)
    write_setting(database, STORAGE_MANIFEST, manifest)


def forget_seen(database: Transaction) -> None:
    """Forget all of it: for a device that starts over."""
    database.write("DELETE FROM storage_record")
    write_setting(database, STORAGE_MANIFEST_VERSION, None)
    write_setting(database, STORAGE_MANIFEST, None)
