"""The chains: both ends agree, in any order, within the limits."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from sigcli.errors import DuplicateMessage, InvalidMessage, InvalidSession, LimitExceeded
from sigcli.protocol.limits import MAX_FORWARD_JUMPS, MAX_SKIPPED_KEYS
from sigcli.protocol.spqr import chain
from sigcli.wire.spqr_state import Chain, Direction

AUTH_KEY = bytes(range(32))


def pair(max_jump: int = 100, max_skipped: int = 10) -> tuple[Chain, Chain]:
    return (
        chain.start(Direction.A_TO_B, AUTH_KEY, max_jump, max_skipped),
        chain.start(Direction.B_TO_A, AUTH_KEY, max_jump, max_skipped),
    )


def sent(sender: Chain, count: int, epoch: int = 0) -> tuple[Chain, list[bytes]]:
    """The keys of the next messages; index 0 is a placeholder, so that keys[i] is message i's."""
    keys = [b""]
    for expected in range(1, count + 1):
        sender, index, key = chain.send_key(sender, epoch)
        assert index == expected
        keys.append(key)
    return sender, keys


def test_the_first_key_is_derived_as_specified() -> None:
    def hkdf(salt: bytes, ikm: bytes, info: bytes, length: int) -> bytes:
        prk = hmac.digest(salt, ikm, "sha256")
        output = block = b""
        for n in range(1, length // 32 + 1):
            block = hmac.new(prk, block + info + bytes([n]), hashlib.sha256).digest()
            output += block
        return output

    root = hkdf(bytes(32), AUTH_KEY, b"Signal PQ Ratchet V1 Chain  Start", 96)
    first = hkdf(bytes(32), root[32:64], b"\0\0\0\1Signal PQ Ratchet V1 Chain Next", 64)
    a, b = pair()
    assert chain.send_key(a, 0)[1:] == (1, first[32:])
    assert chain.receive_key(b, 0, 1)[1] == first[32:]
    added = hkdf(root[:32], b"secret", b"Signal PQ Ratchet V1 Chain Add Epoch", 96)
    second = hkdf(bytes(32), added[64:], b"\0\0\0\1Signal PQ Ratchet V1 Chain Next", 64)
    assert chain.receive_key(chain.add_epoch(a, 1, b"secret"), 1, 1)[1] == second[32:]


def test_each_key_is_given_out_once_in_any_order() -> None:
    a, b = pair()
    a, keys = sent(a, 8)
    for index in (3, 1, 8, 5, 2, 4, 7, 6):
        b, key = chain.receive_key(b, 0, index)
        assert key == keys[index]
        with pytest.raises(DuplicateMessage):
            chain.receive_key(b, 0, index)
    assert b.links[0].skipped == b""
    with pytest.raises(DuplicateMessage):
        chain.receive_key(b, 0, 0)


def test_limits_of_jump_and_of_skipped_keys() -> None:
    a, b = pair(max_jump=100, max_skipped=10)
    a, keys = sent(a, 150)
    with pytest.raises(LimitExceeded):
        chain.receive_key(b, 0, 101)
    b, key = chain.receive_key(b, 0, 100)
    assert key == keys[100]
    assert len(b.links[0].skipped) == 10 * chain.SKIPPED_RECORD_LENGTH
    with pytest.raises(InvalidMessage):
        chain.receive_key(b, 0, 89)
    assert chain.receive_key(b, 0, 90)[1] == keys[90]
    b, _ = chain.receive_key(b, 0, 104)
    with pytest.raises(InvalidMessage):
        chain.receive_key(b, 0, 93)
    assert chain.receive_key(b, 0, 94)[1] == keys[94]
    assert chain.receive_key(b, 0, 103)[1] == keys[103]
    assert len(b.links[0].skipped) <= 10 * chain.SKIPPED_RECORD_LENGTH


def test_the_largest_jump_allowed_is_bearable() -> None:
    _, b = pair(MAX_FORWARD_JUMPS, MAX_SKIPPED_KEYS)
    b, _ = chain.receive_key(b, 0, MAX_FORWARD_JUMPS)
    assert len(b.links[0].skipped) == MAX_SKIPPED_KEYS * chain.SKIPPED_RECORD_LENGTH


def test_epochs_are_kept_until_a_later_one_is_sent_in() -> None:
    a, b = pair()
    a, _, first = chain.send_key(a, 0)
    for epoch in (1, 2):
        secret = bytes([epoch]) * 32
        a, b = chain.add_epoch(a, epoch, secret), chain.add_epoch(b, epoch, secret)
    assert chain.receive_key(b, 0, 1)[1] == first
    a, index, key = chain.send_key(a, 2)
    assert index == 1
    assert chain.receive_key(b, 2, 1)[1] == key
    # Only the epoch before is kept, and only to receive in.
    assert len(a.links) == 2
    assert a.links[0].send_next == b""
    chain.receive_key(a, 1, 1)
    with pytest.raises(InvalidMessage):
        chain.receive_key(a, 0, 1)
    with pytest.raises(InvalidMessage):
        chain.receive_key(a, 3, 1)
    with pytest.raises(InvalidSession):
        chain.send_key(a, 1)
    with pytest.raises(InvalidSession):
        chain.add_epoch(a, 4, b"")
