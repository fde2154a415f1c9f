"""The part of DER that the SGX extension of a certificate needs (X.690)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.protocol.attestation.checks import Check, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
_HIGH_TAG = 0x1F
_LONG_LENGTH = 0x80


def element_length(data: bytes, check: Check) -> int:
    """How many bytes the element at the front has, header included; fails the check."""
    reader = Reader(data, check)
    _read(reader, check)
    return len(data) - reader.left


def elements(data: bytes, check: Check) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element; fails the check if it is not DER."""
    reader = Reader(data, check)
    while reader.left:
        yield _read(reader, check)


def require_whole_signature(encoded: bytes, check: Check) -> None:
    """Fails the check unless a certificate or list ends with a signature of whole bytes."""
    ((_, content),) = elements(encoded, check)
    *_, (tag, bits) = elements(content, check)
    if tag != BIT_STRING or bits[:1] != b"\0":
        raise check.failed("a signature is malformed")


def object_identifier(content: bytes, check: Check) -> str:
    """The dotted form; fails the check."""
    arcs: list[int] = []
    value = 0
    for byte in content:
        if value == 0 and byte == 0x80:
            raise check.failed("an object identifier is not DER")
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    if not arcs or content[-1] & 0x80:
        raise check.failed("an object identifier is not DER")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - first * 40, *arcs[1:]]))


def unsigned_integer(content: bytes, check: Check) -> int:
    """A non-negative number; fails the check."""
    padded = len(content) > 1 and content[0] == 0 and not content[1] & 0x80
    if not content or content[0] & 0x80 or padded:
        raise check.failed("a number is negative or not DER")
    return int.from_bytes(content, "big")


def _read(reader: Reader, check: Check) -> tuple[int, bytes]:
    tag, length = reader.take(2)
    if tag & _HIGH_TAG == _HIGH_TAG:
        raise check.failed("a DER tag is too large")
    if length >= _LONG_LENGTH:
        size = reader.take(length - _LONG_LENGTH)
        length = int.from_bytes(size, "big")
        if not size or len(size) > 4 or size[0] == 0 or length < _LONG_LENGTH:
            raise check.failed("a DER length is not canonical")
    return tag, reader.take(length)
