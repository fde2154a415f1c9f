from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sigcli.store import account_data
from sigcli.store.account_data import store_account_keys
from sigcli.store.database import Database
from sigcli.store.send_log import SentMessage, log_sent
from sigcli.store.sender_keys import mark_sender_key_shared
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.snapshots import begin_anew, copy_database
from sigcli.store.timestamps import next_message_timestamp
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from tests.unit.store.conftest import NOW_MS, OWN_ACI

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.store.account_data import AccountKeys

PEER = ProtocolAddress(ServiceId.aci(UUID(int=9)), 1)


def test_a_copy_holds_what_is_committed_and_is_private(database: Database, tmp_path: Path) -> None:
    with database.transaction() as transaction:
        write_setting(transaction, account_data.USERNAME, "before.01")
    target = tmp_path / "copy.db"
    copy_database(database, str(target))
    with database.transaction() as transaction:
        write_setting(transaction, account_data.USERNAME, "after.01")
    assert target.stat().st_mode & 0o777 == 0o600
    with Database.open(target) as copy:
        assert read_setting(copy, account_data.USERNAME) == "before.01"


def test_a_copy_is_made_while_a_transaction_is_open(
    database: Database, database_path: Path, tmp_path: Path
) -> None:
    with Database.open(database_path) as other, database.transaction() as transaction:
        write_setting(transaction, account_data.USERNAME, "open.01")
        copy_database(other, str(tmp_path / "copy.db"))
    with Database.open(tmp_path / "copy.db") as copy:
        assert read_setting(copy, account_data.USERNAME) is None


def test_what_may_have_gone_on_elsewhere_is_forgotten(
    database: Database, account_keys: AccountKeys
) -> None:
    with database.transaction() as transaction:
        store_account_keys(transaction, account_keys)
        log_sent(transaction, SentMessage(NOW_MS, b"sent", 1, True), {PEER: bytes(33)}, NOW_MS)
        mark_sender_key_shared(transaction, UUID(int=5), [PEER], NOW_MS)
        write_setting(transaction, account_data.DIRECTORY_TOKEN, b"token")
        write_setting(transaction, account_data.LAST_ACCOUNT_CHECK_MS, NOW_MS)
        write_setting(transaction, account_data.USERNAME, "stays.01")
    later_ms = NOW_MS + 5_000
    with database.transaction() as transaction:
        begin_anew(transaction, OWN_ACI, later_ms)
        assert next_message_timestamp(transaction, NOW_MS) == later_ms + 1
    for table in ("send_log", "sender_key_shared", "receiver_lease"):
        assert database.row(f"SELECT count(*) FROM {table}") == (0,)
    assert read_setting(database, account_data.DIRECTORY_TOKEN) is None
    assert read_setting(database, account_data.LAST_ACCOUNT_CHECK_MS) is None
    assert read_setting(database, account_data.USERNAME) == "stays.01"
