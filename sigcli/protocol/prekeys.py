"""Prekeys: the keys that a device publishes so that others can start sessions while it is offline.

Records: libsignal ``rust/protocol/src/state/{prekey,signed_prekey,kyber_prekey,bundle}.rs``. Their stored form is
libsignal's, except that a Kyber private key is its 64-byte seed.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.crypto.curve import KeyPair, PrivateKey, PublicKey
from sigcli.crypto.kem import KyberKeyPair, KyberPublicKey
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.limits import MAX_PREKEY_ID
from sigcli.wire.session_storage import (
    StoredPreKey,
    decode_prekey,
    decode_signed_prekey,
    encode_prekey,
    encode_signed_prekey,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class PreKeyRecord:
    """A one-time curve prekey."""

    id: int
    key_pair: KeyPair

    def serialize(self) -> bytes:
        """libsignal's PreKeyRecordStructure."""
        public_key = self.key_pair.public_key.serialize()
        private_key = self.key_pair.private_key.serialize()
        return encode_prekey(StoredPreKey(self.id, public_key, private_key))

    @classmethod
    def deserialize(cls, data: bytes) -> PreKeyRecord:
        """Read the stored form; raises MalformedMessage or InvalidKey."""
        stored = decode_prekey(data)
        return cls(stored.id, _key_pair(stored))


@dataclass(frozen=True, slots=True)
class SignedPreKeyRecord:
    """A curve prekey for many sessions, signed by the identity key."""

    id: int
    timestamp_ms: int
    key_pair: KeyPair
    signature: bytes

    def serialize(self) -> bytes:
        """libsignal's SignedPreKeyRecordStructure."""
        public_key = self.key_pair.public_key.serialize()
        private_key = self.key_pair.private_key.serialize()
        return encode_signed_prekey(
            StoredPreKey(self.id, public_key, private_key, self.signature, self.timestamp_ms)
        )

    @classmethod
    def deserialize(cls, data: bytes) -> SignedPreKeyRecord:
        """Read the stored form; raises MalformedMessage or InvalidKey."""
        stored = decode_signed_prekey(data)
        return cls(stored.id, stored.timestamp_ms, _key_pair(stored), stored.signature)


@dataclass(frozen=True, slots=True)
class KyberPreKeyRecord:
    """A signed Kyber prekey; only the store knows whether it is a last-resort key."""

    id: int
    timestamp_ms: int
    key_pair: KyberKeyPair
    signature: bytes

    def serialize(self) -> bytes:
        """A SignedPreKeyRecordStructure whose private key is the seed, if that is known."""
        key_pair = self.key_pair
        public_key, private_key = key_pair.public_key.serialize(), key_pair.private_bytes()
        return encode_signed_prekey(
            StoredPreKey(self.id, public_key, private_key, self.signature, self.timestamp_ms)
        )

    def serialize_expanded(self) -> bytes:
        """The same with the private key expanded: libsignal's KyberPreKeyRecord."""
        public_key, private_key = self.key_pair.public_key.serialize(), self.key_pair.expanded()
        return encode_signed_prekey(
            StoredPreKey(self.id, public_key, private_key, self.signature, self.timestamp_ms)
        )

    @classmethod
    def deserialize(cls, data: bytes) -> KyberPreKeyRecord:
        """Read the stored form; raises MalformedMessage or InvalidKey."""
        stored = decode_signed_prekey(data)
        key_pair = KyberKeyPair.from_private(stored.private_key)
        return cls(stored.id, stored.timestamp_ms, key_pair, stored.signature)


@dataclass(frozen=True, slots=True)
class PreKeyBundle:
    """The keys from the service for starting a session with one device."""

    registration_id: int
    device_id: int
    prekey_id: int | None
    prekey: PublicKey | None
    signed_prekey_id: int
    signed_prekey: PublicKey
    signed_prekey_signature: bytes = field(repr=False)
    kyber_prekey_id: int
    kyber_prekey: KyberPublicKey = field(repr=False)
    kyber_prekey_signature: bytes = field(repr=False)
    identity_key: PublicKey


def generate_prekeys(
    start_id: int, count: int, random: RandomSource = secure_random
) -> list[PreKeyRecord]:
    """New one-time curve prekeys with consecutive ids."""
    return [PreKeyRecord(id, KeyPair.generate(random)) for id in _ids(start_id, count)]


def generate_signed_prekey(
    identity: KeyPair, id: int, now_ms: int, random: RandomSource = secure_random
) -> SignedPreKeyRecord:
    """A new curve prekey, signed over its 33-byte form."""
    key_pair = KeyPair.generate(random)
    signature = identity.private_key.sign(key_pair.public_key.serialize(), random=random)
    return SignedPreKeyRecord(id, now_ms, key_pair, signature)


def generate_kyber_prekeys(
    identity: KeyPair,
    start_id: int,
    count: int,
    now_ms: int,
    random: RandomSource = secure_random,
) -> list[KyberPreKeyRecord]:
    """New Kyber prekeys with consecutive ids, each signed over its 1569-byte form."""
    records = []
    for id in _ids(start_id, count):
        key_pair = KyberKeyPair.generate(random)
        signature = identity.private_key.sign(key_pair.public_key.serialize(), random=random)
        records.append(KyberPreKeyRecord(id, now_ms, key_pair, signature))
    return records


def next_prekey_id(id: int) -> int:
    """The id after this one: 1 to 2^24-1, then again from 1."""
    return id % MAX_PREKEY_ID + 1


def _ids(start_id: int, count: int) -> Iterator[int]:
    id = start_id
    for _ in range(count):
        yield id
        id = next_prekey_id(id)


def _key_pair(stored: StoredPreKey) -> KeyPair:
    return KeyPair(
        PrivateKey.deserialize(stored.private_key), PublicKey.deserialize(stored.public_key)
    )
