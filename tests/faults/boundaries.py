"""Where a process meets the outside: commits, changes of files, the network. Each time something may be done to it.

What is wrapped is Python's own (``sqlite3``, ``os``, ``ssl``, ``socket``), in a process made for it: the product knows
nothing of this. Between two boundaries a process changes only its memory, so a process that dies there leaves what
one leaves that dies at the boundary before.
"""

from __future__ import annotations

import enum
import functools
import io
import os
import signal
import socket
import sqlite3
import ssl
import stat
import sys
import threading
from collections.abc import Callable
from typing import Any

BEFORE, AFTER = "before", "after"


class Kind(enum.Enum):
    """What is about to be changed, or was changed."""

    COMMIT = "commit"
    WRITE = "write"
    NETWORK = "network"


Act = Callable[[Kind, str, str], None]
"""What is done at a boundary: its kind, the name of the step, ``before`` or ``after``. May raise, before it."""

_FILE_STEPS = (
    "write",
    "fsync",
    "replace",
    "rename",
    "unlink",
    "remove",
    "mkdir",
    "rmdir",
    "link",
    "symlink",
    "truncate",
    "ftruncate",
)
_TLS_STEPS = ("do_handshake", "send", "sendall", "recv", "recv_into", "read", "write")
_PLAIN_STEPS = ("connect", "send", "sendall", "sendmsg", "recv", "recv_into", "recvmsg")
_OPENS_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_inside = threading.local()


def watch(act: Act) -> None:
    """From now on have ``act`` called at each boundary of this process. There is no way back."""
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Output(1, act)), encoding="utf-8", line_buffering=False
    )
    written = os.write
    for name in _FILE_STEPS:
        setattr(os, name, _around(getattr(os, name), Kind.WRITE, name, act))
    os.write = _write_to_files(written, os.write, _around(written, Kind.WRITE, "print", act))
    for name in _TLS_STEPS:
        setattr(ssl.SSLSocket, name, _around(getattr(ssl.SSLSocket, name), Kind.NETWORK, name, act))
    for name in _PLAIN_STEPS:
        plain = getattr(socket.socket, name)
        setattr(socket.socket, name, _around(plain, Kind.NETWORK, name, act))
    _watch_database(act)
    _watch_opening(act)


def _around(step: Callable[..., Any], kind: Kind, name: str, act: Act) -> Callable[..., Any]:
    @functools.wraps(step)
    def watched(*arguments: Any, **named: Any) -> Any:
        # A step that is made of others is one.
        if getattr(_inside, "step", False):
            return step(*arguments, **named)
        _inside.step = True
        try:
            act(kind, name, BEFORE)
            result = step(*arguments, **named)
            act(kind, name, AFTER)
        finally:
            _inside.step = False
        return result

    return watched


def _write_to_files(
    plain: Callable[..., int], watched: Callable[..., int], printed: Callable[..., int]
) -> Callable[[int, Any], int]:
    """Only what goes to files and to standard output is met: a pipe to oneself is no disk."""

    def write(descriptor: int, data: Any) -> int:
        if descriptor in (1, 2):
            return printed(descriptor, data)
        is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return (watched if is_file else plain)(descriptor, data)

    return write


def _watch_database(act: Act) -> None:
    connect = sqlite3.connect

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> Any:
            if not sql.startswith("COMMIT"):
                return super().execute(sql, *parameters)
            return committed(super().execute)(sql, *parameters)

        def commit(self) -> None:
            committed(super().commit)()

        def backup(self, *arguments: Any, **named: Any) -> None:
            committed(super().backup)(*arguments, **named)

    def committed(step: Callable[..., Any]) -> Callable[..., Any]:
        return _around(step, Kind.COMMIT, "commit", act)

    sqlite3.connect = functools.partial(connect, factory=Watched)  # type: ignore[assignment]


def _watch_opening(act: Act) -> None:
    def opened(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or getattr(_inside, "step", False):
            return
        _, _, flags = arguments
        if isinstance(flags, int) and flags & _OPENS_FOR_WRITING:
            _inside.step = True
            try:
                act(Kind.WRITE, "open", BEFORE)
            finally:
                _inside.step = False

    sys.addaudithook(opened)


class _Output(io.FileIO):
    """Standard output, whose writes are boundaries."""

    def __init__(self, descriptor: int, act: Act) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._write = _around(super().write, Kind.WRITE, "print", act)

    def write(self, data: Any) -> Any:
        return self._write(data)


class Numbered:
    """Counts boundaries of some kinds, notes them, and at one of them does something.

    The notes are lines of a file, ``kind step when``: they stay when the process does not.
    """

    def __init__(
        self,
        journal: str,
        kinds: frozenset[Kind],
        at: int | None = None,
        deed: Callable[[Kind, str, str], None] | None = None,
    ) -> None:
        """``at``: the number of the boundary, from 1; ``deed``: what happens there, else the process dies."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self._journal = os.open(journal, flags, 0o600)
        self._kinds, self._at, self._deed = kinds, at, deed or die
        self._count = 0
        self._lock = threading.Lock()
        self._note = os.write

    def __call__(self, kind: Kind, step: str, when: str) -> None:
        if kind not in self._kinds:
            return
        with self._lock:
            self._count += 1
            self._note(self._journal, f"{kind.value} {step} {when}\n".encode())
            if self._count == self._at:
                self._deed(kind, step, when)


def die(_kind: Kind, _step: str, _when: str) -> None:
    """SIGKILL, to itself: nothing is flushed, closed or rolled back."""
    os.kill(os.getpid(), signal.SIGKILL)


def boundaries_in(journal: str) -> list[str]:
    """What was noted."""
    try:
        with open(journal, encoding="ascii") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []
