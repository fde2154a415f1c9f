"""Certificates and sealed sender, versions 1 and 2, against the official libsignal."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.errors import InvalidCertificate, InvalidMessage, MalformedMessage
from sigcli.protocol import session
from sigcli.protocol.certificates import (
    KNOWN_SERVER_CERTIFICATES,
    SenderCertificate,
    ServerCertificate,
)
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.sealed_sender import (
    ContentHint,
    UnidentifiedSenderMessageContent,
    seal_v1,
    unseal,
)
from sigcli.protocol.sealed_sender_v2 import (
    SealedRecipient,
    SentMessage,
    received_form,
    seal_multi_recipient,
)
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupIdentifier
from tests.interop.libsignal_device import LibsignalDevice
from tests.interop.oracle import Oracle, OracleError
from tests.support.devices import ALICE, BOB, NOW_MS, Device

EXPIRES_MS = NOW_MS + 86_400_000
# libsignal's own test certificate: signed by the private key of 32 zero bytes for that of 0xFF bytes.
TEST_CERTIFICATE_ID = 0x7357C357
TEST_ROOT = PrivateKey(bytes(32))
TEST_SERVER = PrivateKey(b"\xff" * 32)
REVOKED_ID = 0xDEADC357
READ_CERTIFICATE = """
    const read = lib.SenderCertificate.deserialize(certificate);
    return {
        uuid: read.senderUuid(), e164: read.senderE164(), device: read.senderDeviceId(),
        expires: read.expiration(), key: read.key(),
        valid: read.validateWithTrustRoots(roots.map(r => lib.PublicKey.deserialize(r)), now),
    };
"""
UNSEAL = """
    const store = new stores.IdentityKeyStore(lib.PrivateKey.deserialize(identity));
    const content = await lib.sealedSenderDecryptToUsmc(sealed, store);
    return {
        type: content.msgType(), content: content.contents(), hint: content.contentHint(),
        group: content.groupId(), certificate: content.senderCertificate(),
    };
"""
SEAL_V1 = """
    const store = new stores.IdentityKeyStore(lib.PrivateKey.deserialize(identity));
    const address = lib.ProtocolAddress.new('796abedb-ca4e-4f18-8803-1fde5b921f9f', 2);
    await store.saveIdentity(address, lib.PublicKey.deserialize(recipient));
    const message = lib.UnidentifiedSenderMessageContent.deserialize(content);
    return lib.sealedSenderEncrypt(message, address, store);
"""


@dataclass(frozen=True)
class Service:
    """A trust root, a server and its certificate, from fixed randomness."""

    root: KeyPair
    server: KeyPair
    certificate: ServerCertificate

    @classmethod
    def create(cls, key_id: int = 7) -> Service:
        random = Random(key_id).randbytes
        root, server = KeyPair.generate(random), KeyPair.generate(random)
        certificate = ServerCertificate.issue(key_id, server.public_key, root.private_key, random)
        return cls(root, server, certificate)

    def certify(self, identity: PublicKey, **changes: Any) -> SenderCertificate:
        values: dict[str, Any] = {
            "sender": ALICE.service_id,
            "device_id": ALICE.device_id,
            "identity_key": identity,
            "expires_ms": EXPIRES_MS,
            "signer": self.certificate,
            "signer_key": self.server.private_key,
            **changes,
        }
        return SenderCertificate.issue(**values)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service.create()


@pytest.fixture(scope="module")
def alice() -> KeyPair:
    return KeyPair.generate(Random("alice").randbytes)


@pytest.fixture(scope="module")
def bob() -> KeyPair:
    return KeyPair.generate(Random("bob").randbytes)


@pytest.fixture
def content(service: Service, alice: KeyPair) -> UnidentifiedSenderMessageContent:
    return UnidentifiedSenderMessageContent(
        CiphertextMessageType.SENDER_KEY,
        service.certify(alice.public_key),
        b"some ciphertext",
        ContentHint.RESENDABLE,
        GroupIdentifier(b"g" * 32),
    )


@pytest.mark.parametrize("uuid_as_text", [True, False])
@pytest.mark.parametrize("e164", [None, "+15550100"])
def test_libsignal_reads_and_validates_our_certificates(
    oracle: Oracle, service: Service, alice: KeyPair, uuid_as_text: bool, e164: str | None
) -> None:
    ours = service.certify(alice.public_key, sender_e164=e164, uuid_as_text=uuid_as_text)
    other_root = KeyPair.generate().public_key.serialize()
    roots = [other_root, service.root.public_key.serialize()]

    def read(roots: list[bytes], now: int) -> Any:
        return oracle.call(READ_CERTIFICATE, certificate=ours.serialized, roots=roots, now=now)

    assert read(roots, EXPIRES_MS) == {
        "uuid": str(ALICE.service_id),
        "e164": e164,
        "device": ALICE.device_id,
        "expires": EXPIRES_MS,
        "key": alice.public_key.serialize(),
        "valid": True,
    }
    assert read(roots, EXPIRES_MS + 1)["valid"] is False
    assert read([other_root], EXPIRES_MS)["valid"] is False
    again = SenderCertificate.deserialize(ours.serialized)
    assert again == ours
    again.validate([service.root.public_key], EXPIRES_MS)
    with pytest.raises(InvalidCertificate, match="expired"):
        again.validate([service.root.public_key], EXPIRES_MS + 1)


def test_we_read_and_validate_libsignals_certificates(oracle: Oracle, alice: KeyPair) -> None:
    made = oracle.call(
        """
        const root = lib.PrivateKey.generate(), server = lib.PrivateKey.generate();
        const certify = (id) => {
            const cert = lib.ServerCertificate.new(id, server.getPublicKey(), root);
            return lib.SenderCertificate.new(
                uuid, '+15550100', 3, lib.PublicKey.deserialize(key), expires, cert, server);
        };
        return {root: root.getPublicKey(), good: certify(1), revoked: certify(revoked)};
        """,
        uuid=str(ALICE.service_id),
        key=alice.public_key.serialize(),
        expires=EXPIRES_MS,
        revoked=REVOKED_ID,
    )
    root = PublicKey.deserialize(made["root"])
    good = SenderCertificate.deserialize(made["good"])
    assert (good.sender, good.device_id, good.sender_e164) == (ALICE.service_id, 3, "+15550100")
    assert (good.identity_key, good.expires_ms) == (alice.public_key, EXPIRES_MS)
    good.validate([KeyPair.generate().public_key, root], NOW_MS)
    with pytest.raises(InvalidCertificate, match="trust root"):
        good.validate([KeyPair.generate().public_key], NOW_MS)
    with pytest.raises(InvalidCertificate, match="revoked"):
        SenderCertificate.deserialize(made["revoked"]).validate([root], NOW_MS)


def test_a_certificate_may_name_its_server_by_id(oracle: Oracle, alice: KeyPair) -> None:
    known = oracle.call(
        """
        const sender = lib.SenderCertificate.deserialize(certificate);
        return sender.serverCertificate();
        """,
        certificate=_by_id(alice, TEST_CERTIFICATE_ID).serialized,
    )
    ours = _by_id(alice, TEST_CERTIFICATE_ID)
    root = TEST_ROOT.public_key()
    known_certificates = {TEST_CERTIFICATE_ID: ServerCertificate.deserialize(known)}
    ours.validate([root], NOW_MS, known_certificates)
    with pytest.raises(InvalidCertificate, match="unknown"):
        ours.validate([root], NOW_MS)
    read = oracle.call(
        READ_CERTIFICATE, certificate=ours.serialized, roots=[root.serialize()], now=NOW_MS
    )
    assert read["valid"] is True


@pytest.mark.parametrize("key_id", sorted(KNOWN_SERVER_CERTIFICATES))
def test_the_known_server_certificates_are_libsignals(
    oracle: Oracle, alice: KeyPair, key_id: int
) -> None:
    theirs = oracle.call(
        "return lib.SenderCertificate.deserialize(certificate).serverCertificate();",
        certificate=_by_id(alice, key_id).serialized,
    )
    assert theirs == KNOWN_SERVER_CERTIFICATES[key_id]


def test_libsignal_opens_our_v1(
    oracle: Oracle,
    content: UnidentifiedSenderMessageContent,
    alice: KeyPair,
    bob: KeyPair,
) -> None:
    sealed = seal_v1(content, alice, bob.public_key)
    opened = oracle.call(UNSEAL, sealed=sealed, identity=bob.private_key.raw)
    assert opened == _fields(content)


def test_we_open_libsignals_v1(
    oracle: Oracle,
    content: UnidentifiedSenderMessageContent,
    alice: KeyPair,
    bob: KeyPair,
) -> None:
    sealed = oracle.call(
        SEAL_V1,
        identity=alice.private_key.raw,
        recipient=bob.public_key.serialize(),
        content=content.serialize(),
    )
    assert sealed[0] == 0x11
    assert unseal(sealed, bob) == content
    with pytest.raises(InvalidMessage):
        unseal(sealed, alice)


def test_a_sender_with_somebody_elses_certificate_is_refused_by_both(
    oracle: Oracle,
    content: UnidentifiedSenderMessageContent,
    bob: KeyPair,
) -> None:
    mallory = KeyPair.generate()
    sealed = seal_v1(content, mallory, bob.public_key)
    with pytest.raises(InvalidMessage, match="certificate"):
        unseal(sealed, bob)
    with pytest.raises(OracleError):
        oracle.call(UNSEAL, sealed=sealed, identity=bob.private_key.raw)
    recipient = SealedRecipient(BOB.service_id, bob.public_key, ((2, 7),))
    received = received_form(seal_multi_recipient(content, mallory, [recipient]), BOB.service_id)
    with pytest.raises(InvalidMessage, match="certificate"):
        unseal(received, bob)
    with pytest.raises(OracleError):
        oracle.call(UNSEAL, sealed=received, identity=bob.private_key.raw)


@pytest.mark.parametrize("hint", list(ContentHint))
@pytest.mark.parametrize("type", list(CiphertextMessageType))
def test_content_has_libsignals_bytes(
    oracle: Oracle,
    service: Service,
    alice: KeyPair,
    type: CiphertextMessageType,
    hint: ContentHint,
) -> None:
    ours = UnidentifiedSenderMessageContent(
        type, service.certify(alice.public_key), b"body", hint, None
    )
    theirs = oracle.call(
        """
        const c = lib.UnidentifiedSenderMessageContent.deserialize(content);
        return {type: c.msgType(), content: c.contents(), hint: c.contentHint(),
                group: c.groupId(), certificate: c.senderCertificate()};
        """,
        content=ours.serialize(),
    )
    assert theirs == _fields(ours)
    assert UnidentifiedSenderMessageContent.deserialize(ours.serialize()) == ours


def test_libsignal_opens_and_splits_our_v2(
    oracle: Oracle,
    content: UnidentifiedSenderMessageContent,
    alice: KeyPair,
) -> None:
    identities = [KeyPair.generate() for _ in range(130)]
    service_ids = [ServiceId.aci(bytes([i]) * 16) for i in range(129)]
    service_ids.append(ServiceId.pni(b"\xaa" * 16))
    recipients = [
        SealedRecipient(
            service_id, identity.public_key, tuple((d, 0x3FFF - d) for d in range(1, 1 + n % 5 + 1))
        )
        for n, (service_id, identity) in enumerate(zip(service_ids, identities, strict=True))
    ]
    excluded = [ServiceId.aci(b"\xee" * 16), ServiceId.pni(b"\xee" * 16)]
    sent = seal_multi_recipient(content, alice, recipients, excluded)
    parsed = oracle.call(
        """
        const { default: Message } =
            await import('@signalapp/libsignal-client/dist/SealedSenderMultiRecipientMessage.js');
        const message = new Message(sent), all = message.recipientsByServiceIdString();
        const recipients = {};
        for (const [id, { deviceIds, registrationIds }] of Object.entries(all))
            recipients[id] = { deviceIds, registrationIds,
                               received: message.messageForRecipient(all[id]) };
        return { recipients, excluded: message.excludedRecipientServiceIdStrings() };
        """,
        sent=sent,
    )
    ours = SentMessage.parse(sent)
    assert parsed["excluded"] == [str(service_id) for service_id in excluded]
    assert list(parsed["recipients"]) == [str(service_id) for service_id in service_ids]
    for recipient, identity in zip(recipients, identities, strict=True):
        theirs = parsed["recipients"][str(recipient.service_id)]
        assert list(zip(theirs["deviceIds"], theirs["registrationIds"], strict=True)) == list(
            recipient.devices
        )
        assert ours.recipients[recipient.service_id].devices == recipient.devices
        assert theirs["received"] == ours.received_form(recipient.service_id)
        assert unseal(theirs["received"], identity) == content
    opened = oracle.batch(
        [
            (
                UNSEAL,
                {"sealed": ours.received_form(id), "identity": identity.private_key.raw},
            )
            for id, identity in zip(service_ids, identities, strict=True)
        ]
    )
    assert opened == [_fields(content)] * len(identities)
    with pytest.raises(MalformedMessage):
        ours.received_form(excluded[0])


def test_we_split_and_open_libsignals_v2(oracle: Oracle, service: Service) -> None:
    """libsignal takes registration ids from its sessions, so it needs real ones with each device."""
    devices = [Device.create(BOB), Device.create(ALICE)]
    identity = KeyPair.generate()
    theirs = LibsignalDevice.create(oracle, BOB, identity)
    names = []
    for number, device in enumerate(devices):
        oracle.call(
            """
            const [id, deviceId, bundle] = args;
            const address = lib.ProtocolAddress.new(id, deviceId);
            await state[name].processBundle(address, bundle);
            (state.addresses ??= []).push(address);
            """,
            name=theirs.name,
            args=[str(device.address.service_id), 1 + number, _bundle(device)],
        )
        names.append(device.address.service_id)
    certificate = service.certify(identity.public_key)
    made = oracle.call(
        """
        const self = state[name];
        const distribution = 'd1d1d1d1-7000-11eb-b32a-33b8a8a487a6';
        const skdm =
            await lib.SenderKeyDistributionMessage.create(self.address, distribution, self.senderKeys);
        const message =
            await lib.groupEncrypt(self.address, distribution, self.senderKeys, Buffer.from('hi'));
        const content = lib.UnidentifiedSenderMessageContent.new(
            message, lib.SenderCertificate.deserialize(certificate),
            lib.ContentHint.Implicit, Buffer.alloc(32, 5));
        const sent = await lib.sealedSenderMultiRecipientEncrypt({
            content, recipients: state.addresses,
            excludedRecipients: [lib.Pni.fromUuid('11111111-7000-11eb-b32a-33b8a8a487a6')],
            identityStore: self.identities, sessionStore: self.sessions });
        return { sent, content };
        """,
        name=theirs.name,
        certificate=certificate.serialized,
    )
    parsed = SentMessage.parse(made["sent"])
    assert [id for id, r in parsed.recipients.items() if r.devices] == names
    assert [str(id) for id, r in parsed.recipients.items() if not r.devices] == [
        "PNI:11111111-7000-11eb-b32a-33b8a8a487a6"
    ]
    for number, device in enumerate(devices):
        recipient = parsed.recipients[device.address.service_id]
        assert recipient.devices == ((1 + number, device.store.registration_id),)
        opened = unseal(parsed.received_form(device.address.service_id), device.identity)
        assert opened.serialize() == made["content"]
        assert opened.content_hint is ContentHint.IMPLICIT
        assert opened.group_id == b"\x05" * 32
        opened.sender_certificate.validate([service.root.public_key], NOW_MS)


def test_a_whole_sealed_message_from_libsignal(oracle: Oracle, service: Service) -> None:
    """Seal, unseal, validate, decrypt: everything that happens to one received message."""
    ours = Device.create(ALICE)
    theirs = LibsignalDevice.create(oracle, BOB)
    identity = theirs.identity_key()
    certificate = service.certify(identity, sender=BOB.service_id, device_id=BOB.device_id)
    oracle.call(
        """
        const address = lib.ProtocolAddress.new(id, deviceId);
        await state[name].processBundle(address, bundle);
        """,
        name=theirs.name,
        id=str(ALICE.service_id),
        deviceId=ALICE.device_id,
        bundle=_bundle(ours),
    )
    sealed = oracle.call(
        """
        const self = state[name];
        return lib.sealedSenderEncryptMessage(
            Buffer.from('hello'), lib.ProtocolAddress.new(id, deviceId),
            lib.SenderCertificate.deserialize(certificate), self.sessions, self.identities);
        """,
        name=theirs.name,
        id=str(ALICE.service_id),
        deviceId=ALICE.device_id,
        certificate=certificate.serialized,
    )
    content = unseal(sealed, ours.identity)
    assert content.type is CiphertextMessageType.PREKEY
    content.sender_certificate.validate([service.root.public_key], NOW_MS)
    assert content.sender_certificate.sender == BOB.service_id
    plaintext = session.decrypt(content.type, content.content, BOB, ALICE, ours.store)
    assert plaintext == b"hello"


def _by_id(identity: KeyPair, key_id: int) -> SenderCertificate:
    return SenderCertificate.issue(
        sender=ALICE.service_id,
        device_id=1,
        identity_key=identity.public_key,
        expires_ms=EXPIRES_MS,
        signer=key_id,
        signer_key=TEST_SERVER,
    )


def _bundle(device: Device) -> dict[str, Any]:
    bundle = device.bundle()
    return {
        "registrationId": bundle.registration_id,
        "deviceId": bundle.device_id,
        "preKeyId": bundle.prekey_id,
        "preKey": bundle.prekey.serialize() if bundle.prekey else None,
        "signedPreKeyId": bundle.signed_prekey_id,
        "signedPreKey": bundle.signed_prekey.serialize(),
        "signedPreKeySignature": bundle.signed_prekey_signature,
        "kyberPreKeyId": bundle.kyber_prekey_id,
        "kyberPreKey": bundle.kyber_prekey.serialize(),
        "kyberPreKeySignature": bundle.kyber_prekey_signature,
        "identityKey": bundle.identity_key.serialize(),
    }


def _fields(content: UnidentifiedSenderMessageContent) -> dict[str, Any]:
    return {
        "type": content.type.value,
        "content": content.content,
        "hint": content.content_hint.value,
        "group": content.group_id,
        "certificate": content.sender_certificate.serialized,
    }
