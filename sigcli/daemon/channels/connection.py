"""One connection of a program: requests are read line by line and answered side by side; events are sent as they come.

Threads: one reads, one for each subscription sends events, the daemon's workers answer. All of them write whole lines.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.daemon.channels.lines import LineReader
from sigcli.daemon.channels.telling import Telling
from sigcli.daemon.core import ReceiveMode
from sigcli.daemon.jsonrpc.answering import JsonRpc
from sigcli.errors import SigcliError, UnknownSubscription

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.channels.lines import Line
    from sigcli.daemon.channels.streams import Stream
    from sigcli.daemon.core import Core

_HTTP = re.compile(rb"[A-Z]+ \S+ HTTP/[0-9]")
MOST_PENDING = 32
"""The most unanswered requests of one connection; beyond that it is not read from."""
READ_WITHIN_S = 30.0
"""A client that reads none of its answers is given up after this time."""


class Connection:
    """One connection; runs from ``start``. ``on_end`` is called when it is over, on one of its threads."""

    def __init__(
        self,
        core: Core,
        caller: Caller,
        stream: Stream,
        on_end: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._core = core
        self._caller = caller
        self._stream = stream
        self._on_end = on_end
        self._rpc = JsonRpc(core, caller, self)
        self._writing = threading.Lock()
        self._outbox: deque[bytes] = deque()
        """Answers that wait while another thread writes: no second worker waits for a slow reader."""
        self._written = 0
        self._read_until = 0
        self._room = threading.Semaphore(MOST_PENDING)
        self._lock = threading.Lock()
        self._pending = 0
        self._users = 0
        """The number of threads that may use the stream: the last one closes it."""
        self._has_read_all = False
        self._is_over = False
        self._subscriptions: dict[int, Telling] = {}
        self._thread = threading.Thread(target=self._run, name="sigcli-requests", daemon=True)

    def start(self) -> None:
        """Start to read requests, and to send events as the receive mode says."""
        self.enter()
        self._tell_unasked()
        self._thread.start()

    def close(self) -> None:
        """End the connection at once."""
        self._end()

    # --- Subscriber ---------------------------------------------------------------------------

    @property
    def has_gone(self) -> bool:
        return self._is_over

    def subscribe(
        self,
        live: LiveAccount | None,
        consumer: str | None,
        after: int | None,
        since_ms: int | None,
    ) -> int:
        # A consumer with a name says itself what it has taken.
        telling = Telling(self, self._core, live, consumer, after=after, since_ms=since_ms)
        self._subscriptions[telling.number] = telling
        telling.start()
        return telling.number

    def unsubscribe(self, number: int) -> None:
        telling = self._subscriptions.pop(number, None)
        if telling is None:
            raise UnknownSubscription
        telling.close()

    # --- for Telling ----------------------------------------------------------------------

    def enter(self) -> None:
        """Count another thread that uses the connection, until ``leave``."""
        with self._lock:
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            is_last = not self._users
        if is_last:
            self._stream.close()

    def write_line(self, line: bytes) -> int:
        """Write one line; returns how many bytes have been written so far. Raises OSError."""
        try:
            with self._writing:
                return self._write(line, None)
        finally:
            self._write_answers()

    def read_until(self) -> int:
        """How many bytes the other side has certainly read; raises OSError."""
        if not self._writing.acquire(blocking=False):
            return self._read_until  # another thread is writing, and may be waiting for the reader
        try:
            unread = self._stream.unread()
            # What was unread when the other side went away is dropped by the system and no longer counted. After an
            # orderly end nothing was unread.
            if self._has_read_all or not self._stream.has_hung_up():
                self._read_until = self._written - unread
            return self._read_until
        finally:
            self._writing.release()
            self._write_answers()

    # --- within -------------------------------------------------------------------------------

    def _tell_unasked(self) -> None:
        if self._core.receive_mode is ReceiveMode.MANUAL or self._caller.accounts is not None:
            return
        try:
            telling = Telling(self, self._core, None, None, is_unasked=True)
        except SigcliError as error:
            self._core.settings.warn(f"messages cannot be delivered to a program: {error.message}")
            return
        self._subscriptions[telling.number] = telling
        telling.start()

    def _run(self) -> None:
        try:
            self._read()
        finally:
            self.leave()

    def _read(self) -> None:
        lines = LineReader(str(self._core.settings.data_dir))
        try:
            is_first = True
            while not self._is_over and (piece := self._stream.read()):
                for line in lines.feed(piece):
                    # A web page can make a browser send chosen lines to any port, after the head of an HTTP request.
                    if is_first and isinstance(line, bytes) and _HTTP.match(line):
                        self._end()
                        return
                    is_first = False
                    self._take(line)
        except OSError:
            # The client is gone and has not read the last lines.
            self._end()
            return
        for line in lines.end():
            self._take(line)
        with self._lock:
            self._has_read_all = True
            is_done = not self._pending
        # It only waits for answers now; events are left for the next connection.
        self._end_subscriptions()
        if is_done:
            self._end()

    def _take(self, line: Line) -> None:
        self._room.acquire()
        with self._lock:
            self._pending += 1
            self._users += 1
        if not self._core.workers.submit(lambda: self._answer(line)):
            self._answered()

    def _answer(self, line: Line) -> None:
        answer = None
        try:
            answer = self._rpc.answer(line)
        finally:
            if answer is None:
                self._answered()
        if answer is not None:
            self._outbox.append(answer)
            self._write_answers()

    def _write_answers(self) -> None:
        """Write what is in the outbox, unless another thread does so already."""
        while self._outbox and self._writing.acquire(blocking=False):
            written = 0
            try:
                while self._outbox:
                    answer = self._outbox.popleft()
                    written += 1
                    self._write(answer, READ_WITHIN_S)
            except OSError:
                self._end()
            finally:
                self._writing.release()
                for _ in range(written):
                    self._answered()

    def _write(self, line: bytes, within_s: float | None) -> int:
        self._stream.write(line + b"\n", within_s)
        self._written += len(line) + 1
        return self._written

    def _answered(self) -> None:
        self._room.release()
        with self._lock:
            self._pending -= 1
            is_done = self._has_read_all and not self._pending
        if is_done:
            self._end()
        self.leave()

    def _end_subscriptions(self) -> None:
        while self._subscriptions:
            with suppress(KeyError):
                self._subscriptions.popitem()[1].close()

    def _end(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        self._end_subscriptions()
        self._stream.break_off()
        self._on_end(self)
