"""Encrypting and decrypting the files of a sticker pack, which are small, in one piece.

Source: Signal's clients (libsignal-service-java ``createForStickerData``). The pack's key of 32 bytes gives an AES-256
key and a MAC key. A file is IV 16, AES-256-CBC, HMAC-SHA256 of both 32: like an attachment, without padding and digest.
"""

from __future__ import annotations

from sigcli.crypto.ciphers import cbc_decrypt, cbc_encrypt
from sigcli.crypto.constant_time import equal
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidKey, InvalidMessage

PACK_KEY_LENGTH = 32
PACK_ID_LENGTH = 16
_INFO = b"Sticker Pack"
_AES_KEY_LENGTH = 32
_IV_LENGTH = 16
_MAC_LENGTH = 32
_BLOCK_LENGTH = 16


def generate_pack_key(random: RandomSource = secure_random) -> bytes:
    """A new key for a pack, 32 bytes."""
    return random(PACK_KEY_LENGTH)


def encrypted_size(plaintext_size: int) -> int:
    """The size of an encrypted file of a pack."""
    blocks = plaintext_size // _BLOCK_LENGTH + 1
    return _IV_LENGTH + blocks * _BLOCK_LENGTH + _MAC_LENGTH


def encrypt_pack_file(
    pack_key: bytes, plaintext: bytes, random: RandomSource = secure_random
) -> bytes:
    """Encrypt a picture or the manifest; raises InvalidKey."""
    aes_key, mac_key = _keys(pack_key)
    iv = random(_IV_LENGTH)
    body = iv + cbc_encrypt(aes_key, iv, plaintext)
    return body + hmac_sha256(mac_key, body)


def decrypt_pack_file(pack_key: bytes, blob: bytes) -> bytes:
    """Reverse of :func:`encrypt_pack_file`; raises InvalidKey, and InvalidMessage if the key does not fit."""
    aes_key, mac_key = _keys(pack_key)
    body, mac = blob[:-_MAC_LENGTH], blob[-_MAC_LENGTH:]
    if len(body) <= _IV_LENGTH or not equal(hmac_sha256(mac_key, body), mac):
        raise InvalidMessage("the file of the sticker pack does not authenticate")
    return cbc_decrypt(aes_key, body[:_IV_LENGTH], body[_IV_LENGTH:])


def _keys(pack_key: bytes) -> tuple[bytes, bytes]:
    if len(pack_key) != PACK_KEY_LENGTH:
        raise InvalidKey("the key of a sticker pack has 32 bytes")
    expanded = hkdf_sha256(pack_key, _INFO, 2 * _AES_KEY_LENGTH)
    return expanded[:_AES_KEY_LENGTH], expanded[_AES_KEY_LENGTH:]
