"""What must outlive a restart of the sandbox: one SQLite file.

Small things are JSON documents under (kind, key); prekeys, queued messages and storage items have their own tables. All
access is from the server's single thread.
"""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_VERSION = 1
_SCHEMA = """
CREATE TABLE documents (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE prekeys (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL, device INTEGER NOT NULL, kind TEXT NOT NULL,
    key_id INTEGER NOT NULL, public_key BLOB NOT NULL, signature BLOB
);
CREATE INDEX prekeys_by_owner ON prekeys (owner, device, kind, position);
CREATE TABLE messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, device INTEGER NOT NULL, envelope BLOB NOT NULL,
    story INTEGER NOT NULL, ephemeral_until_ms INTEGER, receipt TEXT
);
CREATE INDEX messages_by_device ON messages (account, device, position);
CREATE TABLE storage_items (
    account TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE TABLE group_changes (
    group_id TEXT NOT NULL, version INTEGER NOT NULL, change BLOB NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (group_id, version)
) WITHOUT ROWID;
"""


class Database:
    """The file, its tables and its one open transaction."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, check_same_thread=False)
        try:
            self._set_up(path)
        except BaseException:
            self._connection.close()
            raise

    def _set_up(self, path: Path) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")
        elif version != _VERSION:
            raise sqlite3.DatabaseError(f"{path} was written by another version of sigcli")

    def execute(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, tuple(values))

    def execute_many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._connection.executemany(statement, rows)

    def commit(self) -> None:
        """Make everything so far permanent."""
        if self._connection.in_transaction:
            self._connection.commit()

    def close(self) -> None:
        self.commit()
        self._connection.close()

    def put(self, kind: str, key: str, value: Any) -> None:
        """Store a JSON document in place of an older one."""
        self.execute(
            "INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, json.dumps(value))
        )

    def get(self, kind: str, key: str) -> Any:
        """A document, or None."""
        row = self.execute(
            "SELECT value FROM documents WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def delete(self, kind: str, key: str) -> bool:
        """Delete a document; returns whether it existed."""
        cursor = self.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return cursor.rowcount > 0

    def all(self, kind: str) -> Iterator[tuple[str, Any]]:
        """All documents of a kind with their keys."""
        rows = self.execute("SELECT key, value FROM documents WHERE kind = ?", (kind,)).fetchall()
        return ((key, json.loads(value)) for key, value in rows)
