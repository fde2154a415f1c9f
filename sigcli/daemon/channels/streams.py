"""The two directions of a connection as bytes, and how much of the output the reader has not read yet."""

from __future__ import annotations

import os
import socket
from typing import Protocol

from sigcli.system import has_hung_up, unread_bytes, unread_request, wait_until

READ_SIZE = 64 * 1024
_WITHOUT_WAITING = getattr(socket, "MSG_DONTWAIT", 0)


class Stream(Protocol):
    """``read`` and ``write`` are called from different threads; both raise OSError."""

    def read(self) -> bytes:
        """The next bytes; waits for them. Empty at the end."""

    def write(self, data: bytes, within_s: float | None = None) -> None:
        """Write everything; waits for a slow reader, but raises TimeoutError after ``within_s`` without progress."""

    def unread(self) -> int:
        """At most this many of the written bytes have not been read by the other side."""

    def has_hung_up(self) -> bool:
        """Whether the other side is gone, so that ``unread`` means nothing any more."""

    def break_off(self) -> None:
        """Make ``read`` and ``write`` end at once."""

    def close(self) -> None:
        """Close it; call it once no thread uses it any more."""


class SocketStream:
    """A connected stream socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._request = unread_request(connected.fileno())

    def read(self) -> bytes:
        return self._socket.recv(READ_SIZE)

    def write(self, data: bytes, within_s: float | None = None) -> None:
        if within_s is None:
            self._socket.sendall(data)
            return
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view, _WITHOUT_WAITING) :]
            except BlockingIOError:
                if not wait_until(within_s, writing=(self._socket.fileno(),)):
                    raise TimeoutError from None

    def unread(self) -> int:
        return unread_bytes(self._socket.fileno(), self._request)

    def has_hung_up(self) -> bool:
        return has_hung_up(self._socket.fileno())

    def break_off(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself

    def close(self) -> None:
        self._socket.close()


class StandardStream:
    """Standard input and output, or two other descriptors."""

    def __init__(self, reading: int = 0, writing: int = 1) -> None:
        self._reading = reading
        self._writing = writing
        self._request = unread_request(writing)

    def read(self) -> bytes:
        return os.read(self._reading, READ_SIZE)

    def write(self, data: bytes, within_s: float | None = None) -> None:
        del within_s  # its reader started this process
        view = memoryview(data)
        while view:
            view = view[os.write(self._writing, view) :]

    def unread(self) -> int:
        return unread_bytes(self._writing, self._request)

    def has_hung_up(self) -> bool:
        return has_hung_up(self._writing)

    def break_off(self) -> None:
        """A pending read ends with the process."""

    def close(self) -> None:
        """Does nothing: the descriptors belong to the process."""
