from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import LeaseLost, ReceiverBusy
from sigcli.store.lease import HEARTBEAT_EXPIRY_MS, acquire, receiver, release, renew
from sigcli.store.processes import ProcessId
from tests.unit.store.children import Child
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.store.database import Database

_RECEIVE = """
from sigcli.store.lease import acquire
with Database.open(arguments[0]) as database:
    with database.transaction():
        acquire(database, 1000)
    say("receiving")
    wait()
"""


def test_a_living_receiver_keeps_others_out_and_is_named(
    database: Database, database_path: Path
) -> None:
    with Child(_RECEIVE, database_path) as child:
        assert child.hear() == "receiving"
        with pytest.raises(ReceiverBusy) as caught, database.transaction() as transaction:
            acquire(transaction, NOW_MS)  # however old its heartbeat is
        assert caught.value.pid == child.pid
        assert str(child.pid) in caught.value.message
        assert caught.value.exit_code == 3
        present = receiver(database, NOW_MS)
        assert present is not None
        assert present.pid == child.pid


@pytest.mark.parametrize("reap", [True, False])
def test_a_killed_receiver_is_replaced_at_once(
    database: Database, database_path: Path, reap: bool
) -> None:
    with Child(_RECEIVE, database_path) as child:
        assert child.hear() == "receiving"
        child.kill(reap=reap)
        with database.transaction() as transaction:
            lease = acquire(transaction, 1001)
        assert lease.holder == ProcessId.own()


def test_a_pid_that_another_process_has_now_is_no_holder(database: Database) -> None:
    former = replace(ProcessId.own(), start="long ago")
    with database.transaction() as transaction:
        acquire(transaction, NOW_MS, former)
        assert receiver(transaction, NOW_MS) is None
        assert acquire(transaction, NOW_MS).holder == ProcessId.own()


def test_a_holder_on_another_machine_is_judged_by_its_heartbeat(database: Database) -> None:
    far = replace(ProcessId.own(), machine="another machine")
    with database.transaction() as transaction:
        acquire(transaction, NOW_MS, far)
        with pytest.raises(ReceiverBusy):
            acquire(transaction, NOW_MS + HEARTBEAT_EXPIRY_MS)
        acquire(transaction, NOW_MS + HEARTBEAT_EXPIRY_MS + 1)


def test_a_lost_lease_is_noticed_and_not_given_back(database: Database) -> None:
    far = replace(ProcessId.own(), machine="another machine")
    with database.transaction() as transaction:
        lost = acquire(transaction, NOW_MS, far)
        renew(transaction, lost, NOW_MS + 1)
        lease = acquire(transaction, NOW_MS + HEARTBEAT_EXPIRY_MS + 2)
        with pytest.raises(LeaseLost):
            renew(transaction, lost, NOW_MS)
        release(transaction, lost)
        assert receiver(transaction, NOW_MS) == lease.holder
        release(transaction, lease)
        assert receiver(transaction, NOW_MS) is None
