"""Lines that must not get lost on their way out: written, and on a pipe also read.

A line that was written and flushed can still be lost in a pipe whose reader dies. So a line counts as delivered only
when nothing is left in the pipe, and the next one is written only then: a reader that stops after five lines has taken
five lines.
"""

from __future__ import annotations

import errno
import os
import select
from typing import TYPE_CHECKING

from sigcli.cli.terminal import unwritable
from sigcli.errors import ReaderGone
from sigcli.system import unread_bytes, unread_request

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
        self._queued_request = unread_request(descriptor)
        if self._queued_request is not None:
            self._poll = select.poll()

    def deliver(self, line: str) -> bool:
        """Write one line and wait until it is read; false if told to stop first.

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
        """Wait until nothing is left unread."""
        if self._queued_request is None:
            return True
        for _ in range(_SPINS):  # a waiting reader takes a line at once
            if not unread_bytes(self._descriptor, self._queued_request):
                return True
            os.sched_yield()
        self._poll.register(self._descriptor, 0)  # reports only that the reader is gone
        wait_ms = _FIRST_WAIT_MS
        while unread_bytes(self._descriptor, self._queued_request):
            if self._poll.poll(wait_ms):
                if not unread_bytes(self._descriptor, self._queued_request):
                    return True
                raise ReaderGone
            if self._stopping():
                return not unread_bytes(self._descriptor, self._queued_request)
            wait_ms = min(2 * wait_ms, _LONGEST_WAIT_MS)
        return True
