"""The account's records in the storage service brought together with the database of this device, both ways.

The state last seen (version, manifest, records) lies in the database. A round reads what is new, merges it, and writes
what this device says differently; where another device was faster (409), the next round begins.

    manifest           this device        what is done
    none               primary            the first manifest is written
    none               linked             nothing: the primary device begins
    opens              any                read, merged, and written where something differs
    opens, old key     primary            read and merged, then everything is written under the present key
    does not open      linked             the primary device is asked for its keys; nothing is written
    does not open      primary            what is known here replaces it, unless a PIN may still bring the key
    older than seen    any                nothing: what was decided since stays decided
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from sigcli.client.storage.keys import ask_for_keys, candidate_keys, open_manifest
from sigcli.errors import StorageConflict, StorageRolledBack
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.storage_records import (
    forget_seen,
    save_seen,
    seen_manifest,
    seen_records,
    storage_version,
)
from sigcli.store.tasks import TaskKind, add_task

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.storage.keys import OpenManifest
    from sigcli.client.storage.writing import Change, Step
    from sigcli.protocol.account_entropy import StorageKey
    from sigcli.service.resources.storage import StorageService
    from sigcli.wire.storage_manifest import StorageManifest

MAX_ROUNDS = 5


def sync_storage(account: Account) -> None:
    """Read the newest manifest, merge it into the database, and write back what differs.

    Opens transactions of its own; does nothing where the environment has no storage service. Raises ServiceError,
    StorageConflict if others kept writing, StorageRolledBack for an older state than was seen, StorageInconsistent.
    """
    if account.environment.storage_url is None:
        return
    keys = candidate_keys(account)
    if not keys:
        ask_for_keys(account, 0)
        return
    with _open_service(account) as service:
        StorageRounds(account, service, keys).run()
    if account.keys.is_primary and account.keys.account_entropy_pool is not None:
        forget_older_keys(account)
    # Also for another run that wrote, and ended before it could say so.
    if read_setting(account.database, account_data.STORAGE_UNTOLD):
        have_storage_read(account)


def write_under(account: Account, key: StorageKey) -> None:
    """Bring everything together and write it under a new key; raises ServiceError, ProtocolError."""
    keys = list(dict.fromkeys([key, *candidate_keys(account)]))
    with _open_service(account) as service:
        StorageRounds(account, service, keys).run()


def sync_waiting(account: Account) -> None:
    """Do the work that edits have left for the storage service; what goes wrong is a warning, and the work stays."""
    from sigcli.store.tasks import claim_task, complete_task, put_off_task

    database = account.database
    with database.transaction() as transaction:
        task = claim_task(transaction, account.now_ms(), (TaskKind.STORAGE_SYNC,))
    if task is None:
        return
    is_done = account.attempt(
        lambda: sync_storage(account), "the storage service does not have this change yet"
    )
    with database.transaction() as transaction:
        if is_done:
            complete_task(transaction, task.items)
        else:
            put_off_task(transaction, task.items, account.now_ms())


class _Outcome(enum.Enum):
    NOTHING_WRITTEN = enum.auto()
    WRITTEN = enum.auto()
    AGAIN = enum.auto()


class StorageRounds:
    """One run with the known keys; the first of them is the one to write with."""

    def __init__(self, account: Account, service: StorageService, keys: list[StorageKey]) -> None:
        self._account = account
        self._database = account.database
        self._service = service
        self._keys = keys

    def run(self) -> bool:
        """Rounds until one ends; true if something was written."""
        for _ in range(MAX_ROUNDS):
            outcome = self._round()
            if outcome is not _Outcome.AGAIN:
                return outcome is _Outcome.WRITTEN
        raise StorageConflict

    def _round(self) -> _Outcome:
        from sigcli.client.storage.reading import read_records
        from sigcli.client.storage.writing import find_changes

        version = storage_version(self._database)
        manifest = self._service.other_manifest(version) if version else self._service.manifest()
        changes: list[Change] | None = None
        if manifest is None and version:
            # As last seen, or gone. Writing takes a manifest that is there and opens.
            changes = find_changes(self._account, seen_records(self._database))
            if not changes and self._is_settled():
                return _Outcome.NOTHING_WRITTEN
            manifest = self._service.manifest()
        if manifest is None:
            return self._begin()
        opened = open_manifest(self._keys, manifest)
        if opened is None:
            return self._locked_out(manifest)
        if opened.record.version < version:
            raise StorageRolledBack(
                f"the storage service hands out version {opened.record.version} of the account's records,"
                f" after version {version}"
            )
        if opened.record.original != seen_manifest(self._database):
            changes = None
            if not read_records(self._account, self._service, opened):
                return _Outcome.AGAIN
        return self._write_back(opened, changes)

    def _is_settled(self) -> bool:
        """Whether only the first key may be in use, so that nothing need be written because of the key."""
        return len(self._keys) == 1 or not self._account.keys.is_primary

    def _begin(self) -> _Outcome:
        if not self._account.keys.is_primary:
            return _Outcome.NOTHING_WRITTEN
        version = storage_version(self._database)
        if version:
            with self._database.transaction() as transaction:
                forget_seen(transaction)
        # Devices that have seen a later version than the service has now take nothing older.
        return self._start_anew(version + 1, clear_all=False)

    def _locked_out(self, manifest: StorageManifest) -> _Outcome:
        if not self._account.keys.is_primary:
            ask_for_keys(self._account, manifest.version)
            return _Outcome.NOTHING_WRITTEN
        until_ms = read_setting(self._database, account_data.PIN_RESTORE_UNTIL_MS)
        if until_ms is not None and self._account.now_ms() < until_ms:
            return _Outcome.NOTHING_WRITTEN
        return self._start_anew(manifest.version + 1, clear_all=True)

    def _write_back(self, opened: OpenManifest, changes: list[Change] | None) -> _Outcome:
        """Write these changes, where they are known already; comparing everything again would take long."""
        from sigcli.client.storage.writing import find_changes, next_step

        account = self._account
        if account.keys.is_primary and opened.key != self._keys[0]:
            return self._start_anew(opened.record.version + 1, clear_all=False)
        if changes is None:
            changes = find_changes(account, seen_records(self._database))
        if not changes:
            return _Outcome.NOTHING_WRITTEN
        step = next_step(opened.record, changes, opened.key, account.device_id, account.random)
        return self._take_step(step)

    def _start_anew(self, version: int, *, clear_all: bool) -> _Outcome:
        from sigcli.client.storage.writing import find_changes, fresh_start

        account = self._account
        seen = seen_records(self._database)
        changes = find_changes(account, seen)
        step = fresh_start(
            version,
            seen,
            changes,
            self._keys[0],
            account.device_id,
            account.random,
            clear_all=clear_all,
        )
        return self._take_step(step)

    def _take_step(self, step: Step) -> _Outcome:
        before = storage_version(self._database)
        if not read_setting(self._database, account_data.STORAGE_UNTOLD):
            with self._database.transaction() as transaction:
                write_setting(transaction, account_data.STORAGE_UNTOLD, True)
        if self._service.write(step.write) is not None:
            return _Outcome.AGAIN
        with self._database.transaction() as transaction:
            # Another process of this account may have seen more by now.
            if storage_version(transaction) == before:
                save_seen(transaction, step.version, step.manifest, gone=step.gone, new=step.new)
        return _Outcome.WRITTEN


# --- around it ------------------------------------------------------------------------------------


def _open_service(account: Account) -> StorageService:
    from sigcli.service.http import HttpClient
    from sigcli.service.resources import certificates
    from sigcli.service.resources.storage import StorageService

    login = certificates.service_login(account.identified, certificates.STORAGE)
    return StorageService(
        HttpClient(account.network, account.environment.require_storage_url()), login
    )


def forget_older_keys(account: Account) -> None:
    """As the primary device: everything is written under the pool's key now."""
    if account.keys.master_key is None and account.keys.storage_key is None:
        return
    with account.database.transaction() as database:
        write_setting(database, account_data.MASTER_KEY, None)
        write_setting(database, account_data.STORAGE_KEY, None)
        # The recovery password and the lock follow from the pool now.
        add_task(database, TaskKind.ATTRIBUTES_UPDATE, now_ms=account.now_ms())
    account.reload_keys()


def have_storage_read(account: Account) -> None:
    """Have the linked devices read what is new.

    That it does not go out is a warning, and made up for by the next sync.
    """
    from sigcli.client.sending.sync_sending import tell_other_devices
    from sigcli.wire.content.sync_message import SyncMessage
    from sigcli.wire.content.sync_state import FetchLatestType, SyncFetchLatest

    latest = SyncFetchLatest(type=FetchLatestType.STORAGE_MANIFEST)
    if tell_other_devices(account, SyncMessage(fetch_latest=latest), "to read the changes"):
        with account.database.transaction() as transaction:
            write_setting(transaction, account_data.STORAGE_UNTOLD, None)
