"""Which process holds a database's write lock, where the system tells (Linux: ``/proc/locks``).

The file itself is never opened: closing it would drop the locks that SQLite holds on it in this
very process. Byte ranges: SQLite's ``os_unix.c`` and ``walformat.html``.
"""

from __future__ import annotations

import os

_WAL_WRITE_BYTE = 120
_PENDING_BYTE = 0x40000000
_RESERVED_BYTE = _PENDING_BYTE + 1


def writer_pid(database_path: str) -> int | None:
    """The process id of the present writer, or None if it cannot be known."""
    wanted = {
        _inode(database_path + "-shm"): (_WAL_WRITE_BYTE,),
        _inode(database_path): (_RESERVED_BYTE, _PENDING_BYTE),
    }
    wanted.pop(None, None)
    try:
        with open("/proc/locks", encoding="ascii", errors="replace") as locks:
            lines = locks.readlines()
    except OSError:
        return None
    for line in lines:
        pid = _write_lock(line.split(), wanted)
        if pid is not None and pid != os.getpid():
            return pid
    return None


def _write_lock(fields: list[str], wanted: dict[int | None, tuple[int, ...]]) -> int | None:
    # "1: POSIX  ADVISORY  WRITE 4711 fe:00:2163546 120 120"; a waiting lock has "->" second.
    if len(fields) != 8 or fields[1] != "POSIX" or fields[3] != "WRITE":
        return None
    try:
        pid, inode, first = int(fields[4]), int(fields[5].rpartition(":")[2]), int(fields[6])
        last = first if fields[7] == "EOF" else int(fields[7])
    except ValueError:
        return None
    held = any(first <= byte <= last for byte in wanted.get(inode, ()))
    return pid if held and pid > 0 else None


def _inode(path: str) -> int | None:
    try:
        return os.stat(path).st_ino
    except OSError:
        return None
