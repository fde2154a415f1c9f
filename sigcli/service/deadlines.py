"""The time limit of a whole exchange, extended only by bytes of a body, at a minimum rate.

A time limit on single socket operations never ends an exchange that brings a byte now and then, or one interim answer
after another.
"""

from __future__ import annotations

import io
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.durations import DAY_S

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer

MIN_BYTES_PER_S = 4096
"""The minimum rate of uploads and downloads: a transfer slower than a telephone line ends."""
MAX_RETRY_AFTER_S = DAY_S
"""The longest wait that is accepted from a service; if it asks for more, it is asked again after a day."""


class Deadline:
    """When an exchange must end: ``timeout_s`` from now, and later as bytes of its bodies are moved."""

    __slots__ = ("_clock", "_ends_at")

    def __init__(self, timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = clock() + timeout_s

    def left_s(self) -> float:
        """The seconds left, more than zero; raises TimeoutError."""
        left_s = self._ends_at - self._clock()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._ends_at

    def moved(self, count: int) -> None:
        """This many bytes of a body were sent or received."""
        self._ends_at += count / MIN_BYTES_PER_S


class TimedConnection:
    """A connected socket as ``http.client`` uses it; nothing on it goes beyond ``deadline``."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self.connection = connection
        self.deadline = deadline
        self.in_body = False
        """Whether the body of the answer is being read, whose bytes extend the deadline."""
        self.at_end = False
        """Whether the other side has ended the connection and everything before that was read."""

    def sendall(self, data: bytes) -> None:
        send_within(self.connection, data, self.deadline)

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        self.connection.close()


class _Reading(io.RawIOBase):
    def __init__(self, timed: TimedConnection) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        timed = self._timed
        timed.connection.settimeout(timed.deadline.left_s())
        count = timed.connection.recv_into(buffer)
        timed.at_end = count == 0
        if timed.in_body:
            timed.deadline.moved(count)
        return count


def send_within(connection: socket.socket, data: bytes, deadline: Deadline) -> None:
    """Send everything before the deadline; raises OSError, including TimeoutError."""
    rest = memoryview(data)
    while rest:
        connection.settimeout(deadline.left_s())
        count = connection.send(rest)
        deadline.moved(count)
        rest = rest[count:]


_thread = threading.local()


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Make a deadline the current one of this thread, for code that does not get it as an argument."""
    before = current_deadline()
    _thread.deadline = deadline
    try:
        yield
    finally:
        _thread.deadline = before


def current_deadline() -> Deadline | None:
    """The current deadline of this thread."""
    deadline: Deadline | None = getattr(_thread, "deadline", None)
    return deadline
