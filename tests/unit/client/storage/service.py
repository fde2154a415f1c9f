"""A storage service in memory, with the public one's rules, and devices of one account that use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.client.base.account import Account
from sigcli.client.base.settings import Settings
from sigcli.client.storage.keys import candidate_keys, key_of_pool
from sigcli.client.storage.syncing import StorageRounds
from sigcli.crypto.curve import KeyPair
from sigcli.errors import ConnectionLost
from sigcli.protocol.storage_cipher import decrypt_manifest, decrypt_record
from sigcli.service.resources.storage import StorageService
from sigcli.store.account_data import AccountKeys, store_account_keys
from sigcli.store.database import Database
from sigcli.store.files import AccountFiles
from sigcli.store.recipients import find_by_service_id
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from sigcli.wire.storage_manifest import (
    ManifestIdentifier,
    ManifestRecord,
    StorageItem,
    StorageItemType,
    StorageManifest,
    StorageWrite,
)
from sigcli.wire.storage_records import StorageRecord, decode_storage_record

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.store.recipient_values import Recipient

NOW_MS = 1_750_000_000_000
POOL = "a1" * 32
OWN_ACI, OWN_PNI, OWN_NUMBER = (
    ServiceId.aci(UUID(int=1)),
    ServiceId.pni(UUID(int=2)),
    "+15550100",
)
IDENTITY = KeyPair.generate()


@dataclass
class MemoryStorage(StorageService):
    """What the account has stored; ``before_write`` is called once, before the next write is looked at."""

    current: StorageManifest | None = None
    items: dict[bytes, bytes] = field(default_factory=dict)
    writes: list[StorageWrite] = field(default_factory=list)
    before_write: Callable[[], None] | None = None
    always_conflicts: bool = False
    loses_answer: bool = False

    def manifest(self) -> StorageManifest | None:
        return self.current

    def other_manifest(self, version: int) -> StorageManifest | None:
        current = self.current
        return None if current is None or current.version == version else current

    def read(self, raw_ids: Sequence[bytes]) -> list[StorageItem]:
        return [StorageItem(key=raw, value=self.items[raw]) for raw in raw_ids if raw in self.items]

    def write(self, write: StorageWrite) -> StorageManifest | None:
        hook, self.before_write = self.before_write, None
        if hook is not None:
            hook()
        assert write.manifest is not None
        if write.clear_all:
            self.items.clear()
        expected = write.manifest.version if self.current is None else self.current.version + 1
        if write.manifest.version != expected or self.always_conflicts:
            return self.current
        for item in write.insert_items:
            self.items[item.key] = item.value
        for key in write.delete_keys:
            self.items.pop(key, None)
        self.current = write.manifest
        self.writes.append(write)
        if self.loses_answer:
            self.loses_answer = False
            raise ConnectionLost("the answer to a write was lost")
        return None

    def opened(self, pool: str = POOL) -> ManifestRecord:
        assert self.current is not None
        return decrypt_manifest(key_of_pool(pool), self.current)

    def records(self, pool: str = POOL) -> list[tuple[int, bytes]]:
        """Type and bytes of every record that the manifest lists; all that is stored is listed."""
        manifest = self.opened(pool)
        assert {one.raw for one in manifest.identifiers} == set(self.items)
        key = key_of_pool(pool)
        return [
            (
                int(one.type),
                decrypt_record(
                    key,
                    manifest.record_ikm,
                    StorageItem(key=one.raw, value=self.items[one.raw]),
                ),
            )
            for one in manifest.identifiers
        ]

    def decoded(self) -> list[StorageRecord]:
        return [decode_storage_record(record) for _, record in self.records()]

    def put(
        self, *records: tuple[int, bytes], pool: str = POOL, record_ikm: bytes | None = b"i" * 32
    ) -> None:
        """Write all records anew, as a primary device would."""
        from sigcli.crypto.randomness import secure_random
        from sigcli.protocol.storage_cipher import encrypt_manifest, encrypt_record

        key = key_of_pool(pool)
        identifiers = []
        self.items.clear()
        for kind, record in records:
            raw = secure_random(16)
            identifiers.append(ManifestIdentifier(raw=raw, type=kind))
            self.items[raw] = encrypt_record(key, raw, record_ikm, record).value
        manifest = ManifestRecord(
            version=1 if self.current is None else self.current.version + 1,
            source_device_id=1,
            identifiers=tuple(identifiers),
            record_ikm=record_ikm,
        )
        self.current = encrypt_manifest(key, manifest)


@dataclass
class StoringDevice:
    """A device of the account with a database of its own."""

    account: Account
    storage: MemoryStorage
    warnings: list[str]

    @classmethod
    def create(
        cls, folder: Path, storage: MemoryStorage, device_id: int = 2, pool: str | None = POOL
    ) -> StoringDevice:
        folder.mkdir(parents=True)
        database = Database.create(folder / "account.db")
        keys = AccountKeys(
            aci=OWN_ACI,
            device_id=device_id,
            password="secret",
            aci_identity=IDENTITY,
            registration_id=4711,
            profile_key=ProfileKeyBytes(b"p" * 32),
            number=OWN_NUMBER,
            pni=OWN_PNI,
            pni_identity=IDENTITY,
            pni_registration_id=4712,
            account_entropy_pool=pool,
        )
        with database.transaction() as transaction:
            store_account_keys(transaction, keys)
        warnings: list[str] = []
        settings = Settings(folder, warnings.append)
        account = Account(settings, database, AccountFiles(folder), "none", clock=lambda: NOW_MS)
        return cls(account, storage, warnings)

    @property
    def database(self) -> Database:
        return self.account.database

    def sync(self) -> bool:
        """Whether something was written."""
        return StorageRounds(self.account, self.storage, candidate_keys(self.account)).run()

    def person(self, service_id: ServiceId) -> Recipient:
        found = find_by_service_id(self.database, service_id)
        assert found is not None
        return found

    def replace_keys(self, **changes: object) -> None:
        with self.database.transaction() as transaction:
            store_account_keys(transaction, replace(self.account.keys, **changes))  # type: ignore[arg-type]
        self.account.reload_keys()


ACCOUNT = (
    int(StorageItemType.ACCOUNT),
    # An account record (4) with a profile key (1), a given name (2) and read receipts (6).
    bytes.fromhex("222b 0a20")
    + b"p" * 32
    + bytes.fromhex("1205")
    + b"Alice"
    + bytes.fromhex("3001"),
)
