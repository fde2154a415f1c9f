"""Kyber1024 on ML-KEM-1024: the formula of the shared secret, forms, and what is refused."""

from __future__ import annotations

import pickle
from hashlib import sha3_256, shake_256

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey

from sigcli.crypto.kem import KyberKeyPair, KyberPublicKey
from sigcli.crypto.probe import missing_primitives, require_primitives
from sigcli.errors import InvalidKey, InvalidMessage

SEED = bytes(range(64))


def test_both_sides_hold_the_same_secret() -> None:
    pair = KyberKeyPair.generate()
    shared, ciphertext = pair.public_key.encapsulate()
    assert len(shared) == 32
    assert (len(ciphertext), ciphertext[0]) == (1569, 8)
    assert pair.decapsulate(ciphertext) == shared
    assert KyberKeyPair.from_seed(pair.seed).decapsulate(ciphertext) == shared
    assert pickle.loads(pickle.dumps(pair)).decapsulate(ciphertext) == shared


def test_the_secret_is_round_3s() -> None:
    pair = KyberKeyPair.from_seed(SEED)
    shared, ciphertext = pair.public_key.encapsulate()
    fips = MLKEM1024PrivateKey.from_seed_bytes(SEED).decapsulate(ciphertext[1:])
    expected = shake_256(fips + sha3_256(ciphertext[1:]).digest()).digest(32)
    assert shared == expected


def test_a_forged_ciphertext_gives_another_secret() -> None:
    pair = KyberKeyPair.from_seed(SEED)
    shared, ciphertext = pair.public_key.encapsulate()
    forged = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert pair.decapsulate(forged) != shared


def test_forms_are_checked() -> None:
    pair = KyberKeyPair.from_seed(SEED)
    data = pair.public_key.serialize()
    assert (len(data), data[0]) == (1569, 8)
    assert KyberPublicKey.deserialize(data) == pair.public_key
    for bad in (b"", data[:-1], data + b"\0", b"\x0a" + data[1:]):
        with pytest.raises(InvalidKey):
            KyberPublicKey.deserialize(bad)
        with pytest.raises(InvalidMessage):
            pair.decapsulate(bad)
    with pytest.raises(InvalidKey):
        KyberKeyPair.from_seed(bytes(63))
    with pytest.raises(InvalidKey, match="canonical"):
        KyberPublicKey(b"\xff" * 1568).encapsulate()
    assert SEED.hex()[:8] not in repr(pair)[:60]


def test_this_installation_has_every_primitive() -> None:
    assert missing_primitives() == []
    require_primitives()
