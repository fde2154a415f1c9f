"""The Double Ratchet as a value: order, skipped keys, limits."""

from __future__ import annotations

from random import Random

import pytest

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.errors import DuplicateMessage, InvalidSession, LimitExceeded
from sigcli.protocol import ratchet
from sigcli.protocol.limits import (
    MAX_FORWARD_JUMPS,
    MAX_FORWARD_JUMPS_TO_SELF,
    MAX_RECEIVER_CHAINS,
    MAX_SKIPPED_KEYS,
)
from sigcli.protocol.ratchet import RatchetState
from sigcli.wire.session_storage import SkippedKey, decode_chain

RANDOM = Random(7).randbytes
ROOT, CHAIN = RANDOM(32), RANDOM(32)


def pair() -> tuple[RatchetState, RatchetState]:
    """The states of an initiator and of a responder who agreed on root and chain key."""
    prekey = KeyPair.generate(RANDOM)
    initiator = ratchet.initiator_state(ROOT, CHAIN, prekey.public_key, RANDOM)
    return initiator, ratchet.responder_state(ROOT, CHAIN, prekey)


def send(state: RatchetState) -> tuple[RatchetState, tuple[PublicKey, SkippedKey]]:
    key = PublicKey.deserialize(state.sender_chain.ratchet_key)
    after, seed = ratchet.sending_step(state)
    return after, (key, seed)


def receive(
    state: RatchetState,
    sent: tuple[PublicKey, SkippedKey],
    max_jump: int = MAX_FORWARD_JUMPS,
) -> RatchetState:
    """Step past a message, which must give the sender's seed."""
    key, seed = sent
    found, arrival = ratchet.locate(state, key, seed.index, max_jump)
    assert found == seed
    return ratchet.advance(state, arrival, RANDOM)


def test_both_sides_take_turns() -> None:
    one, other = pair()
    for _ in range(4):
        for _ in range(3):
            one, sent = send(one)
            other = receive(other, sent)
        one, other = other, one
    assert one.previous_counter == other.previous_counter == 2
    assert one.sender_chain.ratchet_key != other.sender_chain.ratchet_key


def test_overtaken_messages_are_read_once() -> None:
    one, other = pair()
    messages = []
    for _ in range(6):
        one, sent = send(one)
        messages.append(sent)
    for index in (3, 0, 5, 4, 1, 2):
        before = other
        other = receive(other, messages[index])
        assert before != other
        with pytest.raises(DuplicateMessage):
            receive(other, messages[index])
    assert decode_chain(other.receiver_chains[0]).skipped_message_keys == ()


def test_finding_a_key_changes_nothing_until_the_step_is_taken() -> None:
    one, other = pair()
    one, sent = send(one)
    key, _ = sent
    for _ in range(2):
        ratchet.locate(other, key, 0, MAX_FORWARD_JUMPS)
    receive(other, sent)


def test_a_message_may_run_ahead_only_so_far() -> None:
    one, other = pair()
    key = PublicKey.deserialize(one.sender_chain.ratchet_key)
    ratchet.locate(other, key, MAX_FORWARD_JUMPS, MAX_FORWARD_JUMPS)
    with pytest.raises(LimitExceeded):
        ratchet.locate(other, key, MAX_FORWARD_JUMPS + 1, MAX_FORWARD_JUMPS)
    ratchet.locate(other, key, MAX_FORWARD_JUMPS + 1, MAX_FORWARD_JUMPS_TO_SELF)
    with pytest.raises(LimitExceeded):
        ratchet.locate(other, key, 2**32 - 1, MAX_FORWARD_JUMPS_TO_SELF)


def test_a_chain_keeps_the_newest_skipped_keys() -> None:
    one, other = pair()
    messages = []
    for _ in range(MAX_SKIPPED_KEYS + 4):
        one, sent = send(one)
        messages.append(sent)
    other = receive(other, messages[1])
    other = receive(other, messages[-1])
    assert len(decode_chain(other.receiver_chains[0]).skipped_message_keys) == MAX_SKIPPED_KEYS
    for gone in (0, 2):
        with pytest.raises(DuplicateMessage):
            receive(other, messages[gone])
    other = receive(other, messages[3])
    receive(other, messages[-2])


def test_the_newest_receiver_chains_are_kept() -> None:
    one, other = pair()
    late = []
    for _ in range(MAX_RECEIVER_CHAINS + 1):
        one, sent = send(one)
        late.append(sent)
        one, sent = send(one)
        other = receive(other, sent)
        other, sent = send(other)
        one = receive(one, sent)
    assert len(other.receiver_chains) == MAX_RECEIVER_CHAINS
    # The first ratchet key is unknown by now: it would start a chain that the sender never had.
    with pytest.raises(AssertionError):
        receive(other, late[0])
    for sent in late[1:]:
        other = receive(other, sent)


def test_message_keys_take_the_post_quantum_key_as_salt() -> None:
    seed = SkippedKey(3, b"s" * 32)
    keys = {ratchet.message_keys(seed, salt).mac_key for salt in (None, b"a" * 32, b"b" * 32)}
    assert len(keys) == 3
    # What old sessions kept of a skipped message: the keys themselves.
    old = SkippedKey(3, b"", b"c" * 32, b"m" * 32, b"i" * 16)
    assert ratchet.message_keys(old, None).cipher_key == b"c" * 32
    for damaged, salt in ((old, b"a" * 32), (SkippedKey(3, b"", b"c", b"m", b"i"), None)):
        with pytest.raises(InvalidSession):
            ratchet.message_keys(damaged, salt)
