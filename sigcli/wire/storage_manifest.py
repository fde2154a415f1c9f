"""The storage service's manifest, items and operations: bytes to typed values and back.

Format: Signal's ``StorageService.proto``. The contents of decrypted items are in ``storage_records``. A manifest keeps
the bytes from which it was read, so that fields newer than the schema survive a change.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from sigcli.lazy_dataclass import dataclass, replace
from sigcli.wire.generated import storage_service_pb2 as pb
from sigcli.wire.mapping import (
    Codec,
    Value,
    blobs,
    data,
    enumeration,
    flag,
    message,
    messages,
    number,
)


class StorageItemType(enum.IntEnum):
    """What kind of record an item holds."""

    UNKNOWN = 0
    CONTACT = 1
    GROUP_V1 = 2
    GROUP_V2 = 3
    ACCOUNT = 4
    STORY_DISTRIBUTION_LIST = 5
    STICKER_PACK = 6
    CALL_LINK = 7
    CHAT_FOLDER = 8
    NOTIFICATION_PROFILE = 9


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StorageManifest(Value):
    """A ManifestRecord, encrypted."""

    version: int
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StorageItem(Value):
    """A StorageRecord, encrypted, under its key (16 bytes)."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StorageWrite(Value):
    """One step from a version of the manifest to the next."""

    manifest: StorageManifest | None
    insert_items: tuple[StorageItem, ...] = ()
    delete_keys: tuple[bytes, ...] = ()
    clear_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Items(Value):
    items: tuple[StorageItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Keys(Value):
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ManifestIdentifier(Value):
    """The key of an item and what it holds."""

    raw: bytes
    type: StorageItemType | int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ManifestRecord(Value):
    """All items of a version, and the secret from which their keys are derived."""

    version: int
    source_device_id: int | None = None
    identifiers: tuple[ManifestIdentifier, ...] = ()
    record_ikm: bytes | None = None
    original: bytes = b""


_MANIFEST = Codec(StorageManifest, {"version": number("version"), "value": data("value")})
_ITEM = Codec(StorageItem, {"key": data("key"), "value": data("value")})
_ITEMS = Codec(_Items, {"items": messages("items", _ITEM)})
_READ = Codec(_Keys, {"keys": blobs("readKey")})
_WRITE = Codec(
    StorageWrite,
    {
        "manifest": message("manifest", _MANIFEST),
        "insert_items": messages("insertItem", _ITEM),
        "delete_keys": blobs("deleteKey"),
        "clear_all": flag("clearAll"),
    },
)
_IDENTIFIER = Codec(
    ManifestIdentifier, {"raw": data("raw"), "type": enumeration("type", StorageItemType)}
)
_MANIFEST_RECORD = Codec(
    ManifestRecord,
    {
        "version": number("version"),
        "source_device_id": number("sourceDevice"),
        "identifiers": messages("identifiers", _IDENTIFIER),
        "record_ikm": data("recordIkm"),
    },
)


def decode_storage_manifest(serialised: bytes) -> StorageManifest:
    """Parse an encrypted manifest; raises MalformedMessage."""
    return _MANIFEST.decode(pb.StorageManifest, serialised)


def encode_storage_manifest(manifest: StorageManifest) -> bytes:
    """Serialise an encrypted manifest."""
    return _MANIFEST.encode(pb.StorageManifest, manifest)


def decode_storage_items(serialised: bytes) -> tuple[StorageItem, ...]:
    """Parse encrypted items; raises MalformedMessage."""
    return _ITEMS.decode(pb.StorageItems, serialised).items


def encode_storage_items(items: Iterable[StorageItem]) -> bytes:
    """Serialise encrypted items."""
    return _ITEMS.encode(pb.StorageItems, _Items(items=tuple(items)))


def decode_storage_read(serialised: bytes) -> tuple[bytes, ...]:
    """Parse the keys of requested items; raises MalformedMessage."""
    return _READ.decode(pb.ReadOperation, serialised).keys


def encode_storage_read(keys: Iterable[bytes]) -> bytes:
    """Serialise the keys of requested items."""
    return _READ.encode(pb.ReadOperation, _Keys(keys=tuple(keys)))


def decode_storage_write(serialised: bytes) -> StorageWrite:
    """Parse a write operation; raises MalformedMessage."""
    return _WRITE.decode(pb.WriteOperation, serialised)


def encode_storage_write(write: StorageWrite) -> bytes:
    """Serialise a write operation."""
    return _WRITE.encode(pb.WriteOperation, write)


def decode_manifest_record(serialised: bytes) -> ManifestRecord:
    """Parse a decrypted manifest; raises MalformedMessage."""
    record = _MANIFEST_RECORD.decode(pb.ManifestRecord, serialised)
    return replace(record, original=serialised)


def encode_manifest_record(record: ManifestRecord) -> bytes:
    """Serialise a manifest over its original; raises MalformedMessage."""
    return _MANIFEST_RECORD.encode_over(pb.ManifestRecord, record.original, record)
