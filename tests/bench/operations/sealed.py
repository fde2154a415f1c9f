"""Sealed sender for one device and for many, certificates, sender keys."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cache
from random import Random
from uuid import UUID

from sigcli.crypto.curve import KeyPair
from sigcli.protocol import sender_keys
from sigcli.protocol.certificates import (
    CertificateValidator,
    SenderCertificate,
    ServerCertificate,
)
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, seal_v1, unseal
from sigcli.protocol.sealed_sender_v2 import (
    SealedRecipient,
    received_form,
    seal_multi_recipient,
)
from sigcli.protocol.sender_keys import SenderKeyRecord
from sigcli.protocol.session_record import SessionRecord
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.padding import pad
from tests.bench.comparison import Operation
from tests.bench.timing import Work
from tests.support.devices import ALICE, BOB, NOW_MS, Device
from tests.support.memory_store import InMemoryProtocolStore

_DISTRIBUTION = UUID("d1d1d1d1-7000-11eb-b32a-33b8a8a487a6")
_TEXT = pad(b"a short text, as people write them")
_CIPHERTEXT = Random("ciphertext").randbytes(300)


@dataclass(frozen=True, slots=True)
class _Party:
    """Alice as a certified sender, Bob as a recipient, and who certifies."""

    root: KeyPair
    alice: KeyPair
    bob: KeyPair
    certificate: SenderCertificate
    content: UnidentifiedSenderMessageContent

    def arguments(self) -> dict[str, bytes]:
        """For :data:`_SCOPE`."""
        return {
            "alice": self.alice.private_key.raw,
            "bob": self.bob.private_key.raw,
            "root": self.root.public_key.serialize(),
            "content": self.content.serialize(),
        }


_SCOPE = f"""
    const aliceStore = new stores.IdentityKeyStore(lib.PrivateKey.deserialize(alice), 5);
    const bobStore = new stores.IdentityKeyStore(lib.PrivateKey.deserialize(bob), 6);
    const bobAddress = lib.ProtocolAddress.new('{BOB.service_id}', 2);
    await aliceStore.saveIdentity(bobAddress, lib.PrivateKey.deserialize(bob).getPublicKey());
    const inside = lib.UnidentifiedSenderMessageContent.deserialize(content);
    const trustRoot = lib.PublicKey.deserialize(root), now = {NOW_MS};
"""
_SEALED = _SCOPE + "const sealed = await lib.sealedSenderEncrypt(inside, bobAddress, aliceStore);\n"
RECIPIENTS = """
    const sessions = new stores.SessionStore();
    const identities = new stores.IdentityKeyStore(lib.PrivateKey.deserialize(alice), 5);
    const recipients = [];
    for (let i = 0; i < count; i++) {
        const id = `796abedb-ca4e-4f18-8803-${i.toString(16).padStart(12, '0')}`;
        const one = new stores.Party({ serviceId: id });
        const { preKeyId, ...bundle } = await one.bundle({ oneTime: false });
        const from = new stores.Party({ serviceId: id });
        from.sessions = sessions;
        from.identities = identities;
        await from.processBundle(one.address, { preKeyId: null, ...bundle, preKey: null });
        recipients.push(one.address);
    }
"""
_SEAL_FOR_MANY = (
    RECIPIENTS
    + """
    const inside = lib.UnidentifiedSenderMessageContent.deserialize(content);
    return { step: () => lib.sealedSenderMultiRecipientEncrypt({
        content: inside, recipients, identityStore: identities, sessionStore: sessions }) };
"""
)


@cache
def _party() -> _Party:
    random = Random("party").randbytes
    root, server, alice, bob = (KeyPair.generate(random) for _ in range(4))
    certificate = SenderCertificate.issue(
        sender=ALICE.service_id,
        device_id=ALICE.device_id,
        identity_key=alice.public_key,
        expires_ms=NOW_MS + 86_400_000,
        signer=ServerCertificate.issue(7, server.public_key, root.private_key, random),
        signer_key=server.private_key,
    )
    content = UnidentifiedSenderMessageContent(
        CiphertextMessageType.WHISPER, certificate, _CIPHERTEXT
    )
    return _Party(root, alice, bob, certificate, content)


def certified() -> tuple[KeyPair, SenderCertificate]:
    """Alice's identity and certificate."""
    return _party().alice, _party().certificate


def _received_v2() -> bytes:
    party = _party()
    recipient = SealedRecipient(BOB.service_id, party.bob.public_key, ((2, 7),))
    sent = seal_multi_recipient(party.content, party.alice, [recipient])
    return received_form(sent, BOB.service_id)


def _seal() -> Work:
    party = _party()
    return Work(lambda: seal_v1(party.content, party.alice, party.bob.public_key))


def _unseal() -> Work:
    party = _party()
    sealed = seal_v1(party.content, party.alice, party.bob.public_key)
    return Work(lambda: unseal(sealed, party.bob))


def _unseal_v2() -> Work:
    received, bob = _received_v2(), _party().bob
    return Work(lambda: unseal(received, bob))


def _unseal_and_validate() -> Work:
    party = _party()
    sealed = seal_v1(party.content, party.alice, party.bob.public_key)
    validator = CertificateValidator([party.root.public_key])

    def step() -> None:
        validator.validate(unseal(sealed, party.bob).sender_certificate, NOW_MS)

    return Work(step)


def _validate() -> Work:
    party = _party()
    data, roots = party.certificate.serialized, [party.root.public_key]
    return Work(lambda: SenderCertificate.deserialize(data).validate(roots, NOW_MS))


def _sessions(count: int) -> dict[ServiceId, bytes]:
    """Stored sessions with that many accounts."""
    sender, other = Device.create(ALICE), Device.create(BOB)
    bundle = other.bundle(one_time=False)
    addresses = [ProtocolAddress(ServiceId.aci(UUID(int=1 + n)), 1) for n in range(count)]
    for address in addresses:
        sender.start(address, bundle)
    return {address.service_id: sender.store.stored[address] for address in addresses}


def _recipient(service_id: ServiceId, stored: bytes) -> SealedRecipient:
    record = SessionRecord.deserialize(stored)
    return SealedRecipient(
        service_id, record.remote_identity_key, ((1, record.remote_registration_id),)
    )


def seal_for(count: int) -> Work:
    """Seal for many accounts whose sessions lie in a store, as libsignal's function does."""
    party, stored = _party(), _sessions(count)

    def step() -> bytes:
        recipients = [_recipient(*session) for session in stored.items()]
        return seal_multi_recipient(party.content, party.alice, recipients)

    return Work(step)


def seal_for_known(count: int) -> Work:
    """The same without reading the sessions."""
    party = _party()
    recipients = [_recipient(*session) for session in _sessions(count).items()]
    return Work(lambda: seal_multi_recipient(party.content, party.alice, recipients))


def seal_operations(count: int) -> tuple[Operation, ...]:
    """Sealing for so many accounts, with and without reading their sessions."""
    return (
        Operation(
            f"seal v2 for {count:,} accounts, sessions read",
            lambda: seal_for(count),
            _SEAL_FOR_MANY,
            lambda: {
                "alice": _party().alice.private_key.raw,
                "content": _party().content.serialize(),
                "count": count,
            },
        ),
        Operation(f"seal v2 for {count:,} accounts, sessions known", lambda: seal_for_known(count)),
    )


# --- sender keys -----------------------------------------------------------------------------


@dataclass(slots=True)
class _SerializingStore(InMemoryProtocolStore):
    """Keeps sender keys as bytes, as a store on disk does."""

    stored: dict[tuple[ProtocolAddress, UUID], bytes] = field(default_factory=dict)

    def sender_key(self, sender: ProtocolAddress, distribution_id: UUID) -> SenderKeyRecord | None:
        data = self.stored.get((sender, distribution_id))
        return None if data is None else SenderKeyRecord.deserialize(data)

    def store_sender_key(
        self, sender: ProtocolAddress, distribution_id: UUID, record: SenderKeyRecord
    ) -> None:
        self.stored[(sender, distribution_id)] = record.serialize()


_GROUP = f"""
    const own = new stores.SenderKeyStore(), theirs = new stores.SenderKeyStore();
    const sender = lib.ProtocolAddress.new('{ALICE.service_id}', 1);
    const distribution = '{_DISTRIBUTION}';
    const message = await lib.SenderKeyDistributionMessage.create(sender, distribution, own);
    await lib.processSenderKeyDistributionMessage(sender, message, theirs);
"""


def _group() -> tuple[_SerializingStore, _SerializingStore]:
    own, theirs = (_SerializingStore(KeyPair.generate(), 1) for _ in range(2))
    message = sender_keys.create_distribution(ALICE, _DISTRIBUTION, own)
    sender_keys.process_distribution(ALICE, message, theirs)
    return own, theirs


def _group_encrypt() -> Work:
    own, _ = _group()
    return Work(lambda: sender_keys.group_encrypt(ALICE, _DISTRIBUTION, _TEXT, own))


def _group_decrypt() -> Work:
    own, theirs = _group()
    waiting: deque[bytes] = deque()

    def prepare(count: int) -> None:
        waiting.extend(
            sender_keys.group_encrypt(ALICE, _DISTRIBUTION, _TEXT, own) for _ in range(count)
        )

    return Work(lambda: sender_keys.group_decrypt(ALICE, waiting.popleft(), theirs), prepare)


SENDER_KEY_OPERATIONS = (
    Operation(
        "sender key: encrypt",
        _group_encrypt,
        _GROUP + "return { step: () => lib.groupEncrypt(sender, distribution, own, text) };",
        lambda: {"text": _TEXT},
    ),
    Operation(
        "sender key: decrypt",
        _group_decrypt,
        _GROUP
        + """
        const waiting = [];
        let next = 0;
        return {
            prepare: async (count) => {
                for (let i = 0; i < count; i++) waiting.push(
                    (await lib.groupEncrypt(sender, distribution, own, text)).serialize());
            },
            step: () => lib.groupDecrypt(sender, theirs, waiting[next++]),
        };
        """,
        lambda: {"text": _TEXT},
    ),
)

OPERATIONS = (
    Operation(
        "seal v1",
        _seal,
        _SCOPE + "return { step: () => lib.sealedSenderEncrypt(inside, bobAddress, aliceStore) };",
        lambda: _party().arguments(),
    ),
    Operation(
        "unseal v1",
        _unseal,
        _SEALED + "return { step: () => lib.sealedSenderDecryptToUsmc(sealed, bobStore) };",
        lambda: _party().arguments(),
    ),
    Operation(
        "unseal v2",
        _unseal_v2,
        _SCOPE + "return { step: () => lib.sealedSenderDecryptToUsmc(sealed, bobStore) };",
        lambda: {**_party().arguments(), "sealed": _received_v2()},
    ),
    Operation(
        "unseal v1 and validate (sigcli: a sender seen before)",
        _unseal_and_validate,
        _SEALED
        + """
        return { step: async () => {
            const opened = await lib.sealedSenderDecryptToUsmc(sealed, bobStore);
            if (!opened.senderCertificate().validateWithTrustRoots([trustRoot], now)) throw Error();
        } };
        """,
        lambda: _party().arguments(),
    ),
    Operation(
        "validate a new sender's certificate",
        _validate,
        """
        const trustRoot = lib.PublicKey.deserialize(root);
        return { step: () => {
            const read = lib.SenderCertificate.deserialize(certificate);
            if (!read.validateWithTrustRoots([trustRoot], now)) throw Error();
        } };
        """,
        lambda: {
            "certificate": _party().certificate.serialized,
            "root": _party().root.public_key.serialize(),
            "now": NOW_MS,
        },
    ),
    *seal_operations(100),
    *seal_operations(1000),
    *SENDER_KEY_OPERATIONS,
)
