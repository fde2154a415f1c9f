"""Profile fields: sizes and contents."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidMessage, MalformedMessage, ProtocolError, ValueTooLong
from sigcli.protocol import profile_fields as fields
from sigcli.protocol.profile_fields import ProfileName
from tests.unit.protocol.hostile_bytes import hostile

KEY = Random("profile").randbytes(32)
NAME = fields.encrypt_name(KEY, ProfileName("Ada", "Lovelace"))


@pytest.mark.parametrize(("length", "size"), [(0, 81), (53, 81), (54, 285), (257, 285)])
def test_sizes_of_names(length: int, size: int) -> None:
    name = ProfileName("x" * length)
    assert len(fields.encrypt_name(KEY, name)) == size
    assert fields.decrypt_name(KEY, fields.encrypt_name(KEY, name)) == name


@pytest.mark.parametrize(
    ("length", "size"), [(0, 156), (128, 156), (129, 282), (254, 282), (255, 540), (512, 540)]
)
def test_sizes_of_the_about_text(length: int, size: int) -> None:
    encrypted = fields.encrypt_about(KEY, "x" * length)
    assert len(encrypted) == size
    assert fields.decrypt_text(KEY, encrypted) == "x" * length


def test_the_other_fields() -> None:
    assert len(fields.encrypt_emoji(KEY, "🐠")) == 60
    assert fields.decrypt_text(KEY, fields.encrypt_emoji(KEY, "🐠")) == "🐠"
    address = b"\x0a\x04abcd\x00\x00"
    assert len(fields.encrypt_payment_address(KEY, address)) == 582
    encrypted = fields.encrypt_payment_address(KEY, address)
    assert fields.decrypt_payment_address(KEY, encrypted) == address
    for value in (True, False):
        assert len(fields.encrypt_boolean(KEY, value)) == 29
        assert fields.decrypt_boolean(KEY, fields.encrypt_boolean(KEY, value)) is value
    avatar = b"\xff\xd8picture\x00\x00"
    assert fields.decrypt_bytes(KEY, fields.encrypt_bytes(KEY, avatar)) == avatar


def test_what_is_too_long() -> None:
    for encrypt in (fields.encrypt_about, fields.encrypt_emoji):
        with pytest.raises(ValueTooLong):
            encrypt(KEY, "x" * 513)
    with pytest.raises(ValueTooLong, match="257"):
        fields.encrypt_name(KEY, ProfileName("é" * 127, "éé"))
    with pytest.raises(ValueTooLong):
        fields.encrypt_payment_address(KEY, bytes(551))


def test_fields_of_other_shapes() -> None:
    assert fields.decrypt_name(KEY, fields.encrypt_bytes(KEY, b"Ada\0")) == ProfileName("Ada")
    with pytest.raises(MalformedMessage):
        fields.decrypt_boolean(KEY, fields.encrypt_bytes(KEY, b"\0\1"))
    for cut in (b"", b"\1\0", b"\xff\xff\xff\xffabc"):
        with pytest.raises(MalformedMessage):
            fields.decrypt_payment_address(KEY, fields.encrypt_bytes(KEY, cut))
    with pytest.raises(MalformedMessage):
        fields.decrypt_text(KEY, NAME[:27])
    with pytest.raises(InvalidMessage):
        fields.decrypt_text(bytes(32), NAME)


@given(st.binary(max_size=60))
def test_hostile_plaintext(data: bytes) -> None:
    encrypted = fields.encrypt_bytes(KEY, data)
    assert isinstance(fields.decrypt_name(KEY, encrypted).given, str)
    assert isinstance(fields.decrypt_text(KEY, encrypted), str)
    for decrypt in (fields.decrypt_payment_address, fields.decrypt_boolean):
        try:
            decrypt(KEY, encrypted)
        except ProtocolError:
            continue


@given(hostile(NAME))
def test_hostile_fields(data: bytes) -> None:
    try:
        assert fields.decrypt_name(KEY, data) == ProfileName("Ada", "Lovelace")
    except ProtocolError:
        return
