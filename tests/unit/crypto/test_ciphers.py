"""Published vectors for the ciphers, and what does not authenticate or unpad."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto import ciphers
from sigcli.errors import InvalidMessage

# NIST SP 800-38A, AES-256.
KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
BLOCK = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")

Seal = Callable[[bytes, bytes, bytes, bytes], bytes]
AEADS = [
    pytest.param(ciphers.gcm_encrypt, ciphers.gcm_decrypt, id="gcm"),
    pytest.param(ciphers.gcm_siv_encrypt, ciphers.gcm_siv_decrypt, id="gcm-siv"),
    pytest.param(ciphers.chacha20poly1305_encrypt, ciphers.chacha20poly1305_decrypt, id="chacha20"),
]


def test_nist_vectors() -> None:
    assert ciphers.ecb_block(KEY, BLOCK).hex() == "f3eed1bdb5d2a03c064b5a7e3db181f8"
    encrypted = ciphers.cbc_encrypt(KEY, bytes(range(16)), BLOCK)
    assert encrypted[:16].hex() == "f58c4c04d6e5f1ba779eabfb5f7bfbd6"
    assert ciphers.cbc_decrypt(KEY, bytes(range(16)), encrypted) == BLOCK
    counter = bytes(range(0xF0, 0x100))
    assert ciphers.ctr(KEY, counter, BLOCK).hex() == "601ec313775789a5b7a7f504bbf3d228"
    with pytest.raises(ValueError, match="16"):
        ciphers.ecb_block(KEY, BLOCK + BLOCK)


def test_gcm_and_gcm_siv_vectors() -> None:
    sealed = ciphers.gcm_encrypt(bytes(32), bytes(12), bytes(16))
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    key, nonce = b"\1" + bytes(31), b"\3" + bytes(11)  # RFC 8452 appendix C.2
    assert ciphers.gcm_siv_encrypt(key, nonce, b"").hex() == "07f5f4169bbf55a8400cd47ea6fd400f"


def test_rfc_8439_tag() -> None:
    text = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        b"future, sunscreen would be it."
    )
    sealed = ciphers.chacha20poly1305_encrypt(
        bytes(range(0x80, 0xA0)),
        bytes.fromhex("070000004041424344454647"),
        text,
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"),
    )
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"


@given(st.binary(max_size=100))
def test_cbc_both_ways(data: bytes) -> None:
    encrypted = ciphers.cbc_encrypt(KEY, BLOCK, data)
    assert len(encrypted) == len(data) // 16 * 16 + 16
    assert ciphers.cbc_decrypt(KEY, BLOCK, encrypted) == data


@pytest.mark.parametrize("ending", [b"\0", b"\x11", b"\1\2", b"\2\3\3"])
def test_cbc_refuses_bad_padding(ending: bytes) -> None:
    padded = bytes(16 - len(ending)) + ending
    # One block, decrypted with the IV that turns it into what the padding check sees.
    block = ciphers.ecb_block(KEY, bytes(16))
    with pytest.raises(InvalidMessage):
        ciphers.cbc_decrypt(KEY, padded, block)


@pytest.mark.parametrize("length", [0, 1, 15, 17])
def test_cbc_refuses_other_lengths(length: int) -> None:
    with pytest.raises(InvalidMessage):
        ciphers.cbc_decrypt(KEY, BLOCK, bytes(length))


@pytest.mark.parametrize(("seal", "unseal"), AEADS)
def test_aeads_both_ways_and_refusing(seal: Seal, unseal: Seal) -> None:
    nonce = bytes(range(12))
    sealed = seal(KEY, nonce, b"data", b"aad")
    assert len(sealed) == 4 + 16
    assert unseal(KEY, nonce, sealed, b"aad") == b"data"
    for data, aad in (
        (sealed, b""),
        (sealed[:-1], b"aad"),
        (sealed[:5], b"aad"),
        (b"", b"aad"),
        (bytes([sealed[0] ^ 1]) + sealed[1:], b"aad"),
    ):
        with pytest.raises(InvalidMessage):
            unseal(KEY, nonce, data, aad)
