"""The cipher with which a primary device sends an account to a new linked device.

Source: signal.org's provisioning as in libsignal-service-rs ``src/provisioning/cipher.rs``. The new device shows its
one-time public key in the link URI; the primary encrypts to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import cbc_decrypt, cbc_encrypt
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage, MalformedMessage, UnrecognisedMessageVersion
from sigcli.wire.provisioning import (
    ProvisionEnvelope,
    ProvisionMessage,
    decode_message,
    encode_message,
)

if TYPE_CHECKING:
    from sigcli.crypto.curve import PrivateKey

VERSION = 1
IV_LENGTH = 16
MAC_LENGTH = 32
_HEADER_LENGTH = 1 + IV_LENGTH
_INFO = b"TextSecure Provisioning Message"


def encrypt_provision_message(
    message: ProvisionMessage, new_device: PublicKey, random: RandomSource = secure_random
) -> ProvisionEnvelope:
    """Encrypt to the key in a link URI; InvalidKey if that is a point of small order."""
    ephemeral = KeyPair.generate(random)
    cipher_key, mac_key = _keys(ephemeral.private_key, new_device)
    iv = random(IV_LENGTH)
    body = bytes([VERSION]) + iv + cbc_encrypt(cipher_key, iv, encode_message(message))
    return ProvisionEnvelope(
        public_key=ephemeral.public_key.serialize(), body=body + hmac_sha256(mac_key, body)
    )


def decrypt_provision_message(
    envelope: ProvisionEnvelope, new_device: PrivateKey
) -> ProvisionMessage:
    """Decrypt with the private key behind the link URI.

    Raises MalformedMessage, UnrecognisedMessageVersion, InvalidKey, InvalidMessage.
    """
    body, mac = envelope.body[:-MAC_LENGTH], envelope.body[-MAC_LENGTH:]
    if len(body) < _HEADER_LENGTH:
        raise MalformedMessage("the provisioning message is too short")
    if body[0] != VERSION:
        raise UnrecognisedMessageVersion
    cipher_key, mac_key = _keys(new_device, PublicKey.deserialize(envelope.public_key))
    if not equal(hmac_sha256(mac_key, body), mac):
        raise InvalidMessage("the provisioning message does not authenticate")
    return decode_message(cbc_decrypt(cipher_key, body[1:_HEADER_LENGTH], body[_HEADER_LENGTH:]))


def _keys(own: PrivateKey, theirs: PublicKey) -> tuple[bytes, bytes]:
    derived = hkdf_sha256(own.agree(theirs), _INFO, 64)
    return derived[:32], derived[32:]
