from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidKey, InvalidMessage, SigcliError
from sigcli.protocol.noise import (
    MAX_PACKET,
    NoiseInitiator,
    NoisePattern,
    NoiseResponder,
    NoiseTransport,
)
from tests.unit.protocol.hostile_bytes import hostile

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource

STATIC = KeyPair.generate()

# Noise_NK_25519_ChaChaPoly_SHA256 of the cacophony test vectors.
PROLOGUE = bytes.fromhex("4a6f686e2047616c74")
VECTOR_STATIC = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"
VECTOR_PUBLIC = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62"
VECTOR_EPHEMERALS = (
    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
)
VECTOR_HASH = "2efa38a9c7c93ac98f3a097af25c2f58b9e7673787717bc27e98827118c2c1a5"
VECTOR_MESSAGES = (
    (
        "4c756477696720766f6e204d69736573",
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
        "8134d00711fdb390a0d178fa008f6d47d2891e5ea18ae136c3b4c23ac384efb0",
    ),
    (
        "4d757272617920526f746862617264",
        "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
        "8ea16e3701bc0d77744f117bee22451c9afa7f4cdbbcff00c04a8ee0913c88",
    ),
    (
        "462e20412e20486179656b",
        "a62de29ce27cb80245d440d986ed816c156e9d757d7008df2198b0",
    ),
    (
        "4361726c204d656e676572",
        "174a35f11c689f4530d7208618e0564ae12f2f50ba8eb4df5382ff",
    ),
    (
        "4a65616e2d426170746973746520536179",
        "337e475ebb8eae60f91974c4e455a5af38d1d8628d1803b160d60442874b0a1777",
    ),
    (
        "457567656e2042f6686d20766f6e2042617765726b",
        "047e80e060b7bb08b53c5a23dfe9920cae135b9d1dc6302fc475003062723700366346ac9d",
    ),
)


def fixed(text: str) -> RandomSource:
    return lambda length: bytes.fromhex(text)[:length]


def test_the_published_vector() -> None:
    messages = [(bytes.fromhex(a), bytes.fromhex(b)) for a, b in VECTOR_MESSAGES]
    initiator = NoiseInitiator(
        NoisePattern.NK,
        bytes.fromhex(VECTOR_PUBLIC),
        prologue=PROLOGUE,
        random=fixed(VECTOR_EPHEMERALS[0]),
    )
    responder = NoiseResponder(
        NoisePattern.NK,
        bytes.fromhex(VECTOR_STATIC),
        prologue=PROLOGUE,
        random=fixed(VECTOR_EPHEMERALS[1]),
    )
    (first, sent), (second, answered) = messages[:2]
    assert initiator.write(first) == sent
    assert responder.read(sent) == first
    assert responder.write(second) == answered
    assert initiator.read(answered) == second
    ours, theirs = initiator.transport(), responder.transport()
    assert ours.handshake_hash == theirs.handshake_hash == bytes.fromhex(VECTOR_HASH)
    for index, (payload, ciphertext) in enumerate(messages[2:]):
        sender, receiver = (ours, theirs) if index % 2 == 0 else (theirs, ours)
        assert sender.encrypt(payload) == ciphertext
        assert receiver.decrypt(ciphertext) == payload


def shake_hands(pattern: NoisePattern) -> tuple[NoiseTransport, NoiseTransport]:
    initiator = NoiseInitiator(pattern, STATIC.public_key.raw)
    responder = NoiseResponder(pattern, STATIC.private_key.raw)
    assert responder.read(initiator.write(b"one")) == b"one"
    assert initiator.read(responder.write(b"two")) == b"two"
    return initiator.transport(), responder.transport()


@pytest.mark.parametrize("pattern", NoisePattern)
def test_both_sides_reach_one_channel(pattern: NoisePattern) -> None:
    ours, theirs = shake_hands(pattern)
    assert ours.handshake_hash == theirs.handshake_hash
    for size in (0, 1, MAX_PACKET - 16, MAX_PACKET - 15, 200_000):
        message = bytes([size % 251]) * size
        packets = ours.encrypt(message)
        assert len(packets) == size + 16 * -(-size // (MAX_PACKET - 16))
        assert theirs.decrypt(packets) == message
        assert ours.decrypt(theirs.encrypt(message)) == message


def test_the_lengths_of_the_hybrid_handshake() -> None:
    initiator = NoiseInitiator(NoisePattern.NK_HYBRID, STATIC.public_key.raw)
    responder = NoiseResponder(NoisePattern.NK_HYBRID, STATIC.private_key.raw)
    first = initiator.write()
    responder.read(first)
    assert (len(first), len(responder.write())) == (1632, 1632)


@pytest.mark.parametrize("pattern", NoisePattern)
def test_only_the_expected_responder_is_answered_to(pattern: NoisePattern) -> None:
    initiator = NoiseInitiator(pattern, STATIC.public_key.raw)
    with pytest.raises(InvalidMessage):
        NoiseResponder(pattern, KeyPair.generate().private_key.raw).read(initiator.write())


@pytest.mark.parametrize("pattern", NoisePattern)
def test_every_part_of_the_answer_is_authentic(pattern: NoisePattern) -> None:
    for position in (0, 31, 32, 47, -1600, -17, -1):
        initiator = NoiseInitiator(pattern, STATIC.public_key.raw)
        responder = NoiseResponder(pattern, STATIC.private_key.raw)
        responder.read(initiator.write())
        answer = bytearray(responder.write())
        answer[position % len(answer)] ^= 1
        with pytest.raises((InvalidMessage, InvalidKey)):
            initiator.read(bytes(answer))


def test_packets_come_once_and_in_order() -> None:
    ours, theirs = shake_hands(NoisePattern.NK)
    first, second = ours.encrypt(b"1"), ours.encrypt(b"2")
    with pytest.raises(InvalidMessage):
        theirs.decrypt(second)
    assert theirs.decrypt(first) == b"1"
    with pytest.raises(InvalidMessage):
        theirs.decrypt(first)


def test_keys_of_another_length_or_small_order_are_refused() -> None:
    with pytest.raises(InvalidKey):
        NoiseInitiator(NoisePattern.NK, bytes(31))
    with pytest.raises(InvalidKey):
        NoiseInitiator(NoisePattern.NK, bytes(32)).write()
    with pytest.raises(InvalidKey):
        NoiseResponder(NoisePattern.NK, bytes(31))


FIRST = NoiseInitiator(NoisePattern.NK_HYBRID, STATIC.public_key.raw).write(b"hello")


@given(hostile(FIRST))
def test_hostile_handshakes_have_named_errors(data: bytes) -> None:
    responder = NoiseResponder(NoisePattern.NK_HYBRID, STATIC.private_key.raw)
    initiator = NoiseInitiator(NoisePattern.NK_HYBRID, STATIC.public_key.raw)
    initiator.write()
    for read in (responder.read, initiator.read):
        try:
            accepted = read(data)
        except SigcliError:
            continue
        assert data == FIRST
        assert accepted == b"hello"


@given(st.binary(max_size=100))
def test_hostile_packets_have_named_errors(data: bytes) -> None:
    ours, _ = CHANNEL
    if data:
        with pytest.raises(InvalidMessage):
            ours.decrypt(data)


CHANNEL = shake_hands(NoisePattern.NK)
