"""Targets: the Signal Protocol's own messages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random
from uuid import UUID

from sigcli.crypto.curve import KeyPair
from sigcli.errors import SigcliError
from sigcli.protocol import session
from sigcli.protocol.certificates import SenderCertificate, ServerCertificate
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.decryption_error import DecryptionErrorMessage, PlaintextContent
from sigcli.protocol.prekeys import KyberPreKeyRecord, PreKeyRecord, SignedPreKeyRecord
from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, seal_v1, unseal
from sigcli.protocol.sealed_sender_v2 import (
    SealedRecipient,
    SentMessage,
    received_form,
    seal_multi_recipient,
)
from sigcli.protocol.sender_keys import (
    SenderKeyRecord,
    create_distribution,
    group_decrypt,
    group_encrypt,
    process_distribution,
)
from sigcli.protocol.session_record import SessionRecord
from sigcli.protocol.spqr import ratchet
from sigcli.protocol.spqr.ratchet import SpqrState
from sigcli.wire.ciphertexts import decode_signal_message
from sigcli.wire.content.codec import decode_content
from sigcli.wire.key_types import GroupIdentifier
from sigcli.wire.padding import unpad
from tests.fuzz.target import Target
from tests.support.devices import ALICE, BOB, NOW_MS, Device
from tests.support.memory_store import InMemoryProtocolStore

DISTRIBUTION = UUID(int=7)


class Conversation:
    """Bob with a session, and every kind of message that Alice has under way to him."""

    def __init__(self) -> None:
        alice, self.bob = Device.create(ALICE), Device.create(BOB)
        alice.start(BOB, self.bob.bundle())
        self.first = alice.encrypt(BOB, b"first")
        assert self.bob.decrypt(ALICE, self.first) == b"first"
        alice.decrypt(BOB, self.bob.encrypt(ALICE, b"answer"))
        self.established = [alice.encrypt(BOB, b"text %d" % number) for number in range(3)]
        other = Device.create(ALICE, seed=1)
        other.start(BOB, self.bob.bundle())
        self.again = other.encrypt(BOB, b"from a new installation")
        self.state = alice.record(BOB)
        self.distribution = create_distribution(ALICE, DISTRIBUTION, alice.store, alice.random)
        process_distribution(ALICE, self.distribution, self.bob.store)
        self.group_messages = [
            group_encrypt(ALICE, DISTRIBUTION, b"to all", alice.store, alice.random)
            for _ in range(3)
        ]
        self.alice = alice

    def bobs_store(self) -> InMemoryProtocolStore:
        """What Bob holds, for one message."""
        store = self.bob.store
        return replace(
            store,
            stored=dict(store.stored),
            identities=dict(store.identities),
            prekeys=dict(store.prekeys),
            kyber_prekeys=dict(store.kyber_prekeys),
            used_last_resorts=set(store.used_last_resorts),
            sender_keys=dict(store.sender_keys),
        )


@cache
def _conversation() -> Conversation:
    return Conversation()


@cache
def _service() -> tuple[KeyPair, KeyPair, ServerCertificate]:
    random = Random(3).randbytes
    root, server = KeyPair.generate(random), KeyPair.generate(random)
    return root, server, ServerCertificate.issue(7, server.public_key, root.private_key, random)


@cache
def _certificate() -> SenderCertificate:
    _, server, certificate = _service()
    return SenderCertificate.issue(
        sender=ALICE.service_id,
        device_id=ALICE.device_id,
        identity_key=_conversation().alice.identity.public_key,
        expires_ms=NOW_MS + 1,
        signer=certificate,
        signer_key=server.private_key,
        sender_e164="+15550100",
    )


@cache
def _sealed_content() -> UnidentifiedSenderMessageContent:
    message = _conversation().established[0]
    return UnidentifiedSenderMessageContent(
        message.type, _certificate(), message.body, group_id=GroupIdentifier(bytes(32))
    )


def _session(data: bytes) -> None:
    kind = CiphertextMessageType.WHISPER if data[:1] == b"\x02" else CiphertextMessageType.PREKEY
    conversation = _conversation()
    session.decrypt(kind, data[1:], ALICE, BOB, conversation.bobs_store(), Random(1).randbytes)


def _session_seeds() -> list[bytes]:
    conversation = _conversation()
    messages = [*conversation.established, conversation.again]
    return [bytes([int(message.type)]) + message.body for message in messages]


def _spqr(data: bytes) -> None:
    """What the ratchet makes of a message before its MAC was checked."""
    record = SessionRecord.deserialize(_conversation().bob.store.stored[ALICE])
    assert record.current is not None
    state, _ = ratchet.receive(SpqrState.deserialize(record.current.spqr), data)
    assert state is not None
    ratchet.send(SpqrState.deserialize(state.serialize()), Random(1).randbytes)


def _spqr_seeds() -> list[bytes]:
    return [decode_signal_message(one.body).pq_ratchet for one in _conversation().established]


def _unseal(data: bytes) -> None:
    content = unseal(data, _conversation().bob.identity)
    content.sender_certificate.validate([_service()[0].public_key], NOW_MS)


def _unseal_seeds() -> list[bytes]:
    conversation, random = _conversation(), Random(5).randbytes
    bob = SealedRecipient(BOB.service_id, conversation.bob.identity.public_key, ((2, 1002),))
    alice = conversation.alice.identity
    sent = seal_multi_recipient(_sealed_content(), alice, [bob], random=random)
    return [
        seal_v1(_sealed_content(), alice, bob.identity_key, random),
        received_form(sent, BOB.service_id),
    ]


def _sent_message(data: bytes) -> None:
    message = SentMessage.parse(data)
    for recipient in message.recipients:
        message.received_form(recipient)


def _sent_seeds() -> list[bytes]:
    conversation, random = _conversation(), Random(6).randbytes
    people = [
        SealedRecipient(one.service_id, conversation.bob.identity.public_key, devices)
        for one, devices in ((BOB, ((1, 7), (2, 1002))), (ALICE, ((1, 5),)))
    ]
    return [
        seal_multi_recipient(
            _sealed_content(), conversation.alice.identity, people[:count], random=random
        )
        for count in (1, 2)
    ]


def _group_message(data: bytes) -> None:
    group_decrypt(ALICE, data, _conversation().bobs_store())


def _distribution(data: bytes) -> None:
    store = _conversation().bobs_store()
    process_distribution(ALICE, data, store)
    group_decrypt(ALICE, _conversation().group_messages[0], store)


def _stored_session(data: bytes) -> None:
    """A record as it lies on disk, or comes from another client."""
    store = _conversation().bob.store
    stored = replace(store, stored={**store.stored, ALICE: data})
    session.decrypt(
        CiphertextMessageType.WHISPER,
        _conversation().established[0].body,
        ALICE,
        BOB,
        stored,
        Random(1).randbytes,
    )


def _retry_seeds() -> list[bytes]:
    return [
        DecryptionErrorMessage.for_original(one.body, one.type, NOW_MS, 1).serialize()
        for one in (_conversation().established[0], _conversation().again)
    ]


def _plaintext_content(data: bytes) -> None:
    content = decode_content(unpad(PlaintextContent.deserialize(data).content))
    if content.decryption_error_message is not None:
        DecryptionErrorMessage.deserialize(content.decryption_error_message)


def _records(data: bytes) -> None:
    """The same bytes as each kind of stored key."""
    errors: list[SigcliError] = []
    kinds = (PreKeyRecord, SignedPreKeyRecord, KyberPreKeyRecord, SenderKeyRecord)
    for kind in kinds:
        try:
            kind.deserialize(data)
        except SigcliError as error:
            errors.append(error)
    if len(errors) == len(kinds):
        raise errors[0]


def _record_seeds() -> list[bytes]:
    store = _conversation().bob.store
    return [
        *(key.serialize() for key in store.prekeys.values()),
        *(key.serialize() for key in store.signed_prekeys.values()),
        *(key.serialize() for key in store.kyber_prekeys.values()),
        *(record.serialize() for record in store.sender_keys.values()),
    ]


def _plaintext_seeds() -> list[bytes]:
    requests = (DecryptionErrorMessage.deserialize(seed) for seed in _retry_seeds())
    return [PlaintextContent.of(one).serialize() for one in requests]


TARGETS = (
    Target("session", _session, _session_seeds),
    Target("spqr", _spqr, _spqr_seeds),
    Target("unseal", _unseal, _unseal_seeds),
    Target(
        "sealed-content",
        UnidentifiedSenderMessageContent.deserialize,
        lambda: [_sealed_content().serialize()],
    ),
    Target("sent-message", _sent_message, _sent_seeds),
    Target("group-message", _group_message, lambda: _conversation().group_messages),
    Target("distribution", _distribution, lambda: [_conversation().distribution]),
    Target("stored-session", _stored_session, lambda: [_conversation().bob.store.stored[ALICE]]),
    Target("stored-keys", _records, _record_seeds),
    Target("retry-request", DecryptionErrorMessage.deserialize, _retry_seeds),
    Target("plaintext-content", _plaintext_content, _plaintext_seeds),
)
