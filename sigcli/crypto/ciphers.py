"""AES and ChaCha20-Poly1305 on bytes; wrong padding and failed authentication raise InvalidMessage."""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR, ECB

from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage, MalformedMessage

BLOCK_LENGTH = 16
TAG_LENGTH = 16
NONCE_LENGTH = 12
_PADDINGS = tuple(bytes([n]) * n for n in range(BLOCK_LENGTH + 1))


def cbc_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-256-CBC with PKCS#7 padding: 1 to 16 bytes longer than ``data``."""
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    padded = data + _PADDINGS[BLOCK_LENGTH - len(data) % BLOCK_LENGTH]
    return encryptor.update(padded) + encryptor.finalize()


def cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-256-CBC with PKCS#7 padding; InvalidMessage on a bad length or padding.

    The padding check is not constant-time: callers authenticate the ciphertext first.
    """
    if not data or len(data) % BLOCK_LENGTH:
        raise InvalidMessage("the ciphertext is not a whole number of blocks")
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= BLOCK_LENGTH or padded[-count:] != _PADDINGS[count]:
        raise InvalidMessage("the padding of the ciphertext is wrong")
    return padded[:-count]


def ctr(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-256-CTR with a 16-byte initial counter block; encrypts and decrypts."""
    encryptor = Cipher(AES(key), CTR(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def ecb_block(key: bytes, block: bytes) -> bytes:
    """AES of exactly one block of 16 bytes (ValueError otherwise)."""
    if len(block) != BLOCK_LENGTH:
        raise ValueError("one block has 16 bytes")
    # One block as a plain permutation: the profile access key is defined this way.
    encryptor = Cipher(AES(key), ECB()).encryptor()  # noqa: S305
    return encryptor.update(block) + encryptor.finalize()


def gcm_encrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """AES-GCM with a 12-byte nonce; the 16-byte tag follows the ciphertext."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key).encrypt(nonce, data, aad)


def gcm_decrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """Reverse of :func:`gcm_encrypt`; InvalidMessage if it does not authenticate."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return _open(AESGCM(key), nonce, data, aad)


def gcm_seal(key: bytes, plaintext: bytes, random: RandomSource = secure_random) -> bytes:
    """AES-GCM under a random nonce, which comes first: 28 bytes longer than the plaintext."""
    nonce = random(NONCE_LENGTH)
    return nonce + gcm_encrypt(key, nonce, plaintext)


def gcm_open(key: bytes, sealed: bytes) -> bytes:
    """Reverse of :func:`gcm_seal`; raises MalformedMessage if it is too short, InvalidMessage."""
    if len(sealed) < NONCE_LENGTH + TAG_LENGTH:
        raise MalformedMessage("the encrypted value is too short")
    return gcm_decrypt(key, sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:])


def gcm_siv_encrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """AES-256-GCM-SIV (RFC 8452) with a 12-byte nonce; the 16-byte tag follows the ciphertext."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    return AESGCMSIV(key).encrypt(nonce, data, aad)


def gcm_siv_decrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """Reverse of :func:`gcm_siv_encrypt`; InvalidMessage if it does not authenticate."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

    return _open(AESGCMSIV(key), nonce, data, aad)


def chacha20poly1305_encrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """ChaCha20-Poly1305 (RFC 8439); the 16-byte tag follows the ciphertext."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key).encrypt(nonce, data, aad)


def chacha20poly1305_decrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes = b"") -> bytes:
    """Reverse of :func:`chacha20poly1305_encrypt`; InvalidMessage if it does not authenticate."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return _open(ChaCha20Poly1305(key), nonce, data, aad)


class _Aead(Protocol):
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


def _open(cipher: _Aead, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    if len(data) < TAG_LENGTH:
        raise InvalidMessage("the ciphertext is shorter than its tag")
    try:
        return cipher.decrypt(nonce, data, aad)
    except (InvalidTag, ValueError):
        raise InvalidMessage("the ciphertext does not authenticate") from None
