"""Whether a database cannot grow: SQLite tells only a full disk from a broken one."""

from __future__ import annotations

import os
import tempfile

from sigcli.store.private_files import NO_SPACE
from sigcli.system import file_size_limit, free_bytes

ROOM = 64 * 1024
"""Less than this is not enough for any step."""


def is_full(path: str) -> bool:
    """Whether the disk, a quota, or a limit on the size of files leaves no room for this database."""
    folder = os.path.dirname(path) or "."
    limit = file_size_limit()
    try:
        if free_bytes(folder) == 0:
            return True
        if limit is not None and limit < _largest(path) + ROOM:
            return True
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(ROOM))
            probe.flush()
    except OSError as error:
        return error.errno in NO_SPACE
    return False


def _largest(path: str) -> int:
    """The size of the largest of the database's files."""
    files = (path, f"{path}-wal", f"{path}-shm", f"{path}-journal")
    return max((os.path.getsize(file) for file in files if os.path.exists(file)), default=0)
