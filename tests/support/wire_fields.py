"""Protobuf fields by number, without a schema: enough to speak to a server without the code under test."""

from __future__ import annotations

from collections import defaultdict

FieldValue = int | bytes
Fields = dict[int, list[FieldValue]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def encode_fields(*fields: tuple[int, int | bytes | str | None]) -> bytes:
    """A message of varint and length-delimited fields; None leaves a field out."""
    encoded = bytearray()
    for number, value in fields:
        if value is None:
            continue
        if isinstance(value, int):
            encoded += _varint(number << 3 | _VARINT) + _varint(value)
        else:
            body = value.encode() if isinstance(value, str) else value
            encoded += _varint(number << 3 | _BYTES) + _varint(len(body)) + body
    return bytes(encoded)


def decode_fields(message: bytes) -> Fields:
    """All values of each field number; fixed-width ones as ints. ValueError for what is no protobuf."""
    fields: defaultdict[int, list[FieldValue]] = defaultdict(list)
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        kind = key & 7
        value: FieldValue
        if kind == _VARINT:
            value, position = _read_varint(message, position)
        elif kind == _BYTES:
            length, position = _read_varint(message, position)
            value, position = message[position : position + length], position + length
        elif kind in (_FIXED64, _FIXED32):
            width = 8 if kind == _FIXED64 else 4
            value = int.from_bytes(message[position : position + width], "little")
            position += width
        else:
            raise ValueError(f"wire type {kind}")
        if position > len(message):
            raise ValueError("truncated field")
        fields[key >> 3].append(value)
    return dict(fields)


def bytes_field(fields: Fields, number: int) -> bytes:
    """The last value of a length-delimited field; KeyError if absent."""
    value = fields[number][-1]
    assert isinstance(value, bytes)
    return value


def int_field(fields: Fields, number: int) -> int:
    """The last value of a numeric field; KeyError if absent."""
    value = fields[number][-1]
    assert isinstance(value, int)
    return value


def encoded_number(number: int, value: int) -> bytes:
    """A numeric field."""
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message) or shift > 63:
            raise ValueError("truncated varint")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
