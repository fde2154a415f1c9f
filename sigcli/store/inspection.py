"""Checks of what is on the disk, for ``doctor``: they change nothing."""

from __future__ import annotations

import os
import sqlite3

from sigcli.errors import DatabaseDamaged, DatabaseMissing
from sigcli.lazy_dataclass import dataclass
from sigcli.store.accounts_file import ACCOUNTS_FILE, parse_accounts
from sigcli.store.connecting import named_error
from sigcli.store.private_files import require_usable_folder, storage_error
from sigcli.system import free_bytes

_OTHERS = 0o077
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseInspection:
    """What a database says of itself; ``size`` in bytes."""

    schema_version: int
    size: int
    problems: tuple[str, ...]


def inspect_database(path: str) -> DatabaseInspection:
    """Open a database for reading and have its structure checked; raises DatabaseMissing or StorageUnwritable."""
    if not os.path.isfile(path):
        raise DatabaseMissing
    require_usable_folder(os.path.dirname(path))
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    size, version = os.path.getsize(path), 0
    try:
        connection = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, timeout=_PATIENCE_S)
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                said.append("rows contradict one another")
        finally:
            connection.close()
    except sqlite3.Error as error:
        named = named_error(error, path, _PATIENCE_S)
        if not isinstance(named, DatabaseDamaged):
            raise named from error
        said = [str(error)]
    if version == 0 and said == ["ok"]:
        said.append("the file is not an account database")
    return DatabaseInspection(version, size, tuple(one for one in said if one != "ok"))


def exposed_paths(folder: str, user: int) -> tuple[list[str], list[str]]:
    """Of the data directory: what others may read or write, and what does not belong to the user with this id.

    Looks at the list of accounts and their folders, not at what else may lie there. Raises StorageUnwritable.
    """
    exposed, foreign = [], []
    for path in _private_paths(folder):
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue  # removed meanwhile
        except OSError as error:
            raise storage_error(error) from error
        if status.st_uid != user:
            foreign.append(path)
        elif status.st_mode & _OTHERS:
            exposed.append(path)
    return exposed, foreign


def free_space(path: str) -> tuple[int, bool]:
    """Bytes that this user can still write where a path is or will be, and whether there is room for more files.

    Raises StorageUnwritable.
    """
    path = os.path.abspath(path)
    while not os.path.exists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    try:
        free = free_bytes(path)
        if not hasattr(os, "statvfs"):
            return free, True
        status = os.statvfs(path)
    except OSError as error:
        raise storage_error(error) from error
    # A file system without a fixed number of files says zero of zero.
    return free, status.f_favail > 0 or status.f_files == 0


def _private_paths(folder: str) -> list[str]:
    accounts_file = os.path.join(folder, ACCOUNTS_FILE)
    paths = [folder]
    try:
        with open(accounts_file, "rb") as file:
            folders = [account.folder for account in parse_accounts(file.read())]
    except FileNotFoundError:
        return paths
    except OSError as error:
        raise storage_error(error) from error
    paths.append(accounts_file)
    for name in folders:
        for parent, inner, files in os.walk(os.path.join(folder, name)):
            paths.append(parent)
            paths += [os.path.join(parent, one) for one in (*inner, *files)]
    return list(dict.fromkeys(paths))
