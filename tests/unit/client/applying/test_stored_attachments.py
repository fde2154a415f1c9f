from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.client.applying.attachments_in import (
    LONG_TEXT_TYPE,
    AttachmentFetcher,
)
from sigcli.client.applying.stored_attachments import (
    attachment_path,
    list_attachments,
    remove_attachments,
)
from sigcli.client.people.attachment_names import attachment_id
from sigcli.errors import InvalidMessage, NoSuchFile, NotOffered, UsageError
from sigcli.store import account_data
from sigcli.store.settings import write_setting
from sigcli.store.tasks import ON_DEMAND_MS, TaskKind, count_tasks, next_due_ms
from sigcli.wire.content import AttachmentPointer, Content, DataMessage
from tests.unit.client.receiving.test_follow_up import Source
from tests.unit.client.receiving.test_inbox_printing import Reader, Stop, printer
from tests.unit.client.world import NOW_MS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigcli.client.base.account import Account

DAY_MS = 24 * 3600 * 1000
POINTERS = tuple(
    AttachmentPointer(
        cdn_key=name, cdn_number=9, key=bytes(64), digest=bytes(32), content_type="image/png"
    )
    for name in ("one", "two")
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        with world.database.transaction() as database:
            write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, NOW_MS)
        yield world


def store(account: Account, name: str, age_ms: int = 0) -> None:
    with account.files.attachment_writer(name) as writer:
        writer.write(b"data")
    came_s = (NOW_MS - age_ms) / 1000
    os.utime(account.files.attachment_path(name), (came_s, came_s))


def message(*pointers: AttachmentPointer) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=1, body="look", attachments=pointers))


def test_what_is_ignored_can_be_asked_for(world: World) -> None:
    source = Source(world.account, Stop(), ignored=True)
    source.fetch(message(*POINTERS))
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 2
    assert next_due_ms(world.database) == ON_DEMAND_MS
    assert list_attachments(world.account) == []
    name = attachment_id(POINTERS[0])
    assert name is not None
    # It goes to a CDN that there is not.
    with pytest.raises(NotOffered):
        attachment_path(world.account, name, Stop())
    Source(world.account, Stop()).download(POINTERS[0])
    (stored,) = list_attachments(world.account)
    assert (stored.id, stored.content_type, stored.size) == (name, "image/png", len(b"plaintext"))
    assert attachment_path(world.account, name, Stop()) == world.account.files.attachment_path(name)
    for unknown in ("unknown", "../account.db", "\udcff"):
        with pytest.raises(NoSuchFile):
            attachment_path(world.account, unknown, Stop())


def test_what_is_larger_than_wanted_waits_until_it_is_asked_for(world: World) -> None:
    account = world.account
    account.settings = replace(account.settings, max_attachment_bytes=10)
    sizes = (("small", 10), ("large", 11), ("unknown", None), ("none", 0))
    pointers = [replace(POINTERS[0], cdn_key=name, size=size) for name, size in sizes]
    texts = [
        replace(POINTERS[0], cdn_key=f"text {size}", size=size, content_type=LONG_TEXT_TYPE)
        for size in (10, 11, 90 * 1024 * 1024)
    ]
    source = Source(account, Stop())
    source.fetch(message(*pointers, *texts))
    here = {attachment_id(one) for one in (pointers[0], texts[0])}
    assert {one.id for one in list_attachments(account)} == here
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 5
    source.download(pointers[1])
    assert len(list_attachments(account)) == 3


class Endless(AttachmentFetcher):
    """Fetches from a CDN whose files never end."""

    sent = 0

    def _open_cdn(self) -> Any:
        return self

    def chunks(self, number: int, path: str) -> Iterator[bytes]:
        del number, path
        while True:
            self.sent += 1000
            yield bytes(1000)


def test_no_more_is_read_than_is_wanted(world: World) -> None:
    fetcher = Endless(world.account, Stop())
    with pytest.raises(InvalidMessage):
        fetcher.download(replace(POINTERS[0], size=5), 10_000)
    assert fetcher.sent < 15_000
    assert list_attachments(world.account) == []


def test_what_a_stranger_sends_is_left_until_it_is_asked_for(world: World) -> None:
    world.take(world.peer().sealed(message(*POINTERS)))
    printer(world, Reader()).print_pending()
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 2
    assert world.warnings == []
    assert list_attachments(world.account) == []


def test_attachments_are_removed_by_id_and_by_age(world: World) -> None:
    account = world.account
    for name, age_ms in (("a.png", 0), ("b", 2 * DAY_MS), ("c", 3 * DAY_MS)):
        store(account, name, age_ms)
    with pytest.raises(NoSuchFile):
        remove_attachments(account, ["a.png", "missing"], None)
    with pytest.raises(UsageError):
        remove_attachments(account, [], "soon")
    assert len(list_attachments(account)) == 3
    assert remove_attachments(account, ["a.png", "a.png"], "60h") == 2
    assert [stored.id for stored in list_attachments(account)] == ["b"]


def test_old_ones_go_with_the_daily_cleaning_if_that_is_wanted(world: World) -> None:
    store(world.account, "old", 2 * DAY_MS)
    store(world.account, "new")
    world.account.files.clean_up(NOW_MS)
    assert len(list_attachments(world.account)) == 2
    world.account.files.clean_up(NOW_MS, DAY_MS)
    assert [stored.id for stored in list_attachments(world.account)] == ["new"]
