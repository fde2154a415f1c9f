"""Sessions between two devices: what is stored when, and that damage changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidPrekeyId,
    NoSession,
    SigcliError,
    UntrustedIdentity,
)
from sigcli.protocol import pqxdh, session
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.session_record import ArchivedState, SessionRecord
from sigcli.wire.addresses import ProtocolAddress
from tests.support.devices import ALICE, BOB, NOW_MS, Device, SerializingStore

WHISPER, PREKEY = CiphertextMessageType.WHISPER, CiphertextMessageType.PREKEY


def started() -> tuple[Device, Device]:
    """Alice has started a session that Bob does not know of yet."""
    alice, bob = Device.create(ALICE), Device.create(BOB)
    alice.start(BOB, bob.bundle())
    return alice, bob


def running() -> tuple[Device, Device]:
    """A session that both sides use."""
    alice, bob = started()
    bob.decrypt(ALICE, alice.encrypt(BOB, b"hello"))
    alice.decrypt(BOB, bob.encrypt(ALICE, b"hello yourself"))
    return alice, bob


@dataclass(slots=True)
class RecordingStore(SerializingStore):
    """Notes what is written to it, in order."""

    written: list[str] = field(default_factory=list)

    def save_identity(self, address: ProtocolAddress, identity_key: PublicKey) -> bool:
        self.written.append("identity")
        return SerializingStore.save_identity(self, address, identity_key)

    def remove_prekey(self, prekey_id: int) -> None:
        self.written.append("prekey removed")
        SerializingStore.remove_prekey(self, prekey_id)

    def mark_kyber_prekey_used(
        self, kyber_prekey_id: int, signed_prekey_id: int, base_key: PublicKey
    ) -> None:
        self.written.append("kyber used")
        SerializingStore.mark_kyber_prekey_used(self, kyber_prekey_id, signed_prekey_id, base_key)

    def store_session(self, address: ProtocolAddress, record: SessionRecord) -> None:
        self.written.append("session")
        SerializingStore.store_session(self, address, record)


def test_a_store_is_written_to_in_libsignals_order() -> None:
    alice, bob = started()
    store = RecordingStore(bob.identity, 5)
    store.prekeys, store.signed_prekeys = bob.store.prekeys, bob.store.signed_prekeys
    store.kyber_prekeys = bob.store.kyber_prekeys
    bob.store = store
    first, second = alice.encrypt(BOB, b"one"), alice.encrypt(BOB, b"two")
    with pytest.raises(InvalidMessage):
        bob.decrypt(ALICE, replace(first, body=first.body[:-1] + b"\x00"))
    assert store.written == []
    bob.decrypt(ALICE, first)
    assert store.written == ["identity", "kyber used", "prekey removed", "session"]
    store.written.clear()
    bob.decrypt(ALICE, second)
    assert store.written == ["identity", "session"]
    store.written.clear()
    bob.encrypt(ALICE, b"three")
    assert store.written == ["identity", "session"]


DAMAGE = {PREKEY: started, WHISPER: running}


@pytest.mark.parametrize("type", [PREKEY, WHISPER])
def test_damaged_messages_change_nothing(type: CiphertextMessageType) -> None:
    alice, bob = DAMAGE[type]()
    message = alice.encrypt(BOB, b"x" * 160)
    assert message.type == type
    body = message.body

    def untouched(damaged: bytes) -> None:
        before = (dict(bob.store.stored), set(bob.store.prekeys), set(bob.store.kyber_prekeys))
        with pytest.raises(SigcliError) as caught:
            bob.decrypt(ALICE, CiphertextMessage(type, damaged))
        assert not isinstance(caught.value, DuplicateMessage)
        assert before == (bob.store.stored, set(bob.store.prekeys), set(bob.store.kyber_prekeys))

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, len(body) - 1), st.integers(0, 7))
    def flipped(position: int, bit: int) -> None:
        damaged = bytearray(body)
        damaged[position] ^= 1 << bit
        # The outer prekey message is not authenticated as a whole: these two fields are free.
        if type == PREKEY and harmless(bytes(damaged), body):
            return
        # The low half of the version byte says what the sender could speak.
        if position > 0 or bit > 3 or type == WHISPER:
            untouched(bytes(damaged))

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, len(body) - 1))
    def truncated(length: int) -> None:
        untouched(body[:length])

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=120))
    def hostile(data: bytes) -> None:
        untouched(data)
        untouched(b"\x44" + data)

    flipped()
    truncated()
    hostile()
    assert bob.decrypt(ALICE, message) == b"x" * 160


def harmless(damaged: bytes, original: bytes) -> bool:
    """Whether only the registration id, which nothing covers, or an unread field differs."""
    from sigcli.wire.ciphertexts import decode_prekey_signal_message

    try:
        one, other = (decode_prekey_signal_message(data) for data in (damaged, original))
    except SigcliError:
        return False
    return replace(one, registration_id=0) == replace(other, registration_id=0)


def test_a_message_read_before_is_a_duplicate_of_its_own() -> None:
    alice, bob = running()
    late, message = alice.encrypt(BOB, b"late"), alice.encrypt(BOB, b"now")
    for one in (message, late):
        bob.decrypt(ALICE, one)
        before = dict(bob.store.stored)
        with pytest.raises(DuplicateMessage):
            bob.decrypt(ALICE, one)
        assert bob.store.stored == before


def test_without_a_session_nothing_is_sent_or_read() -> None:
    alice, bob = running()
    message = alice.encrypt(BOB, b"hello")
    del bob.store.stored[ALICE]
    with pytest.raises(NoSession):
        bob.decrypt(ALICE, message)
    with pytest.raises(NoSession):
        bob.encrypt(ALICE, b"hello")
    alice.store.store_session(BOB, alice.record(BOB).archive_current())
    with pytest.raises(NoSession):
        alice.encrypt(BOB, b"over an archived session")
    with pytest.raises(InvalidMessage):
        bob.decrypt(ALICE, CiphertextMessage(CiphertextMessageType.SENDER_KEY, b"any"))


def test_missing_prekeys_are_named_and_change_nothing() -> None:
    for forget in ("prekeys", "signed_prekeys", "kyber_prekeys"):
        alice, bob = started()
        getattr(bob.store, forget).clear()
        with pytest.raises(InvalidPrekeyId):
            bob.decrypt(ALICE, alice.encrypt(BOB, b"hello"))
        assert not bob.store.stored


def test_the_cause_of_a_failure_is_kept() -> None:
    alice, bob = running()
    message = alice.encrypt(BOB, b"hello")
    with pytest.raises(InvalidMessage) as caught:
        bob.decrypt(ALICE, replace(message, body=message.body[:-1] + b"\x00"))
    assert "MAC" in str(caught.value.__cause__)


def test_damaged_archived_sessions_are_passed_over() -> None:
    alice, bob = running()
    message = alice.encrypt(BOB, b"for the archived session")
    record = bob.record(ALICE).archive_current()
    damaged = ArchivedState(b"\xff", b""), ArchivedState(b"", b"")
    foreign = replace(record.archived[0], spqr=b"\xff")
    bob.store.store_session(ALICE, SessionRecord(None, (*damaged, foreign, *record.archived)))
    assert bob.decrypt(ALICE, message) == b"for the archived session"
    assert bob.record(ALICE).current is not None
    assert bob.record(ALICE).archived == (*damaged, foreign)


def test_trust_is_asked_for_before_anything_is_stored() -> None:
    alice, bob = running()
    stranger = KeyPair.generate().public_key
    message = alice.encrypt(BOB, b"hello")
    bob.store.identities[ALICE] = stranger
    before = dict(bob.store.stored)
    attempts: list[Callable[[], object]] = [
        lambda: bob.decrypt(ALICE, message),
        lambda: bob.encrypt(ALICE, b"hello"),
        lambda: bob.start(ALICE, alice.bundle()),
    ]
    for attempt in attempts:
        with pytest.raises(UntrustedIdentity) as caught:
            attempt()
        assert caught.value.identity_key == alice.identity.public_key.serialize()
    assert bob.store.stored == before
    assert bob.store.identities[ALICE] == stranger


def test_a_repeated_prekey_message_cannot_bring_another_identity() -> None:
    alice, bob = started()
    bob.decrypt(ALICE, alice.encrypt(BOB, b"first"))
    second = alice.encrypt(BOB, b"second")
    own, foreign = alice.identity.public_key, KeyPair.generate().public_key
    forged = second.body.replace(own.serialize(), foreign.serialize())
    assert forged != second.body
    bob.store.identities.clear()
    with pytest.raises(InvalidMessage, match="identity"):
        bob.decrypt(ALICE, replace(second, body=forged))
    assert not bob.store.identities
    assert bob.decrypt(ALICE, second) == b"second"


def test_addresses_are_checked_after_the_mac() -> None:
    alice, bob = started()
    message = alice.encrypt(BOB, b"hello")
    elsewhere = replace(BOB, device_id=3)
    with pytest.raises(InvalidMessage) as caught:
        session.decrypt_prekey_message(message.body, ALICE, elsewhere, bob.store)
    assert "addresses" in str(caught.value.__cause__)
    broken = message.body[:-1] + bytes([message.body[-1] ^ 1])
    with pytest.raises(InvalidMessage) as caught:
        session.decrypt_prekey_message(broken, ALICE, elsewhere, bob.store)
    assert "MAC" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "raw",
    [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f", b"\xff" * 32],
    ids=["order 2", "order 4", "minus one", "not reduced"],
)
def test_base_keys_outside_the_group_are_refused(raw: bytes) -> None:
    alice, bob = started()
    (signed,) = bob.store.signed_prekeys.values()
    (kyber,) = bob.store.kyber_prekeys.values()
    _, ciphertext = kyber.key_pair.public_key.encapsulate()

    def accept(base_key: PublicKey) -> None:
        pqxdh.accept(
            bob.identity,
            signed.key_pair,
            None,
            kyber.key_pair,
            alice.identity.public_key,
            base_key,
            ciphertext,
        )

    with pytest.raises(InvalidMessage, match="base key"):
        accept(PublicKey(raw))
    accept(KeyPair.generate().public_key)


def test_a_session_with_fixed_randomness_is_reproducible_but_for_the_kem() -> None:
    first, second = started()[0].record(BOB), started()[0].record(BOB)
    assert first.current is not None
    assert second.current is not None
    assert first.current.base_key == second.current.base_key
    assert first.current.is_stale(NOW_MS + 31 * 86_400_000)
