"""Waiting for certain messages, beside others that receive or take them."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sigcli.client.base.waiting import StopFlag
from sigcli.client.receiving.receiving import ReceiveOptions
from sigcli.client.receiving.watching import Wanted, watch_messages
from sigcli.errors import NothingCame
from sigcli.store import inbox, lease
from sigcli.store.consumers import COMMAND_LINE, DEFAULT, meet_consumer, take_until
from sigcli.store.database import Database
from sigcli.store.processes import ProcessId, _start_of
from sigcli.store.watchers import begin_watch, forget_dead, note_watched
from sigcli.wire.addresses import ServiceId
from sigcli.wire.content import Content, DataMessage
from sigcli.wire.content.message_parts import Reaction
from sigcli.wire.key_types import GroupIdentifier
from tests.unit.client.receiving.test_inbox_printing import Reader, printer
from tests.unit.client.world import NOW_MS, PEER_ACI, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CAROL_ACI = ServiceId.aci("b1f5ae8e-0d0b-4fa0-9fd2-6f3a2d1c0009")
ONE = ReceiveOptions(timeout_s=60, max_messages=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World.create(tmp_path)
    with world.account:
        yield world


def other_receiver(world: World, *, shared: bool = False) -> None:
    """Another living process receives."""
    pid = os.getppid()
    holder = ProcessId(ProcessId.own().machine, pid, _start_of(pid) or "")
    with world.database.transaction() as database:
        lease.acquire(database, NOW_MS, holder, shared=shared)


def watch(
    world: World,
    wanted: Wanted,
    options: ReceiveOptions = ONE,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    over: threading.Event | None = None,
) -> list[str | None]:
    """What is printed; something happens once the run has its place. ``over`` is set when it ends."""
    reader, began = Reader(), threading.Event()
    failures: list[BaseException] = []

    def wait() -> None:
        path = f"{world.account.files.folder}/account.db"
        try:
            with Database.open(path) as database, world.account.sibling(database) as own:
                watch_messages(own, options, wanted, reader, Began(began))
        except BaseException as failure:
            failures.append(failure)
        finally:
            if over is not None:
                over.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert began.wait(60)
    meanwhile()
    thread.join(60)
    assert not thread.is_alive()
    if failures:
        raise failures[0]
    return reader.texts


class Began(StopFlag):
    """Says when the run first asks whether to stop: it has its place by then."""

    def __init__(self, event: threading.Event) -> None:
        super().__init__()
        self._event = event

    def requested(self) -> bool:
        self._event.set()
        return super().requested()


def printed_next(world: World) -> list[str | None]:
    """What the next ``receive`` prints."""
    reader = Reader()
    printer(world, reader).print_pending()
    return reader.texts


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_wanted_is_printed_and_taken_and_nothing_else(world: World, shared: bool) -> None:
    other_receiver(world, shared=shared)
    bob, carol = world.peer(), world.peer(CAROL_ACI)
    world.take(bob.sealed("ack before"))

    def come() -> None:
        world.take(carol.sealed("ack of another"), bob.sealed("what?"), bob.sealed("Ack!"))

    wanted = Wanted(sources={PEER_ACI}, text="ack")
    assert watch(world, wanted, meanwhile=come) == ["Ack!"]
    assert printed_next(world) == ["ack before", "ack of another", "what?"]
    assert printed_next(world) == []
    assert world.rows() == []


def test_it_sees_what_others_take_before_it(world: World) -> None:
    other_receiver(world)
    bob = world.peer()
    with world.database.transaction() as database:
        for name in (COMMAND_LINE, DEFAULT):
            meet_consumer(database, name, NOW_MS)

    def come_and_be_taken() -> None:
        rows = world.take(*(bob.sealed(str(n)) for n in range(3)))
        with world.database.transaction() as database:
            for name in (COMMAND_LINE, DEFAULT):
                take_until(database, name, rows[-1].id, NOW_MS)

    options = replace(ONE, max_messages=3)
    assert watch(world, Wanted(text=""), options, meanwhile=come_and_be_taken) == ["0", "1", "2"]
    assert world.rows() == []


def test_nothing_in_time_has_a_name_and_leaves_nothing_behind(world: World) -> None:
    other_receiver(world)
    bob = world.peer()
    with pytest.raises(NothingCame) as none:
        watch(
            world,
            Wanted(text="ack"),
            ReceiveOptions(timeout_s=0.3),
            meanwhile=lambda: world.take(bob.sealed("no")),
        )
    assert none.value.exit_code == 1
    assert world.database.row("SELECT count(*) FROM watcher") == (0,)
    assert printed_next(world) == ["no"]


def test_other_messages_do_not_lengthen_the_wait(world: World) -> None:
    other_receiver(world)
    bob = world.peer()
    over = threading.Event()

    def chat() -> None:
        while not over.wait(0.1):
            world.take(bob.sealed("chatter"))

    options = ReceiveOptions(timeout_s=0.5)
    with pytest.raises(NothingCame):
        watch(world, Wanted(text="ack"), options, meanwhile=chat, over=over)


def test_the_time_of_a_message_begins_once(world: World) -> None:
    other_receiver(world)
    bob = world.peer()
    vanishing = Content(
        data_message=DataMessage(timestamp_ms=NOW_MS, body="gone soon", expire_timer_s=60)
    )

    def come() -> None:
        world.take(bob.sealed(vanishing))

    assert watch(world, Wanted(text="gone"), meanwhile=come) == ["gone soon"]
    (row,) = world.rows()
    assert row.printed_ahead
    assert row.message is not None
    assert row.message.expires_ms == NOW_MS + 60_000
    assert printed_next(world) == []


def test_who_watched_and_died_holds_up_nothing(world: World) -> None:
    with world.database.transaction() as database:
        watcher, _ = begin_watch(database, NOW_MS, keep=False)
        database.write("UPDATE watcher SET pid = 999999999 WHERE id = ?", (watcher,))
        meet_consumer(database, COMMAND_LINE, NOW_MS)
    world.take(world.peer().sealed("hi"))
    assert printed_next(world) == ["hi"]
    assert len(world.rows()) == 1
    with world.database.transaction() as database:
        forget_dead(database, NOW_MS, keep=False)
    assert world.rows() == []


def test_what_two_wait_for_both_get(world: World) -> None:
    row = None
    with world.database.transaction() as database:
        first, _ = begin_watch(database, NOW_MS, keep=False)
        second, place = begin_watch(database, NOW_MS, keep=False)
        meet_consumer(database, COMMAND_LINE, NOW_MS)
    (row,) = world.take(world.peer().sealed("hi"))
    with world.database.transaction() as database:
        note_watched(database, first, row.id, [row.id], NOW_MS, keep=False)
        take_until(database, COMMAND_LINE, row.id, NOW_MS)
    assert [one.id for one in inbox.pending(world.database, place)] == [row.id]
    with world.database.transaction() as database:
        note_watched(database, second, row.id, [row.id], NOW_MS, keep=False)
    assert world.rows() == []


# --- what is wanted -------------------------------------------------------------------------------


def data(**fields: object) -> Content:
    return Content(data_message=DataMessage(timestamp_ms=1, **fields))  # type: ignore[arg-type]


THUMB = Reaction(emoji="👍", target_author=PEER_ACI, target_timestamp_ms=1)


@pytest.mark.parametrize(
    ("text", "content", "is_said"),
    [
        ("ACK", data(body="ack, on it"), True),
        ("ack", data(body="no"), False),
        ("👍", data(reaction=THUMB), True),
        ("👍", data(reaction=replace(THUMB, is_remove=True)), False),
        ("", data(reaction=THUMB), True),
        (None, data(body=None, sticker=None), True),
    ],
)
def test_a_text_is_looked_for_in_what_is_said(
    text: str | None, content: Content, is_said: bool
) -> None:
    assert Wanted(text=text).is_said(content.data_message) == is_said


def test_only_what_somebody_says_is_waited_for() -> None:
    for content in (data(), data(profile_key=b"k" * 32), data(flags=2), Content()):
        assert not Wanted().may_be(PEER_ACI, content)
    assert Wanted().may_be(None, data(body="x"))
    assert not Wanted(sources={CAROL_ACI}).may_be(PEER_ACI, data(body="x"))
    assert not Wanted(group_ids={GroupIdentifier(b"g" * 32)}).may_be(PEER_ACI, data(body="x"))
