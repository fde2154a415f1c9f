"""The database of one account: opened, kept in short transactions, its failures named.

Everything in this room takes an open ``Database`` and writes only inside ``transaction()``, which
the caller opens: one received envelope, or a batch of them, is one transaction. Writers exclude
one another over processes; readers in WAL mode wait for nobody. One connection belongs to the
thread that opened it, unless threads pass it on (``any_thread``).
"""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sigcli.errors import (
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseTooNew,
    SigcliError,
    StoreError,
    TransactionMisuse,
)
from sigcli.store.connecting import connect, named_error, primary_code, set_up, user_version
from sigcli.store.private_files import create_private_file

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Sequence

    from sigcli.store.record_cache import RecordCache

Row = tuple[Any, ...]
_T = TypeVar("_T")

SCHEMA_VERSION = 17
"""The newest migration's number."""
DEFAULT_LOCK_TIMEOUT_S = 60.0


class Database:
    """An open account database; also a context manager that closes it."""

    __slots__ = (
        "_announced",
        "_connection",
        "_data_version",
        "_has_turn",
        "_is_synchronous",
        "_lock_timeout_s",
        "before_transaction",
        "caches",
        "epoch",
        "hand_over_id",
        "journal_mode",
        "path",
        "turns",
    )

    def __init__(
        self, connection: sqlite3.Connection, path: str, lock_timeout_s: float, journal_mode: str
    ) -> None:
        self._connection = connection
        self._lock_timeout_s = lock_timeout_s
        self._data_version = -1
        self._is_synchronous = True
        self._has_turn = False
        self._announced = 0
        """Innermost savepoints that are not set yet."""
        self.path = path
        self.journal_mode = journal_mode
        """``wal``, or ``delete`` where WAL is impossible."""
        self.epoch = 0
        """Grows when what was read may no longer hold: a rollback, or another process's commit."""
        self.caches: dict[str, RecordCache[Any]] = {}
        """See ``record_cache.cache_of``."""
        self.hand_over_id: bytes | None = None
        """Set while a daemon works on it for a caller (``hand_overs``)."""
        self.before_transaction: Callable[[], None] | None = None
        """Called before each: what it raises ends the work, of which nothing more is stored or sent then."""
        self.turns: threading.Lock | None = None
        """Shared by the connections of one process, whose threads then write by turns: SQLite would have them sleep."""

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        lock_timeout_s: float = DEFAULT_LOCK_TIMEOUT_S,
        vfs: str | None = None,
    ) -> Database:
        """Make a new database in an existing folder.

        Raises StoreError if one is there, DiskFull, or StorageUnwritable.
        """
        path = os.fspath(path)
        try:
            os.close(create_private_file(path))
        except FileExistsError:
            raise StoreError("there is a database already") from None
        return _open(path, lock_timeout_s, vfs, may_be_empty=True)

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        lock_timeout_s: float = DEFAULT_LOCK_TIMEOUT_S,
        vfs: str | None = None,
        any_thread: bool = False,
    ) -> Database:
        """Open a database and bring an older one up to date.

        ``vfs`` names one of SQLite's file layers. ``any_thread``: threads hand it to one another and never use it at
        once. Raises DatabaseMissing, DatabaseTooNew (the file
        is left as it is), DatabaseDamaged, LockTimeout or StorageUnwritable.
        """
        path = os.fspath(path)
        if not os.path.isfile(path):
            raise DatabaseMissing
        return _open(path, lock_timeout_s, vfs, may_be_empty=False, any_thread=any_thread)

    def close(self) -> None:
        """Close it; an open transaction is rolled back."""
        self._connection.close()
        self._end_turn()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- reading and writing -----------------------------------------------------------------

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a query, None if there is none."""
        connection = self._connection
        try:
            found: Row | None = connection.execute(sql, parameters).fetchone()
        except sqlite3.Error as error:
            found = self._again(error, lambda: connection.execute(sql, parameters).fetchone())
        return found

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a query."""
        connection = self._connection
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            return self._again(error, lambda: connection.execute(sql, parameters).fetchall())

    def clear_log(self) -> bool:
        """Empty the write-ahead log into the database, so that what was deleted stands in neither.

        False while another connection reads or writes: to be tried again later. Nothing is wrong then.
        """
        if self.journal_mode != "wal" or self._connection.in_transaction:
            return False
        try:
            if os.path.getsize(self.path + "-wal") == 0:
                return True
            row = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except (OSError, sqlite3.Error):
            return False
        return bool(row[0] == 0)

    # --- transactions ------------------------------------------------------------------------

    def transaction(self, *, is_lasting: bool = True) -> TransactionBlock:
        """A write transaction for a ``with`` block: committed at its end, undone by an exception.

        Begins with the write lock in hand (BEGIN IMMEDIATE), so that what is read inside is still
        true when it is written back. Does not nest: TransactionMisuse. Raises LockTimeout, which
        names the holder's process where the system tells. ``is_lasting`` False: until the next lasting
        one has ended, a power cut undoes this one, as a whole; that is quicker.
        """
        return TransactionBlock(self, is_lasting)

    def _begin(self, is_lasting: bool = True) -> None:
        connection = self._connection
        if connection.in_transaction:
            raise TransactionMisuse("a transaction began inside another")
        if self.before_transaction is not None:
            self.before_transaction()
        if is_lasting is not self._is_synchronous and self.journal_mode == "wal":
            self._step(f"PRAGMA synchronous = {'FULL' if is_lasting else 'NORMAL'}")
            self._is_synchronous = is_lasting
        if self.turns is not None:
            # A thread that comes too late for it may still find that the database is free.
            self._has_turn = self.turns.acquire(timeout=self._lock_timeout_s)
        try:
            self._step("BEGIN IMMEDIATE")
            data_version = connection.execute("PRAGMA data_version").fetchone()[0]
        except BaseException as error:
            self._rollback()
            if isinstance(error, sqlite3.Error):
                raise self._named(error) from error
            raise
        if data_version != self._data_version:
            self._data_version = data_version
            self.epoch += 1

    def _commit(self) -> None:
        try:
            self._step("COMMIT")
        except BaseException:
            self._rollback()
            raise
        self._end_turn()

    def _rollback(self) -> None:
        self.epoch += 1
        try:
            # SQLite has already rolled back by itself after some failures, a full disk among them.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            return
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn and self.turns is not None:
            self._has_turn = False
            self.turns.release()

    def _step(self, sql: str) -> None:
        connection = self._connection
        try:
            connection.execute(sql)
        except sqlite3.Error as error:
            self._again(error, lambda: connection.execute(sql))

    # --- failures ----------------------------------------------------------------------------

    def _again(self, error: sqlite3.Error, action: Callable[[], _T]) -> _T:
        # Called after a first failure: waits as long as another process is the reason.
        deadline = time.monotonic() + self._lock_timeout_s
        while primary_code(error) == sqlite3.SQLITE_BUSY and time.monotonic() < deadline:
            try:
                return action()
            except sqlite3.Error as later:
                error = later
        raise self._named(error) from error

    def _named(self, error: sqlite3.Error) -> Exception:
        return named_error(error, self.path, self._lock_timeout_s)


class Transaction(Database):
    """A database while a write transaction is open on it: what takes one of these writes.

    ``Database.transaction`` gives it, and it ends with that block: afterwards ``TransactionMisuse`` is raised. Every
    opened database is one of these; the type ``Database`` keeps others from writing.
    """

    __slots__ = ()

    def write(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Carry out a change and give the number of rows it touched; see ``insert`` for the id.

        Raises TransactionMisuse outside a transaction, DiskFull, or another StoreError.
        """
        connection = self._writing()
        try:
            return connection.execute(sql, parameters).rowcount
        except sqlite3.Error as error:
            raise self._named(error) from error

    def insert(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Insert one row and give its id; raises DiskFull or another StoreError."""
        connection = self._writing()
        try:
            return connection.execute(sql, parameters).lastrowid or 0
        except sqlite3.Error as error:
            raise self._named(error) from error

    def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Carry out a change for each row of parameters; raises DiskFull or another StoreError."""
        connection = self._writing()
        try:
            return connection.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            raise self._named(error) from error

    def savepoint(self) -> Savepoint:
        """A part of a transaction for a ``with`` block: an exception undoes this part alone."""
        return Savepoint(self)

    def _writing(self) -> sqlite3.Connection:
        """The connection, with every savepoint set that was only announced so far."""
        connection = self._connection
        if not connection.in_transaction:
            raise TransactionMisuse("written outside a transaction")
        while self._announced:
            self._announced -= 1
            self._step("SAVEPOINT step")
        return connection


class TransactionBlock:
    """See ``Database.transaction``."""

    __slots__ = ("_database", "_is_lasting")

    def __init__(self, database: Database, is_lasting: bool = True) -> None:
        self._database = database
        self._is_lasting = is_lasting

    def __enter__(self) -> Transaction:
        self._database._begin(self._is_lasting)
        return cast("Transaction", self._database)

    def __exit__(self, _: object, error: object, __: object) -> None:
        if error is None:
            self._database._commit()
        else:
            self._database._rollback()


class Savepoint:
    """See ``Database.savepoint``. It is set with the first write: many a step of a message writes nothing."""

    __slots__ = ("_database",)

    def __init__(self, database: Transaction) -> None:
        self._database = database

    def __enter__(self) -> Transaction:
        if not self._database.in_transaction:
            raise TransactionMisuse("a savepoint outside a transaction")
        self._database._announced += 1
        return self._database

    def __exit__(self, _: object, error: object, __: object) -> None:
        database = self._database
        if database._announced:
            # Those that are not set are the innermost: nothing was written in this one.
            database._announced -= 1
            return
        if error is not None:
            database.epoch += 1
            if not database.in_transaction:
                return
            database.write("ROLLBACK TO step")
        database.write("RELEASE step")


# --- opening --------------------------------------------------------------------------------------


def _open(
    path: str,
    lock_timeout_s: float,
    vfs: str | None,
    *,
    may_be_empty: bool,
    any_thread: bool = False,
) -> Database:
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path, lock_timeout_s, vfs, any_thread=any_thread)
        version = user_version(connection, SCHEMA_VERSION)
        if version > SCHEMA_VERSION:
            raise DatabaseTooNew
        if version == 0 and not may_be_empty:
            raise DatabaseDamaged("the file is not an account database")
        database = Transaction(connection, path, lock_timeout_s, set_up(connection))
        if version < SCHEMA_VERSION:
            from sigcli.store.migrating import migrate

            migrate(database, SCHEMA_VERSION)
        connection.execute("PRAGMA foreign_keys = ON")
    except (sqlite3.Error, SigcliError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise named_error(error, path, lock_timeout_s) from error
        raise
    return database
