from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.client.receiving.taking import take_printed, take_stored
from sigcli.store import consumers, inbox
from sigcli.store.inbox_values import Withdrawal
from sigcli.wire.content import Content, DataMessage, decode_content
from tests.unit.client.world import NOW_MS, World, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def meet(world: World, *names: str) -> None:
    with world.database.transaction() as database:
        for name in names:
            consumers.meet_consumer(database, name, NOW_MS)


def test_a_time_begins_with_the_first_consumer_and_the_content_goes_for_all(world: World) -> None:
    meet(world, "a", "b")
    (row,) = world.take(world.peer().sealed(text("soon gone", timer_s=60)))
    take_stored(world.account, "a", row.id)
    (waiting,) = world.rows()
    assert waiting.message is not None
    assert waiting.message.expires_ms == NOW_MS + 60_000
    world.account.now_ms = lambda: NOW_MS + 30_000
    take_stored(world.account, "b", row.id)
    assert world.rows() == []


def test_a_second_consumer_begins_no_time_anew(world: World) -> None:
    meet(world, "a", "b", "c")
    (row,) = world.take(world.peer().sealed(text("soon gone", timer_s=60)))
    take_stored(world.account, "a", row.id)
    world.account.now_ms = lambda: NOW_MS + 30_000
    take_printed(world.account, "b", row.id, [(row, decode_content(row.content or b""))])
    (waiting,) = world.rows()
    assert waiting.message is not None
    assert waiting.message.expires_ms == NOW_MS + 60_000


def test_what_is_viewed_once_is_for_the_first_who_takes_it(world: World) -> None:
    meet(world, "a", "b")
    once = Content(data_message=DataMessage(timestamp_ms=NOW_MS, is_view_once=True))
    (row,) = world.take(world.peer().sealed(once))
    take_stored(world.account, "a", row.id)
    (waiting,) = world.rows()
    assert waiting.withdrawn is Withdrawal.OPENED


def test_more_rows_than_one_transaction_takes(world: World) -> None:
    meet(world, "a")
    world.take(world.peer().sealed("0"))
    with world.database.transaction() as database:
        for _ in range(1200):
            (row,) = inbox.following(database, 0, 1, 1)
            inbox.store_content(
                database, replace(row.metadata, server_guid=None), b"", None, NOW_MS
            )
    newest = consumers.newest_id(world.database)
    take_stored(world.account, "a", newest + 7)
    assert world.rows() == []
    found = consumers.find_consumer(world.database, "a")
    assert found is not None
    assert found.taken_id == newest
