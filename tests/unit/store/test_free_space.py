from __future__ import annotations

from pathlib import Path

import pytest

from sigcli.errors import DiskFull
from sigcli.store.database import Database
from sigcli.store.free_space import ROOM, is_full
from tests.support.file_size_limit import file_size_limit


def test_a_disk_with_room_is_not_full(tmp_path: Path) -> None:
    assert not is_full(str(tmp_path / "none.db"))
    with file_size_limit(10 * ROOM):
        assert not is_full(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_limit_that_is_reached_counts_as_full(tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    path.write_bytes(bytes(100_000))
    with file_size_limit(100_000):
        assert is_full(str(path))
    with file_size_limit(ROOM - 1):
        assert is_full(str(tmp_path / "none.db"))


def test_a_database_that_may_not_grow_names_it(tmp_path: Path) -> None:
    def fill(database: Database) -> None:
        with database.transaction() as transaction:
            transaction.write("CREATE TABLE much (data BLOB)")
            transaction.write("INSERT INTO much VALUES (zeroblob(4000000))")

    with Database.create(tmp_path / "account.db") as database:
        with (
            file_size_limit((tmp_path / "account.db").stat().st_size + 4096),
            pytest.raises(DiskFull),
        ):
            fill(database)
        assert database.row("SELECT count(*) FROM sqlite_master WHERE name = 'much'") == (0,)
        fill(database)
