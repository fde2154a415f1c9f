"""The prekeys that devices have uploaded, by service id: those of the ACI and of the PNI are kept apart."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass
from sigcli.sandbox.fields import encode_unpadded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigcli.sandbox.database import Database
    from sigcli.wire.addresses import ServiceId


class Kind(enum.Enum):
    """What a key is for."""

    CURVE = "curve"
    KYBER = "kyber"
    SIGNED = "signed"
    LAST_RESORT = "last-resort"


@dataclass(frozen=True, slots=True)
class PublicKeyEntry:
    """A public prekey: id, serialised key (33 or 1569 bytes) and, if signed, the signature."""

    key_id: int
    public_key: bytes
    signature: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "keyId": self.key_id,
            "publicKey": encode_unpadded(self.public_key),
        }
        if self.signature is not None:
            fields["signature"] = encode_unpadded(self.signature)
        return fields


class PreKeys:
    """Stores, counts and hands out prekeys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(
        self, owner: ServiceId, device: int, kind: Kind, keys: Sequence[PublicKeyEntry]
    ) -> None:
        """Store keys in place of all stored ones of their kind."""
        self._database.execute(
            "DELETE FROM prekeys WHERE owner = ? AND device = ? AND kind = ?",
            (str(owner), device, kind.value),
        )
        self._database.execute_many(
            "INSERT INTO prekeys (owner, device, kind, key_id, public_key, signature)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (str(owner), device, kind.value, key.key_id, key.public_key, key.signature)
                for key in keys
            ],
        )

    def count(self, owner: ServiceId, device: int, kind: Kind) -> int:
        (count,) = self._database.execute(
            "SELECT count(*) FROM prekeys WHERE owner = ? AND device = ? AND kind = ?",
            (str(owner), device, kind.value),
        ).fetchone()
        return int(count)

    def peek(self, owner: ServiceId, device: int, kind: Kind) -> PublicKeyEntry | None:
        """The first key of a kind, which stays."""
        found = self._first(owner, device, kind)
        return None if found is None else found[1]

    def take(self, owner: ServiceId, device: int, kind: Kind) -> PublicKeyEntry | None:
        """Take the first key of a kind, which is then deleted."""
        found = self._first(owner, device, kind)
        if found is None:
            return None
        self._database.execute("DELETE FROM prekeys WHERE position = ?", (found[0],))
        return found[1]

    def delete(self, owner: ServiceId, device: int | None = None) -> None:
        """Delete all keys of a device, or of all devices."""
        statement, values = "DELETE FROM prekeys WHERE owner = ?", [str(owner)]
        if device is not None:
            statement, values = f"{statement} AND device = ?", [str(owner), str(device)]
        self._database.execute(statement, values)

    def _first(
        self, owner: ServiceId, device: int, kind: Kind
    ) -> tuple[int, PublicKeyEntry] | None:
        row = self._database.execute(
            "SELECT position, key_id, public_key, signature FROM prekeys"
            " WHERE owner = ? AND device = ? AND kind = ? ORDER BY position LIMIT 1",
            (str(owner), device, kind.value),
        ).fetchone()
        return None if row is None else (row[0], PublicKeyEntry(row[1], row[2], row[3]))
