"""Bytes that are nearly a Content: of its fields, but with what no honest client would put there.

Written by hand rather than by the protobuf library, which refuses texts that are no UTF-8, wrong wire types and wrong
lengths.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from sigcli.wire.addresses import ServiceId
from sigcli.wire.generated import signal_service_pb2 as pb
from sigcli.wire.padding import pad

TEXTS = [
    b"",
    b"hello",
    b"\x1b[2J\x1b]0;title\x07",
    b"\xc2\x9b31m\xc2\x90q",
    b"\xff\xfe",
    b"\xed\xa0\x80",  # half of a surrogate pair
    b"a\r\nb\n\n\nEnvelope from: nobody",
    b"\x00\x08\x7f",
    "\u202ereversed\u2066\u200f\u2028".encode(),
    "é😀".encode(),
    b"+15550199",
    b"text/x-signal-plain",
    b"not-a-uuid",
    b"\x1b" * 3000,
]
NUMBERS = [0, 1, 2, 3, 7, 8, 14, 127, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1]
DATA = [b"", b"\x00", b"\x05", b"m" * 32, b"\x05" + b"k" * 32, b"k" * 64, b"\x1b" * 17, b"x" * 300]
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 6
_WIRE_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: _FIXED64,
    FieldDescriptor.TYPE_FIXED64: _FIXED64,
    FieldDescriptor.TYPE_SFIXED64: _FIXED64,
    FieldDescriptor.TYPE_FLOAT: _FIXED32,
    FieldDescriptor.TYPE_FIXED32: _FIXED32,
    FieldDescriptor.TYPE_SFIXED32: _FIXED32,
    FieldDescriptor.TYPE_STRING: _LENGTH,
    FieldDescriptor.TYPE_BYTES: _LENGTH,
    FieldDescriptor.TYPE_MESSAGE: _LENGTH,
}


@dataclass
class HostileWriter:
    """Writes messages of a schema: ``share`` of their fields, and ``lies`` of those not as the schema has them.

    Ids and times are taken from ``ids`` and ``times`` besides senseless ones.
    """

    source: random.Random
    share: float
    lies: float
    ids: Sequence[ServiceId]
    times: Sequence[int]
    usual: Sequence[str]
    """Fields of Content that are written most often."""

    def content(self) -> bytes:
        """A Content, unpadded: one of its messages, now and then several."""
        source, fields = self.source, pb.Content.DESCRIPTOR.fields_by_name
        if source.random() < 0.1:
            return self.message(pb.Content.DESCRIPTOR)
        name = source.choice(self.usual) if source.random() < 0.7 else source.choice([*fields])
        return self._field(fields[name], 0)

    def message(self, descriptor: Any, depth: int = 0) -> bytes:
        """A message of this type."""
        # The deeper, the fewer fields: else the longest would have millions.
        share = self.share if depth < 2 else min(self.share, 3 / max(3, len(descriptor.fields)))
        written = b""
        for field in descriptor.fields:
            if depth < _DEEPEST and self.source.random() < share:
                for _ in range(self.source.choice([1, 1, 2, 3])):
                    written += self._field(field, depth)
        if self.source.random() < self.lies:
            written += _tag(self.source.choice([15, 100, 2**29 - 1]), _VARINT) + _varint(7)
        return written

    def _field(self, field: Any, depth: int) -> bytes:
        kind = _WIRE_TYPES.get(field.type, _VARINT)
        if self.source.random() < self.lies / 4:
            kind = self.source.choice([_VARINT, _FIXED64, _LENGTH, _FIXED32, 3, 4])
        return _tag(field.number, kind) + self._value(field, kind, depth)

    def _value(self, field: Any, kind: int, depth: int) -> bytes:
        if kind == _VARINT:
            return _varint(self._number())
        if kind in (_FIXED64, _FIXED32):
            return self.source.randbytes(8 if kind == _FIXED64 else 4)
        if kind != _LENGTH:
            return b""
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            data = self.message(field.message_type, depth + 1)
        elif field.type == FieldDescriptor.TYPE_STRING:
            data = self.source.choice([*TEXTS, *(str(one).encode() for one in self.ids)])
        else:
            data = self.source.choice([*DATA, *(one.to_binary() for one in self.ids)])
        length = len(data)
        if self.source.random() < self.lies / 8:
            length = self.source.choice([0, length + 1, length * 2 + 9, 2**31, 2**63])
        return _varint(length) + data

    def _number(self) -> int:
        return self.source.choice([*NUMBERS, *self.times])


def hostile_plaintext(writer: HostileWriter) -> bytes:
    """What a hostile sender encrypts: a padded Content, a piece of one, a spoiled one, or anything."""
    source, content = writer.source, writer.content()
    if source.random() < 0.6:
        return pad(content)
    spoilt: list[Callable[[], bytes]] = [
        lambda: pad(content[: source.randint(0, len(content))]),
        lambda: pad(_spoil(content, source)),
        lambda: content,
        lambda: source.randbytes(source.randint(0, 300)),
        lambda: pad(b"\x0b" * source.choice([1, 99, 101, 5000])),  # groups in groups in groups
        lambda: pad(_nested_edits(source.choice([1, 50, 200]))),
        lambda: b"\x00" * 160,
        lambda: b"\x80",
        lambda: b"",
    ]
    return source.choice(spoilt)()


def _nested_edits(depth: int) -> bytes:
    """An edit in the unknown field of an edit in …: each level the payload of the next."""
    inner = b"\x0a\x01x"
    for _ in range(depth):
        inner = _tag(11, _LENGTH) + _varint(len(inner)) + inner
        inner = _tag(2, _LENGTH) + _varint(len(inner)) + inner
    return _tag(11, _LENGTH) + _varint(len(inner)) + inner


def _spoil(data: bytes, source: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(source.randint(1, 4)):
        if spoilt:
            spoilt[source.randrange(len(spoilt))] = source.randrange(256)
    return bytes(spoilt)


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
