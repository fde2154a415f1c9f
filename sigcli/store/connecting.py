"""Connections to SQLite: how a file is opened and written, and the project's errors for SQLite's."""

from __future__ import annotations

import sqlite3

from sigcli.errors import DatabaseDamaged, DiskFull, LockTimeout, StorageUnwritable, StoreError

# SQLite waits inside C, where no signal is heard: so it waits in slices.
BUSY_SLICE_S = 0.25
_WAL_UNAVAILABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL)


def connect(
    path: str, lock_timeout_s: float, vfs: str | None, *, any_thread: bool
) -> sqlite3.Connection:
    """A connection to a file that exists; it may be used on any thread if so asked."""
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    # mode=rw: a file that has vanished meanwhile is not created again.
    address = f"file:{quoted}?mode=rw" + (f"&vfs={vfs}" if vfs else "")
    return sqlite3.connect(
        address,
        timeout=min(lock_timeout_s, BUSY_SLICE_S),
        isolation_level=None,
        cached_statements=256,
        check_same_thread=not any_thread,
        uri=True,
    )


def user_version(connection: sqlite3.Connection, newest: int) -> int:
    """The schema's version; ``newest`` is the newest that is known here."""
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.OperationalError as error:
        if primary_code(error) not in _WAL_UNAVAILABLE:
            raise
    # A WAL database on a file system without shared memory: readable by one process at a time,
    # long enough to turn it back into one with a rollback journal.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if 0 < version <= newest:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA locking_mode = NORMAL")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return version


def set_up(connection: sqlite3.Connection) -> str:
    """Choose how the database is written; gives the mode of its journal."""
    mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            # Another process uses it, or the file system has no shared memory: leave the mode as it is.
            if primary_code(error) not in (*_WAL_UNAVAILABLE, sqlite3.SQLITE_BUSY):
                raise
    # A rollback journal is deleted at commit: EXTRA syncs the folder as well.
    connection.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")
    # No message in a temporary file outside the account's folder.
    connection.execute("PRAGMA temp_store = MEMORY")
    return mode


def named_error(error: sqlite3.Error, path: str, lock_timeout_s: float) -> Exception:
    """The project's error for one of SQLite; a misuse of the module itself stays what it is."""
    from sigcli.store.free_space import is_full

    code = primary_code(error)
    if code is None:
        return error
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _lock_timeout(path, lock_timeout_s)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and is_full(path)):
        return DiskFull()
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseDamaged()
    if code in (
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_IOERR,
    ):
        return StorageUnwritable(f"the database cannot be used: {error}")
    return StoreError(f"the database refused an operation: {error}")


def _lock_timeout(path: str, lock_timeout_s: float) -> LockTimeout:
    from sigcli.store.lock_holder import writer_pid

    pid = writer_pid(path)
    holder = "another process" if pid is None else f"process {pid}"
    return LockTimeout(f"{holder} held the account for more than {lock_timeout_s:g} s", pid=pid)


def primary_code(error: sqlite3.Error) -> int | None:
    """SQLite's code for an error, None for a misuse of the module."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
