"""Device names, link times and the HPKE under them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidMessage, MalformedMessage, ProtocolError
from sigcli.protocol.device_name import (
    decrypt_device_name,
    encrypt_device_name,
    open_created_at,
    seal_created_at,
)
from sigcli.protocol.hpke import hpke_open, hpke_seal
from tests.unit.protocol.hostile_bytes import hostile

RANDOM = Random("device name").randbytes
IDENTITY, STRANGER = KeyPair.generate(RANDOM), KeyPair.generate(RANDOM)
ENCRYPTED = encrypt_device_name("Küche", IDENTITY.public_key, RANDOM)
SEALED = seal_created_at(1_750_000_000_000, IDENTITY.public_key, 2, 4711, RANDOM)


@pytest.mark.parametrize("name", ["", "Küche", "x" * 200])
def test_names_come_through(name: str) -> None:
    encrypted = encrypt_device_name(name, IDENTITY.public_key)
    assert decrypt_device_name(encrypted, IDENTITY.private_key) == name


def test_a_tampered_or_foreign_name_is_refused() -> None:
    for index in (-1, -20, 5):
        broken = bytearray(ENCRYPTED)
        broken[index] ^= 1
        with pytest.raises(ProtocolError):
            decrypt_device_name(bytes(broken), IDENTITY.private_key)
    with pytest.raises(InvalidMessage):
        decrypt_device_name(ENCRYPTED, STRANGER.private_key)


def test_link_times_belong_to_one_device() -> None:
    assert open_created_at(SEALED, IDENTITY.private_key, 2, 4711) == 1_750_000_000_000
    for device_id, registration_id in ((3, 4711), (2, 4712)):
        with pytest.raises(InvalidMessage):
            open_created_at(SEALED, IDENTITY.private_key, device_id, registration_id)
    with pytest.raises(MalformedMessage):
        open_created_at(SEALED, IDENTITY.private_key, 2, 2**32)
    short = hpke_seal(IDENTITY.public_key, b"deviceCreatedAt", bytes([2, 0, 0, 18, 103]), b"1")
    with pytest.raises(MalformedMessage):
        open_created_at(short, IDENTITY.private_key, 2, 4711)


def test_hpke_against_the_library_of_cryptography() -> None:
    hpke = pytest.importorskip("cryptography.hazmat.primitives.hpke")
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    private = X25519PrivateKey.from_private_bytes(IDENTITY.private_key.raw)
    theirs = suite.encrypt(b"text", private.public_key(), b"info")
    assert hpke_open(IDENTITY.private_key, b"info", b"", b"\x01" + theirs) == b"text"
    ours = hpke_seal(IDENTITY.public_key, b"info", b"", b"text")
    assert suite.decrypt(ours[1:], private, b"info") == b"text"


@given(hostile(ENCRYPTED))
def test_hostile_names(data: bytes) -> None:
    try:
        assert decrypt_device_name(data, IDENTITY.private_key) == "Küche"
    except ProtocolError:
        return


@given(hostile(SEALED))
def test_hostile_link_times(data: bytes) -> None:
    try:
        assert open_created_at(data, IDENTITY.private_key, 2, 4711) == 1_750_000_000_000
    except ProtocolError:
        return
