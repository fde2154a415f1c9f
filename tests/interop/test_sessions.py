"""Sessions, prekeys and retry requests against the official libsignal, object by object."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hmac_sha256
from sigcli.crypto.kem import KyberKeyPair
from sigcli.errors import (
    DuplicateMessage,
    InvalidMessage,
    InvalidPrekeyId,
    InvalidSignature,
    NoSession,
    UntrustedIdentity,
)
from sigcli.protocol.ciphertext import CiphertextMessage, CiphertextMessageType
from sigcli.protocol.decryption_error import DecryptionErrorMessage, PlaintextContent
from sigcli.protocol.limits import MAX_ARCHIVED_STATES, MAX_FORWARD_JUMPS
from sigcli.protocol.prekeys import (
    KyberPreKeyRecord,
    PreKeyRecord,
    SignedPreKeyRecord,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.protocol.session_record import SessionRecord
from sigcli.wire.addresses import ProtocolAddress
from sigcli.wire.ciphertexts import decode_prekey_signal_message, decode_signal_message
from sigcli.wire.content.codec import decode_content
from sigcli.wire.generated import session_storage_pb2 as storage
from sigcli.wire.generated import signal_messages_pb2 as messages
from sigcli.wire.padding import unpad
from tests.interop.libsignal_device import LibsignalDevice
from tests.interop.oracle import Oracle, OracleError
from tests.support.devices import ALICE, BOB, NOW_MS, Device

WHISPER, PREKEY = CiphertextMessageType.WHISPER, CiphertextMessageType.PREKEY
VECTORS = Path(__file__).parent / "vectors" / "old_peers.json"
THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000
AnyDevice = Device | LibsignalDevice


@pytest.fixture
def ours() -> Device:
    return Device.create(ALICE)


@pytest.fixture
def theirs(oracle: Oracle) -> LibsignalDevice:
    return LibsignalDevice.create(oracle, BOB)


@pytest.fixture(params=["sigcli starts", "libsignal starts"])
def pair(
    request: pytest.FixtureRequest, ours: Device, theirs: LibsignalDevice
) -> tuple[AnyDevice, AnyDevice]:
    """Who starts, who answers: once with each implementation in either part."""
    return (ours, theirs) if request.param == "sigcli starts" else (theirs, ours)


def exchange(sender: AnyDevice, receiver: AnyDevice, text: bytes) -> CiphertextMessage:
    message = sender.encrypt(receiver.address, text)
    assert receiver.decrypt(sender.address, message) == text
    return message


def establish(starter: AnyDevice, answerer: AnyDevice) -> None:
    starter.start(answerer.address, answerer.bundle())
    exchange(starter, answerer, b"question")
    exchange(answerer, starter, b"answer")


def refuses(
    receiver: AnyDevice, sender: ProtocolAddress, message: CiphertextMessage, because: str
) -> None:
    """Nothing decrypts; where sigcli receives, for the expected reason."""
    if isinstance(receiver, LibsignalDevice):
        with pytest.raises(OracleError) as refused:
            receiver.decrypt(sender, message)
        assert refused.value.name in ("LibSignalError", "InvalidMessage")
        return
    with pytest.raises(InvalidMessage) as caught:
        receiver.decrypt(sender, message)
    assert because in str(caught.value.__cause__ or caught.value)


def refuses_duplicate(
    receiver: AnyDevice, sender: ProtocolAddress, message: CiphertextMessage
) -> None:
    with pytest.raises((DuplicateMessage, OracleError)) as caught:
        receiver.decrypt(sender, message)
    if isinstance(caught.value, OracleError):
        assert caught.value.name == "DuplicatedMessage"


# --- prekeys ---------------------------------------------------------------------------------


def test_libsignal_uses_a_kyber_key_that_was_expanded(oracle: Oracle, ours: Device) -> None:
    identity = KeyPair.generate()
    theirs = LibsignalDevice.create(oracle, BOB, identity)
    (record,) = generate_kyber_prekeys(identity, 4711, 1, NOW_MS)
    read = oracle.call(
        """
        const record = lib.KyberPreKeyRecord.deserialize(data);
        await state[name].kyberPreKeys.saveKyberPreKey(record.id(), record);
        return { id: record.id(), time: record.timestamp(), signature: record.signature(),
                 public: record.publicKey().serialize(), secret: record.secretKey().serialize() };
        """,
        name=theirs.name,
        data=record.serialize_expanded(),
    )
    assert read == {
        "id": 4711,
        "time": NOW_MS,
        "signature": record.signature,
        "public": record.key_pair.public_key.serialize(),
        "secret": record.key_pair.expanded(),
    }
    bundle = replace(
        theirs.bundle(one_time=False),
        kyber_prekey_id=record.id,
        kyber_prekey=record.key_pair.public_key,
        kyber_prekey_signature=record.signature,
    )
    ours.start(theirs.address, bundle)
    exchange(ours, theirs, b"to the expanded key")
    exchange(theirs, ours, b"and back")


def test_prekey_records_have_libsignals_bytes(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    (prekey,) = generate_prekeys(2**24 - 1, 1)
    signed = generate_signed_prekey(identity, 7, NOW_MS)
    read: dict[str, Any] = oracle.call(
        """
        const one = lib.PreKeyRecord.deserialize(prekey);
        const many = lib.SignedPreKeyRecord.deserialize(signed);
        return {
            id: one.id(), private: one.privateKey(), public: one.publicKey(),
            again: one.serialize(),
            signedId: many.id(), time: many.timestamp(), signature: many.signature(),
            signedAgain: many.serialize(),
            made: lib.PreKeyRecord.new(5, one.publicKey(), one.privateKey()),
            madeSigned: lib.SignedPreKeyRecord.new(
                6, 1234, many.publicKey(), many.privateKey(), many.signature()),
        };
        """,
        prekey=prekey.serialize(),
        signed=signed.serialize(),
    )
    assert read["id"] == 2**24 - 1
    assert read["private"] == prekey.key_pair.private_key.serialize()
    assert read["public"] == prekey.key_pair.public_key.serialize()
    assert read["again"] == prekey.serialize()
    assert (read["signedId"], read["time"]) == (7, NOW_MS)
    assert read["signature"] == signed.signature
    assert read["signedAgain"] == signed.serialize()
    made = PreKeyRecord.deserialize(read["made"])
    assert made == PreKeyRecord(5, prekey.key_pair)
    assert made.serialize() == read["made"]
    made_signed = SignedPreKeyRecord.deserialize(read["madeSigned"])
    assert made_signed == SignedPreKeyRecord(6, 1234, signed.key_pair, signed.signature)


def test_the_public_part_of_a_kyber_record_is_libsignals(oracle: Oracle) -> None:
    identity = KeyPair.generate()
    (record,) = generate_kyber_prekeys(identity, 9, 1, NOW_MS)
    read = oracle.call(
        """
        const kyber = lib.KyberPreKeyRecord.deserialize(record);
        const key = kyber.publicKey().serialize();
        return { id: kyber.id(), time: kyber.timestamp(), key,
            good: lib.PublicKey.deserialize(identity).verify(key, kyber.signature()) };
        """,
        record=record.serialize(),
        identity=identity.public_key.serialize(),
    )
    assert read == {
        "id": 9,
        "time": NOW_MS,
        "key": record.key_pair.public_key.serialize(),
        "good": True,
    }
    assert KyberPreKeyRecord.deserialize(record.serialize()) == record


@pytest.mark.parametrize("part", ["signed_prekey_signature", "kyber_prekey_signature"])
def test_a_bundle_with_a_bad_signature_starts_nothing(
    ours: Device, theirs: LibsignalDevice, part: str
) -> None:
    bundle = theirs.bundle()
    signature = bytearray(getattr(bundle, part))
    signature[3] ^= 1
    change: dict[str, Any] = {part: bytes(signature)}
    with pytest.raises(InvalidSignature):
        ours.start(BOB, replace(bundle, **change))
    assert not ours.store.stored
    assert not ours.store.identities


# --- starting a session ----------------------------------------------------------------------


@pytest.mark.parametrize("one_time", [True, False])
def test_a_session_starts_and_is_acknowledged(
    pair: tuple[AnyDevice, AnyDevice], one_time: bool
) -> None:
    starter, answerer = pair
    starter.start(answerer.address, answerer.bundle(one_time=one_time))
    first = starter.encrypt(answerer.address, b"first")
    second = starter.encrypt(answerer.address, b"second")
    assert (first.type, second.type) == (PREKEY, PREKEY)
    parsed = decode_prekey_signal_message(second.body)
    assert parsed.prekey_id == (1 if one_time else None)
    assert (parsed.signed_prekey_id, parsed.kyber_prekey_id) == (1, 1)
    assert parsed.registration_id == 1000 + starter.address.device_id
    assert parsed.message.addresses is not None
    # The second arrives first; the first is recognised by its base key.
    assert answerer.decrypt(starter.address, second) == b"second"
    assert answerer.decrypt(starter.address, first) == b"first"
    refuses_duplicate(answerer, starter.address, first)
    answer = answerer.encrypt(starter.address, b"answer")
    assert answer.type == WHISPER
    assert decode_signal_message(answer.body).addresses is None
    assert starter.decrypt(answerer.address, answer) == b"answer"
    third = exchange(starter, answerer, b"third")
    assert third.type == WHISPER
    assert decode_signal_message(third.body).addresses is None


def test_used_one_time_keys_are_given_up(ours: Device, theirs: LibsignalDevice) -> None:
    theirs.start(ALICE, ours.bundle())
    message = theirs.encrypt(ALICE, b"hello")
    damaged = replace(message, body=message.body[:-1] + bytes([message.body[-1] ^ 1]))
    refuses(ours, BOB, damaged, "MAC")
    assert set(ours.store.prekeys) == {1} == set(ours.store.kyber_prekeys)
    ours.decrypt(BOB, message)
    assert not ours.store.prekeys
    assert not ours.store.kyber_prekeys
    del ours.store.stored[BOB]
    with pytest.raises(InvalidPrekeyId):
        ours.decrypt(BOB, message)


def test_a_last_resort_key_serves_each_base_key_once(ours: Device, theirs: LibsignalDevice) -> None:
    bundle = ours.bundle(one_time=False, last_resort=True)
    theirs.start(ALICE, bundle)
    first = theirs.encrypt(ALICE, b"first")
    assert ours.decrypt(BOB, first) == b"first"
    before = ours.store.stored.pop(BOB)
    with pytest.raises(InvalidMessage, match="used before"):
        ours.decrypt(BOB, first)
    assert BOB not in ours.store.stored
    ours.store.stored[BOB] = before
    theirs.start(ALICE, bundle)
    exchange(theirs, ours, b"a session of its own")


def test_libsignal_reads_the_fields_of_our_messages(
    oracle: Oracle, ours: Device, theirs: LibsignalDevice
) -> None:
    ours.start(BOB, theirs.bundle())
    ours.encrypt(BOB, b"lost")
    message = ours.encrypt(BOB, b"text")
    parsed = decode_prekey_signal_message(message.body)
    read = oracle.call(
        """
        const outer = lib.PreKeySignalMessage.deserialize(body);
        const inner = lib.SignalMessage.deserialize(signal);
        return { version: outer.version(), registration: outer.registrationId(),
            prekey: outer.preKeyId(), signed: outer.signedPreKeyId(), again: outer.serialize(),
            innerVersion: inner.messageVersion(), counter: inner.counter(),
            ciphertext: inner.body(), pq: inner.pqRatchet(), innerAgain: inner.serialize() };
        """,
        body=message.body,
        signal=parsed.message.authenticated + parsed.message.mac,
    )
    assert read == {
        "version": 4,
        "registration": 1001,
        "prekey": 1,
        "signed": 1,
        "again": message.body,
        "innerVersion": 4,
        "counter": 1,
        "ciphertext": parsed.message.ciphertext,
        "pq": parsed.message.pq_ratchet,
        "innerAgain": parsed.message.authenticated + parsed.message.mac,
    }


def test_a_message_to_another_address_is_refused(pair: tuple[AnyDevice, AnyDevice]) -> None:
    starter, answerer = pair
    elsewhere = replace(answerer.address, device_id=9)
    starter.start(elsewhere, answerer.bundle())
    refuses(answerer, starter.address, starter.encrypt(elsewhere, b"for device 9"), "addresses")
    if isinstance(answerer, Device):
        assert not answerer.store.stored
        assert answerer.store.prekeys


def test_an_unanswered_session_goes_stale(ours: Device, theirs: LibsignalDevice) -> None:
    for device, other in ((ours, theirs), (theirs, ours)):
        device.start(other.address, other.bundle())
        last = NOW_MS + THIRTY_DAYS_MS
        assert device.encrypt(other.address, b"in time", last).type == PREKEY
        with pytest.raises((NoSession, OracleError)):
            device.encrypt(other.address, b"too late", last + 1)
        usable = [
            ours.record(BOB).has_usable_sender_chain(at)
            if device is ours
            else theirs.call(
                "const session = await self.sessions.getSession(remote);"
                "return session.hasCurrentState(new Date(at));",
                ALICE,
                at=at,
            )
            for at in (last, last + 1)
        ]
        assert usable == [True, False]


def test_a_changed_identity_is_untrusted(ours: Device, theirs: LibsignalDevice) -> None:
    establish(theirs, ours)
    before = ours.store.stored[BOB]
    stranger = LibsignalDevice.create(theirs.oracle, BOB)
    stranger.start(ALICE, ours.bundle())
    with pytest.raises(UntrustedIdentity) as caught:
        ours.decrypt(BOB, stranger.encrypt(ALICE, b"hello"))
    assert caught.value.identity_key == stranger.identity_key().serialize()
    with pytest.raises(UntrustedIdentity):
        ours.start(BOB, stranger.bundle())
    assert ours.store.stored[BOB] == before
    ours.store.identities[BOB] = stranger.identity_key()
    with pytest.raises(UntrustedIdentity):
        ours.encrypt(BOB, b"over the old session")
    assert ours.store.stored[BOB] == before


# --- versions --------------------------------------------------------------------------------


def without_kyber(body: bytes) -> bytes:
    """A version 3 prekey message, as before Kyber."""
    message = messages.PreKeySignalMessage.FromString(body[1:])
    message.ClearField("kyber_pre_key_id")
    message.ClearField("kyber_ciphertext")
    message.message = b"\x34" + message.message[1:]
    return b"\x34" + message.SerializeToString()


def test_sessions_without_kyber_are_refused(pair: tuple[AnyDevice, AnyDevice]) -> None:
    starter, answerer = pair
    starter.start(answerer.address, answerer.bundle())
    message = starter.encrypt(answerer.address, b"hello")
    old = without_kyber(message.body)
    refuses(answerer, starter.address, replace(message, body=old), "without Kyber")
    refuses(answerer, starter.address, replace(message, body=b"\x44" + old[1:]), "no Kyber")
    assert answerer.decrypt(starter.address, message) == b"hello"


def strip_spqr(device: AnyDevice, remote: ProtocolAddress, version: int) -> None:
    """Turn a session into one from before SPQR."""
    if isinstance(device, Device):
        record = device.record(remote)
        assert record.current is not None
        state = replace(record.current, spqr=b"", version=version)
        device.store.store_session(remote, record.with_current(state))
        return
    record_structure = storage.RecordStructure.FromString(device.record(remote))
    session = storage.SessionStructure.FromString(record_structure.current_session)
    session.ClearField("pq_ratchet_state")
    session.session_version = version
    record_structure.current_session = session.SerializeToString()
    device.replace_record(remote, record_structure.SerializeToString())


def test_a_new_session_without_spqr_is_refused(pair: tuple[AnyDevice, AnyDevice]) -> None:
    starter, answerer = pair
    starter.start(answerer.address, answerer.bundle())
    strip_spqr(starter, answerer.address, 4)
    message = starter.encrypt(answerer.address, b"hello")
    assert decode_prekey_signal_message(message.body).message.pq_ratchet == b""
    refuses(answerer, starter.address, message, "post-quantum")


def test_a_running_session_does_not_lose_spqr(pair: tuple[AnyDevice, AnyDevice]) -> None:
    starter, answerer = pair
    establish(starter, answerer)
    strip_spqr(starter, answerer.address, 4)
    refuses(
        answerer, starter.address, starter.encrypt(answerer.address, b"no pq bytes"), "post-quantum"
    )


@pytest.mark.parametrize("version", [3, 4])
def test_an_old_session_without_spqr_goes_on(
    pair: tuple[AnyDevice, AnyDevice], version: int
) -> None:
    starter, answerer = pair
    establish(starter, answerer)
    strip_spqr(starter, answerer.address, version)
    strip_spqr(answerer, starter.address, version)
    for turn in range(6):
        late = [starter.encrypt(answerer.address, b"late %d" % n) for n in range(3)]
        message = exchange(starter, answerer, b"turn %d" % turn)
        assert message.body[0] == version << 4 | 4
        assert decode_signal_message(message.body).pq_ratchet == b""
        for n in (2, 0, 1):
            assert answerer.decrypt(starter.address, late[n]) == b"late %d" % n
        refuses_duplicate(answerer, starter.address, late[0])
        starter, answerer = answerer, starter
    ours, other = (starter, answerer) if isinstance(starter, Device) else (answerer, starter)
    assert isinstance(ours, Device)
    assert not ours.record(other.address).has_usable_sender_chain(NOW_MS)
    assert ours.record(other.address).session_version == version


def old_peers(kind: str) -> tuple[Device, list[tuple[CiphertextMessage, bytes]]]:
    """First messages of an old libsignal, and the device that they were written to."""
    vector = json.loads(VECTORS.read_text())
    keys = {name: bytes.fromhex(value) for name, value in vector["ours"].items()}
    device = Device.create(ALICE, identity=KeyPair.from_private(keys["identity"]))
    store = device.store
    store.prekeys[1] = PreKeyRecord.deserialize(keys["prekey"])
    store.signed_prekeys[1] = SignedPreKeyRecord.deserialize(keys["signed_prekey"])
    kyber = KyberKeyPair.from_seed(keys["kyber_seed"])
    store.kyber_prekeys[1] = KyberPreKeyRecord(1, NOW_MS, kyber, b"")
    received = [
        (CiphertextMessage(PREKEY, bytes.fromhex(m["body"])), m["plaintext"].encode())
        for m in vector[kind]
    ]
    return device, received


def test_an_old_peer_that_negotiates_spqr_is_read() -> None:
    device, received = old_peers("negotiating")
    for message, plaintext in (received[1], received[0], received[2]):
        parsed = decode_prekey_signal_message(message.body).message
        assert parsed.addresses is None
        # Epoch 1, index 0: a chunk of the first header, but no key yet.
        assert parsed.pq_ratchet[:3] == b"\x01\x01\x00"
        assert device.decrypt(BOB, message) == plaintext
    assert device.encrypt(BOB, b"answer").type == WHISPER


def test_an_old_peer_without_spqr_is_refused() -> None:
    device, ((message, _),) = old_peers("without_spqr")
    refuses(device, BOB, message, "post-quantum")


# --- records ---------------------------------------------------------------------------------


def inner_record(data: bytes) -> bytes:
    """libsignal's RecordStructure in a stored record of sigcli."""
    return storage.StoredSessionRecord.FromString(data).record


def test_libsignal_goes_on_with_our_record(
    oracle: Oracle, ours: Device, theirs: LibsignalDevice
) -> None:
    establish(ours, theirs)
    strip_spqr(ours, BOB, 4)
    strip_spqr(theirs, ALICE, 4)
    late = theirs.encrypt(ALICE, b"late")
    exchange(theirs, ours, b"in front of it")
    moved = LibsignalDevice.create(oracle, ALICE, ours.identity)
    moved.replace_record(BOB, inner_record(ours.store.stored[BOB]))
    read = moved.call(
        """
        const record = await self.sessions.getSession(remote);
        return [record.localRegistrationId(), record.remoteRegistrationId(),
            record.currentRatchetKeyMatches(lib.PublicKey.deserialize(key))];
        """,
        BOB,
        key=decode_signal_message(ours.encrypt(BOB, b"lost").body).ratchet_key,
    )
    assert read == [1001, 1002, True]
    assert moved.decrypt(BOB, late) == b"late"
    exchange(theirs, moved, b"to the new house")
    exchange(moved, theirs, b"back")


def test_we_go_on_with_libsignals_record(
    oracle: Oracle, ours: Device, theirs: LibsignalDevice
) -> None:
    establish(ours, theirs)
    establish(theirs, ours)
    strip_spqr(ours, BOB, 4)
    strip_spqr(theirs, ALICE, 4)
    late = ours.encrypt(BOB, b"late")
    exchange(ours, theirs, b"in front of it")
    identity = oracle.call("return state[name].identity;", name=theirs.name)
    moved = Device.create(BOB, identity=KeyPair.from_private(identity))
    outer = storage.StoredSessionRecord(format=1, record=theirs.record(ALICE), previous_spqr=[b""])
    moved.store.stored[ALICE] = outer.SerializeToString()
    assert moved.record(ALICE).remote_registration_id == 1001
    assert moved.decrypt(ALICE, late) == b"late"
    exchange(moved, ours, b"from the new house")
    exchange(ours, moved, b"welcome")


def test_archived_sessions_are_tried_promoted_and_bounded(
    ours: Device, theirs: LibsignalDevice
) -> None:
    establish(theirs, ours)
    old = theirs.encrypt(ALICE, b"from the old session")
    for _ in range(MAX_ARCHIVED_STATES):
        theirs.start(ALICE, ours.bundle())
        exchange(theirs, ours, b"from a new one")
    record = ours.record(BOB)
    assert len(record.archived) == MAX_ARCHIVED_STATES
    newest = record.current
    assert newest is not None
    assert ours.decrypt(BOB, old) == b"from the old session"
    promoted = ours.record(BOB)
    assert promoted.current is not None
    assert promoted.current.base_key != newest.base_key
    assert promoted.archived[0].open().base_key == newest.base_key
    assert len(promoted.archived) == MAX_ARCHIVED_STATES
    refuses_duplicate(ours, BOB, old)
    for _ in range(2):
        theirs.start(ALICE, ours.bundle())
        exchange(theirs, ours, b"pushes one out")
    assert len(ours.record(BOB).archived) == MAX_ARCHIVED_STATES


# --- limits ----------------------------------------------------------------------------------


def jump(device: Device, remote: ProtocolAddress, steps: int) -> None:
    """Advance a sending chain as if so many messages had been sent and lost."""
    record = device.record(remote)
    assert record.current is not None
    ratchet = record.current.ratchet
    key = ratchet.sender_chain.chain_key
    for _ in range(steps):
        key = hmac_sha256(key, b"\x02")
    index = ratchet.sender_chain.index + steps
    chain = replace(ratchet.sender_chain, chain_key=key, index=index)
    state = replace(record.current, ratchet=replace(ratchet, sender_chain=chain))
    device.store.store_session(remote, record.with_current(state))


@pytest.mark.parametrize("receiver_kind", ["libsignal", "sigcli"])
def test_only_sessions_with_oneself_jump_without_limit(oracle: Oracle, receiver_kind: str) -> None:
    make: Callable[[ProtocolAddress, KeyPair | None], AnyDevice] = (
        (lambda address, key: LibsignalDevice.create(oracle, address, key))
        if receiver_kind == "libsignal"
        else (lambda address, key: Device.create(address, identity=key))
    )
    sender = Device.create(ALICE)
    own = make(replace(ALICE, device_id=3), sender.identity)
    other = make(BOB, None)
    for receiver in (own, other):
        establish(sender, receiver)
        jump(sender, receiver.address, MAX_FORWARD_JUMPS - 1)
        exchange(sender, receiver, b"as far as it goes")
        jump(sender, receiver.address, MAX_FORWARD_JUMPS + 1)
    exchange(sender, own, b"further")
    refuses(other, ALICE, sender.encrypt(BOB, b"too far"), "future")


# --- retry requests --------------------------------------------------------------------------


def test_retry_requests_have_libsignals_bytes(
    oracle: Oracle, ours: Device, theirs: LibsignalDevice
) -> None:
    theirs.start(ALICE, ours.bundle())
    prekey_message = theirs.encrypt(ALICE, b"first")
    ours.decrypt(BOB, prekey_message)
    whisper = ours.encrypt(BOB, b"second")
    group = CiphertextMessage(CiphertextMessageType.SENDER_KEY, b"any")
    for message in (prekey_message, whisper, group):
        made = DecryptionErrorMessage.for_original(message.body, message.type, NOW_MS, 2)
        read = oracle.call(
            """
            const made = lib.DecryptionErrorMessage.forOriginal(body, type, time, 2);
            const content = lib.PlaintextContent.from(made);
            const padded = content.body();
            return {
                made: made.serialize(), content: content.serialize(),
                parsed: lib.DecryptionErrorMessage.deserialize(ours).ratchetKey()?.serialize()
                    ?? null,
                extracted: lib.DecryptionErrorMessage.extractFromSerializedBody(
                    lib.PlaintextContent.deserialize(oursPlain).body()).timestamp(),
            };
            """,
            body=message.body,
            type=int(message.type),
            time=NOW_MS,
            ours=made.serialize(),
            oursPlain=PlaintextContent.of(made).serialize(),
        )
        assert read["made"] == made.serialize()
        assert DecryptionErrorMessage.deserialize(read["made"]) == made
        assert read["content"] == PlaintextContent.of(made).serialize()
        content = PlaintextContent.deserialize(read["content"]).content
        assert decode_content(unpad(content)).decryption_error_message == made.serialize()
        key = None if made.ratchet_key is None else made.ratchet_key.serialize()
        assert read["parsed"] == key
        assert read["extracted"] == NOW_MS
    with pytest.raises(InvalidMessage):
        DecryptionErrorMessage.for_original(b"\xc0", CiphertextMessageType.PLAINTEXT, NOW_MS, 2)


def test_a_retry_request_names_the_current_ratchet_key(
    ours: Device, theirs: LibsignalDevice
) -> None:
    establish(ours, theirs)
    ours_key = decode_signal_message(ours.encrypt(BOB, b"lost").body).ratchet_key
    theirs_key = decode_signal_message(theirs.encrypt(ALICE, b"lost").body).ratchet_key
    record = ours.record(BOB)
    assert record.current_ratchet_key_matches(PublicKey.deserialize(ours_key))
    assert not record.current_ratchet_key_matches(PublicKey.deserialize(theirs_key))
    assert not SessionRecord().current_ratchet_key_matches(PublicKey.deserialize(ours_key))
    matches = "return (await self.sessions.getSession(remote)).currentRatchetKeyMatches("
    matches += "lib.PublicKey.deserialize(key));"
    assert theirs.call(matches, ALICE, key=theirs_key)
    assert not theirs.call(matches, ALICE, key=ours_key)
    exchange(ours, theirs, b"turns their ratchet")
    exchange(theirs, ours, b"turns ours")
    assert not ours.record(BOB).current_ratchet_key_matches(PublicKey.deserialize(ours_key))
