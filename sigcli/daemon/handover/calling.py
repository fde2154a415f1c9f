"""The caller's side: hand a command line to the daemon and wait for its exit code.

Imports only what a handed-over command needs: it finishes before most imports would.
"""

from __future__ import annotations

import os
import socket
import sys

from sigcli import __version__
from sigcli.daemon.handover.frame import (
    ACCEPTED,
    DECLINED,
    DESCRIPTORS,
    EXIT,
    HEEDS,
    INPUT,
    OUTPUT,
    STOP,
    Frame,
    encode_frame,
    peer_of,
)
from sigcli.system import user_id

TYPE_CHECKING = False  # a command that is handed over does not wait for typing to be imported
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE_S = 5.0
"""How long the daemon may take to accept or decline."""
_INTERRUPTED = 130
_ID_BYTES = 16
_UCRED_BYTES = 12
_PASSED_ON = (
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_MESSAGES",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "HOME",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "TERM",
    "TZ",
    "SIGNAL_CLI_CONFIG",
)
"""Variables, besides SIGCLI_*, that affect what a command does or prints."""
_PROCESS_OWN = ("/dev/fd/", "/dev/std", "/dev/tty", "/proc/")
"""Paths that mean something else in another process."""


class Lost:
    """The daemon ended before the command did; which of the caller's streams it had used by then."""

    __slots__ = ("id", "input_began", "output_began")

    def __init__(self, id: bytes, *, input_began: bool, output_began: bool) -> None:
        self.id = id
        self.input_began = input_began
        self.output_began = output_began


def hand_over(path: str, words: Sequence[str]) -> int | Lost | None:
    """Let the daemon at a socket run a command; returns the exit code, or None if no daemon accepts it."""
    if any(own in word for word in words for own in _PROCESS_OWN):
        return None
    connection = _connected(path)
    if connection is None:
        return None
    try:
        with connection:
            id = os.urandom(_ID_BYTES)
            try:
                folder = os.getcwd()
            except OSError:
                return None
            return _Call(connection, id).run(encode_frame(_frame(id, folder, words)))
    except KeyboardInterrupt:
        # The daemon sees that the caller is gone, and ends the command.
        _leave_line()
        return _INTERRUPTED


def _leave_line() -> None:
    """Empty the line of the terminal in which the daemon may have shown progress: what comes next begins there."""
    stderr = sys.stderr
    if not stderr.isatty() or os.environ.get("TERM", "dumb") in ("", "dumb"):
        return
    try:
        blanks = " " * (os.get_terminal_size(stderr.fileno()).columns - 1)
        stderr.write(f"\r{blanks}\r")
        stderr.flush()
    except OSError:
        return


def _connected(path: str) -> socket.socket | None:
    """A connection to a daemon of the same user; None if there is none."""
    peer_credentials = getattr(socket, "SO_PEERCRED", None)
    if peer_credentials is None:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(PATIENCE_S)
    try:
        connection.connect(path)
        credentials = connection.getsockopt(socket.SOL_SOCKET, peer_credentials, _UCRED_BYTES)
        if peer_of(credentials)[1] == user_id():
            return connection
    except OSError:
        pass
    connection.close()
    return None


def _frame(id: bytes, folder: str, words: Sequence[str]) -> Frame:
    umask = os.umask(0o077)
    os.umask(umask)
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return Frame(
        __version__,
        id,
        folder,
        umask,
        [(stream.encoding or "utf-8", stream.errors or "strict") for stream in streams],
        words,
        {
            name: value
            for name, value in os.environ.items()
            if name.startswith("SIGCLI_") or name in _PASSED_ON
        },
    )


class _Call:
    """One command while the daemon runs it."""

    def __init__(self, connection: socket.socket, id: bytes) -> None:
        self._connection = connection
        self._id = id
        self._input_began = False
        self._output_began = False
        self._was_told_to_stop = False

    def run(self, data: bytes) -> int | Lost | None:
        try:
            sent = socket.send_fds(self._connection, [data], list(range(DESCRIPTORS)))
            self._connection.sendall(data[sent:])
        except OSError:
            pass  # what it wrote before it ended is still to be read
        for line in self._lines():
            if line == ACCEPTED:
                self._connection.settimeout(None)
            elif line == DECLINED:
                return None
            elif line == INPUT:
                self._input_began = True
            elif line == OUTPUT:
                self._output_began = True
            elif line == HEEDS:
                self._pass_signals_on()
            elif line.startswith(EXIT):
                return int(line[len(EXIT) :])
        return Lost(self._id, input_began=self._input_began, output_began=self._output_began)

    def _lines(self) -> Iterator[bytes]:
        """The daemon's lines, until it is silent for too long or gone."""
        rest = b""
        while True:
            try:
                data = self._connection.recv(4096)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            yield from lines

    def _pass_signals_on(self) -> None:
        import signal

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: self._stop())

    def _stop(self) -> None:
        if self._was_told_to_stop:  # asked twice: leave now; nothing is lost, only printed again
            os._exit(_INTERRUPTED)
        self._was_told_to_stop = True
        try:
            self._connection.sendall(STOP)
        except OSError:
            return
