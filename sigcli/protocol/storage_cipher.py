"""The storage service's contents, encrypted: the manifest under a key of its version, each record under its own.

Source: libsignal-service-java ``core-models-jvm/…/storageservice``, Signal's mock server. AES-256-GCM throughout: nonce
12 bytes, ciphertext, tag 16.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from sigcli.crypto.ciphers import gcm_open, gcm_seal
from sigcli.crypto.kdf import hkdf_sha256, hmac_sha256
from sigcli.crypto.randomness import RandomSource, secure_random
from sigcli.errors import InvalidMessage
from sigcli.wire.storage_manifest import (
    StorageItem,
    StorageManifest,
    decode_manifest_record,
    encode_manifest_record,
)

if TYPE_CHECKING:
    from sigcli.protocol.account_entropy import StorageKey
    from sigcli.wire.storage_manifest import ManifestRecord

RAW_ID_LENGTH = 16
RECORD_IKM_LENGTH = 32
_KEY_LENGTH = 32


def manifest_key(key: StorageKey, version: int) -> bytes:
    """32 bytes for one version of the manifest."""
    return hmac_sha256(key, f"Manifest_{version}".encode())


def item_key(key: StorageKey, raw_id: bytes, record_ikm: bytes | None = None) -> bytes:
    """32 bytes for one record (its raw 16-byte id).

    If the manifest has ``record_ikm`` the storage key is not used; old accounts have none.
    """
    if record_ikm:
        info = b"20240801_SIGNAL_STORAGE_SERVICE_ITEM_" + raw_id
        return hkdf_sha256(record_ikm, info, _KEY_LENGTH)
    return hmac_sha256(key, b"Item_" + b64encode(raw_id))


def encrypt_manifest(
    key: StorageKey, manifest: ManifestRecord, random: RandomSource = secure_random
) -> StorageManifest:
    """An encrypted manifest; raises MalformedMessage for values that do not fit their field."""
    plaintext = encode_manifest_record(manifest)
    value = gcm_seal(manifest_key(key, manifest.version), plaintext, random)
    return StorageManifest(version=manifest.version, value=value)


def decrypt_manifest(key: StorageKey, manifest: StorageManifest) -> ManifestRecord:
    """Reverse of ``encrypt_manifest``; raises InvalidMessage if the key is wrong, MalformedMessage.

    The version inside must be the one that the service states, since only the inner one is authenticated.
    """
    plaintext = gcm_open(manifest_key(key, manifest.version), manifest.value)
    record = decode_manifest_record(plaintext)
    if record.version != manifest.version:
        raise InvalidMessage("the manifest has another version")
    return record


def encrypt_record(
    key: StorageKey,
    raw_id: bytes,
    record_ikm: bytes | None,
    plaintext: bytes,
    random: RandomSource = secure_random,
) -> StorageItem:
    """An encrypted record."""
    return StorageItem(
        key=raw_id, value=gcm_seal(item_key(key, raw_id, record_ikm), plaintext, random)
    )


def decrypt_record(key: StorageKey, record_ikm: bytes | None, item: StorageItem) -> bytes:
    """Reverse of ``encrypt_record``; raises MalformedMessage, InvalidMessage."""
    return gcm_open(item_key(key, item.key, record_ikm), item.value)
