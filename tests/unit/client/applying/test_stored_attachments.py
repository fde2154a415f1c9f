from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.client.applying.attachments_in import (
    LONG_TEXT_TYPE,
    MAX_OF_STRANGERS,
    AttachmentFetcher,
    without_mere_padding,
)
from sigcli.client.applying.stored_attachments import (
    attachment_path,
    list_attachments,
    remove_attachments,
)
from sigcli.client.people.attachment_names import attachment_id
from sigcli.durations import DAY_MS
from sigcli.errors import (
    InvalidMessage,
    NoSuchFile,
    NotOffered,
    TimedOut,
    Unreachable,
    UsageError,
)
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
    from sigcli.client.base.events import ReceivedEvent

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
    assert source.left.keys() == {attachment_id(one) for one in POINTERS}
    assert all("--ignore-attachments" in why for why in source.left.values())
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


def test_a_download_tells_how_far_it_has_come(world: World) -> None:
    told: list[tuple[str, int | None, int]] = []
    account = world.account
    account.settings = replace(account.settings, progress=lambda *metadata: told.append(metadata))
    source = Source(account, Stop())
    pointer = replace(POINTERS[0], file_name="a.png", size=9)
    source.download(pointer)
    (done, over) = told[0], told[-1]
    assert done[0] == "fetching a.png"
    assert (done[1], done[2]) == (len(b"plaintext"), 9)
    assert over[1] is None
    source.problem = Unreachable()
    with pytest.raises(Unreachable):
        source.download(replace(pointer, cdn_key="other"))
    assert told[-1][1] is None, "also when it fails"


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
    why = source.left[attachment_id(pointers[1]) or ""]
    assert why.startswith("it has 11 bytes, and max_attachment_size is 10; sigcli getAttachment")
    assert "no size" in source.left[attachment_id(pointers[2]) or ""]
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
    events: list[ReceivedEvent] = []

    class Noting(Reader):
        def __call__(self, event: ReceivedEvent) -> bool:
            events.append(event)
            return super().__call__(event)

    printer(world, Noting()).print_pending()
    assert all("stranger" in why for why in events[0].left.values())
    assert len(events[0].left) == 2
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


# --- what strangers may bring about -----------------------------------------------------------------


def test_what_strangers_point_at_is_remembered_only_so_far(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sigcli.client.applying import attachments_in

    monkeypatch.setattr(attachments_in, "MAX_OF_STRANGERS", 40)
    bob = world.peer()
    for number in range(3):
        many = tuple(replace(POINTERS[0], cdn_key=f"{number} {one}") for one in range(1_000))
        world.take(bob.sealed(message(*many), timestamp_ms=NOW_MS + number))
    assert MAX_OF_STRANGERS > 40
    printer(world, Reader()).print_pending()
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 40
    newest = attachment_id(replace(POINTERS[0], cdn_key="2 31"))
    assert newest is not None
    with pytest.raises(NotOffered):
        attachment_path(world.account, newest, Stop())


def test_what_cannot_be_decrypted_is_not_remembered(world: World) -> None:
    bare = AttachmentPointer(cdn_id=5)
    Source(world.account, Stop()).leave(message(bare, *POINTERS))
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 2


def test_a_download_that_was_put_off_holds_up_no_line(world: World) -> None:
    source = Source(world.account, Stop())
    source.problem = TimedOut()
    source.fetch(message(POINTERS[0]))
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 1
    again = Source(world.account, Stop())
    again.fetch(message(POINTERS[0]))
    assert list_attachments(world.account) == []
    # What was only left because it was not wanted is fetched once it is.
    Source(world.account, Stop(), ignored=True).fetch(message(POINTERS[1]))
    again.fetch(message(POINTERS[1]))
    assert len(list_attachments(world.account)) == 1


@pytest.mark.parametrize(
    ("pieces", "kept"),
    [
        ([bytes(541)], b""),
        ([bytes(500), bytes(41)], b""),
        ([bytes(600)], bytes(600)),
        ([bytes(10), b"text", bytes(527)], bytes(10) + b"text" + bytes(527)),
        ([b"text", bytes(600)], b"text" + bytes(600)),
    ],
)
def test_who_announces_no_size_is_not_taken_at_their_word(pieces: list[bytes], kept: bytes) -> None:
    assert b"".join(without_mere_padding(pieces)) == kept


@pytest.mark.parametrize("size", [0, None])
def test_a_file_of_no_announced_size_is_kept_whole(world: World, size: int | None) -> None:
    from sigcli.protocol.attachment_cipher import AttachmentEncryptor, generate_key

    encryptor = AttachmentEncryptor(generate_key())
    blob = b"".join(encryptor.encrypt([b"not empty at all"]))
    result = encryptor.result()

    class Holding(AttachmentFetcher):
        def _open_cdn(self) -> Any:
            return self

        def chunks(self, number: int, path: str) -> Iterator[bytes]:
            del number, path
            yield blob

    pointer = replace(POINTERS[0], key=result.key, digest=result.digest, size=size)
    Holding(world.account, Stop()).download(pointer)
    (stored,) = list_attachments(world.account)
    with open(stored.path, "rb") as file:
        assert file.read().rstrip(b"\0") == b"not empty at all"
