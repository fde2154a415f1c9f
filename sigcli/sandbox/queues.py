"""The messages waiting for devices, in order, until they are acknowledged."""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING
from uuid import uuid4

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import Envelope, EnvelopeType, encode_envelope

if TYPE_CHECKING:
    from sigcli.sandbox.database import Database

EPHEMERAL_LIFE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender of an unsealed message is told once a device has received it."""

    sender: ServiceId
    recipient: ServiceId
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Queued:
    """A queued message; ``position`` orders the queue and names the message."""

    position: int
    envelope: bytes = field(repr=False)
    story: bool
    receipt: Receipt | None


class Queues:
    """One queue for each device."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, account: ServiceId, device: int, envelope: Envelope, now_ms: int) -> None:
        """Queue an envelope; it gets its server GUID here."""
        source = envelope.source
        receipt = (
            json.dumps([str(source), str(envelope.destination), envelope.timestamp_ms])
            if source is not None and envelope.type != EnvelopeType.SERVER_DELIVERY_RECEIPT
            else None
        )
        serialised = encode_envelope(_finished(envelope))
        self._database.execute(
            "INSERT INTO messages (account, device, envelope, story, ephemeral_until_ms, receipt)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                str(account),
                device,
                serialised,
                envelope.story,
                now_ms + EPHEMERAL_LIFE_MS if envelope.ephemeral else None,
                receipt,
            ),
        )

    def after(
        self, account: ServiceId, device: int, position: int, limit: int, now_ms: int
    ) -> list[Queued]:
        """The next messages after a position; those for online devices only expire soon."""
        rows = self._database.execute(
            "SELECT position, envelope, story, receipt FROM messages"
            " WHERE account = ? AND device = ? AND position > ?"
            " AND (ephemeral_until_ms IS NULL OR ephemeral_until_ms > ?)"
            " ORDER BY position LIMIT ?",
            (str(account), device, position, now_ms, limit),
        ).fetchall()
        return [Queued(row[0], row[1], bool(row[2]), _receipt(row[3])) for row in rows]

    def remove(self, position: int) -> None:
        self._database.execute("DELETE FROM messages WHERE position = ?", (position,))

    def length(self, account: ServiceId, device: int) -> int:
        (count,) = self._database.execute(
            "SELECT count(*) FROM messages WHERE account = ? AND device = ?",
            (str(account), device),
        ).fetchone()
        return int(count)

    def drop_oldest(self, account: ServiceId, device: int) -> None:
        """Drop the older half of a queue."""
        count = -(-self.length(account, device) // 2)
        self._database.execute(
            "DELETE FROM messages WHERE position IN (SELECT position FROM messages"
            " WHERE account = ? AND device = ? ORDER BY position LIMIT ?)",
            (str(account), device, count),
        )

    def clear(self, account: ServiceId, device: int | None = None) -> None:
        """Drop the queue of a device, or of all devices."""
        statement, values = "DELETE FROM messages WHERE account = ?", [str(account)]
        if device is not None:
            statement, values = f"{statement} AND device = ?", [str(account), str(device)]
        self._database.execute(statement, values)


def _finished(envelope: Envelope) -> Envelope:
    # The flag is only for the server.
    return replace(envelope, server_guid=str(uuid4()), ephemeral=False)


def _receipt(text: str | None) -> Receipt | None:
    if text is None:
        return None
    sender, recipient, timestamp_ms = json.loads(text)
    return Receipt(ServiceId.parse(sender), ServiceId.parse(recipient), timestamp_ms)
