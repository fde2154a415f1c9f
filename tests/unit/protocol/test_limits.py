"""What one message may cost before it is known to be authentic, however many sessions there are to try."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from uuid import UUID

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import InvalidMessage, LimitExceeded
from sigcli.protocol import ratchet, sender_keys, session, spqr
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.limits import (
    CHEAP_WORK,
    MAX_ARCHIVED_STATES,
    MAX_FORWARD_JUMPS,
    MAX_REGISTRATION_ID,
    ChainWork,
    work_for_message,
)
from sigcli.protocol.spqr import chain
from sigcli.wire.ciphertexts import (
    CURRENT_VERSION,
    decode_prekey_signal_message,
    encode_prekey_signal_message,
    encode_signal_message,
)
from sigcli.wire.session_storage import Chain
from tests.support.devices import ALICE, BOB, Device
from tests.support.memory_store import InMemoryProtocolStore


def with_archived_sessions(count: int) -> tuple[Device, Device]:
    """Bob knows so many sessions of Alice besides the current one."""
    alice, bob = Device.create(ALICE), Device.create(BOB)
    for _ in range(count + 1):
        alice.start(BOB, bob.bundle())
        bob.decrypt(ALICE, alice.encrypt(BOB, b"hello"))
    return alice, bob


@cache
def _with_all_archived_sessions() -> tuple[Device, Device]:
    return with_archived_sessions(MAX_ARCHIVED_STATES)


def forged(counter: int, ratchet_key: bytes | None = None, pq: bytes = b"") -> CiphertextMessage:
    """A short message of nobody's, far ahead in a chain."""
    key = ratchet_key or KeyPair.generate().public_key.serialize()
    body = encode_signal_message(
        version=CURRENT_VERSION,
        ratchet_key=key,
        counter=counter,
        previous_counter=0,
        ciphertext=bytes(16),
        pq_ratchet=pq,
        addresses=None,
    )
    return CiphertextMessage(CiphertextMessageType.WHISPER, body + bytes(8))


class Counted:
    """How many steps were walked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashes = 0
        walk, step = ratchet._walk, chain._step

        def counting_walk(known: Chain, counter: int) -> tuple[bytes, ...]:
            self.hashes += counter - known.index
            return walk(known, counter)

        def counting_step(current: bytes, counter: int) -> tuple[bytes, bytes]:
            self.hashes += 3
            return step(current, counter)

        monkeypatch.setattr(ratchet, "_walk", counting_walk)
        monkeypatch.setattr(chain, "_step", counting_step)


@pytest.mark.parametrize("known_key", [False, True])
@pytest.mark.parametrize("far_in_spqr", [False, True])
def test_steps_are_bounded_over_all_sessions_together(
    monkeypatch: pytest.MonkeyPatch, known_key: bool, far_in_spqr: bool
) -> None:
    alice, bob = deepcopy(_with_all_archived_sessions())
    state = alice.record(BOB).current
    assert state is not None
    key = state.ratchet.sender_chain.ratchet_key if known_key else None
    pq = b"\x01\x01" + b"\xa8\xc3\x01" + b"\x00" if far_in_spqr else b""  # epoch 1, index 25,000
    counted = Counted(monkeypatch)
    before = bob.store.stored[ALICE]
    with pytest.raises(InvalidMessage):
        bob.decrypt(ALICE, forged(MAX_FORWARD_JUMPS, key, pq))
    assert counted.hashes <= work_for_message().left
    assert bob.store.stored[ALICE] == before


def test_the_caller_says_what_a_message_may_cost_and_learns_what_it_did() -> None:
    _, bob = with_archived_sessions(3)
    work = ChainWork(CHEAP_WORK)
    message = forged(MAX_FORWARD_JUMPS)
    with pytest.raises(InvalidMessage) as caught:
        session.decrypt(message.type, message.body, ALICE, BOB, bob.store, bob.random, work)
    assert isinstance(caught.value.__cause__, LimitExceeded)
    assert work.done <= CHEAP_WORK


def test_an_honest_jump_fits_into_one_messages_share() -> None:
    work = work_for_message()
    work.take_state()
    work.take_steps(MAX_FORWARD_JUMPS)
    work.take_spqr_steps(MAX_FORWARD_JUMPS)
    assert work.left > 0
    with pytest.raises(LimitExceeded):
        work.take_steps(MAX_FORWARD_JUMPS)


def test_who_has_cost_much_has_little_left() -> None:
    whole = work_for_message().left
    assert work_for_message(sender_done=whole // 3).left == whole - whole // 3
    assert work_for_message(sender_done=whole).left == CHEAP_WORK
    assert work_for_message(sender_done=10 * whole).left == CHEAP_WORK


def test_a_late_message_of_an_archived_session_is_found_before_the_work_is_used_up() -> None:
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    bob.decrypt(ALICE, alice.encrypt(BOB, b"hello"))
    alice.decrypt(BOB, bob.encrypt(ALICE, b"hello"))
    late = alice.encrypt(BOB, b"late")
    bob.decrypt(ALICE, alice.encrypt(BOB, b"in front of it"))
    for _ in range(MAX_ARCHIVED_STATES):
        alice.start(BOB, bob.bundle())
        bob.decrypt(ALICE, alice.encrypt(BOB, b"another session"))
    work = ChainWork(300)
    body = session.decrypt(late.type, late.body, ALICE, BOB, bob.store, bob.random, work)
    assert body == b"late"


def test_a_sender_key_runs_ahead_as_far_as_the_work_allows() -> None:
    ours, theirs = (
        InMemoryProtocolStore(KeyPair.generate(), 1),
        InMemoryProtocolStore(KeyPair.generate(), 2),
    )
    distribution_id = UUID(int=1)
    distribution = sender_keys.create_distribution(BOB, distribution_id, theirs)
    sender_keys.process_distribution(BOB, distribution, ours)
    for _ in range(11):
        message = sender_keys.group_encrypt(BOB, distribution_id, b"x", theirs)
    with pytest.raises(LimitExceeded):
        sender_keys.group_decrypt(BOB, message, ours, ChainWork(9))
    assert sender_keys.group_decrypt(BOB, message, ours, ChainWork(10)) == b"x"


def test_the_self_session_of_spqr_is_bounded_by_the_work_too() -> None:
    state = spqr.initial_state(spqr.Direction.B_TO_A, bytes(32), max_jump=2**32 - 1)
    far = b"\x01\x01" + b"\xff\xff\xff\xff\x0f" + b"\x00"
    with pytest.raises(LimitExceeded):
        spqr.receive(state, far, work_for_message(to_self=True))


@pytest.mark.parametrize("registration_id", [MAX_REGISTRATION_ID + 1, 70_000, 2**32 - 1])
def test_registration_ids_have_14_bits(registration_id: int) -> None:
    alice, bob = Device.create(ALICE), Device.create(BOB)
    with pytest.raises(InvalidMessage):
        alice.start(BOB, replace(bob.bundle(), registration_id=registration_id))
    alice.start(BOB, bob.bundle())
    sent = decode_prekey_signal_message(alice.encrypt(BOB, b"hello").body)
    inner = alice.encrypt(BOB, b"again").body
    body = encode_prekey_signal_message(
        version=sent.version,
        registration_id=registration_id,
        prekey_id=sent.prekey_id,
        signed_prekey_id=sent.signed_prekey_id,
        kyber_prekey_id=sent.kyber_prekey_id,
        kyber_ciphertext=sent.kyber_ciphertext,
        base_key=sent.base_key,
        identity_key=sent.identity_key,
        message=decode_inner(inner),
    )
    with pytest.raises(InvalidMessage):
        bob.decrypt(ALICE, CiphertextMessage(CiphertextMessageType.PREKEY, body))
    assert ALICE not in bob.store.stored


def decode_inner(prekey_message: bytes) -> bytes:
    """The SignalMessage inside of a prekey message."""
    message = decode_prekey_signal_message(prekey_message).message
    return message.authenticated + message.mac
