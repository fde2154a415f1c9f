"""Incremental ML-KEM-768 against the native implementation.

Native decapsulation encrypts again and compares: it gives the encapsulated secret only if both
halves of the ciphertext are, bit for bit, what FIPS 203 prescribes for the message and the key.
"""

from __future__ import annotations

from hashlib import sha3_256, sha3_512

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.crypto import mlkem768
from sigcli.errors import InvalidKey, InvalidMessage

bytes32 = st.binary(min_size=32, max_size=32)
bytes64 = st.binary(min_size=64, max_size=64)


@settings(max_examples=60)
@given(bytes64, bytes32)
def test_the_halves_are_exactly_fips_203(seed: bytes, message: bytes) -> None:
    keys = mlkem768.from_seed(seed)
    state, ct1, shared = mlkem768.encaps1(keys.header, lambda n: message[:n])
    ct2 = mlkem768.encaps2(state, keys.vector)
    native = MLKEM768PrivateKey.from_seed_bytes(seed)
    encoded = native.public_key().public_bytes_raw()
    assert keys.vector + keys.header[:32] == encoded
    assert keys.header[32:] == sha3_256(encoded).digest()
    assert (len(ct1), len(ct2)) == (960, 128)
    assert shared == sha3_512(message + keys.header[32:]).digest()[:32]
    assert native.decapsulate(ct1 + ct2) == shared == mlkem768.decaps(seed, ct1, ct2)


def test_a_changed_ciphertext_gives_another_secret() -> None:
    keys = mlkem768.generate()
    state, ct1, shared = mlkem768.encaps1(keys.header)
    ct2 = mlkem768.encaps2(state, keys.vector)
    assert mlkem768.decaps(keys.seed, ct1, bytes([ct2[0] ^ 1]) + ct2[1:]) != shared


def test_the_key_must_fit_its_header() -> None:
    keys = mlkem768.generate()
    assert mlkem768.ek_matches_header(keys.header, keys.vector)
    other = bytes([keys.vector[0] ^ 1]) + keys.vector[1:]
    assert not mlkem768.ek_matches_header(keys.header, other)
    assert not mlkem768.ek_matches_header(keys.header[:-1], keys.vector)
    assert not mlkem768.ek_matches_header(keys.header, keys.vector[:-1])


@pytest.mark.parametrize("encoded", [b"\x01\x0d\x00", b"\x00\x10\xd0"])  # 3329 in either place
def test_the_key_must_be_canonical(encoded: bytes) -> None:
    rho = bytes(32)
    vector = bytes(1149) + encoded
    header = rho + sha3_256(vector + rho).digest()
    assert not mlkem768.ek_matches_header(header, vector)
    canonical = bytes(1149) + b"\x00\x0d\xd0"  # 3328 in both places
    assert mlkem768.ek_matches_header(rho + sha3_256(canonical + rho).digest(), canonical)


def test_lengths_are_checked() -> None:
    with pytest.raises(InvalidMessage):
        mlkem768.encaps1(bytes(63))
    with pytest.raises(InvalidMessage):
        mlkem768.encaps2(bytes(64), bytes(1151))
    with pytest.raises(InvalidMessage):
        mlkem768.decaps(bytes(64), bytes(960), bytes(127))
    with pytest.raises(InvalidKey):
        mlkem768.from_seed(bytes(65))
