"""X25519 keys and XEdDSA: a published vector, the signing equation, and what must be refused."""

from __future__ import annotations

import copy
import pickle
from hashlib import sha512

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.crypto import xeddsa
from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.errors import InvalidKey

ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
bytes32 = st.binary(min_size=32, max_size=32)


def little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def test_rfc_7748_vector() -> None:
    private = PrivateKey(
        bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    )
    public = PublicKey(
        bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    )
    assert private.agree(public).hex() == (
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    )


@given(bytes32, bytes32)
def test_agreement_is_symmetric(a: bytes, b: bytes) -> None:
    one, other = KeyPair.from_private(a), KeyPair.from_private(b)
    shared = one.private_key.agree(other.public_key)
    assert shared == other.private_key.agree(one.public_key)
    assert len(shared) == 32


@pytest.mark.parametrize("u", [0, 1, PRIME - 1, PRIME, PRIME + 1])
def test_points_of_small_order_are_refused(u: int) -> None:
    with pytest.raises(InvalidKey):
        KeyPair.generate().private_key.agree(PublicKey(u.to_bytes(32, "little")))


def test_serialized_public_key_has_a_type_byte() -> None:
    key = KeyPair.generate().public_key
    data = key.serialize()
    assert (len(data), data[0]) == (33, 5)
    assert PublicKey.deserialize(data) == key
    for bad in (b"", data[:-1], data + b"\0", b"\x06" + data[1:], data[1:]):
        with pytest.raises(InvalidKey):
            PublicKey.deserialize(bad)


def test_private_key_is_clamped_hidden_and_copied_without_its_handle() -> None:
    key = PrivateKey(b"\xff" * 32)
    raw = key.serialize()
    assert raw[0] == 0xF8
    assert raw[31] == 0x7F
    assert "ff" not in repr(key)
    public = key.public_key()
    assert pickle.loads(pickle.dumps(key)) == key == copy.deepcopy(key)
    assert pickle.loads(pickle.dumps(key)).public_key() == public
    for length in (0, 31, 33):
        with pytest.raises(InvalidKey):
            PrivateKey.deserialize(bytes(length))


@settings(max_examples=50)
@given(bytes32, st.binary(max_size=100), st.binary(min_size=64, max_size=64))
def test_signature_follows_the_specification(raw: bytes, message: bytes, noise: bytes) -> None:
    pair = KeyPair.from_private(raw)
    scalar = pair.private_key.serialize()
    signature = xeddsa.sign(scalar, message, noise)
    nonce = little(sha512(b"\xfe" + b"\xff" * 31 + scalar + message + noise).digest())
    u = little(pair.public_key.raw)
    y = (u - 1) * pow(u + 1, -1, PRIME) % PRIME
    edwards = (y | (signature[63] & 0x80) << 248).to_bytes(32, "little")
    challenge = little(sha512(signature[:32] + edwards + message).digest())
    response = little(signature[32:63] + bytes([signature[63] & 0x7F]))
    assert response == (nonce + challenge * little(scalar)) % ORDER
    assert pair.public_key.verify(signature, message)
    assert pair.public_key.verify(signature, message[:7], message[7:])


def test_both_signs_of_the_edwards_key_occur() -> None:
    signs = set()
    for n in range(24):
        pair = KeyPair.from_private(bytes([n + 1]) * 32)
        signature = pair.private_key.sign(b"m", random=bytes)
        assert pair.public_key.verify(signature, b"m")
        signs.add(signature[63] & 0x80)
    assert signs == {0, 0x80}


@given(st.integers(0, 511))
def test_every_flipped_bit_is_noticed(bit: int) -> None:
    pair = KeyPair.from_private(b"k" * 32)
    signature = bytearray(pair.private_key.sign(b"message", random=bytes))
    signature[bit // 8] ^= 1 << bit % 8
    assert not pair.public_key.verify(bytes(signature), b"message")


def test_a_response_beyond_the_order_is_taken_and_one_beyond_253_bits_is_not() -> None:
    pair = KeyPair.from_private(b"k" * 32)
    signature = pair.private_key.sign(b"message", random=bytes)
    sign_bit = signature[63] & 0x80
    response = little(signature[32:63] + bytes([signature[63] & 0x7F]))

    def with_response(value: int) -> bytes:
        data = value.to_bytes(32, "little")
        return signature[:32] + data[:31] + bytes([data[31] | sign_bit])

    assert pair.public_key.verify(with_response(response + ORDER), b"message")
    assert not pair.public_key.verify(with_response(response + 2 * ORDER), b"message")


@given(bytes32, st.binary(max_size=70))
def test_hostile_signatures_raise_nothing(key: bytes, signature: bytes) -> None:
    assert isinstance(xeddsa.verify(key, b"message", signature), bool)


def test_keys_without_an_edwards_form_verify_nothing() -> None:
    signature = bytes(64)
    for u in (PRIME - 1, 2):  # the pole of the map, and a u off the curve
        assert not PublicKey(u.to_bytes(32, "little")).verify(signature, b"")
    assert not PublicKey(b"\1" * 32).verify(b"", b"")
