from __future__ import annotations

import os
from random import Random

import pytest

from sigcli.crypto import mlkem768, mlkem_expanded
from sigcli.crypto.curve import KeyPair
from sigcli.crypto.kem import KyberKeyPair
from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.protocol.prekeys import KyberPreKeyRecord, generate_kyber_prekeys


@pytest.fixture
def taken_over() -> tuple[KyberKeyPair, KyberKeyPair]:
    """A key pair, and the same as another client has kept it."""
    native = KyberKeyPair.generate(Random(7).randbytes)
    return native, KyberKeyPair.from_private(native.expanded())


def test_an_expanded_kyber_key_opens_what_its_seed_opens(
    taken_over: tuple[KyberKeyPair, KyberKeyPair],
) -> None:
    native, expanded = taken_over
    assert expanded.is_expanded
    assert expanded.public_key == native.public_key
    secret, ciphertext = expanded.public_key.encapsulate()
    assert expanded.decapsulate(ciphertext) == native.decapsulate(ciphertext) == secret


def test_a_forged_ciphertext_gives_an_unrelated_secret(
    taken_over: tuple[KyberKeyPair, KyberKeyPair],
) -> None:
    native, expanded = taken_over
    secret, ciphertext = expanded.public_key.encapsulate()
    forged = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert expanded.decapsulate(forged) == native.decapsulate(forged) != secret


def test_an_expanded_key_is_stored_and_printed_as_it_was(
    taken_over: tuple[KyberKeyPair, KyberKeyPair],
) -> None:
    native, expanded = taken_over
    assert expanded.private_bytes() == expanded.expanded() == native.expanded()
    (record,) = generate_kyber_prekeys(KeyPair.generate(), 9, 1, 1)
    stored = KyberPreKeyRecord(9, 1, expanded, record.signature)
    assert KyberPreKeyRecord.deserialize(stored.serialize()) == stored
    assert expanded.seed.hex()[:16] not in repr(expanded)


def test_halves_that_do_not_belong_together_are_refused(
    taken_over: tuple[KyberKeyPair, KyberKeyPair],
) -> None:
    data = bytearray(taken_over[1].expanded())
    data[2000] ^= 1
    with pytest.raises(InvalidKey):
        KyberKeyPair.from_private(bytes(data))
    with pytest.raises(InvalidKey):
        KyberKeyPair.from_private(bytes(100))


def test_the_smaller_kind_decapsulates_as_the_native_library() -> None:
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

    seed = Random(3).randbytes(64)
    key = _expanded_768(seed)
    native = MLKEM768PrivateKey.from_seed_bytes(seed)
    secret, ciphertext = native.public_key().encapsulate()
    assert mlkem768.decaps(key, ciphertext[:960], ciphertext[960:]) == secret
    forged = os.urandom(len(ciphertext))
    assert mlkem768.decaps(key, forged[:960], forged[960:]) == native.decapsulate(forged)
    assert mlkem768.vector_of(key) == mlkem768.vector_of(seed)
    with pytest.raises(InvalidMessage):
        mlkem_expanded.decapsulate(key, ciphertext[1:], mlkem_expanded.ML_KEM_768)


def _expanded_768(seed: bytes) -> bytes:
    """FIPS 203 algorithms 13 and 16."""
    from hashlib import sha3_256, sha3_512

    from sigcli.crypto.mlkem_polynomials import noise, ntt, pack_12

    keys = mlkem768.from_seed(seed)
    sigma = sha3_512(seed[:32] + bytes([3])).digest()[32:]
    secret = b"".join(pack_12(ntt(noise(sigma, n))) for n in range(3))
    public = keys.vector + keys.header[:32]
    return secret + public + sha3_256(public).digest() + seed[32:]
