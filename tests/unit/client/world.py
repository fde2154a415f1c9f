"""An account in a temporary folder, and peers whose protocol is sigcli's: envelopes go in, rows and tasks come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

import tomli_w

from sigcli.client.applying.envelope_intake import EnvelopeIntake
from sigcli.client.base.account import Account
from sigcli.client.base.settings import Settings
from sigcli.crypto.curve import KeyPair
from sigcli.protocol.certificates import SenderCertificate, ServerCertificate
from sigcli.protocol.prekeys import (
    PreKeyBundle,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.protocol.sealed_sender import UnidentifiedSenderMessageContent, seal_v1
from sigcli.store import inbox
from sigcli.store import prekeys as stored
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.database import Database
from sigcli.store.files import AccountFiles
from sigcli.store.recipients import find_by_service_id
from sigcli.store.tasks import Task, TaskKind, claim_task
from sigcli.wire.addresses import ProtocolAddress, ServiceId, ServiceIdKind
from sigcli.wire.content import Content, DataMessage, decode_content, encode_content
from sigcli.wire.envelopes import Envelope, EnvelopeType, encode_envelope
from sigcli.wire.key_types import ProfileKeyBytes
from sigcli.wire.padding import pad
from tests.support.devices import Device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.protocol.ciphertext import CiphertextMessage
    from sigcli.protocol.sealed_sender import ContentHint
    from sigcli.store.inbox_values import InboxRow
    from sigcli.store.recipient_values import Recipient

NOW_MS = 1_750_000_000_000
OWN_ACI = ServiceId.aci(UUID(int=0xA))
OWN_PNI = ServiceId.pni(UUID(int=0xB))
PEER_ACI = ServiceId.aci(UUID(int=0xC))
_DAY_MS = 24 * 3600 * 1000


@dataclass
class World:
    """The account under test, and the service's signing keys."""

    account: Account
    server_key: KeyPair
    server_certificate: ServerCertificate
    warnings: list[str]
    next_prekey_id: int = 1
    guids: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 30)))

    @classmethod
    def create(cls, folder: Path, policy: str = "on-first-use") -> World:
        """A linked device (2) in ``folder``."""
        root, server = KeyPair.generate(), KeyPair.generate()
        certificate = ServerCertificate.issue(7, server.public_key, root.private_key)
        path = folder / "environment.toml"
        path.write_text(_environment(root))
        warnings: list[str] = []
        settings = Settings(data_dir=folder, warn=warnings.append, trust_new_identities=policy)
        database = Database.create(folder / "account.db")
        with database.transaction() as transaction:
            store_account_keys(transaction, _keys())
        account = Account(settings, database, AccountFiles(folder), str(path), clock=lambda: NOW_MS)
        account.clock_was_compared = (
            True  # neither this clock nor that of the tests' servers is the time
        )
        return cls(account, server, certificate, warnings)

    @property
    def database(self) -> Database:
        return self.account.database

    def bundle(self, own: ServiceIdKind = ServiceIdKind.ACI) -> PreKeyBundle:
        """Fresh prekeys of the account, as the service hands them out."""
        id = self.next_prekey_id
        self.next_prekey_id += 1
        identity = self.account.keys.identity(own)
        (prekey,) = generate_prekeys(id, 1)
        signed = generate_signed_prekey(identity, id, NOW_MS)
        (kyber,) = generate_kyber_prekeys(identity, id, 1, NOW_MS)
        with self.database.transaction() as transaction:
            stored.add_prekeys(transaction, own, [prekey], NOW_MS)
            stored.add_signed_prekey(transaction, own, signed, NOW_MS)
            stored.add_kyber_prekeys(transaction, own, [kyber], NOW_MS)
        return PreKeyBundle(
            registration_id=self.account.keys.local_registration_id(own),
            device_id=self.account.device_id,
            prekey_id=id,
            prekey=prekey.key_pair.public_key,
            signed_prekey_id=id,
            signed_prekey=signed.key_pair.public_key,
            signed_prekey_signature=signed.signature,
            kyber_prekey_id=id,
            kyber_prekey=kyber.key_pair.public_key,
            kyber_prekey_signature=kyber.signature,
            identity_key=identity.public_key,
        )

    def peer(
        self,
        aci: ServiceId = PEER_ACI,
        device_id: int = 1,
        identity: KeyPair | None = None,
        seed: int = 0,
        own: ServiceIdKind = ServiceIdKind.ACI,
    ) -> Peer:
        """A device with a session that it has just started with the account."""
        peer = Peer(self, Device.create(ProtocolAddress(aci, device_id), seed, identity), own)
        peer.device.start(self.account.address(own), self.bundle(own))
        return peer

    def own_phone(self) -> Peer:
        """The primary device of the account."""
        return self.peer(OWN_ACI, 1, self.account.keys.aci_identity)

    def take(self, *envelopes: Envelope | bytes) -> list[InboxRow]:
        """Receive envelopes in one transaction; gives the rows that they left."""
        intake = EnvelopeIntake(self.account)
        before = [row.id for row in self.rows()]
        with intake.batch():
            for envelope in envelopes:
                intake.take(
                    envelope if isinstance(envelope, bytes) else encode_envelope(envelope), NOW_MS
                )
            for trusted in intake.take_newly_trusted():
                intake.release(trusted)
        return [row for row in self.rows() if row.id not in before]

    def rows(self) -> list[InboxRow]:
        return list(inbox.pending(self.database))

    def bodies(self) -> list[str | None]:
        """The texts of all rows."""
        return [body(row) for row in self.rows()]

    def person(self, service_id: ServiceId = PEER_ACI) -> Recipient:
        found = find_by_service_id(self.database, service_id)
        assert found is not None
        return found

    def person_or_none(self, service_id: ServiceId) -> Recipient | None:
        return find_by_service_id(self.database, service_id)

    def task(self, kind: TaskKind) -> Task | None:
        """The first task of a kind, taken."""
        with self.database.transaction() as transaction:
            return claim_task(transaction, NOW_MS, [kind])


@dataclass
class Peer:
    """Somebody's device."""

    world: World
    device: Device
    own: ServiceIdKind = ServiceIdKind.ACI
    """Which of the account's identities it talks to."""

    @property
    def aci(self) -> ServiceId:
        return self.device.address.service_id

    def encrypt(self, content: Content | bytes) -> CiphertextMessage:
        data = content if isinstance(content, bytes) else pad(encode_content(content))
        return self.device.encrypt(self.world.account.address(self.own), data)

    def plain(
        self, content: Content | bytes | str, *, guid: str | None = None, timestamp_ms: int = NOW_MS
    ) -> Envelope:
        """An envelope that says who it is from; what is written has its time, unless it is given as bytes."""
        message = self.encrypt(dated(content, timestamp_ms))
        kind = EnvelopeType.PREKEY_MESSAGE if message.type == 3 else EnvelopeType.DOUBLE_RATCHET
        return self.envelope(kind, message.body, guid=guid, timestamp_ms=timestamp_ms)

    def sealed(
        self,
        content: Content | bytes | str,
        *,
        certificate: SenderCertificate | None = None,
        timestamp_ms: int = NOW_MS,
    ) -> Envelope:
        """An envelope that does not say who it is from; times as with ``plain``."""
        message = self.encrypt(dated(content, timestamp_ms))
        return self.seal(message, certificate=certificate, timestamp_ms=timestamp_ms)

    def seal(
        self,
        message: CiphertextMessage,
        *,
        certificate: SenderCertificate | None = None,
        hint: ContentHint | None = None,
        timestamp_ms: int = NOW_MS,
    ) -> Envelope:
        inner = UnidentifiedSenderMessageContent(
            message.type, certificate or self.certificate(), message.body
        )
        del hint
        recipient = self.world.account.keys.identity(self.own).public_key
        body = seal_v1(inner, self.device.identity, recipient)
        return Envelope(
            type=EnvelopeType.UNIDENTIFIED_SENDER,
            timestamp_ms=timestamp_ms,
            destination=self.world.account.keys.service_id(self.own),
            content=body,
            server_timestamp_ms=NOW_MS,
            server_guid=self.new_guid(),
        )

    def certificate(
        self, expires_ms: int = NOW_MS + _DAY_MS, number: str | None = None
    ) -> SenderCertificate:
        return SenderCertificate.issue(
            sender=self.aci,
            device_id=self.device.address.device_id,
            identity_key=self.device.identity.public_key,
            expires_ms=expires_ms,
            signer=self.world.server_certificate,
            signer_key=self.world.server_key.private_key,
            sender_e164=number,
        )

    def envelope(
        self,
        kind: EnvelopeType,
        content: bytes | None,
        *,
        guid: str | None = None,
        timestamp_ms: int = NOW_MS,
    ) -> Envelope:
        return Envelope(
            type=kind,
            timestamp_ms=timestamp_ms,
            source=self.aci,
            source_device_id=self.device.address.device_id,
            destination=self.world.account.keys.service_id(self.own),
            content=content,
            server_timestamp_ms=NOW_MS,
            server_guid=guid or self.new_guid(),
        )

    def new_guid(self) -> str:
        return str(UUID(int=next(self.world.guids)))


def text(
    body: str,
    *,
    timestamp_ms: int = NOW_MS,
    profile_key: ProfileKeyBytes | None = None,
    timer_s: int = 0,
) -> Content:
    return Content(
        data_message=DataMessage(
            timestamp_ms=timestamp_ms, body=body, profile_key=profile_key, expire_timer_s=timer_s
        )
    )


def dated(content: Content | bytes | str, timestamp_ms: int) -> Content | bytes:
    """What is written, with the time at which it is sent, as every client does."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return text(content, timestamp_ms=timestamp_ms)
    data, edit, typing = content.data_message, content.edit_message, content.typing_message
    if data is not None:
        content = replace(content, data_message=replace(data, timestamp_ms=timestamp_ms))
    if edit is not None and edit.data_message is not None:
        written = replace(edit.data_message, timestamp_ms=timestamp_ms)
        content = replace(content, edit_message=replace(edit, data_message=written))
    if typing is not None:
        content = replace(content, typing_message=replace(typing, timestamp_ms=timestamp_ms))
    return content


def body(row: InboxRow) -> str | None:
    """The text of a row, None if it has none."""
    if row.content is None:
        return None
    data = decode_content(row.content).data_message
    return None if data is None else data.body


def failure(row: InboxRow) -> str | None:
    return None if row.failure is None else row.failure.code


def _keys() -> AccountKeys:
    return AccountKeys(
        aci=OWN_ACI,
        device_id=2,
        password="secret",
        aci_identity=KeyPair.generate(),
        registration_id=4711,
        profile_key=ProfileKeyBytes(bytes(32)),
        number="+15550100",
        pni=OWN_PNI,
        pni_identity=KeyPair.generate(),
        pni_registration_id=4712,
    )


def _environment(root: KeyPair) -> str:
    import base64

    url = "https://127.0.0.1:1"
    return tomli_w.dumps(
        {
            "name": "test",
            "chat": {"url": url},
            "cdn": {"0": url},
            "trust": {
                "unidentified_sender_roots": [
                    base64.b64encode(root.public_key.serialize()).decode()
                ],
                "zkgroup_server_public_params": base64.b64encode(bytes(8)).decode(),
            },
        }
    )
