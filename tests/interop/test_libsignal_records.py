"""Sessions and prekeys that the official libsignal has made and stored, taken over: the conversations go on with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from sigcli.crypto.curve import KeyPair
from sigcli.errors import DuplicateMessage
from sigcli.protocol.libsignal_records import convert_record
from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
from sigcli.protocol.spqr import SpqrState
from sigcli.wire.generated import session_storage_pb2 as storage
from sigcli.wire.libsignal_sessions import (
    ForeignExchange,
    decode_libsignal_record,
    decode_libsignal_state,
)
from sigcli.wire.spqr_state import Phase
from tests.interop.libsignal_device import LibsignalDevice
from tests.interop.oracle import Oracle
from tests.support.devices import ALICE, BOB, Device

ROUNDS = 120
"""As many as three epochs need where nothing is lost."""


@dataclass(frozen=True)
class Moment:
    """The stored sessions of both sides, at one time."""

    phase: Phase
    form: str
    mover: bytes
    peer: bytes


def test_sessions_in_every_phase_go_on(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    moments: dict[tuple[Phase, str], Moment] = {}
    for seed, (to_peer, to_mover) in enumerate(((1.0, 1.0), (0.3, 1.0), (1.0, 0.3), (0.4, 0.4))):
        for starter, answerer in ((mover, peer), (peer, mover)):
            for moment in conversation(starter, answerer, mover, peer, to_peer, to_mover, seed):
                moments.setdefault((moment.phase, moment.form), moment)
    assert {phase for phase, _ in moments} == set(Phase)
    # Values that are being sent, as they were and as polynomials; values that are being received, with gaps.
    assert {form for _, form in moments} >= {"", "columns", "polynomials", "columns gaps"}
    for moment in moments.values():
        goes_on(identity, peer, moment)


def conversation(
    starter: LibsignalDevice,
    answerer: LibsignalDevice,
    mover: LibsignalDevice,
    peer: LibsignalDevice,
    to_peer: float,
    to_mover: float,
    seed: int,
) -> Iterator[Moment]:
    """What both have stored after each exchange; of the messages each way, that share arrives."""
    random = Random(seed)
    for device, other in ((starter, answerer), (answerer, starter)):
        device.call("self.sessions.records.clear();", other.address)
    starter.start(answerer.address, answerer.bundle())
    send(starter, answerer)
    send(answerer, starter)
    for _ in range(ROUNDS):
        for sender, receiver, share in ((mover, peer, to_peer), (peer, mover, to_mover)):
            messages = sender.encrypt_all(receiver.address, [b"lost or not"] * 2)
            arriving = [message for message in messages if random.random() < share]
            if arriving:
                assert set(receiver.decrypt_all(sender.address, arriving)) == {b"lost or not"}
            yield moment(mover, peer)


def moment(mover: LibsignalDevice, peer: LibsignalDevice) -> Moment:
    data = mover.record(peer.address)
    exchange = decode_libsignal_state(decode_libsignal_record(data).current_spqr).exchange
    return Moment(exchange.phase, form_of(exchange), data, peer.record(mover.address))


def form_of(exchange: ForeignExchange) -> str:
    words = []
    if exchange.sending is not None:
        words.append("columns" if exchange.sending.columns else "polynomials")
    if exchange.receiving is not None and exchange.receiving.columns[0]:
        places = exchange.receiving.columns[0]
        places = b"".join(places[at : at + 2] for at in range(0, len(places), 4))
        expected = b"".join(n.to_bytes(2, "big") for n in range(len(places) // 2))
        words.append("gapless" if places == expected else "gaps")
    return " ".join(words)


def goes_on(identity: KeyPair, peer: LibsignalDevice, moment: Moment) -> None:
    """The session of that moment, taken over by sigcli: everything that is sent either way is read."""
    moved = Device.create(ALICE, identity=identity)
    converted = convert_record(moment.mover)
    assert (converted.lost_current, converted.lost_archived) == (0, 0)
    moved.store.stored[peer.address] = converted.record.serialize()
    peer.replace_record(ALICE, moment.peer)
    began = state_of(moved).exchange.epoch
    for turn in range(ROUNDS):
        text = b"turn %d" % turn
        assert peer.decrypt(ALICE, moved.encrypt(peer.address, text)) == text
        for message in peer.encrypt_all(ALICE, [text] * 2):
            assert moved.decrypt(peer.address, message) == text
        if state_of(moved).exchange.epoch >= began + 2:
            return
    raise AssertionError(f"no epoch was completed after {moment.phase.name} {moment.form}")


def state_of(device: Device) -> SpqrState:
    current = device.record(BOB).current
    assert current is not None
    return SpqrState.deserialize(current.spqr)


def send(sender: LibsignalDevice, receiver: LibsignalDevice) -> None:
    message = sender.encrypt(receiver.address, b"first words")
    assert receiver.decrypt(sender.address, message) == b"first words"


def test_a_session_that_nobody_has_answered_goes_on(oracle: Oracle) -> None:
    """Its chains are still to be made, and what is pending is repeated."""
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    mover.start(peer.address, peer.bundle())
    unheard = mover.encrypt(peer.address, b"from the other program")
    moved = Device.create(ALICE, identity=identity)
    moved.store.stored[peer.address] = convert_record(mover.record(peer.address)).record.serialize()
    first = moved.encrypt(peer.address, b"from here")
    assert peer.decrypt(ALICE, first) == b"from here"
    assert peer.decrypt(ALICE, unheard) == b"from the other program"
    assert moved.decrypt(peer.address, peer.encrypt(ALICE, b"answer")) == b"answer"


def test_messages_skipped_before_the_move_are_read_after_it(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    mover.start(peer.address, peer.bundle())
    send(mover, peer)
    late = peer.encrypt_all(ALICE, [b"one", b"two", b"three", b"four"])
    assert mover.decrypt_all(peer.address, [late[3], late[1]]) == [b"four", b"two"]
    moved = Device.create(ALICE, identity=identity)
    moved.store.stored[peer.address] = convert_record(mover.record(peer.address)).record.serialize()
    assert moved.decrypt(peer.address, late[2]) == b"three"
    assert moved.decrypt(peer.address, late[0]) == b"one"
    with pytest.raises(DuplicateMessage):
        moved.decrypt(peer.address, late[1])


def test_archived_sessions_are_taken_over(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    mover.start(peer.address, peer.bundle())
    send(mover, peer)
    late = peer.encrypt(ALICE, b"in the session before")
    mover.start(peer.address, peer.bundle())
    converted = convert_record(mover.record(peer.address))
    assert len(converted.record.archived) == 1
    moved = Device.create(ALICE, identity=identity)
    moved.store.stored[peer.address] = converted.record.serialize()
    assert moved.decrypt(peer.address, late) == b"in the session before"


def test_prekeys_with_expanded_kyber_keys_answer_first_messages(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    bundle = mover.bundle()
    stored = oracle.call(
        """
        const self = state[name];
        return {
            one: self.preKeys.state.get(id).serialize(),
            signed: self.signedPreKeys.state.get(id).serialize(),
            kyber: self.kyberPreKeys.state.get(id).serialize(),
        };
        """,
        name=mover.name,
        id=bundle.prekey_id,
    )
    moved = Device.create(ALICE, identity=identity)
    kyber = KyberPreKeyRecord.deserialize(stored["kyber"])
    assert kyber.serialize() == stored["kyber"] == kyber.serialize_expanded()
    assert bundle.prekey_id is not None
    moved.store.prekeys[bundle.prekey_id] = PreKeyRecord.deserialize(stored["one"])
    moved.store.signed_prekeys[bundle.signed_prekey_id] = SignedPreKeyRecord.deserialize(
        stored["signed"]
    )
    moved.store.kyber_prekeys[bundle.kyber_prekey_id] = kyber
    peer.start(ALICE, bundle)
    first = peer.encrypt(ALICE, b"to the key of the other program")
    assert moved.decrypt(peer.address, first) == b"to the key of the other program"
    assert peer.decrypt(ALICE, moved.encrypt(peer.address, b"answer")) == b"answer"


def test_damaged_state_costs_only_the_session_that_has_it(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    mover = LibsignalDevice.create(oracle, ALICE, identity)
    peer = LibsignalDevice.create(oracle, BOB)
    mover.start(peer.address, peer.bundle())
    send(mover, peer)
    mover.start(peer.address, peer.bundle())
    stored = storage.RecordStructure.FromString(mover.record(peer.address))
    session = storage.SessionStructure.FromString(stored.current_session)
    session.pq_ratchet_state = b"\x1a\x02\xff\xff"
    stored.current_session = session.SerializeToString()
    converted = convert_record(stored.SerializeToString())
    assert (converted.lost_current, converted.lost_archived) == (1, 0)
    assert converted.record.current is None
    assert len(converted.record.archived) == 1
