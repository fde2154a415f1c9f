"""The side that writes the id of a hand-over first does the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigcli.errors import HandOverLost
from sigcli.store.database import Database
from sigcli.store.hand_overs import (
    RETENTION_MS,
    BegunHandOver,
    ResumedHandOver,
    begin_message,
    begin_parts,
    end_parts,
    note_begun,
    resume,
    take_back,
)
from sigcli.store.timestamps import next_message_timestamp

ID = b"0123456789abcdef"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database.create(tmp_path / "account.db")


def test_what_the_daemon_began_is_known_with_its_message(database: Database) -> None:
    database.hand_over_id = ID
    with database.transaction() as transaction:
        note_begun(transaction, None, 1000)
    with database.transaction() as transaction:
        assert take_back(transaction, ID, 1000) == BegunHandOver(None)
        first = next_message_timestamp(transaction, 2000)
        next_message_timestamp(transaction, 2000)
    with database.transaction() as transaction:
        assert take_back(transaction, ID, 2000) == BegunHandOver(first)
    database.close()


def test_a_command_that_its_caller_does_goes_no_further_in_the_daemon(database: Database) -> None:
    database.hand_over_id = ID
    with database.transaction() as transaction:
        assert take_back(transaction, ID, 1000) is None
    with pytest.raises(HandOverLost), database.transaction() as transaction:
        next_message_timestamp(transaction, 1000)
    with database.transaction() as transaction:
        assert take_back(transaction, ID, 1000) is None
    database.close()


def test_what_nobody_handed_over_leaves_no_trace(database: Database) -> None:
    with database.transaction() as transaction:
        next_message_timestamp(transaction, 1000)
        note_begun(transaction, 5, 1000)
    assert database.rows("SELECT id FROM hand_over") == []
    database.close()


def test_ids_go_after_a_day(database: Database) -> None:
    for at, id in enumerate((b"one", b"two")):
        database.hand_over_id = id
        with database.transaction() as transaction:
            note_begun(transaction, 7, 1 + at * RETENTION_MS)
        with database.transaction() as transaction:
            begin_message(transaction, 7)
    assert database.rows("SELECT id FROM hand_over") == [(b"two",)]
    assert database.rows("SELECT hand_over FROM hand_over_part") == [(b"two",)]
    database.close()


def test_a_caller_goes_on_with_what_had_not_begun(database: Database) -> None:
    database.hand_over_id = ID
    with database.transaction() as transaction:
        timestamp_ms = next_message_timestamp(transaction, 1000)
        assert resume(transaction, ID) is None
        begin_message(transaction, timestamp_ms)
        begin_parts(transaction, [b"sent", b"failed", b"under way"])
    end_parts(database, {b"sent": "sealed", b"failed": None})
    with database.transaction() as transaction:
        parts = {b"sent": "sealed", b"under way": None}
        assert resume(transaction, ID) == ResumedHandOver(timestamp_ms, parts)
    # The daemon, should it still live, goes no further.
    with pytest.raises(HandOverLost), database.transaction() as transaction:
        begin_parts(transaction, [b"late"])
    with pytest.raises(HandOverLost), database.transaction() as transaction:
        next_message_timestamp(transaction, 1000)
    database.close()


def test_a_second_message_leaves_what_is_known_of_the_first_aside(database: Database) -> None:
    database.hand_over_id = ID
    with database.transaction() as transaction:
        for _ in range(2):
            begin_message(transaction, next_message_timestamp(transaction, 1000))
        assert resume(transaction, ID) is None
    database.close()


def test_what_became_of_a_part_is_noted_though_the_command_is_broken_off(
    database: Database,
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    database.hand_over_id = ID
    with database.transaction() as transaction:
        begin_message(transaction, next_message_timestamp(transaction, 1000))
        begin_parts(transaction, [b"part"])
    database.before_transaction = interrupted
    end_parts(database, {b"part": "sealed"})
    assert database.before_transaction is interrupted
    database.before_transaction = None
    with database.transaction() as transaction:
        resumed = resume(transaction, ID)
    assert resumed is not None
    assert resumed.parts == {b"part": "sealed"}
    database.close()


def test_an_interrupted_command_begins_no_transaction(database: Database) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    database.before_transaction = interrupted
    with pytest.raises(KeyboardInterrupt), database.transaction():
        pass
    assert not database.in_transaction
    database.before_transaction = None
    with database.transaction():
        pass
    database.close()
