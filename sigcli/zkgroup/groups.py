"""A group's parameters and what is encrypted with them: member ids, profile keys and blobs.

All keys of a group come from its 32-byte master key. Source: libsignal
``rust/zkgroup/src/api/groups``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from functools import lru_cache
from typing import TypeVar

from sigcli.crypto.ciphers import gcm_siv_decrypt, gcm_siv_encrypt
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.crypto.ristretto import RistrettoPoint
from sigcli.errors import InvalidKey, InvalidMessage, ZkProofFailed
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import GroupIdentifier, GroupMasterKey
from sigcli.zkgroup.attribute_decryption import decrypt_profile_keys, decrypt_uids
from sigcli.zkgroup.attributes import (
    PROFILE_KEY_KIND,
    UID_KIND,
    Attribute,
    AttributeKeyPair,
    profile_key_attribute,
    read_attributes,
    uid_attribute,
)
from sigcli.zkgroup.encoding import RESERVED, Reader, version_byte
from sigcli.zkgroup.profile_key import ProfileKey
from sigcli.zkgroup.sho import Sho

GROUP_MASTER_KEY_LENGTH = 32
GROUP_IDENTIFIER_LENGTH = 32
CIPHERTEXT_LENGTH = 65
_BLOB_KEY_LENGTH = 32
_NONCE_LENGTH = 12
_PADDING_FIELD_LENGTH = 4
_GROUPS_KEPT = 64

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UuidCiphertext:
    """An encrypted service id."""

    attribute: Attribute

    def serialize(self) -> bytes:
        """65 bytes."""
        return version_byte(RESERVED) + self.attribute.serialize()

    @classmethod
    def deserialize(cls, data: bytes) -> UuidCiphertext:
        """Read 65 bytes; raises MalformedMessage."""
        return cls(_read_attribute(data))


@dataclass(frozen=True, slots=True)
class ProfileKeyCiphertext:
    """An encrypted profile key."""

    attribute: Attribute

    def serialize(self) -> bytes:
        """65 bytes."""
        return version_byte(RESERVED) + self.attribute.serialize()

    @classmethod
    def deserialize(cls, data: bytes) -> ProfileKeyCiphertext:
        """Read 65 bytes; raises MalformedMessage."""
        return cls(_read_attribute(data))


@dataclass(frozen=True, slots=True)
class GroupPublicParams:
    """The public part of a group's keys, which the server knows."""

    group_id: GroupIdentifier
    uid_public_key: RistrettoPoint
    profile_key_public_key: RistrettoPoint

    def get_group_identifier(self) -> GroupIdentifier:
        """The 32 bytes that identify the group."""
        return self.group_id

    def serialize(self) -> bytes:
        """97 bytes."""
        keys = self.uid_public_key.encode() + self.profile_key_public_key.encode()
        return version_byte(RESERVED) + self.group_id + keys

    @classmethod
    def deserialize(cls, data: bytes) -> GroupPublicParams:
        """Read 97 bytes; raises MalformedMessage."""
        reader = Reader(data)
        group_id = GroupIdentifier(reader.take(GROUP_IDENTIFIER_LENGTH))
        uid_public_key, profile_key_public_key = reader.points(2)
        reader.end()
        return cls(group_id, uid_public_key, profile_key_public_key)


@dataclass(frozen=True, slots=True)
class GroupSecretParams:
    """All keys of a group."""

    master_key: GroupMasterKey = field(repr=False)
    group_id: GroupIdentifier
    blob_key: bytes = field(repr=False)
    uid_key_pair: AttributeKeyPair = field(repr=False)
    profile_key_key_pair: AttributeKeyPair = field(repr=False)

    @classmethod
    def generate(cls, random: RandomSource = secure_random) -> GroupSecretParams:
        """The keys of a new group."""
        sho = Sho(b"Signal_ZKGroup_20200424_Random_GroupSecretParams_Generate", random(32))
        return cls.derive_from_master_key(GroupMasterKey(sho.squeeze(GROUP_MASTER_KEY_LENGTH)))

    @classmethod
    def derive_from_master_key(cls, master_key: bytes) -> GroupSecretParams:
        """All keys from the master key (32 bytes, InvalidKey otherwise); the last ones are cached."""
        if len(master_key) != GROUP_MASTER_KEY_LENGTH:
            raise InvalidKey("a group master key has 32 bytes")
        return _derive(bytes(master_key))

    def get_master_key(self) -> GroupMasterKey:
        """The 32 bytes from which everything is derived."""
        return self.master_key

    def get_group_identifier(self) -> GroupIdentifier:
        """The 32 bytes that identify the group."""
        return self.group_id

    def get_public_params(self) -> GroupPublicParams:
        """What the server learns."""
        return GroupPublicParams(
            self.group_id, self.uid_key_pair.public_key, self.profile_key_key_pair.public_key
        )

    def serialize(self) -> bytes:
        """289 bytes."""
        keys = self.uid_key_pair.serialize() + self.profile_key_key_pair.serialize()
        return version_byte(RESERVED) + self.master_key + self.group_id + self.blob_key + keys

    @classmethod
    def deserialize(cls, data: bytes) -> GroupSecretParams:
        """Read 289 bytes; raises MalformedMessage."""
        reader = Reader(data)
        params = cls(
            GroupMasterKey(reader.take(GROUP_MASTER_KEY_LENGTH)),
            GroupIdentifier(reader.take(GROUP_IDENTIFIER_LENGTH)),
            reader.take(_BLOB_KEY_LENGTH),
            AttributeKeyPair.read(UID_KIND, reader),
            AttributeKeyPair.read(PROFILE_KEY_KIND, reader),
        )
        reader.end()
        return params

    def encrypt_service_id(self, service_id: ServiceId) -> UuidCiphertext:
        """Encrypt a member's ACI or PNI; the same id always gives the same ciphertext."""
        return UuidCiphertext(self.uid_key_pair.encrypt(uid_attribute(service_id)))

    def decrypt_service_id(self, ciphertext: UuidCiphertext) -> ServiceId:
        """The service id; raises ZkProofFailed if it was not encrypted for this group."""
        (service_id,) = decrypt_uids(self.uid_key_pair, [ciphertext.attribute])
        if service_id is None:
            raise ZkProofFailed
        return service_id

    def decrypt_service_ids(self, ciphertexts: Sequence[bytes]) -> list[ServiceId | None]:
        """The service id in each ciphertext (65 bytes), faster than one by one; None if it cannot be decrypted."""
        return _each(ciphertexts, lambda read, _: decrypt_uids(self.uid_key_pair, read))

    def encrypt_profile_key(self, profile_key: ProfileKey, aci: ServiceId) -> ProfileKeyCiphertext:
        """Encrypt a member's profile key; the same key always gives the same ciphertext."""
        attribute = profile_key_attribute(profile_key.contents, aci)
        return ProfileKeyCiphertext(self.profile_key_key_pair.encrypt(attribute))

    def decrypt_profile_key(self, ciphertext: ProfileKeyCiphertext, aci: ServiceId) -> ProfileKey:
        """The profile key; raises ZkProofFailed if it is not this member's in this group."""
        (key,) = decrypt_profile_keys(self.profile_key_key_pair, [ciphertext.attribute], [aci])
        if key is None:
            raise ZkProofFailed
        return ProfileKey(key)

    def decrypt_profile_keys(
        self, ciphertexts: Sequence[bytes], acis: Sequence[ServiceId]
    ) -> list[ProfileKey | None]:
        """The profile key in each ciphertext (65 bytes), faster than one by one; None if it is not the member's."""
        keys = _each(
            ciphertexts,
            lambda read, places: decrypt_profile_keys(
                self.profile_key_key_pair, read, [acis[place] for place in places]
            ),
        )
        return [None if key is None else ProfileKey(key) for key in keys]

    def encrypt_blob(self, plaintext: bytes, random: RandomSource = secure_random) -> bytes:
        """Encrypt bytes without padding: ciphertext and tag, nonce, a zero byte."""
        label = b"Signal_ZKGroup_20200424_Random_GroupSecretParams_EncryptBlob"
        nonce = Sho(label, random(32)).squeeze(_NONCE_LENGTH)
        return gcm_siv_encrypt(self.blob_key, nonce, plaintext) + nonce + b"\x00"

    def decrypt_blob(self, ciphertext: bytes) -> bytes:
        """Reverse of :meth:`encrypt_blob`; raises ZkProofFailed."""
        if len(ciphertext) <= _NONCE_LENGTH:
            raise ZkProofFailed
        body, nonce = ciphertext[: -_NONCE_LENGTH - 1], ciphertext[-_NONCE_LENGTH - 1 : -1]
        try:
            return gcm_siv_decrypt(self.blob_key, nonce, body)
        except InvalidMessage:
            raise ZkProofFailed from None

    def encrypt_blob_with_padding(
        self, plaintext: bytes, padding_length: int = 0, random: RandomSource = secure_random
    ) -> bytes:
        """Encrypt bytes after the length of their padding (four bytes) and before the padding."""
        length = padding_length.to_bytes(_PADDING_FIELD_LENGTH, "big")
        return self.encrypt_blob(length + plaintext + bytes(padding_length), random)

    def decrypt_blob_with_padding(self, ciphertext: bytes) -> bytes:
        """Reverse of :meth:`encrypt_blob_with_padding`; raises ZkProofFailed."""
        padded = self.decrypt_blob(ciphertext)
        content = padded[_PADDING_FIELD_LENGTH:]
        padding_length = int.from_bytes(padded[:_PADDING_FIELD_LENGTH], "big")
        if len(padded) < _PADDING_FIELD_LENGTH or padding_length > len(content):
            raise ZkProofFailed
        return content[: len(content) - padding_length]


@lru_cache(maxsize=_GROUPS_KEPT)
def _derive(master_key: bytes) -> GroupSecretParams:
    label = b"Signal_ZKGroup_20200424_GroupMasterKey_GroupSecretParams_DeriveFromMasterKey"
    sho = Sho(label, master_key)
    return GroupSecretParams(
        GroupMasterKey(master_key),
        GroupIdentifier(sho.squeeze(GROUP_IDENTIFIER_LENGTH)),
        sho.squeeze(_BLOB_KEY_LENGTH),
        AttributeKeyPair.derive(UID_KIND, sho),
        AttributeKeyPair.derive(PROFILE_KEY_KIND, sho),
    )


def _read_attribute(data: bytes) -> Attribute:
    reader = Reader(data)
    attribute = Attribute.read(reader)
    reader.end()
    return attribute


def _each(
    ciphertexts: Sequence[bytes],
    decrypt: Callable[[Sequence[Attribute], Sequence[int]], list[T | None]],
) -> list[T | None]:
    """Decrypt the well-formed ciphertexts, and return the results in their places."""
    framed = [
        place
        for place, data in enumerate(ciphertexts)
        if len(data) == CIPHERTEXT_LENGTH and data[0] == RESERVED
    ]
    attributes = read_attributes([ciphertexts[place][1:] for place in framed])
    read = [
        (place, attribute)
        for place, attribute in zip(framed, attributes, strict=True)
        if attribute is not None
    ]
    found: list[T | None] = [None] * len(ciphertexts)
    places = [place for place, _ in read]
    for place, one in zip(
        places, decrypt([attribute for _, attribute in read], places), strict=True
    ):
        found[place] = one
    return found
