"""A device of sigcli's protocol with a store in memory, for tests of sessions."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair
from sigcli.protocol import session
from sigcli.protocol.prekeys import (
    PreKeyBundle,
    generate_kyber_prekeys,
    generate_prekeys,
    generate_signed_prekey,
)
from sigcli.protocol.session_record import SessionRecord
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from tests.support.memory_store import InMemoryProtocolStore

if TYPE_CHECKING:
    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.ciphertext import CiphertextMessage

NOW_MS = 1_750_000_000_000
ALICE = ProtocolAddress(ServiceId.aci("9d0652a3-dcc3-4d11-975f-74d61598733f"), 1)
BOB = ProtocolAddress(ServiceId.aci("796abedb-ca4e-4f18-8803-1fde5b921f9f"), 2)


@dataclass(slots=True)
class SerializingStore(InMemoryProtocolStore):
    """Keeps sessions as bytes, as a store on disk does."""

    stored: dict[ProtocolAddress, bytes] = field(default_factory=dict)

    def session(self, address: ProtocolAddress) -> SessionRecord | None:
        data = self.stored.get(address)
        return None if data is None else SessionRecord.deserialize(data)

    def store_session(self, address: ProtocolAddress, record: SessionRecord) -> None:
        self.stored[address] = record.serialize()


@dataclass(slots=True)
class Device:
    """A device whose protocol is sigcli's."""

    address: ProtocolAddress
    store: SerializingStore
    random: RandomSource
    next_id: int = 1

    @classmethod
    def create(
        cls, address: ProtocolAddress, seed: int = 0, identity: KeyPair | None = None
    ) -> Device:
        """A fresh device, its randomness fixed by address and seed."""
        random = Random(f"{address} {seed}").randbytes
        store = SerializingStore(identity or KeyPair.generate(random), 1000 + address.device_id)
        return cls(address, store, random)

    @property
    def identity(self) -> KeyPair:
        return self.store.key_pair

    def bundle(self, *, one_time: bool = True, last_resort: bool = False) -> PreKeyBundle:
        """Make prekeys and give their public halves."""
        id = self.next_id
        self.next_id += 1
        (prekey,) = generate_prekeys(id, 1, self.random)
        signed = generate_signed_prekey(self.identity, id, NOW_MS, self.random)
        (kyber,) = generate_kyber_prekeys(self.identity, id, 1, NOW_MS, self.random)
        if one_time:
            self.store.prekeys[id] = prekey
        self.store.signed_prekeys[id] = signed
        self.store.kyber_prekeys[id] = kyber
        if last_resort:
            self.store.last_resort_kyber_ids.add(id)
        return PreKeyBundle(
            registration_id=self.store.registration_id,
            device_id=self.address.device_id,
            prekey_id=id if one_time else None,
            prekey=prekey.key_pair.public_key if one_time else None,
            signed_prekey_id=id,
            signed_prekey=signed.key_pair.public_key,
            signed_prekey_signature=signed.signature,
            kyber_prekey_id=id,
            kyber_prekey=kyber.key_pair.public_key,
            kyber_prekey_signature=kyber.signature,
            identity_key=self.identity.public_key,
        )

    def start(self, remote: ProtocolAddress, bundle: PreKeyBundle, now_ms: int = NOW_MS) -> None:
        """Process a bundle."""
        session.process_prekey_bundle(bundle, remote, self.address, self.store, now_ms, self.random)

    def encrypt(
        self, remote: ProtocolAddress, plaintext: bytes, now_ms: int = NOW_MS
    ) -> CiphertextMessage:
        return session.encrypt(plaintext, remote, self.address, self.store, now_ms, self.random)

    def decrypt(self, remote: ProtocolAddress, message: CiphertextMessage) -> bytes:
        return session.decrypt(
            message.type, message.body, remote, self.address, self.store, self.random
        )

    def record(self, remote: ProtocolAddress) -> SessionRecord:
        """The session with a device, which exists."""
        return SessionRecord.deserialize(self.store.stored[remote])
