"""The data directory: who can read it, whether there is room, and whether the database holds together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sigcli.client.doctor.findings import Check, Finding, failed, ok, skipped, warning
from sigcli.errors import DatabaseDamaged, DatabaseTooNew
from sigcli.store.database import SCHEMA_VERSION
from sigcli.store.inspection import exposed_paths, free_space, inspect_database
from sigcli.store.private_files import require_usable_folder
from sigcli.system import user_id

if TYPE_CHECKING:
    from sigcli.store.accounts import DataDirectory
    from sigcli.store.accounts_file import LocalAccount

_MIB = 1024 * 1024
_LITTLE, _VERY_LITTLE = 200 * _MIB, 20 * _MIB


def disk_checks(directory: DataDirectory) -> list[Check]:
    return [
        Check("dataDirectory", lambda: check_rights(directory.path)),
        Check("diskSpace", lambda: check_space(directory.path)),
    ]


def check_rights(path: str) -> Finding:
    """Whether the data directory belongs to this user, and nobody else can read it; raises StorageUnwritable."""
    name = "dataDirectory"
    require_usable_folder(path)
    if not os.path.isdir(path):
        return ok(name, f"{path} is not there yet")
    user = user_id()
    if user is None:
        return skipped(name, "this system has no file permissions to check")
    exposed, foreign = exposed_paths(path, user)
    if foreign:
        return failed(
            name,
            f"{_several(foreign)} to another user",
            f"run sigcli as that user, or take the data back: chown -R \"$(id -un)\" '{path}'",
        )
    if exposed:
        return failed(
            name,
            f"others can read {exposed[0]}{_and_more(exposed)}",
            f"chmod -R go= '{path}'",
        )
    return ok(name, f"{path} belongs to this user alone")


def check_space(path: str) -> Finding:
    """Whether messages and attachments still have room."""
    name = "diskSpace"
    free, has_inodes = free_space(path)
    hint = "free some space: messages that cannot be stored stay with the service"
    if not has_inodes:
        return failed(name, "the disk cannot hold any more files", hint)
    message = f"{free // _MIB} MiB free"
    if free < _VERY_LITTLE:
        return failed(name, message, hint)
    return warning(name, message, hint) if free < _LITTLE else ok(name, message)


def check_database(directory: DataDirectory, account: LocalAccount) -> Finding:
    """Whether the database is undamaged and of a known version; changes nothing."""
    name = "database"
    inspection = inspect_database(os.path.join(directory.folder_of(account), "account.db"))
    if inspection.problems:
        return failed(name, f"it is damaged: {inspection.problems[0]}", DatabaseDamaged.hint)
    version = inspection.schema_version
    if version > SCHEMA_VERSION:
        return failed(name, f"version {version} is newer than this sigcli", DatabaseTooNew.hint)
    if version < SCHEMA_VERSION:
        return warning(
            name,
            f"version {version} is from an older sigcli",
            "any other command, such as sigcli listContacts, brings it up to date",
        )
    size = max(1, inspection.size // _MIB)
    return ok(name, f"version {version} is whole ({size} MiB)")


def _several(paths: list[str]) -> str:
    return f"{paths[0]}{_and_more(paths)} belong{'s' if len(paths) == 1 else ''}"


def _and_more(paths: list[str]) -> str:
    return "" if len(paths) == 1 else f" and {len(paths) - 1} more"
