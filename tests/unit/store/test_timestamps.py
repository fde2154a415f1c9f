from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.store.timestamps import next_message_timestamp, note_message_timestamp
from tests.unit.store.children import Child
from tests.unit.store.conftest import NOW_MS

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.store.database import Database


def _next(database: Database, now_ms: int) -> int:
    with database.transaction() as transaction:
        return next_message_timestamp(transaction, now_ms)


def test_a_timestamp_is_now_or_the_one_after_the_last(database: Database) -> None:
    assert _next(database, NOW_MS) == NOW_MS
    assert _next(database, NOW_MS) == NOW_MS + 1
    assert _next(database, NOW_MS - 5000) == NOW_MS + 2  # the clock was set back
    assert _next(database, NOW_MS + 50) == NOW_MS + 50


def test_one_chosen_elsewhere_is_not_used_again(database: Database) -> None:
    with database.transaction() as transaction:
        note_message_timestamp(transaction, NOW_MS)
        note_message_timestamp(transaction, NOW_MS - 10)
    assert _next(database, NOW_MS) == NOW_MS + 1


_TAKE = """
from sigcli.store.timestamps import next_message_timestamp
with Database.open(arguments[0]) as database:
    say("ready")
    wait()
    for _ in range(25):
        with database.transaction():
            timestamp_ms = next_message_timestamp(database, 1000)
        say(timestamp_ms)
"""


def test_they_are_unique_over_processes(database: Database, database_path: Path) -> None:
    children = [Child(_TAKE, database_path) for _ in range(4)]
    for child in children:
        assert child.hear() == "ready"
    for child in children:
        child.go()
    taken = [int(word) for child in children for word in child.rest()]
    assert sorted(taken) == list(range(1000, 1100))
