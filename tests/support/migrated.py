"""New databases of tests, as copies of one that has gone through all migrations: they cost a tenth of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from sigcli.store import migrating
from sigcli.store.database import SCHEMA_VERSION, Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_migrate = migrating.migrate


@contextmanager
def copied_databases(folder: Path) -> Iterator[None]:
    """Until its end, empty databases become copies of one in a folder; older ones are brought up to date as ever."""
    path = folder / "migrated.db"
    Database.create(path).close()

    def copied(database: Database, target: int) -> None:
        if target == SCHEMA_VERSION and database.row("PRAGMA user_version") == (0,):
            # A connection for each copy: a daemon registers on threads of its own.
            with closing(sqlite3.connect(path)) as migrated:
                migrated.backup(database._connection)
        else:
            _migrate(database, target)

    migrating.migrate = copied
    try:
        yield
    finally:
        migrating.migrate = _migrate


@contextmanager
def real_migrations() -> Iterator[None]:
    """Until its end, migrations are what they are outside of tests."""
    before, migrating.migrate = migrating.migrate, _migrate
    try:
        yield
    finally:
        migrating.migrate = before
