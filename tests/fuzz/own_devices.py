"""Targets: what the own devices and the storage service hold, taken over into a database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.people.contact_sync import take_contacts
from sigcli.errors import ProtocolError, ServiceError
from sigcli.wire.content import AttachmentPointer, Content
from sigcli.wire.content.sync_message import SyncMessage
from sigcli.wire.content.sync_state import SyncContacts
from sigcli.wire.generated import storage_service_pb2
from tests.fuzz.contents import contact_stream, filled
from tests.fuzz.target import Target
from tests.unit.client.storage.service import ACCOUNT, MemoryStorage, StoringDevice

_LENGTH_BYTES = 2
_MEMORY = Path("/dev/shm")
_CONTACTS = Content(sync_message=SyncMessage(contacts=SyncContacts(blob=AttachmentPointer())))


@dataclass
class _Blob:
    """An attachment that is there."""

    data: bytes

    def pieces(self, pointer: AttachmentPointer, max_bytes: int) -> Iterator[bytes]:
        del pointer, max_bytes
        yield self.data


@contextmanager
def _device(storage: MemoryStorage) -> Iterator[StoringDevice]:
    """A fresh device, in memory if that is a folder here."""
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="sigcli-fuzz-", dir=memory) as folder:
        device = StoringDevice.create(Path(folder) / "device", storage)
        with device.account:
            yield device


def _contacts(data: bytes) -> None:
    with _device(MemoryStorage()) as device:
        take_contacts(device.account, cast(AttachmentFetcher, _Blob(data)), _CONTACTS)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """A type, a length and so many bytes each."""
    while data:
        end = 1 + _LENGTH_BYTES + int.from_bytes(data[1 : 1 + _LENGTH_BYTES], "big")
        yield data[0], data[1 + _LENGTH_BYTES : end]
        data = data[end:]


def _storage(data: bytes) -> None:
    """Records that are read, then fewer of them: what is gone is taken over, too."""
    records, storage = list(_records(data)), MemoryStorage()
    with _device(storage) as device:
        for there in (records, records[1:]):
            storage.put(ACCOUNT, *there)
            device.sync()


def _storage_seeds() -> list[bytes]:
    made = []
    for record in filled(storage_service_pb2.StorageRecord, 24):
        kind = storage_service_pb2.StorageRecord.FromString(record).WhichOneof("record")
        number = {"contact": 1, "groupV1": 2, "groupV2": 3, "account": 4}.get(kind or "", 6)
        made.append(bytes([number]) + len(record).to_bytes(_LENGTH_BYTES, "big") + record)
    return [*made, made[-1] + made[-2]]


TARGETS = (
    Target("contacts-taken", _contacts, contact_stream, rounds=10),
    Target("storage-taken", _storage, _storage_seeds, (ProtocolError, ServiceError), rounds=10),
)
