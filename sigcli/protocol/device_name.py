"""What the service stores about a linked device without being able to read it: its name and link time.

Sources: the DeviceNameCipher of Signal's clients (as in libsignal-service-rs ``src/account_manager.rs``), and
Signal-Server's EncryptDeviceCreationTimestampUtil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import ctr
from sigcli.crypto.constant_time import equal
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage, MalformedMessage
from sigcli.protocol.hpke import hpke_open, hpke_seal
from sigcli.wire.device_name import EncryptedDeviceName, decode_device_name, encode_device_name

if TYPE_CHECKING:
    from sigcli.crypto.curve import PrivateKey

SYNTHETIC_IV_LENGTH = 16
_ZERO_IV = bytes(16)
_CREATED_AT_INFO = b"deviceCreatedAt"
_TIMESTAMP_LENGTH = 8


def encrypt_device_name(
    name: str, aci_identity: PublicKey, random: RandomSource = secure_random
) -> bytes:
    """Encrypt a device's name to the account's identity key; returns the serialised message."""
    ephemeral = KeyPair.generate(random)
    plaintext = name.encode()
    secret = ephemeral.private_key.agree(aci_identity)
    synthetic_iv = _synthetic_iv(secret, plaintext)
    return encode_device_name(
        EncryptedDeviceName(
            ephemeral_key=ephemeral.public_key.serialize(),
            synthetic_iv=synthetic_iv,
            ciphertext=ctr(_cipher_key(secret, synthetic_iv), _ZERO_IV, plaintext),
        )
    )


def decrypt_device_name(data: bytes, aci_identity: PrivateKey) -> str:
    """Read a device's name; raises MalformedMessage, InvalidKey, InvalidMessage."""
    encrypted = decode_device_name(data)
    if len(encrypted.synthetic_iv) != SYNTHETIC_IV_LENGTH:
        raise MalformedMessage("the device name has a bad synthetic IV")
    secret = aci_identity.agree(PublicKey.deserialize(encrypted.ephemeral_key))
    key = _cipher_key(secret, encrypted.synthetic_iv)
    plaintext = ctr(key, _ZERO_IV, encrypted.ciphertext)
    if not equal(_synthetic_iv(secret, plaintext), encrypted.synthetic_iv):
        raise InvalidMessage("the device name does not authenticate")
    return plaintext.decode(errors="replace")


def seal_created_at(
    created_at_ms: int,
    aci_identity: PublicKey,
    device_id: int,
    registration_id: int,
    random: RandomSource = secure_random,
) -> bytes:
    """Encrypt a device's link time as the server does (``createdAtCiphertext``)."""
    return hpke_seal(
        aci_identity,
        _CREATED_AT_INFO,
        _created_at_context(device_id, registration_id),
        created_at_ms.to_bytes(_TIMESTAMP_LENGTH, "big"),
        random,
    )


def open_created_at(
    sealed: bytes, aci_identity: PrivateKey, device_id: int, registration_id: int
) -> int:
    """A device's link time in ms; raises MalformedMessage, UnrecognisedMessageVersion, InvalidKey, InvalidMessage."""
    context = _created_at_context(device_id, registration_id)
    plaintext = hpke_open(aci_identity, _CREATED_AT_INFO, context, sealed)
    if len(plaintext) != _TIMESTAMP_LENGTH:
        raise MalformedMessage("the device's link time has a wrong length")
    return int.from_bytes(plaintext, "big", signed=True)


def _created_at_context(device_id: int, registration_id: int) -> bytes:
    # Binds the ciphertext to its device, so that a server cannot swap two of them.
    if not (0 <= device_id <= 0xFF and 0 <= registration_id <= 0xFFFFFFFF):
        raise MalformedMessage("the device has an id out of range")
    return bytes([device_id]) + registration_id.to_bytes(4, "big")


def _synthetic_iv(secret: bytes, plaintext: bytes) -> bytes:
    return hmac_sha256(hmac_sha256(secret, b"auth"), plaintext)[:SYNTHETIC_IV_LENGTH]


def _cipher_key(secret: bytes, synthetic_iv: bytes) -> bytes:
    return hmac_sha256(hmac_sha256(secret, b"cipher"), synthetic_iv)
