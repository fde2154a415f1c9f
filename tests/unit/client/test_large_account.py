"""A large account costs what a small one does: SQLite's steps are counted, and no statement reads a whole table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.withdrawing import expire
from sigcli.client.base.outcomes import ResultType
from sigcli.client.base.waiting import StopFlag
from sigcli.client.groups.listing import listed_group
from sigcli.client.groups.lookup import format_group_id, require_group
from sigcli.client.people.contacts import list_contacts
from sigcli.client.people.recipients import resolve
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.receiving.taking import take_printed
from sigcli.client.sending.sending import send_message
from sigcli.durations import DAY_MS
from sigcli.errors import InvalidGroupId
from sigcli.store import inbox, withdrawals
from sigcli.store.account_data import LAST_CLEANUP_MS
from sigcli.store.attachment_uses import AttachmentUse, add_uses
from sigcli.store.consumers import (
    COMMAND_LINE,
    count_waiting,
    find_consumer,
    furthest_taken_id,
    id_before,
    meet_consumer,
)
from sigcli.store.files import ATTACHMENTS
from sigcli.store.recipients import find_by_username
from sigcli.store.settings import write_setting
from sigcli.wire.content import Content, DataMessage, decode_content
from sigcli.wire.content.message_parts import Delete
from sigcli.zkgroup.groups import GroupSecretParams
from tests.support import stored
from tests.support.large_account import Size, attachment_name, contact_aci, fill
from tests.support.sql_effort import effort_of, scans
from tests.unit.client.group_world import NoChat
from tests.unit.client.world import NOW_MS, Peer, World, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.sql_effort import Effort

# Of attachments so many are looked at in a day, however many there are.
SMALL = Size(contacts=20, groups=2, messages=100, attachments=1_000)
LARGE = Size(contacts=1_000, groups=50, messages=20_000, attachments=2_000)
RATIO = 1.3
GROWING = frozenset(
    {
        "inbox",
        "attachment_use",
        "seen_envelope",
        "recipient",
        "identity",
        "session",
        "sender_key",
        "group_person",
        "send_log",
        "send_log_device",
        "task",
    }
)


@dataclass(frozen=True, slots=True)
class Efforts:
    measured: dict[tuple[Size, str], Effort]
    world: World
    """The large one."""


def _world(folder: Path, size: Size) -> tuple[World, Peer]:
    folder.mkdir()
    world = World.create(folder)
    world.account._chat = cast("Any", NoChat())
    peer = world.peer()
    (first,) = world.take(peer.sealed("the first", timestamp_ms=NOW_MS - DAY_MS))
    take_printed(world.account, COMMAND_LINE, first.id, [])
    world.account.settings = replace(world.account.settings, keep_messages_ms=3650 * DAY_MS)
    fill(world.database, size, NOW_MS)
    (folder / ATTACHMENTS).mkdir()
    for index in range(size.attachments):
        (folder / ATTACHMENTS / attachment_name(index)).touch()
    return world, peer


def _receive(world: World, peer: Peer) -> None:
    rows = []
    for n in range(5):
        rows += world.take(peer.sealed(f"text {n}"), peer.plain(f"another {n}"))
    assert len(rows) == 10
    shown = [(row, decode_content(row.content)) for row in rows if row.content is not None]
    take_printed(world.account, COMMAND_LINE, rows[-1].id, shown)
    assert not world.rows()


def _send(world: World, peer: Peer) -> None:
    """Everything but the request: there is no network, which is the result."""
    outcome = send_message(world.account, recipients=[str(peer.aci)], text="a text")
    assert [result.type for result in outcome.results] == [ResultType.NETWORK_FAILURE]


def _replay(world: World, _: Peer) -> None:
    consumer = find_consumer(world.database, COMMAND_LINE)
    assert consumer is not None
    rows = list(inbox.replay(world.database, NOW_MS - 10 * 60_000, consumer.taken_id))
    assert 9 <= len(rows) <= 40


def _consume(world: World, _: Peer) -> None:
    with world.database.transaction() as transaction:
        newcomer = meet_consumer(transaction, "newcomer", NOW_MS)
    assert count_waiting(world.database, newcomer) == 0
    assert furthest_taken_id(world.database) == newcomer.taken_id
    place = id_before(world.database, NOW_MS - 10 * 60_000)
    assert len(inbox.following(world.database, place, newcomer.taken_id, 100)) >= 9
    assert stored.count_pending(world.database) == inbox.count_held(world.database) == 0


def _expire(world: World, peer: Peer) -> None:
    (row,) = world.take(peer.sealed(text("short-lived", timer_s=1)))
    with world.database.transaction() as transaction:
        withdrawals.start_timer(transaction, row.id, NOW_MS)
        add_uses(transaction, [AttachmentUse("gone.jpg", peer.aci, NOW_MS, b"c", NOW_MS)])
    expire(world.account)
    assert not withdrawals.has_expired(world.database, NOW_MS)
    take_printed(world.account, COMMAND_LINE, row.id, [])


def _clean_up(world: World, _: Peer) -> None:
    with world.database.transaction() as transaction:
        write_setting(transaction, LAST_CLEANUP_MS, None)
    stop = StopFlag()
    follow_up = FollowUp(world.account, AttachmentFetcher(world.account, stop), stop)
    follow_up._clean_up()
    follow_up._check_numbers()
    stop.close()


def _resolve(world: World, _: Peer) -> None:
    assert resolve(world.account, str(contact_aci(3))).aci == contact_aci(3)
    assert resolve(world.account, "+15553000003").aci == contact_aci(3)
    assert find_by_username(world.database, "somebody.01") is None


def _withdraw(world: World, peer: Peer) -> None:
    delete = Content(
        data_message=DataMessage(
            timestamp_ms=NOW_MS, delete=Delete(target_timestamp_ms=NOW_MS - DAY_MS)
        )
    )
    world.take(peer.sealed(delete))


def _list_few(world: World, _: Peer) -> None:
    found = list_contacts(world.account, recipients=["+15553000003", str(contact_aci(5))])
    assert len(found) == 2
    params = GroupSecretParams.derive_from_master_key((1).to_bytes(32, "little"))
    listed_group(world.account, format_group_id(params.get_group_identifier()))


OPERATIONS: dict[str, Callable[[World, Peer], object]] = {
    "receive": _receive,
    "send": _send,
    "replay": _replay,
    "consume": _consume,
    "expire": _expire,
    "clean up": _clean_up,
    "resolve": _resolve,
    "withdraw": _withdraw,
    "list few": _list_few,
}


@pytest.fixture(scope="module")
def efforts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Efforts]:
    folder = tmp_path_factory.mktemp("accounts")
    worlds = {size: _world(folder / name, size) for name, size in (("s", SMALL), ("l", LARGE))}
    measured = {}
    for size, (world, peer) in worlds.items():
        for what, operation in OPERATIONS.items():
            with effort_of(world.database) as effort:
                operation(world, peer)
            measured[size, what] = effort
    yield Efforts(measured, worlds[LARGE][0])
    for world, _ in worlds.values():
        world.account.close()


@pytest.mark.parametrize("what", OPERATIONS)
def test_effort_does_not_grow_with_the_account(efforts: Efforts, what: str) -> None:
    small, large = efforts.measured[SMALL, what], efforts.measured[LARGE, what]
    assert large.steps <= RATIO * small.steps, large.most_laborious()


@pytest.mark.parametrize("what", OPERATIONS)
def test_no_statement_reads_a_whole_table(efforts: Efforts, what: str) -> None:
    statements = efforts.measured[LARGE, what].statements
    assert statements
    assert scans(efforts.world.database, statements, GROWING) == {}


def test_finding_a_group_by_its_title_loads_no_other(efforts: Efforts) -> None:
    world = efforts.world
    with effort_of(world.database) as effort, pytest.raises(InvalidGroupId):
        # The account is no member of it: its id is named in a hint alone.
        require_group(world.account, "Group 7")
    assert len(effort.statements) <= 6
    assert effort.steps <= 10 * LARGE.groups + 500


def test_finding_somebody_by_name_reads_the_names_and_no_more(efforts: Efforts) -> None:
    world = efforts.world
    with effort_of(world.database) as effort:
        assert resolve(world.account, "contact 7").aci == contact_aci(7)
        assert len(list_contacts(world.account, recipients=["Contact 4"])) == 1
    assert len(effort.statements) <= 6
    assert effort.steps <= 2 * 14 * LARGE.contacts


def test_sending_is_measured_up_to_the_request(efforts: Efforts) -> None:
    statements = efforts.measured[LARGE, "send"].statements
    for beginning in ("INSERT INTO send_log", "INSERT INTO session"):
        assert any(statement.startswith(beginning) for statement in statements), statements
