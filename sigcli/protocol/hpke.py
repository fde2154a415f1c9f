"""Encrypting bytes to a curve key, in the one suite of HPKE (RFC 9180) that libsignal uses.

Base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message. Format of libsignal
``rust/crypto/src/hpke.rs``: type byte 0x01, encapsulated key 32, ciphertext with tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import gcm_decrypt, gcm_encrypt
from sigcli.crypto.curve import KeyPair, PublicKey
from sigcli.crypto.kdf import hkdf_expand, hkdf_extract
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import MalformedMessage, UnrecognisedMessageVersion

if TYPE_CHECKING:
    from sigcli.crypto.curve import PrivateKey

CIPHERTEXT_TYPE = 0x01
ENCAPSULATED_KEY_LENGTH = 32
_HEADER_LENGTH = 1 + ENCAPSULATED_KEY_LENGTH
_MODE_BASE = b"\x00"
_KEY_LENGTH, _NONCE_LENGTH, _SECRET_LENGTH = 32, 12, 32
_VERSION_LABEL = b"HPKE-v1"
# KEM 0x0020 X25519 with HKDF-SHA256, KDF 0x0001 HKDF-SHA256, AEAD 0x0002 AES-256-GCM.
_KEM_SUITE = b"KEM" + bytes.fromhex("0020")
_HPKE_SUITE = b"HPKE" + bytes.fromhex("0020 0001 0002")


def hpke_seal(
    recipient: PublicKey,
    info: bytes,
    associated_data: bytes,
    plaintext: bytes,
    random: RandomSource = secure_random,
) -> bytes:
    """Encrypt to a public key; InvalidKey if it is a point of small order."""
    ephemeral = KeyPair.generate(random)
    key, nonce = _schedule(
        ephemeral.private_key.agree(recipient), ephemeral.public_key, recipient, info
    )
    ciphertext = gcm_encrypt(key, nonce, plaintext, associated_data)
    return bytes([CIPHERTEXT_TYPE]) + ephemeral.public_key.raw + ciphertext


def hpke_open(recipient: PrivateKey, info: bytes, associated_data: bytes, sealed: bytes) -> bytes:
    """Decrypt with the private key.

    Raises MalformedMessage, UnrecognisedMessageVersion, InvalidKey, InvalidMessage.
    """
    if len(sealed) < _HEADER_LENGTH:
        raise MalformedMessage("the sealed value is too short")
    if sealed[0] != CIPHERTEXT_TYPE:
        raise UnrecognisedMessageVersion
    ephemeral = PublicKey(sealed[1:_HEADER_LENGTH])
    key, nonce = _schedule(recipient.agree(ephemeral), ephemeral, recipient.public_key(), info)
    return gcm_decrypt(key, nonce, sealed[_HEADER_LENGTH:], associated_data)


def _schedule(
    shared: bytes, ephemeral: PublicKey, recipient: PublicKey, info: bytes
) -> tuple[bytes, bytes]:
    """AES key and nonce of the first message (RFC 9180, sections 4.1 and 5.1)."""
    secret = _expand(
        _extract(b"", b"eae_prk", shared, _KEM_SUITE),
        b"shared_secret",
        ephemeral.raw + recipient.raw,
        _SECRET_LENGTH,
        _KEM_SUITE,
    )
    context = (
        _MODE_BASE
        + _extract(b"", b"psk_id_hash", b"", _HPKE_SUITE)
        + _extract(b"", b"info_hash", info, _HPKE_SUITE)
    )
    schedule = _extract(secret, b"secret", b"", _HPKE_SUITE)
    return (
        _expand(schedule, b"key", context, _KEY_LENGTH, _HPKE_SUITE),
        _expand(schedule, b"base_nonce", context, _NONCE_LENGTH, _HPKE_SUITE),
    )


def _extract(salt: bytes, label: bytes, ikm: bytes, suite: bytes) -> bytes:
    return hkdf_extract(_VERSION_LABEL + suite + label + ikm, salt)


def _expand(prk: bytes, label: bytes, info: bytes, length: int, suite: bytes) -> bytes:
    prefix = length.to_bytes(2, "big") + _VERSION_LABEL + suite + label
    return hkdf_expand(prk, prefix + info, length)
