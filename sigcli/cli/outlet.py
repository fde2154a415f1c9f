"""Lines that must not get lost on their way out: written, and on a pipe taken by the reader.

A line that was written and flushed can still be lost in a pipe whose reader dies. So a line counts as delivered only
when nothing is left in the pipe, and the next one is written only then: a reader that stops after five lines has
taken five lines.
"""

from __future__ import annotations

import array
import errno
import fcntl
import os
import select
import stat
import termios
from typing import TYPE_CHECKING

from sigcli.cli.terminal import unwritable
from sigcli.errors import ReaderGone

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL_MS = 100
_FIRST_WAIT_MS = 1
_LONGEST_WAIT_MS = 50
_SPINS = 50


class Outlet:
    """Delivers lines to a file descriptor, until told to stop."""

    def __init__(self, descriptor: int, stopping: Callable[[], bool]) -> None:
        self._descriptor = descriptor
        self._stopping = stopping
        self._queued_request = _queued_request(descriptor)
        self._poll = select.poll()

    def deliver(self, line: str) -> bool:
        """Write one line and wait until it is taken; false if told to stop first.

        Raises ReaderGone or OutputUnwritable.
        """
        data = (line + "\n").encode("utf-8", "surrogatepass")
        try:
            return self._write(data) and self._taken()
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise ReaderGone from None
            raise unwritable(error) from error

    def _write(self, data: bytes) -> bool:
        if self._queued_request is None:
            while data:
                data = data[os.write(self._descriptor, data) :]
            return True
        # POLLOUT promises room for PIPE_BUF bytes, so a write of that size never blocks past a request to stop.
        self._poll.register(self._descriptor, select.POLLOUT)
        while data:
            if self._stopping():
                return False
            if self._poll.poll(_POLL_MS):
                data = data[os.write(self._descriptor, data[: select.PIPE_BUF]) :]
        return True

    def _taken(self) -> bool:
        """Wait until nothing is left on the way."""
        if self._queued_request is None:
            return True
        for _ in range(_SPINS):  # a reader that waits takes a line at once
            if not self._queued():
                return True
            os.sched_yield()
        self._poll.register(self._descriptor, 0)  # reports only that the reader has gone
        wait_ms = _FIRST_WAIT_MS
        while self._queued():
            if self._poll.poll(wait_ms):
                if not self._queued():
                    return True
                raise ReaderGone
            if self._stopping():
                return not self._queued()
            wait_ms = min(2 * wait_ms, _LONGEST_WAIT_MS)
        return True

    def _queued(self) -> int:
        assert self._queued_request is not None
        count = array.array("i", [0])
        fcntl.ioctl(self._descriptor, self._queued_request, count)
        return count[0]


def _queued_request(descriptor: int) -> int | None:
    """The ioctl that counts unread bytes on this kind of descriptor; None where nothing can be left unread."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode):
        request = termios.FIONREAD
    elif stat.S_ISSOCK(mode):
        request = termios.TIOCOUTQ
    else:
        return None
    try:
        fcntl.ioctl(descriptor, request, array.array("i", [0]))
    except OSError:
        return None  # this system cannot tell
    return request
