"""The ratchet's own message inside each Signal message (version 1).

Bytes: version 0x01, varint epoch, varint key index, type byte; for the types with a chunk also a varint chunk index (at
most 65535) and 32 bytes. Anything after that is ignored, so that later versions can use it.

Source: ``src/v1/chunked/states/serialize.rs`` of github.com/signalapp/SparsePostQuantumRatchet.
"""

from __future__ import annotations

import enum
from dataclasses import field

from sigcli.errors import InvalidMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.spqr.erasure import CHUNK_LENGTH, MAX_CHUNK_INDEX
from sigcli.wire.byte_reader import encode_varint

MESSAGE_VERSION = 1
MAX_KEY_INDEX = 0xFFFFFFFF
_MAX_VARINT_LENGTH = 10
_U64 = 0xFFFFFFFFFFFFFFFF


class Payload(enum.IntEnum):
    """What a message carries for the key exchange."""

    NONE = 0
    HEADER = 1
    EK = 2
    EK_AND_ACK = 3
    ACK = 4
    CT1 = 5
    CT2 = 6


WITHOUT_CHUNK = frozenset((Payload.NONE, Payload.ACK))
_PAYLOADS = tuple(Payload)


@dataclass(frozen=True, slots=True)
class SpqrMessage:
    """One message; ``chunk`` is empty for the payloads that have none."""

    epoch: int
    key_index: int
    payload: Payload
    chunk_index: int = 0
    chunk: bytes = field(default=b"", repr=False)


def encode(message: SpqrMessage) -> bytes:
    """The bytes of a message."""
    data = (
        bytes((MESSAGE_VERSION,))
        + encode_varint(message.epoch)
        + encode_varint(message.key_index)
        + bytes((message.payload,))
    )
    if message.payload in WITHOUT_CHUNK:
        return data
    return data + encode_varint(message.chunk_index) + message.chunk


def decode(data: bytes) -> SpqrMessage:
    """Read a message of version 1; raises InvalidMessage."""
    if not data or data[0] != MESSAGE_VERSION:
        raise InvalidMessage("the ratchet message has an unknown version")
    epoch, at = _read_varint(data, 1)
    if epoch == 0:
        raise InvalidMessage("the ratchet message has no epoch")
    key_index, at = _read_varint(data, at)
    if key_index > MAX_KEY_INDEX or at >= len(data) or data[at] >= len(_PAYLOADS):
        raise InvalidMessage("the ratchet message does not parse")
    payload = _PAYLOADS[data[at]]
    at += 1
    if payload in WITHOUT_CHUNK:
        return SpqrMessage(epoch, key_index, payload)
    chunk_index, at = _read_varint(data, at)
    chunk = bytes(data[at : at + CHUNK_LENGTH])
    if chunk_index > MAX_CHUNK_INDEX or len(chunk) != CHUNK_LENGTH:
        raise InvalidMessage("the chunk of the ratchet message does not parse")
    return SpqrMessage(epoch, key_index, payload, chunk_index, chunk)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The value, cut to 64 bits, and the position after it."""
    value = shift = 0
    for byte in data[at : at + _MAX_VARINT_LENGTH]:
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _U64, at
        shift += 7
    raise InvalidMessage("a number in the ratchet message does not end")
