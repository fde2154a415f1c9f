"""Sealed sender, version 1, and the choice of the version."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair
from sigcli.errors import (
    InvalidKey,
    InvalidMessage,
    MalformedMessage,
    ProtocolError,
    UnrecognisedMessageVersion,
)
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.sealed_sender import (
    ContentHint,
    UnidentifiedSenderMessageContent,
    seal_v1,
    unseal,
)
from sigcli.wire import sealed_sender as wire
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.protocol.hostile_bytes import hostile
from tests.unit.protocol.test_certificates import SENDER, certify

RECIPIENT, STRANGER = KeyPair.generate(Random(1).randbytes), KeyPair.generate(Random(2).randbytes)
CONTENT = UnidentifiedSenderMessageContent(
    CiphertextMessageType.WHISPER,
    certify(),
    b"ciphertext",
    ContentHint.IMPLICIT,
    GroupIdentifier(b"g" * 32),
)
SEALED = seal_v1(CONTENT, SENDER, RECIPIENT.public_key, Random(3).randbytes)


def test_a_message_comes_through_once_per_fixed_randomness() -> None:
    assert SEALED[0] == 0x11
    assert unseal(SEALED, RECIPIENT) == CONTENT
    assert seal_v1(CONTENT, SENDER, RECIPIENT.public_key, Random(3).randbytes) == SEALED
    assert seal_v1(CONTENT, SENDER, RECIPIENT.public_key) != SEALED


def test_neither_the_sender_nor_the_content_is_readable() -> None:
    for secret in (SENDER.public_key.raw, CONTENT.content, certify().sender.uuid_bytes):
        assert secret not in SEALED
    assert "ciphertext" not in repr(CONTENT)


def test_who_may_not_open_it() -> None:
    with pytest.raises(InvalidMessage):
        unseal(SEALED, STRANGER)


@pytest.mark.parametrize("index", [5, 30, 45, 80, 88, 300, -1])
def test_every_part_is_authenticated(index: int) -> None:
    broken = bytearray(SEALED)
    broken[index] ^= 1
    with pytest.raises(ProtocolError):
        unseal(bytes(broken), RECIPIENT)


def test_versions() -> None:
    assert unseal(b"\x01" + SEALED[1:], RECIPIENT) == CONTENT
    with pytest.raises(UnrecognisedMessageVersion):
        unseal(b"\x33" + SEALED[1:], RECIPIENT)
    with pytest.raises(MalformedMessage):
        unseal(b"", RECIPIENT)


def test_a_recipients_key_of_small_order_is_refused() -> None:
    with pytest.raises(InvalidKey):
        seal_v1(CONTENT, SENDER, type(RECIPIENT.public_key)(bytes(32)))


def test_content_with_unknown_numbers() -> None:
    plain = CONTENT.serialize()
    unknown_hint = plain.replace(b"\x20\x02", b"\x20\x63")
    assert unknown_hint != plain
    read = UnidentifiedSenderMessageContent.deserialize(unknown_hint)
    assert read.content_hint is ContentHint.DEFAULT
    with pytest.raises(MalformedMessage):
        UnidentifiedSenderMessageContent.deserialize(b"\x08\x05" + plain[2:])
    with pytest.raises(MalformedMessage):
        UnidentifiedSenderMessageContent.deserialize(plain[2:])


@given(hostile(SEALED))
def test_hostile_sealed_bytes(data: bytes) -> None:
    try:
        opened = unseal(data, RECIPIENT)
    except ProtocolError:
        return
    assert opened == CONTENT


@given(hostile(CONTENT.serialize()))
def test_hostile_content(data: bytes) -> None:
    try:
        content = UnidentifiedSenderMessageContent.deserialize(data)
    except ProtocolError:
        return
    assert UnidentifiedSenderMessageContent.deserialize(content.serialize()) == content


def test_text_that_is_no_utf8_is_malformed() -> None:
    good = certify(sender_e164="+15550100").certificate
    with pytest.raises(MalformedMessage):
        wire.decode_sender_certificate(good.replace(b"+1555", b"\xff\xfe\xfd\xfc\xfb"))
