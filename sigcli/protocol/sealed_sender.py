"""Sealed sender: hiding from the server who sent a message. Version 1, and reading version 2.

Source: libsignal ``rust/protocol/src/sealed_sender.rs`` and signal.org/blog/sealed-sender. The inner message is a
ciphertext of a session or of a sender key: the caller decrypts it after validating the certificate and refusing its own
device's messages.
"""

from __future__ import annotations

from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import ctr
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage, MalformedMessage, UnrecognisedMessageVersion
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.certificates import SenderCertificate
from sigcli.protocol.ciphertext import CiphertextMessageType
from sigcli.wire import sealed_sender as wire
from sigcli.wire.sealed_sender import ContentHint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.crypto.curve import PrivateKey
    from sigcli.wire.key_types import GroupIdentifier

__all__ = [
    "ContentHint",
    "UnidentifiedSenderMessageContent",
    "identity_agreement",
    "seal_v1",
    "unseal",
]

VERSION_1_BYTE = 0x11
MAC_LENGTH = 10
_SALT_PREFIX = b"UnidentifiedDelivery"
_ZERO_IV = bytes(16)
_TYPE_TO_WIRE: Mapping[CiphertextMessageType, wire.SealedType] = {
    CiphertextMessageType.PREKEY: wire.SealedType.PREKEY_MESSAGE,
    CiphertextMessageType.WHISPER: wire.SealedType.MESSAGE,
    CiphertextMessageType.SENDER_KEY: wire.SealedType.SENDERKEY_MESSAGE,
    CiphertextMessageType.PLAINTEXT: wire.SealedType.PLAINTEXT_CONTENT,
}
_TYPE_FROM_WIRE = {number: kind for kind, number in _TYPE_TO_WIRE.items()}


@dataclass(frozen=True, slots=True)
class UnidentifiedSenderMessageContent:
    """What a sealed message contains: a certificate of its sender and an encrypted message."""

    type: CiphertextMessageType
    sender_certificate: SenderCertificate
    content: bytes = field(repr=False)
    """A ciphertext of the given type."""
    content_hint: ContentHint = ContentHint.DEFAULT
    group_id: GroupIdentifier | None = None
    """The group (32 bytes) whose member a retry request may concern."""

    @classmethod
    def deserialize(cls, data: bytes) -> UnidentifiedSenderMessageContent:
        """Parse decrypted content; raises MalformedMessage, InvalidCertificate."""
        content = wire.decode_content(data)
        return cls(
            type=_TYPE_FROM_WIRE[content.type],
            sender_certificate=SenderCertificate.deserialize(content.sender_certificate),
            content=content.content,
            content_hint=content.content_hint,
            group_id=content.group_id,
        )

    def serialize(self) -> bytes:
        """The bytes that are encrypted."""
        return wire.encode_content(
            wire.SealedContent(
                type=_TYPE_TO_WIRE[self.type],
                sender_certificate=self.sender_certificate.serialized,
                content=self.content,
                content_hint=self.content_hint,
                group_id=self.group_id,
            )
        )


def seal_v1(
    content: UnidentifiedSenderMessageContent,
    sender: KeyPair,
    recipient: PublicKey,
    random: RandomSource = secure_random,
) -> bytes:
    """Seal for one device, with this account's identity key pair and the recipient's identity key.

    Raises InvalidKey if the recipient's key is a point of small order.
    """
    ephemeral = KeyPair.generate(random)
    ephemeral_key = ephemeral.public_key.serialize()
    chain_key, cipher_key, mac_key = _keys(
        _SALT_PREFIX + recipient.serialize() + ephemeral_key,
        ephemeral.private_key.agree(recipient),
    )
    encrypted_static = _encrypt(cipher_key, mac_key, sender.public_key.serialize())
    _, cipher_key, mac_key = _keys(
        chain_key + encrypted_static, identity_agreement(sender.private_key, recipient)
    )
    envelope = wire.SealedEnvelope(
        ephemeral_key=ephemeral_key,
        encrypted_static=encrypted_static,
        encrypted_message=_encrypt(cipher_key, mac_key, content.serialize()),
    )
    return bytes([VERSION_1_BYTE]) + wire.encode_envelope(envelope)


def unseal(data: bytes, recipient: KeyPair) -> UnidentifiedSenderMessageContent:
    """Open a sealed message of either version with the recipient's identity key pair.

    The sender's identity key is proved to be the one in the certificate; the caller must validate the certificate
    itself. Raises MalformedMessage, InvalidCertificate, InvalidKey, InvalidMessage, UnrecognisedMessageVersion.
    """
    if not data:
        raise MalformedMessage("the sealed message is empty")
    match data[0] >> 4:
        case 0 | 1:
            # libsignal still accepts major version 0.
            return _unseal_v1(data[1:], recipient)
        case 2:
            from sigcli.protocol.sealed_sender_v2 import unseal_v2

            return unseal_v2(data, recipient)
        case _:
            raise UnrecognisedMessageVersion


def _unseal_v1(data: bytes, recipient: KeyPair) -> UnidentifiedSenderMessageContent:
    envelope = wire.decode_envelope(data)
    ephemeral_key = PublicKey.deserialize(envelope.ephemeral_key)
    chain_key, cipher_key, mac_key = _keys(
        _SALT_PREFIX + recipient.public_key.serialize() + envelope.ephemeral_key,
        recipient.private_key.agree(ephemeral_key),
    )
    static_bytes = _decrypt(cipher_key, mac_key, envelope.encrypted_static)
    static_key = PublicKey.deserialize(static_bytes)
    _, cipher_key, mac_key = _keys(
        chain_key + envelope.encrypted_static, identity_agreement(recipient.private_key, static_key)
    )
    content = UnidentifiedSenderMessageContent.deserialize(
        _decrypt(cipher_key, mac_key, envelope.encrypted_message)
    )
    if not equal(static_key.raw, content.sender_certificate.identity_key.raw):
        raise InvalidMessage("the sender's key is not the one in its certificate")
    return content


@lru_cache(2048)
def identity_agreement(own: PrivateKey, theirs: PublicKey) -> bytes:
    """X25519 of two identity keys, 32 bytes, cached: it is the same for each message between two accounts.

    Raises InvalidKey for a point of small order.
    """
    return own.agree(theirs)


def _keys(salt: bytes, shared_secret: bytes) -> tuple[bytes, bytes, bytes]:
    derived = hkdf_sha256(shared_secret, b"", 96, salt)
    return derived[:32], derived[32:64], derived[64:]


def _encrypt(cipher_key: bytes, mac_key: bytes, data: bytes) -> bytes:
    # A zero IV is safe: each key pair encrypts one text.
    ciphertext = ctr(cipher_key, _ZERO_IV, data)
    return ciphertext + hmac_sha256(mac_key, ciphertext)[:MAC_LENGTH]


def _decrypt(cipher_key: bytes, mac_key: bytes, data: bytes) -> bytes:
    ciphertext, mac = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
    if not equal(hmac_sha256(mac_key, ciphertext)[:MAC_LENGTH], mac):
        raise InvalidMessage("the sealed message does not authenticate")
    return ctr(cipher_key, _ZERO_IV, ciphertext)
