from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import AccountIncomplete, DatabaseDamaged
from sigcli.store import account_data
from sigcli.store.account_data import AccountKeys, load_account_keys, store_account_keys
from sigcli.store.challenges import (
    Challenge,
    forget_challenge,
    open_challenges,
    prune_challenges,
    remember_challenge,
)
from sigcli.store.settings import AllSettings, Setting, read_setting, write_setting
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.key_types import ProfileKeyBytes
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from sigcli.store.database import Database


def test_keys_come_back_as_they_were_stored(database: Database, account_keys: AccountKeys) -> None:
    full = replace(
        account_keys,
        account_entropy_pool="pool",
        master_key=b"m" * 32,
        media_root_backup_key=b"r" * 32,
        storage_key=b"s" * 32,
    )
    for keys in (full, replace(account_keys, number=None, pni=None, pni_identity=None)):
        with database.transaction() as transaction:
            store_account_keys(transaction, keys)
        assert load_account_keys(database) == keys


def test_no_key_shows_in_a_repr(account_keys: AccountKeys) -> None:
    text = repr(
        replace(
            account_keys,
            profile_key=ProfileKeyBytes(b"profile key"),
            account_entropy_pool="entropy",
        )
    )
    for secret in ("secret", "profile key", "entropy", "private"):
        assert secret not in text.replace("pni_registration_id", "")


def test_what_an_account_lacks_is_named(database: Database, account_keys: AccountKeys) -> None:
    with pytest.raises(AccountIncomplete):
        load_account_keys(database)
    with pytest.raises(AccountIncomplete, match="device name"):
        AllSettings(database).require(account_data.DEVICE_NAME)
    keys = replace(account_keys, pni=None, pni_identity=None, pni_registration_id=None)
    assert keys.identity(ServiceIdKind.ACI) == keys.aci_identity
    for ask in (keys.identity, keys.service_id, keys.local_registration_id):
        with pytest.raises(AccountIncomplete):
            ask(ServiceIdKind.PNI)


def test_settings_keep_their_types(database: Database) -> None:
    with database.transaction() as transaction:
        write_setting(transaction, account_data.READ_RECEIPTS, False)
        write_setting(transaction, account_data.DIRECTORY_TOKEN, b"\x00\xff")
        write_setting(transaction, account_data.LAST_RECEIVE_MS, NOW_MS)
        write_setting(transaction, account_data.DEVICE_NAME, "board")
    assert read_setting(database, account_data.READ_RECEIPTS) is False
    assert read_setting(database, account_data.DIRECTORY_TOKEN) == b"\x00\xff"
    assert read_setting(database, account_data.LAST_RECEIVE_MS) == NOW_MS
    assert read_setting(database, account_data.TYPING_INDICATORS) is None
    with pytest.raises(DatabaseDamaged):
        read_setting(database, Setting("device_name", bytes))
    with database.transaction() as transaction:
        write_setting(transaction, account_data.DEVICE_NAME, None)
    assert read_setting(database, account_data.DEVICE_NAME) is None


def test_every_setting_has_a_name_of_its_own() -> None:
    names = [value.name for value in vars(account_data).values() if isinstance(value, Setting)]
    assert len(names) == len(set(names)) > 40


def test_challenges_are_kept_for_a_week(database: Database) -> None:
    old = Challenge("old", ("captcha", "pushChallenge"), NOW_MS, None)
    new = Challenge("new", (), NOW_MS + 1, 5000)
    with database.transaction() as transaction:
        remember_challenge(transaction, old)
        remember_challenge(transaction, new)
    assert open_challenges(database, NOW_MS) == [new, old]
    week_ms = 7 * 24 * 3600 * 1000
    with database.transaction() as transaction:
        prune_challenges(transaction, NOW_MS + week_ms)
        assert open_challenges(transaction, NOW_MS) == [new]
        forget_challenge(transaction, "new")
    assert open_challenges(database, NOW_MS) == []


def test_a_local_list_loads_neither_cryptography_nor_protobuf() -> None:
    script = (
        "import sys\n"
        "from sigcli.store import accounts, config, database, inbox, recipients, identity_keys\n"
        "from sigcli.store import account_data, protocol_store, tasks, timestamps, prekeys\n"
        "heavy = {'cryptography', 'nacl', 'google', 'tomllib', 'tomli_w', 'pathlib', 'logging',"
        " 'subprocess', 'asyncio', 'shutil'}\n"
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    run = [sys.executable, "-c", script]
    answer = subprocess.run(run, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
