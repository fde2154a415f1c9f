"""Connections that end after so many bytes of a response, each byte of each response once.

A response is named by the request that it answers, so that it is the same one in each run, whichever thread is first.
All that comes through a websocket is one response, that of its upgrade. What counts are the bytes inside TLS: of a
record that has not come whole a program sees nothing (``tests/unit/service/test_cut_at_each_byte.py``), and where the
service puts the borders of its records is its own affair.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_REQUEST = re.compile(rb"([A-Z]+) (/[^ ?]*)\S* HTTP/1\.1\r\n")
_LONGEST_WORD = 15
"""Longer parts of a path are ids, which may be others in each run."""
_CUT = "cut"


@dataclass(frozen=True, slots=True)
class Place:
    """After so many bytes of the response to a request."""

    response: str
    offset: int

    def __str__(self) -> str:
        return f"{self.offset} bytes of {self.response}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run's journal says: the length of each response, and whether it was cut."""

    lengths: dict[str, int]
    was_cut: bool

    @property
    def requests(self) -> tuple[str, ...]:
        """All that were sent, without an order, which threads make."""
        return tuple(sorted(self.lengths))


class Cut:
    """Counts what connections bring, and at one place lets them end; made in the process that is struck.

    ``once``: that connection alone. Else all do, and what is connected afterwards brings nothing; what is sent there
    still arrives.
    """

    def __init__(self, journal: str, at: Place | None = None, *, once: bool = False) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self._journal = os.open(journal, flags, 0o600)
        self._note = os.write
        self._at, self._once = at, once
        self._lock = threading.Lock()
        self._asked = Counter[str]()
        self._open: dict[ssl.SSLSocket, tuple[str, int]] = {}
        """What each connection answers, and how much of that has come."""
        self._ended: set[ssl.SSLSocket] = set()
        self._all_ended = False
        self._wrap()

    def _wrap(self) -> None:
        send, recv, recv_into = ssl.SSLSocket.send, ssl.SSLSocket.recv, ssl.SSLSocket.recv_into

        def sending(connection: ssl.SSLSocket, data: Any, flags: int = 0) -> int:
            sent = send(connection, data, flags)
            self._sent(connection, bytes(memoryview(data)[:sent]))
            return sent

        def receiving(connection: ssl.SSLSocket, length: int = 1024, flags: int = 0) -> bytes:
            if self._is_ended(connection):
                return b""
            data = recv(connection, length, flags)
            return data[: self._came(connection, len(data))]

        def receiving_into(connection: ssl.SSLSocket, buffer: Any, *more: Any) -> int | None:
            if self._is_ended(connection):
                return 0
            count = recv_into(connection, buffer, *more)
            return None if count is None else self._came(connection, count)

        for name, watched in (
            ("send", sending),
            ("recv", receiving),
            ("recv_into", receiving_into),
        ):
            setattr(ssl.SSLSocket, name, watched)

    def _sent(self, connection: ssl.SSLSocket, data: bytes) -> None:
        begins = _REQUEST.match(data)
        if begins is None:
            return
        method, path = (part.decode("latin-1") for part in begins.groups())
        words = ("*" if len(word) > _LONGEST_WORD else word for word in path.split("/"))
        logged_in = " with the login" if b"\nauthorization:" in data.lower() else ""
        name = f"{method} {'/'.join(words)}{logged_in}"
        with self._lock:
            self._asked[name] += 1
            response = f"{name} {self._asked[name]}"
            self._open[connection] = response, 0
            self._note(self._journal, f"0 {response}\n".encode())
            # Its answer may end before its first byte.
            self._end_at(connection, response, 0)

    def _came(self, connection: ssl.SSLSocket, count: int) -> int:
        """How many of these bytes it may have."""
        with self._lock:
            if connection not in self._open:
                return 0 if self._all_ended else count
            response, before = self._open[connection]
            taken = count
            if self._at is not None and response == self._at.response:
                taken = max(0, min(count, self._at.offset - before))
            self._open[connection] = response, before + taken
            self._note(self._journal, f"{taken} {response}\n".encode())
            self._end_at(connection, response, before + taken)
            return taken

    def _end_at(self, connection: ssl.SSLSocket, response: str, offset: int) -> None:
        if self._at != Place(response, offset) or self._ended or self._all_ended:
            return
        self._note(self._journal, f"{_CUT}\n".encode())
        ended = [connection] if self._once else list(self._open)
        self._ended.update(ended)
        self._all_ended = not self._once
        for one in ended:
            # Whoever waits for it is told. What is asked now is still to be sent as a whole.
            if one is not connection or offset:
                with suppress(OSError):
                    socket.socket.shutdown(one, socket.SHUT_RDWR)

    def _is_ended(self, connection: ssl.SSLSocket) -> bool:
        return self._all_ended or connection in self._ended


def seen_in(journal: str) -> Seen:
    """What a ``Cut`` has noted."""
    lengths = Counter[str]()
    was_cut = False
    with open(journal, encoding="latin-1") as file:
        for line in file.read().splitlines():
            if line == _CUT:
                was_cut = True
                continue
            count, _, response = line.partition(" ")
            lengths[response] += int(count)
    return Seen(dict(lengths), was_cut)
