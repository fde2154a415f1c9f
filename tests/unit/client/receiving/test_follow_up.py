from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.stored_attachments import attachment_path
from sigcli.client.base.jobs import ATTEMPTS_IF_GONE
from sigcli.client.base.task_items import RetryItem, device_target
from sigcli.client.people.attachment_names import attachment_id
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.receiving.follow_up_messages import answer_retry_requests
from sigcli.errors import (
    Forbidden,
    Gone,
    MalformedMessage,
    NoSuchFile,
    NotFound,
    SigcliError,
    Unreachable,
)
from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.store import account_data
from sigcli.store.sessions import load_session
from sigcli.store.settings import write_setting
from sigcli.store.tasks import ON_DEMAND_MS, TaskKind, add_task, count_tasks, next_due_ms
from sigcli.wire.addresses import ServiceIdKind
from sigcli.wire.content import AttachmentPointer, Content, DataMessage, encode_content
from sigcli.wire.key_types import GroupIdentifier
from tests.support.loopback_server import Answer, LoopbackServer
from tests.unit.client.receiving.test_inbox_printing import Stop
from tests.unit.client.world import NOW_MS, World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINTER = AttachmentPointer(cdn_key="abc", cdn_number=3, key=bytes(64), digest=bytes(32))


class Source(AttachmentFetcher):
    """Hands out the same bytes for everything, or fails."""

    problem: SigcliError | None = None

    def pieces(self, pointer: AttachmentPointer, max_bytes: int) -> Iterator[bytes]:
        del pointer, max_bytes
        if self.problem is not None:
            raise self.problem
        yield b"plaintext"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        with world.database.transaction() as database:
            write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, NOW_MS)
        yield world


@pytest.fixture
def source(world: World) -> Source:
    return Source(world.account, Stop())


def download_later(world: World) -> None:
    content = Content(data_message=DataMessage(timestamp_ms=0, attachments=(POINTER,)))
    with world.database.transaction() as database:
        kind = TaskKind.ATTACHMENT_DOWNLOAD
        add_task(database, kind, b"abc", encode_content(content), now_ms=NOW_MS)


def test_downloads_are_made_up_for(world: World, source: Source) -> None:
    download_later(world)
    FollowUp(world.account, source, Stop()).run()
    name = attachment_id(POINTER)
    assert name is not None
    with open(world.account.files.attachment_path(name), "rb") as file:
        assert file.read() == b"plaintext"
    assert count_tasks(world.database) == 0


def test_what_fails_is_put_off_and_what_is_gone_is_given_up(world: World, source: Source) -> None:
    download_later(world)
    source.problem = Unreachable()
    FollowUp(world.account, source, Stop()).run()
    due_ms = next_due_ms(world.database)
    assert due_ms is not None
    assert due_ms > NOW_MS
    with world.database.transaction() as database:
        database.write("UPDATE task SET due_ms = 0")
    source.problem = MalformedMessage()
    FollowUp(world.account, source, Stop()).run()
    assert next_due_ms(world.database) == ON_DEMAND_MS


@pytest.mark.parametrize("gone", [NotFound, Forbidden, Gone])
def test_a_store_that_lacks_a_file_is_asked_again(
    world: World, source: Source, gone: type[SigcliError]
) -> None:
    photo = replace(POINTER, file_name="photo\x1b.jpg")
    data = DataMessage(timestamp_ms=7, attachments=(photo,))
    source.problem = gone()
    source.fetch(Content(data_message=data), "7 from somebody")
    (warning,) = world.warnings
    assert (attachment_id(photo) or "-") in warning
    assert '"photo\x1b.jpg"' in warning
    assert "message 7 from somebody" in warning
    for _ in range(ATTEMPTS_IF_GONE - 1):
        with world.database.transaction() as database:
            database.write("UPDATE task SET due_ms = 0")
        FollowUp(world.account, source, Stop()).run()
        assert NOW_MS < (next_due_ms(world.database) or 0) < ON_DEMAND_MS
    with world.database.transaction() as database:
        database.write("UPDATE task SET due_ms = 0")
    FollowUp(world.account, source, Stop()).run()
    assert next_due_ms(world.database) == ON_DEMAND_MS
    # The user may ask whether it is there after all, and may do so again.
    with LoopbackServer(lambda _: Answer(404)) as server:
        world.account.__dict__["environment"] = server.environment()
        with pytest.raises(NoSuchFile):
            attachment_path(world.account, attachment_id(photo) or "", Stop())
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 1


def test_a_failing_download_puts_the_next_ones_off_too(world: World, source: Source) -> None:
    source.problem = Unreachable()
    other = AttachmentPointer(cdn_key="other", key=bytes(64), digest=bytes(32))
    data = DataMessage(timestamp_ms=1, body="look", attachments=(POINTER, other))
    assert source.fetch(Content(data_message=data)) == Content(data_message=data)
    assert count_tasks(world.database, TaskKind.ATTACHMENT_DOWNLOAD) == 2
    assert len(world.warnings) == 1


def test_nothing_is_done_once_told_to_stop(world: World, source: Source) -> None:
    download_later(world)
    FollowUp(world.account, source, Stop(now=True)).run()
    assert count_tasks(world.database) == 1


def test_only_the_present_ratchet_key_ends_a_session(world: World, source: Source) -> None:
    del source
    bob = world.peer()
    world.take(bob.plain("hello"))
    address = bob.device.address
    stranger_key = world.peer(seed=5).device.identity.public_key
    request = DecryptionErrorMessage(stranger_key, 17, world.account.device_id)
    with world.database.transaction() as database:
        add_task(
            database, TaskKind.RESEND, device_target(address), request.serialize(), now_ms=NOW_MS
        )
    task = world.task(TaskKind.RESEND)
    assert task is not None
    # Nothing was sent under this timestamp, and the key is an old one: there is nothing to do.
    answer_retry_requests(world.account, task)
    record = load_session(world.database, ServiceIdKind.ACI, address)
    assert record is not None
    assert record.current is not None


@pytest.mark.parametrize("group_id", [None, GroupIdentifier(b"g" * 32)])
def test_retry_items(group_id: GroupIdentifier | None) -> None:
    item = RetryItem(b"error", group_id)
    assert RetryItem.deserialize(item.serialize()) == item
    with pytest.raises(MalformedMessage):
        RetryItem.deserialize(b"\x20short")
