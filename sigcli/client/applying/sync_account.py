"""What the other devices tell of the account: profile key, settings, keys, username; and what they ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.errors import SigcliError
from sigcli.protocol.account_entropy import AccountEntropyPool
from sigcli.store import account_data
from sigcli.store.recipients import is_former_profile_key, set_profile_key
from sigcli.store.settings import write_setting
from sigcli.store.state_versions import State, advance
from sigcli.store.tasks import TaskKind, add_task
from sigcli.wire.content.sync_state import FetchLatestType

if TYPE_CHECKING:
    from sigcli.client.applying.incoming import Applying
    from sigcli.store.settings import Setting
    from sigcli.wire.content.sync_sent import SyncSent
    from sigcli.wire.content.sync_state import (
        SyncConfiguration,
        SyncFetchLatest,
        SyncKeys,
        SyncRequest,
    )

_KEY_LENGTH = 32


def take_own_profile_key(at: Applying, sent: SyncSent, sent_ms: int) -> None:
    """What the primary device has written carries the account's profile key, which it may have replaced."""
    key = None if sent.message is None else sent.message.profile_key
    keys = at.account.keys
    if key is None or len(key) != _KEY_LENGTH or key == keys.profile_key or keys.is_primary:
        return
    own_row = at.people.get(at.account.aci).id
    set_profile_key(at.transaction, own_row, keys.profile_key)
    if is_former_profile_key(at.transaction, own_row, key):
        return  # written before it was replaced
    if not advance(at.transaction, State.OWN_PROFILE_KEY, sent_ms):
        return
    write_setting(at.transaction, account_data.PROFILE_KEY, key)
    at.account.reload_keys()
    _have_own_profile_fetched(at)


def take_configuration(at: Applying, configuration: SyncConfiguration) -> None:
    """The settings that all devices of the account share."""
    values: tuple[tuple[Setting[bool], bool | None], ...] = (
        (account_data.READ_RECEIPTS, configuration.read_receipts),
        (account_data.TYPING_INDICATORS, configuration.typing_indicators),
        (account_data.LINK_PREVIEWS, configuration.link_previews),
        (
            account_data.UNIDENTIFIED_DELIVERY_INDICATORS,
            configuration.unidentified_delivery_indicators,
        ),
    )
    for setting, value in values:
        if value is not None:
            write_setting(at.transaction, setting, value)


def take_keys(at: Applying, keys: SyncKeys, sent_ms: int) -> None:
    """As a linked device, take over the account's keys from the primary one."""
    if at.account.keys.is_primary:
        return  # the primary device makes them itself
    if not advance(at.transaction, State.KEYS, sent_ms):
        return
    if keys.account_entropy_pool is not None:
        try:
            pool = AccountEntropyPool(keys.account_entropy_pool)
        except SigcliError:
            at.account.warn("another device sent something that is not an account entropy pool")
        else:
            write_setting(at.transaction, account_data.ACCOUNT_ENTROPY_POOL, pool.text)
    for setting, value in (
        (account_data.MEDIA_ROOT_BACKUP_KEY, keys.media_root_backup_key),
        (account_data.MASTER_KEY, keys.master_key),
    ):
        if value is not None and len(value) == _KEY_LENGTH:
            write_setting(at.transaction, setting, value)
    at.account.reload_keys()
    add_task(at.transaction, TaskKind.STORAGE_SYNC, now_ms=at.now_ms)


def fetch_latest(at: Applying, latest: SyncFetchLatest) -> None:
    """Have the account's profile or the storage service read anew."""
    if latest.type == FetchLatestType.LOCAL_PROFILE:
        _have_own_profile_fetched(at)
    elif latest.type == FetchLatestType.STORAGE_MANIFEST:
        add_task(at.transaction, TaskKind.STORAGE_SYNC, now_ms=at.now_ms)


def _have_own_profile_fetched(at: Applying) -> None:
    from sigcli.client.people.profiles import have_own_profile_fetched

    have_own_profile_fetched(at.account, at.transaction)


def note_username_changed(at: Applying) -> None:
    """Another linked device has changed the username: have it looked up."""
    write_setting(at.transaction, account_data.USERNAME_CHANGED_ELSEWHERE, True)
    write_setting(at.transaction, account_data.LAST_ACCOUNT_CHECK_MS, 0)
    add_task(at.transaction, TaskKind.STORAGE_SYNC, now_ms=at.now_ms)


def take_request(at: Applying, request: SyncRequest) -> None:
    """Another device asks for something: only the primary answers."""
    if at.account.keys.is_primary:
        add_task(
            at.transaction,
            TaskKind.SYNC_ANSWER,
            bytes([int(request.type) & 0xFF]),
            now_ms=at.now_ms,
        )
