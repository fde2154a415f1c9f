"""The files of sticker packs."""

from __future__ import annotations

import contextlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.errors import InvalidKey, InvalidMessage, ProtocolError
from sigcli.protocol.sticker_cipher import (
    decrypt_pack_file,
    encrypt_pack_file,
    encrypted_size,
    generate_pack_key,
)
from tests.unit.protocol.hostile_bytes import hostile

KEY = bytes(range(32))
# Made with Node's crypto: HKDF with "Sticker Pack", AES-256-CBC with an IV of nines, HMAC-SHA256.
VECTOR = bytes.fromhex(
    "09090909090909090909090909090909fb099add6b5abe20ad93775621070d7d"
    "f8a742d5bcf7e18f57d23a131efea2f0e1b5574cebd43a3bc857637db39b31b5"
)


def test_the_vector_of_another_implementation() -> None:
    assert encrypt_pack_file(KEY, b"sticker", lambda length: b"\x09" * length) == VECTOR
    assert decrypt_pack_file(KEY, VECTOR) == b"sticker"


@given(st.binary(max_size=100))
def test_any_file_comes_back(plaintext: bytes) -> None:
    key = generate_pack_key(Random(1).randbytes)
    blob = encrypt_pack_file(key, plaintext)
    assert len(blob) == encrypted_size(len(plaintext))
    assert decrypt_pack_file(key, blob) == plaintext


def test_what_was_changed_or_made_with_another_key_is_refused() -> None:
    for index in (0, 20, -1):
        broken = bytearray(VECTOR)
        broken[index] ^= 1
        with pytest.raises(InvalidMessage):
            decrypt_pack_file(KEY, bytes(broken))
    with pytest.raises(InvalidMessage):
        decrypt_pack_file(bytes(32), VECTOR)
    with pytest.raises(InvalidKey):
        decrypt_pack_file(KEY[:31], VECTOR)


@given(hostile(VECTOR))
def test_hostile_files_are_refused(blob: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert decrypt_pack_file(KEY, blob) == b"sticker"
