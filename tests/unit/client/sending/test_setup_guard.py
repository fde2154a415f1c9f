from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.base.steps import run
from sigcli.client.sending.sessions import start_sessions
from sigcli.client.sending.setup_guard import LIFETIME_MS, Guard, claim, release
from sigcli.errors import LockTimeout
from sigcli.store.processes import ProcessId, this_machine
from sigcli.store.settings import Setting, write_setting
from sigcli.wire.addresses import ServiceId

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.database import Database

ACI = ServiceId.aci(UUID(int=0xA))
NOW_MS = 1_750_000_000_000


def take(database: Database, now_ms: int = NOW_MS, nonce: bytes = b"1") -> Guard | ProcessId:
    with database.transaction() as transaction:
        return claim(transaction, ACI, now_ms, nonce)


def test_one_at_a_time(account: Account) -> None:
    database = account.database
    guard = take(database)
    assert isinstance(guard, Guard)
    assert take(database, nonce=b"2") == ProcessId.own()
    with database.transaction() as transaction:
        assert isinstance(claim(transaction, ServiceId.pni(ACI.uuid), NOW_MS, b"2"), Guard)
        release(transaction, guard)
    assert isinstance(take(database), Guard)


def test_a_holder_whose_time_is_up_is_replaced_and_cannot_release(account: Account) -> None:
    database = account.database
    late = take(database)
    assert isinstance(late, Guard)
    assert isinstance(take(database, NOW_MS + LIFETIME_MS - 1, b"2"), ProcessId)
    assert isinstance(take(database, NOW_MS + LIFETIME_MS, b"2"), Guard)
    with database.transaction() as transaction:
        release(transaction, late)
    assert isinstance(take(database, NOW_MS + LIFETIME_MS, b"3"), ProcessId)


def test_a_dead_holder_is_replaced_at_once(account: Account) -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    value = "\n".join([this_machine(), str(process.pid), "1", str(NOW_MS + 1000), "00"])
    for left_over in (value, "nonsense"):
        with account.database.transaction() as database:
            write_setting(database, Setting(f"session_setup {ACI}", str), left_over)
        assert isinstance(take(account.database), Guard)


def test_waiting_ends_and_names_the_process(account: Account) -> None:
    assert isinstance(take(account.database), Guard)
    with pytest.raises(LockTimeout, match=f"process {ProcessId.own().pid} ") as caught:
        run(start_sessions(account, ACI, None))
    assert caught.value.pid == ProcessId.own().pid
