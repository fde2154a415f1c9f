"""The keys that may open the account's manifest, and asking for one where none does.

The account entropy pool is the root. Older primary devices hand out a master key or a storage key instead, and a PIN
brings back a master key; those are tried as well, until the primary device has written under its pool.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import ProtocolError
from sigcli.lazy_dataclass import dataclass
from sigcli.protocol.account_entropy import AccountEntropyPool, MasterKey, StorageKey, storage_key
from sigcli.protocol.storage_cipher import decrypt_manifest
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.wire.storage_manifest import ManifestRecord, StorageManifest

NEXT_ENTROPY_POOL = Setting("next_account_entropy_pool", str)
"""The pool that the account is about to have: what was written under its key is readable also after a crash."""
KEYS_ASKED_FOR = Setting("storage_keys_asked_for", int)
"""The version of the manifest that keys were asked for."""


@dataclass(frozen=True, slots=True)
class OpenManifest:
    """A manifest, and the key that opened it."""

    record: ManifestRecord
    key: StorageKey


def candidate_keys(account: Account) -> list[StorageKey]:
    """Every known key, the one to write with first."""
    keys = account.keys
    pools = (keys.account_entropy_pool, read_setting(account.database, NEXT_ENTROPY_POOL))
    found = [key_of_pool(pool) for pool in pools if pool is not None]
    if keys.master_key is not None:
        found.append(storage_key(MasterKey(keys.master_key)))
    if keys.storage_key is not None:
        found.append(StorageKey(keys.storage_key))
    return list(dict.fromkeys(found))


def key_of_pool(pool: str) -> StorageKey:
    """The storage key that follows from an account entropy pool."""
    return storage_key(AccountEntropyPool(pool).master_key())


def open_manifest(keys: list[StorageKey], manifest: StorageManifest) -> OpenManifest | None:
    """The manifest, by the first key that opens it; None if none does."""
    for key in keys:
        try:
            return OpenManifest(decrypt_manifest(key, manifest), key)
        except ProtocolError:
            continue
    return None


def ask_for_keys(account: Account, version: int) -> None:
    """As a linked device ask the primary one for the keys, once for each version of the manifest.

    The answer comes as a message; raises ServiceError if the question does not go out.
    """
    database = account.database
    if account.keys.is_primary or read_setting(database, KEYS_ASKED_FOR) == version:
        return
    from sigcli.client.sending.sync_sending import require_sync
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import SyncRequest, SyncRequestType

    require_sync(account, SyncMessage(request=SyncRequest(type=SyncRequestType.KEYS)))
    with database.transaction() as transaction:
        write_setting(transaction, KEYS_ASKED_FOR, version)
