"""Reading binary formats piece by piece, and the varints in them (LEB128, as in protobuf)."""

from __future__ import annotations

from sigcli.errors import MalformedMessage

_LONGEST_VARINT = 10


class ByteReader:
    """Takes pieces off the front of bytes; raises MalformedMessage where they end early.

    ``what`` names the bytes in an error, such as "the sealed message".
    """

    __slots__ = ("_data", "_position", "_what")

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._what = what
        self._position = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        start = self._position
        end = start + length
        if end > len(self._data):
            raise self.cut_off()
        self._position = end
        return self._data[start:end]

    def number(self, length: int) -> int:
        """A little-endian number of ``length`` bytes."""
        return int.from_bytes(self.take(length), "little")

    def varint(self, longest: int = _LONGEST_VARINT) -> int:
        """A varint of at most ``longest`` bytes."""
        value = 0
        for shift in range(0, 7 * longest, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise MalformedMessage(f"a length in {self._what} does not end")

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(self.left)

    def cut_off(self) -> Exception:
        """The error for bytes that end early."""
        return MalformedMessage(f"{self._what} is cut off")


def encode_varint(value: int) -> bytes:
    """The varint of a number from 0."""
    if value < 0x80:
        return bytes((value,))
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
