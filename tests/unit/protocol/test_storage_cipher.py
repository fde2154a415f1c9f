"""Manifests and records, encrypted; their keys are checked against the mock server's own code (interop)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigcli.crypto import ciphers
from sigcli.errors import InvalidMessage, ProtocolError
from sigcli.protocol import storage_cipher
from sigcli.protocol.account_entropy import StorageKey
from sigcli.wire.storage_manifest import (
    ManifestIdentifier,
    ManifestRecord,
    StorageItem,
    StorageItemType,
    StorageManifest,
    encode_manifest_record,
)

KEY, OTHER_KEY = StorageKey(bytes(32)), StorageKey(bytes(31) + b"\x01")
MANIFEST = ManifestRecord(
    version=7,
    source_device_id=2,
    identifiers=(ManifestIdentifier(raw=bytes(16), type=StorageItemType.CONTACT),),
    record_ikm=b"\x07" * 32,
)


@given(st.binary(max_size=100))
def test_hostile_values(data: bytes) -> None:
    key = storage_cipher.manifest_key(KEY, 1)
    with pytest.raises(ProtocolError):
        ciphers.gcm_open(key, data)
    sealed = ciphers.gcm_seal(key, data)
    assert ciphers.gcm_open(key, sealed) == data


def test_a_manifest_belongs_to_its_key_and_version() -> None:
    sealed = storage_cipher.encrypt_manifest(KEY, MANIFEST)
    assert replace(storage_cipher.decrypt_manifest(KEY, sealed), original=b"") == MANIFEST
    with pytest.raises(InvalidMessage):
        storage_cipher.decrypt_manifest(OTHER_KEY, sealed)
    with pytest.raises(InvalidMessage):
        storage_cipher.decrypt_manifest(KEY, replace(sealed, version=8))


def test_a_manifest_that_says_another_version_inside_is_refused() -> None:
    inside = encode_manifest_record(replace(MANIFEST, version=3))
    value = ciphers.gcm_seal(storage_cipher.manifest_key(KEY, 7), inside)
    with pytest.raises(InvalidMessage):
        storage_cipher.decrypt_manifest(KEY, StorageManifest(version=7, value=value))


@pytest.mark.parametrize("record_ikm", [None, b"\x07" * 32])
def test_a_record_belongs_to_its_id(record_ikm: bytes | None) -> None:
    item = storage_cipher.encrypt_record(KEY, bytes(16), record_ikm, b"record")
    assert storage_cipher.decrypt_record(KEY, record_ikm, item) == b"record"
    with pytest.raises(InvalidMessage):
        storage_cipher.decrypt_record(KEY, record_ikm, replace(item, key=b"\x01" * 16))
    with pytest.raises(InvalidMessage):
        storage_cipher.decrypt_record(KEY, b"\x08" * 32, item)
    # The input key of the records replaces the storage key: a new pool need not touch every record.
    assert (record_ikm is not None) == _opens(OTHER_KEY, record_ikm, item)


def _opens(key: StorageKey, record_ikm: bytes | None, item: StorageItem) -> bool:
    try:
        return storage_cipher.decrypt_record(key, record_ikm, item) == b"record"
    except InvalidMessage:
        return False
