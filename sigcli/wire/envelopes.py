"""Envelopes: what the service delivers, bytes to a typed value and back.

Format: Signal's ``SignalService.proto``. Service ids and the server's GUID are read in their binary
form, else as strings, and written in the binary form.
"""

from __future__ import annotations

import enum
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError

from sigcli.durations import DAY_MS
from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import UUID_LENGTH, ServiceId
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.mapping import (
    Codec,
    Field,
    Value,
    data,
    enumeration,
    flag,
    number,
    service_id,
    untyped_pni,
)

MAX_TIMESTAMP_MS = 100_000_000 * DAY_MS
"""The latest time that the service takes from a sender."""


class EnvelopeType(enum.IntEnum):
    """The kind of an envelope's content."""

    UNKNOWN = 0
    DOUBLE_RATCHET = 1
    PREKEY_MESSAGE = 3
    SERVER_DELIVERY_RECEIPT = 5
    UNIDENTIFIED_SENDER = 6
    PLAINTEXT_CONTENT = 8


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Envelope(Value):
    """One delivery of the service; nothing in it is authenticated."""

    type: EnvelopeType | int
    timestamp_ms: int
    """The sender's clock; of a server delivery receipt, the timestamp of the message received."""
    source: ServiceId | None = None
    """None for sealed sender."""
    source_device_id: int | None = None
    destination: ServiceId | None = None
    content: bytes | None = None
    server_timestamp_ms: int | None = None
    server_guid: str | None = None
    """A UUID in lower case, as far as the server's is one."""
    urgent: bool = True
    story: bool = False
    ephemeral: bool = False
    report_spam_token: bytes | None = None
    updated_pni: ServiceId | None = None


def decode_envelope(serialised: bytes) -> Envelope:
    """Parse an envelope; raises MalformedMessage. Ids that are not valid become None."""
    envelope = _ENVELOPE.decode(pb.Envelope, serialised)
    if max(envelope.timestamp_ms, envelope.server_timestamp_ms or 0) > MAX_TIMESTAMP_MS:
        raise MalformedMessage("the envelope has an impossible time")
    return envelope


def encode_envelope(envelope: Envelope) -> bytes:
    """Serialise an envelope; raises MalformedMessage for what a field cannot hold."""
    return _ENVELOPE.encode(pb.Envelope, envelope)


def with_text_ids(serialised: bytes) -> bytes:
    """The envelope with its ids as text beside the binary ones, for clients that cannot read those.

    Raises MalformedMessage.
    """
    message = pb.Envelope()
    try:
        message.ParseFromString(serialised)
    except DecodeError as error:
        raise MalformedMessage from error
    envelope = decode_envelope(serialised)
    if envelope.source is not None:
        message.sourceServiceId = str(envelope.source)
    if envelope.destination is not None:
        message.destinationServiceId = str(envelope.destination)
    if envelope.server_guid is not None:
        message.serverGuid = envelope.server_guid
    if envelope.updated_pni is not None:
        message.updatedPni = str(envelope.updated_pni.uuid)
    return message.SerializeToString()


def _read_guid(raw: bytes) -> str | None:
    return str(UUID(bytes=raw)) if len(raw) == UUID_LENGTH else None


def _parse_guid(raw: str | bytes) -> str | None:
    return raw.lower() if isinstance(raw, str) and raw else None


def _write_guid(message: Any, name: str, held: str) -> None:
    try:
        setattr(message, name, UUID(held).bytes)
    except ValueError:
        message.serverGuid = held


_ENVELOPE = Codec(
    Envelope,
    {
        "type": enumeration("type", EnvelopeType),
        "timestamp_ms": number("clientTimestamp"),
        "source": service_id("sourceServiceIdBinary", "sourceServiceId"),
        "source_device_id": number("sourceDeviceId"),
        "destination": service_id("destinationServiceIdBinary", "destinationServiceId"),
        "content": data("content"),
        "server_timestamp_ms": number("serverTimestamp"),
        "server_guid": Field(
            "serverGuidBinary", _read_guid, _write_guid, None, ("serverGuid", _parse_guid)
        ),
        "urgent": flag("urgent"),
        "story": flag("story"),
        "ephemeral": flag("ephemeral"),
        "report_spam_token": data("report_spam_token"),
        "updated_pni": untyped_pni("updatedPniBinary", "updatedPni"),
    },
)
