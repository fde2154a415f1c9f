"""Where the daemon of a data directory takes commands: ``daemon.socket`` in it, or a path that a file beside it names.

Imports next to nothing: every command looks here.
"""

from __future__ import annotations

import os

SOCKET = "daemon.socket"
POINTER = "daemon.socket.path"
"""Holds the path of the socket where the data directory's own is too long for one."""
LOCK = "daemon.socket.lock"
"""Held by the daemon that takes the commands; holds its process id and version."""
LONGEST = 107
"""Bytes of a socket's path that every system takes (Linux 107, others 103: there are no commands handed over there)."""


def own_path(data_dir: str) -> str | None:
    """The socket within the data directory; None if its path is too long."""
    path = os.path.join(os.path.abspath(data_dir), SOCKET)
    return path if len(os.fsencode(path)) <= LONGEST else None


def socket_path(data_dir: str) -> str | None:
    """The socket of the daemon that runs, or ran, for a data directory; None if there is none."""
    path = own_path(data_dir)
    if path is not None:
        return path if os.path.exists(path) else None
    try:
        with open(
            os.path.join(data_dir, POINTER), encoding="utf-8", errors="surrogateescape"
        ) as file:
            return file.read()
    except OSError:
        return None


def note_keeper(descriptor: int, version: str) -> None:
    """Write into the open lock which process holds it, and its version."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {version}\n".encode(), 0)


def keeper(data_dir: str) -> tuple[int, str] | None:
    """Process id and version of the daemon that holds the lock, or held it last; None if there was none."""
    try:
        with open(os.path.join(data_dir, LOCK), encoding="ascii") as file:
            pid, version = file.read().split()
        return int(pid), version
    except (OSError, ValueError):
        return None
