"""Taking bytes apart from the front."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import MalformedMessage
from sigcli.wire.byte_reader import ByteReader, encode_varint


@given(st.lists(st.integers(0, 2**64 - 1)), st.binary())
def test_varints_come_back_and_what_follows_is_left(numbers: list[int], rest: bytes) -> None:
    reader = ByteReader(b"".join(map(encode_varint, numbers)) + rest, "the data")
    assert [reader.varint() for _ in numbers] == numbers
    assert reader.left == len(rest)
    assert reader.rest() == rest


def test_numbers_are_little_endian() -> None:
    reader = ByteReader(b"\x01\x02\x03", "the data")
    assert (reader.number(2), reader.take(1)) == (0x0201, b"\x03")


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80" * 4])
def test_bytes_that_end_early_are_named(data: bytes) -> None:
    with pytest.raises(MalformedMessage, match="the data is cut off"):
        ByteReader(data, "the data").varint()


def test_a_varint_has_a_longest_form() -> None:
    assert ByteReader(b"\xff" * 4 + b"\x0f", "the data").varint(5) == 0xFFFFFFFF
    with pytest.raises(MalformedMessage, match="does not end"):
        ByteReader(b"\x80" * 5 + b"\x01", "the data").varint(5)


def test_nothing_is_taken_by_a_take_that_fails() -> None:
    reader = ByteReader(b"abc", "the data")
    with pytest.raises(MalformedMessage):
        reader.take(4)
    assert reader.take(3) == b"abc"
