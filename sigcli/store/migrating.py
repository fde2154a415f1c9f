"""Bring a database up to date: the numbered steps under ``migrations/``, each in one transaction."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from sigcli.errors import DatabaseDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.store.database import Database

MIGRATIONS = os.path.join(os.path.dirname(__file__), "migrations")


def migrate(database: Database, target: int) -> None:
    """Carry out the steps that are missing; several processes may try at once.

    Foreign keys must be off, so that a step may rebuild a table; they are checked at the end of
    each. Raises LockTimeout, DiskFull or DatabaseDamaged.
    """
    scripts = migration_scripts()
    while True:
        with database.transaction() as transaction:
            found = transaction.row("PRAGMA user_version")
            version = 0 if found is None else int(found[0])
            if version >= target:
                return
            for statement in statements(_read(scripts[version + 1])):
                transaction.write(statement)
            if transaction.row("PRAGMA foreign_key_check") is not None:
                raise DatabaseDamaged("rows of the database contradict one another")
            transaction.write(f"PRAGMA user_version = {version + 1}")


def migration_scripts() -> dict[int, str]:
    """Number and path of each step."""
    names = (name for name in os.listdir(MIGRATIONS) if name.endswith(".sql"))
    return {int(name[:4]): os.path.join(MIGRATIONS, name) for name in names}


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as script:
        return script.read()
