from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.base.waiting import StopFlag
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.receiving.following import Follower
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.receiving import ReceiveOptions, receive_messages
from sigcli.store import lease
from sigcli.store.database import Database
from sigcli.store.processes import ProcessId, _start_of
from tests.unit.client.receiving.test_inbox_printing import Reader
from tests.unit.client.world import NOW_MS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def daemon(world: World, *, caught_up: bool = True) -> lease.Lease:
    """A lease that another living process holds for all."""
    pid = os.getppid()
    holder = ProcessId(ProcessId.own().machine, pid, _start_of(pid) or "")
    with world.database.transaction() as database:
        held = lease.acquire(database, NOW_MS, holder, shared=True)
        lease.note_caught_up(database, held, caught_up)
    return held


def follower(world: World, reader: Reader, timeout_s: float | None) -> Follower:
    stop = StopFlag()
    fetcher = AttachmentFetcher(world.account, stop)
    printer = InboxPrinter(world.account, ReceiveOptions(), reader, fetcher, stop)
    follow_up = FollowUp(world.account, fetcher, stop)
    return Follower(world.account, timeout_s, printer, follow_up, stop)


def test_receive_prints_beside_a_daemon_and_ends_when_nothing_waits(world: World) -> None:
    daemon(world)
    bob = world.peer()
    world.take(*(bob.sealed(str(n)) for n in range(3)))
    reader = Reader()
    receive_messages(world.account, ReceiveOptions(), reader, StopFlag())
    assert reader.texts == ["0", "1", "2"]
    again = Reader()
    receive_messages(world.account, ReceiveOptions(), again, StopFlag())
    assert again.texts == []


def test_it_prints_what_comes_meanwhile(world: World, tmp_path: Path) -> None:
    held = daemon(world, caught_up=False)
    reader = Reader()

    def come() -> None:
        with Database.open(tmp_path / "account.db") as other:
            time.sleep(0.1)
            with other.transaction() as transaction:
                lease.note_caught_up(transaction, held, True)

    thread = threading.Thread(target=come)
    thread.start()
    began = time.monotonic()
    assert follower(world, reader, None).run()
    assert time.monotonic() - began >= 0.3
    thread.join()


def test_it_waits_so_long_for_new_ones(world: World) -> None:
    daemon(world)
    began = time.monotonic()
    assert follower(world, Reader(), 0.5).run()
    assert 0.5 <= time.monotonic() - began < 5


def test_where_the_daemon_has_gone_somebody_else_is_to_receive(world: World) -> None:
    held = daemon(world)
    with world.database.transaction() as database:
        lease.release(database, held)
    assert not follower(world, Reader(), None).run()


def test_a_receiver_that_does_not_share_is_none_to_follow(world: World) -> None:
    pid = os.getppid()
    holder = ProcessId(ProcessId.own().machine, pid, _start_of(pid) or "")
    with world.database.transaction() as database:
        lease.acquire(database, NOW_MS, holder)
    assert not follower(world, Reader(), None).run()


def test_within_the_process_that_receives_for_all_it_follows_too(world: World) -> None:
    with world.database.transaction() as database:
        held = lease.acquire(database, NOW_MS, shared=True)
        lease.note_caught_up(database, held, True)
    world.take(world.peer().sealed("hello"))
    reader = Reader()
    receive_messages(world.account, ReceiveOptions(), reader, StopFlag())
    assert reader.texts == ["hello"]
    assert lease.present_lease(world.database, NOW_MS) is not None
