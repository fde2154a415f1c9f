"""Waiting that ends at once when the command is told to stop."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_woken: int | None = None
"""Readable when a signal has come that is heeded; read by the main thread alone."""
_LONGEST_MS = (1 << 31) - 1
"""What the system takes, in 25 days."""


class Stop(Protocol):
    """A request to stop, from a signal or from whoever runs the command."""

    def requested(self) -> bool:
        """Whether to stop."""

    def fileno(self) -> int:
        """A descriptor that becomes readable when stopping is requested."""


class StopFlag:
    """A request to stop that another thread makes; ``close`` frees its descriptors."""

    def __init__(self) -> None:
        self._requested = False
        self._reader, self._writer = os.pipe()

    def requested(self) -> bool:
        return self._requested

    def fileno(self) -> int:
        return self._reader

    def request(self) -> None:
        """Ask to stop; may be called again."""
        if not self._requested:
            self._requested = True
            os.write(self._writer, b"x")

    def close(self) -> None:
        """To be called once nobody waits on it any more."""
        os.close(self._reader)
        os.close(self._writer)


def heed_signals(heard: Callable[[], None], *numbers: signal.Signals) -> Callable[[], None]:
    """Call a function on the main thread at signals, until the one that is returned is called.

    The system may give a signal to any thread, which does not end what the main thread waits for: so it waits for a
    descriptor as well, which Python writes to from whichever thread it is.
    """
    global _woken
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    woken_before, _woken = _woken, reader
    wakes_before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    before = {one: signal.signal(one, lambda _number, _frame: heard()) for one in numbers}

    def heed_no_more() -> None:
        global _woken
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakes_before)
        _woken = woken_before
        os.close(reader)
        os.close(writer)

    return heed_no_more


def pause(stop: Stop, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    _wait_readable(seconds, stop.fileno())


def unless_stopped(stop: Stop, call: Callable[[], T]) -> T | None:
    """The result of a call that may take long, made on a thread; None, and the call left alone, if told to stop.

    Raises what the call raises.
    """
    results: list[T] = []
    problems: list[BaseException] = []
    finished, signal_finished = os.pipe()

    def make() -> None:
        try:
            results.append(call())
        except BaseException as problem:
            problems.append(problem)
        finally:
            os.close(signal_finished)

    threading.Thread(target=make, name="sigcli-call", daemon=True).start()
    try:
        if finished not in _wait_readable(None, stop.fileno(), finished):
            return None
    finally:
        os.close(finished)
    if problems:
        raise problems[0]
    return results[0]


def _wait_readable(timeout_s: float | None, *descriptors: int) -> set[int]:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    woken = _woken if threading.current_thread() is threading.main_thread() else None
    if woken is not None:
        poll.register(woken, select.POLLIN)
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_ms = None if deadline is None else max(0.0, (deadline - time.monotonic()) * 1000)
        found = {
            one for one, _ in poll.poll(None if left_ms is None else min(left_ms, _LONGEST_MS))
        }
        if woken not in found:
            return found
        # The handler runs now, and what it does may make one of the others readable.
        assert woken is not None
        os.read(woken, 4096)
        if found := found - {woken}:
            return found
