from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sigcli.store import consumers, inbox
from sigcli.store.consumers import BACKLOG_MS, COMMAND_LINE, DEFAULT, UNSEEN_MS, Backlog
from sigcli.store.database import Database
from sigcli.store.inbox_values import EnvelopeMetadata, InboxFailure
from sigcli.store.migrating import migrate, migration_scripts, statements
from tests.unit.store.conftest import NOW_MS


def _store(database: Database, count: int = 1, received_ms: int = NOW_MS) -> list[int]:
    metadata = EnvelopeMetadata(None, 1, received_ms, received_ms, received_ms)
    with database.transaction() as transaction:
        return [
            inbox.store_content(transaction, metadata, b"x", None, NOW_MS) for _ in range(count)
        ]


def _meet(database: Database, name: str, now_ms: int = NOW_MS) -> int:
    with database.transaction() as transaction:
        return consumers.meet_consumer(transaction, name, now_ms).taken_id


def _take(database: Database, name: str, id: int, *, keep: bool = False) -> None:
    with database.transaction() as transaction:
        consumers.take_until(transaction, name, id, NOW_MS, keep=keep)


def _ids(database: Database) -> list[int]:
    return [row.id for row in inbox.pending(database)]


def test_the_first_consumer_begins_with_what_waits_and_a_later_one_with_what_comes(
    database: Database,
) -> None:
    ids = _store(database, 3)
    assert _meet(database, "a") == 0
    assert _meet(database, "b") == ids[-1]
    assert _meet(database, "a") == 0
    _take(database, "a", ids[1])
    assert _meet(database, "a") == ids[1]


@pytest.mark.parametrize("keep", [False, True])
def test_a_row_goes_with_the_last_consumer_that_takes_it(database: Database, keep: bool) -> None:
    _meet(database, "a")
    _meet(database, "b")
    ids = _store(database, 4)
    _take(database, "a", ids[2], keep=keep)
    assert _ids(database) == ids
    _take(database, "b", ids[1], keep=keep)
    assert _ids(database) == ids[2:]
    assert [row.id for row in inbox.replay(database)] == (ids[:2] if keep else [])
    # What this consumer has taken is replayed for it although another one has not had it yet.
    assert ids[2] in [row.id for row in inbox.replay(database, until_id=ids[2])]
    assert consumers.furthest_taken_id(database) == ids[2]


def test_a_place_never_goes_back_nor_beyond_what_there_is(database: Database) -> None:
    _meet(database, "a")
    ids = _store(database, 2)
    _take(database, "a", ids[1] + 1000)
    _take(database, "a", ids[0])
    assert _meet(database, "a") == ids[1]
    (later,) = _store(database)
    assert _ids(database) == [later]


def test_without_consumers_everything_waits(database: Database) -> None:
    ids = _store(database, 2)
    with database.transaction() as transaction:
        assert not consumers.remove_consumer(transaction, "a", NOW_MS)
    assert _ids(database) == ids


def test_a_removed_consumer_holds_nothing_up(database: Database) -> None:
    _meet(database, "a")
    _meet(database, "b")
    ids = _store(database, 2)
    _take(database, "a", ids[1])
    with database.transaction() as transaction:
        assert consumers.remove_consumer(transaction, "b", NOW_MS)
    assert _ids(database) == []
    assert consumers.find_consumer(database, "b") is None


def test_those_that_stay_away_are_dropped_except_the_permanent_ones(database: Database) -> None:
    for name in ("a", DEFAULT, COMMAND_LINE):
        _meet(database, name)
    _meet(database, "b", NOW_MS + 1)
    with database.transaction() as transaction:
        assert consumers.drop_unseen(transaction, NOW_MS + UNSEEN_MS - 1) == []
        assert consumers.drop_unseen(transaction, NOW_MS + UNSEEN_MS) == ["a"]
    names = {one.name for one in consumers.consumers(database)}
    assert names == {"b", DEFAULT, COMMAND_LINE}


def test_a_released_row_has_a_new_id_for_all(database: Database) -> None:
    _meet(database, "a")
    metadata = EnvelopeMetadata("g", 1, NOW_MS, NOW_MS, NOW_MS)
    failure = InboxFailure("untrustedIdentity", "")
    with database.transaction() as transaction:
        first = inbox.store_failure(
            transaction, metadata, failure, None, NOW_MS, held_envelope=b"e"
        )
    _take(database, "a", first)
    (later,) = _store(database)
    _take(database, "a", later)
    (held,) = inbox.held(database)
    with database.transaction() as transaction:
        inbox.store_released(transaction, held, metadata, b"at last", NOW_MS)
    assert [row.content for row in inbox.following(database, later, later + 10, 5)] == [b"at last"]


def test_a_time_names_a_place(database: Database) -> None:
    ids = _store(database, 2, NOW_MS) + _store(database, 2, NOW_MS + 1000)
    assert consumers.id_before(database, NOW_MS + 1) == ids[1]
    assert consumers.id_before(database, 0) == ids[0] - 1
    assert consumers.id_before(database, NOW_MS + 5000) == ids[3]
    assert consumers.newest_id(database) == ids[3]


@pytest.mark.parametrize(("delivered", "expected"), [(2, 2), (3, 3), (0, 0)])
def test_a_database_from_before_goes_on_where_the_command_line_has_stopped(
    tmp_path: Path, delivered: int, expected: int
) -> None:
    path = tmp_path / "old.db"
    scripts = migration_scripts()
    connection = sqlite3.connect(path, isolation_level=None)
    for number in range(1, 10):
        for statement in statements(Path(scripts[number]).read_text()):
            connection.execute(statement)
    for number in range(1, 4):
        connection.execute(
            "INSERT INTO inbox (envelope_type, sealed, urgent, story, timestamp_ms, "
            "server_received_ms, server_delivered_ms, stored_ms, delivered_ms) "
            "VALUES (1, 0, 0, 0, 1, 1, 1, 1, ?)",
            (1 if number <= delivered else None,),
        )
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with Database.open(path) as database:
        (consumer,) = consumers.consumers(database)
        assert (consumer.name, consumer.taken_id) == (COMMAND_LINE, expected)
        migrate(database, 10)


def test_a_new_database_has_no_consumer(database: Database) -> None:
    assert consumers.consumers(database) == []


def test_what_piles_up_is_told_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("default", "bot"):
        _meet(database, name)
    ids = _store(database, 4)
    _take(database, "bot", ids[3])
    assert consumers.backlogs(database, NOW_MS + BACKLOG_MS - 1) == []
    (old,) = consumers.backlogs(database, NOW_MS + BACKLOG_MS)
    assert old == Backlog("default", 4, 30)
    assert old.message == "4 events wait for the consumer default, the oldest for 30 days"
    monkeypatch.setattr(consumers, "BACKLOG_EVENTS", 3)
    assert consumers.backlogs(database, NOW_MS) == [Backlog("default", 4, 0)]
    monkeypatch.setattr(consumers, "BACKLOG_EVENTS", 4)
    assert consumers.backlogs(database, NOW_MS) == []
    _take(database, "default", ids[3])
    assert consumers.backlogs(database, NOW_MS + 2 * BACKLOG_MS) == []
