from __future__ import annotations

import itertools
import os
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sigcli.errors import (
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseTooNew,
    DiskFull,
    LockTimeout,
    StoreError,
    TransactionMisuse,
)
from sigcli.store.database import SCHEMA_VERSION, Database, Transaction
from sigcli.store.migrating import MIGRATIONS, migration_scripts, statements
from tests.support.migrated import real_migrations
from tests.unit.store.children import Child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _real_migrations() -> Iterator[None]:
    with real_migrations():
        yield


def _put(database: Transaction, key: str, value: object) -> None:
    database.write("INSERT OR REPLACE INTO key_value VALUES (?, ?)", (key, value))


def _put_and_fail(database: Transaction, key: str) -> None:
    _put(database, key, 1)
    raise ZeroDivisionError


def _put_many(database: Transaction, count: int) -> None:
    for number in range(count):
        _put(database, f"many {number}", bytes(1000))


def _keys(database: Database) -> list[str]:
    return [key for (key,) in database.rows("SELECT key FROM key_value ORDER BY key")]


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_every_file_is_created_private(database_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with Database.create(database_path) as database:
            with database.transaction() as transaction:
                _put(transaction, "a", 1)
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in database_path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"account.db": 0o600, "account.db-wal": 0o600, "account.db-shm": 0o600}


def test_opens_with_the_pragmas_that_the_design_asks_for(database: Database) -> None:
    def pragma(name: str) -> object:
        row = database.row(f"PRAGMA {name}")
        return row and row[0]

    assert database.journal_mode == "wal"
    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    assert pragma("trusted_schema") == 0
    assert pragma("secure_delete") == 1
    assert pragma("user_version") == SCHEMA_VERSION
    unstrict = database.rows(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict"
    )
    assert {name for (name,) in unstrict} <= {"sqlite_schema", "sqlite_sequence"}


def test_an_exception_undoes_the_transaction_and_a_savepoint_only_its_part(
    database: Database,
) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as transaction:
        _put_and_fail(transaction, "lost")
    with database.transaction() as transaction:
        _put(transaction, "first", 1)
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            _put_and_fail(transaction, "undone")
        with transaction.savepoint(), transaction.savepoint():
            _put(transaction, "second", 1)
    assert _keys(database) == ["first", "second"]


def test_writing_needs_a_transaction_and_transactions_do_not_nest(database: Database) -> None:
    with database.transaction() as over:
        pass
    with pytest.raises(TransactionMisuse):
        _put(over, "a", 1)
    with database.transaction() as transaction:
        with pytest.raises(TransactionMisuse), transaction.transaction():
            pass
        _put(transaction, "outer", 1)
    assert _keys(database) == ["outer"]


def test_a_transaction_that_need_not_last_leaves_the_next_one_as_it_was(database: Database) -> None:
    with database.transaction(is_lasting=False) as transaction:
        assert database.row("PRAGMA synchronous") == (1,)
        _put(transaction, "a", 1)
    with database.transaction() as transaction:
        assert database.row("PRAGMA synchronous") == (2,)
        _put(transaction, "b", 1)
    assert _keys(database) == ["a", "b"]


def test_threads_that_share_turns_write_one_after_another(database_path: Path) -> None:
    with Database.create(database_path):
        pass
    turns = threading.Lock()

    def count(thread: int) -> None:
        with Database.open(database_path, lock_timeout_s=60) as mine:
            mine.turns = turns
            for number in range(20):
                with suppress(ZeroDivisionError), mine.transaction() as transaction:
                    assert turns.locked()
                    _put(transaction, f"{thread} {number}", 1)
                with suppress(ZeroDivisionError), mine.transaction() as transaction:
                    _put_and_fail(transaction, "never")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    assert not turns.locked()
    with Database.open(database_path) as database:
        assert len(_keys(database)) == 80
        database.turns = turns
        transaction = database.transaction()
        transaction.__enter__()
    # Closing one ends its turn.
    assert not turns.locked()


def test_a_newer_database_is_refused_untouched(database_path: Path) -> None:
    Database.create(database_path).close()
    with sqlite3.connect(database_path) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    before = database_path.read_bytes()
    with pytest.raises(DatabaseTooNew) as caught:
        Database.open(database_path)
    assert caught.value.exit_code == 1
    assert database_path.read_bytes() == before
    assert os.listdir(database_path.parent) == ["account.db"]


def test_what_is_no_database_is_named(database_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        Database.open(database_path)
    assert not database_path.exists()
    database_path.write_bytes(b"")
    with pytest.raises(DatabaseDamaged):
        Database.open(database_path)
    database_path.write_bytes(b"no database at all " * 500)
    with pytest.raises(DatabaseDamaged):
        Database.open(database_path)
    with pytest.raises(StoreError):
        Database.create(database_path)


def test_a_damaged_page_is_named(database_path: Path) -> None:
    with Database.create(database_path) as database, database.transaction() as transaction:
        _put_many(transaction, 50)
    data = bytearray(database_path.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    database_path.write_bytes(data)
    with pytest.raises(DatabaseDamaged), Database.open(database_path) as database:
        database.rows("SELECT * FROM key_value")


def test_a_full_disk_is_named_and_nothing_of_the_transaction_stays(database: Database) -> None:
    with database.transaction() as transaction:
        _put(transaction, "kept", 1)
    pages = database.row("PRAGMA page_count")
    assert pages is not None
    database.row(f"PRAGMA max_page_count = {pages[0] + 2}")
    with pytest.raises(DiskFull) as caught, database.transaction() as transaction:
        _put_many(transaction, 1000)
    assert caught.value.exit_code == 1
    assert _keys(database) == ["kept"]
    database.row("PRAGMA max_page_count = 100000")
    with database.transaction() as transaction:
        _put(transaction, "later", 1)
    assert _keys(database) == ["kept", "later"]


def test_without_shared_memory_it_falls_back_to_a_rollback_journal(database_path: Path) -> None:
    Database.create(database_path).close()
    for _ in range(2):
        # A file layer without shared memory meets a database in WAL mode.
        with Database.open(database_path, vfs="unix-dotfile") as database:
            assert database.journal_mode == "delete"
            assert database.row("PRAGMA synchronous") == (3,)
            with database.transaction() as transaction:
                _put(transaction, "a", 1)
            assert _keys(database) == ["a"]
    with Database.open(database_path) as database:
        assert database.journal_mode == "wal"
        assert _keys(database) == ["a"]


def test_a_too_new_database_is_left_alone_without_shared_memory_too(database_path: Path) -> None:
    Database.create(database_path).close()
    with sqlite3.connect(database_path) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.close()
    before = database_path.read_bytes()
    with pytest.raises(DatabaseTooNew):
        Database.open(database_path, vfs="unix-dotfile")
    assert database_path.read_bytes() == before


_HOLD = """
with Database.open(arguments[0]) as database, database.transaction():
    say("locked")
    wait()
"""


@pytest.mark.parametrize("vfs", [None, "unix"])
def test_a_lock_that_stays_taken_names_its_holder(
    database: Database, database_path: Path, vfs: str | None
) -> None:
    with (
        Child(_HOLD, database_path) as child,
        Database.open(database_path, lock_timeout_s=0.05, vfs=vfs) as impatient,
    ):
        assert child.hear() == "locked"
        with pytest.raises(LockTimeout) as caught, impatient.transaction():
            pass
        assert caught.value.exit_code == 3
        assert caught.value.pid == child.pid
        assert str(child.pid) in caught.value.message
        assert _keys(impatient) == []  # reading waits for nobody
        child.kill()
        with impatient.transaction() as transaction:  # a dead holder holds nothing
            _put(transaction, "a", 1)


_COUNT = """
with Database.open(arguments[0]) as database:
    say("ready")
    wait()
    for _ in range(50):
        with database.transaction():
            database.write("UPDATE key_value SET value = value + 1 WHERE key = 'n'")
"""


def test_transactions_of_many_processes_lose_nothing(
    database: Database, database_path: Path
) -> None:
    with database.transaction() as transaction:
        _put(transaction, "n", 0)
    children = [Child(_COUNT, database_path) for _ in range(4)]
    for child in children:
        assert child.hear() == "ready"
    for child in children:
        child.go()
    for child in children:
        assert child.rest() == []
    assert database.row("SELECT value FROM key_value WHERE key = 'n'") == (200,)


_RECEIVE = """
from sigcli.store.inbox import ciphertext_hash, store_content
from sigcli.store.inbox_values import EnvelopeMetadata
from sigcli.store.tasks import TaskKind, add_task

database = Database.open(arguments[0])
with database.transaction():
    database.write("INSERT INTO session VALUES (0, x'00', 1, x'01')")
    metadata = EnvelopeMetadata("guid", 1, 1, 1, 1)
    store_content(database, metadata, b"hello", ciphertext_hash(b"c"), 1)
    add_task(database, TaskKind.DELIVERY_RECEIPT, b"x", now_ms=1)
    say("written")
    if arguments[1] == "before":
        wait()
say("committed")
wait()
"""
_TABLES = ("session", "inbox", "task", "seen_envelope")


@pytest.mark.parametrize(("moment", "rows"), [("before", 0), ("after", 1)])
def test_a_kill_leaves_all_of_a_received_message_or_nothing(
    database: Database, database_path: Path, moment: str, rows: int
) -> None:
    with Child(_RECEIVE, database_path, moment) as child:
        assert child.hear() == "written"
        if moment == "after":
            assert child.hear() == "committed"
        child.kill()
    with Database.open(database_path) as reopened:
        counts = [reopened.row(f"SELECT count(*) FROM {table}") for table in _TABLES]
        assert counts == [(rows,)] * 4
        assert reopened.row("PRAGMA integrity_check") == ("ok",)


def test_the_epoch_tells_when_what_was_read_may_have_changed(
    database: Database, database_path: Path
) -> None:
    with database.transaction() as transaction:
        _put(transaction, "a", 1)
    epoch = database.epoch
    with database.transaction() as transaction:
        assert transaction.epoch == epoch  # only this process has written
    with Database.open(database_path) as other, other.transaction() as transaction:
        _put(transaction, "b", 1)
    with database.transaction() as transaction:
        assert transaction.epoch > epoch
        epoch = transaction.epoch
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            raise ZeroDivisionError
        assert transaction.epoch == epoch  # it had written nothing
        with pytest.raises(ZeroDivisionError), transaction.savepoint():
            _put_and_fail(transaction, "c")
        assert transaction.epoch > epoch


@pytest.mark.parametrize("fails", list(itertools.product((False, True), repeat=3)))
def test_what_is_undone_is_what_was_written_in_the_part_that_failed(
    database: Database, fails: tuple[bool, ...]
) -> None:
    for writes in itertools.product((False, True), repeat=5):
        _three_parts(database, writes, fails)


def _three_parts(database: Database, writes: tuple[bool, ...], fails: tuple[bool, ...]) -> None:
    """Within one another, each with a write at its beginning and end or without; beside a dictionary as a model."""
    model: dict[str, int] = {}

    def part(transaction: Transaction, depth: int) -> None:
        nonlocal model
        before = dict(model)
        try:
            with transaction.savepoint():
                put(transaction, depth, f"{depth} begins")
                if depth < 2:
                    part(transaction, depth + 1)
                    put(transaction, 4 - depth, f"{depth} ends")
                if fails[depth]:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            model = before

    def put(transaction: Transaction, at: int, name: str) -> None:
        if writes[at]:
            _put(transaction, name, at)
            model[name] = at

    with database.transaction() as transaction:
        transaction.write("DELETE FROM key_value")
        part(transaction, 0)
        _put(transaction, "outside", 7)
    assert _keys(database) == sorted([*model, "outside"])


def test_migrations_are_numbered_without_gaps_up_to_the_schema_version() -> None:
    assert sorted(migration_scripts()) == list(range(1, SCHEMA_VERSION + 1))
    # Of two with one number only one would be carried out.
    scripts = [name for name in os.listdir(MIGRATIONS) if name.endswith(".sql")]
    assert len(scripts) == SCHEMA_VERSION


def test_scripts_are_split_into_statements() -> None:
    script = "-- a; comment\nCREATE TABLE a (x TEXT DEFAULT ';');\nSELECT 1;\n"
    assert [s.strip() for s in statements(script)] == [
        "-- a; comment\nCREATE TABLE a (x TEXT DEFAULT ';');",
        "SELECT 1;",
    ]
