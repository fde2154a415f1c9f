"""The layout of zkgroup's objects: fixed-width fields one after the other.

Scalars and group elements have 32 bytes, byte strings and lists are preceded by their count, and timestamps (seconds)
have eight bytes; counts and timestamps are little-endian. Nothing may follow the last field. Source: libsignal
``rust/zkgroup/src/common/serialization.rs`` (bincode with fixed integers).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from sigcli.crypto import scalars
from sigcli.crypto.ristretto import POINT_LENGTH, RistrettoPoint, decode_all
from sigcli.crypto.scalars import SCALAR_LENGTH, Scalar
from sigcli.errors import MalformedMessage
from sigcli.wire.byte_reader import ByteReader

RESERVED = 0
_U64 = struct.Struct("<Q")


def version_byte(version: int) -> bytes:
    """The first byte of an object."""
    return bytes([version])


def u64(value: int) -> bytes:
    """Eight bytes, little-endian."""
    return _U64.pack(value)


def byte_string(data: bytes) -> bytes:
    """A byte string, preceded by its length."""
    return _U64.pack(len(data)) + data


class Reader(ByteReader):
    """Reads an object field by field; every method raises MalformedMessage."""

    __slots__ = ()

    def __init__(self, data: bytes, version: int = RESERVED) -> None:
        super().__init__(bytes(data), "the object")
        if self.take(1)[0] != version:
            raise MalformedMessage("the object has an unknown version")

    def u64(self) -> int:
        """A number of eight bytes."""
        return self.number(8)

    def byte_string(self) -> bytes:
        """A byte string, preceded by its length."""
        return self.take(self.u64())

    def scalar(self) -> Scalar:
        """A scalar."""
        return scalars.decode(self.take(SCALAR_LENGTH))

    def scalars(self, count: int) -> list[Scalar]:
        """``count`` scalars."""
        return [self.scalar() for _ in range(count)]

    def encodings(self, count: int) -> list[bytes]:
        """``count`` group elements, not decoded."""
        data = self.take(count * POINT_LENGTH)
        return [data[i : i + POINT_LENGTH] for i in range(0, len(data), POINT_LENGTH)]

    def points(self, count: int) -> list[RistrettoPoint]:
        """``count`` group elements."""
        return decode_all(self.encodings(count))

    def end(self) -> None:
        """Raises MalformedMessage if anything is left."""
        if self.left:
            raise MalformedMessage("the object is too long")


def points_bytes(points: Sequence[RistrettoPoint]) -> bytes:
    """The encodings of group elements one after the other."""
    return b"".join([point.encode() for point in points])
