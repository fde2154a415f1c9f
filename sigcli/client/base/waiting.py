"""Waiting that ends at once when the command is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from sigcli.system import Wake, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_woken: Wake | None = None
"""Readable when a signal that is handled has come; only the main thread reads it."""


class Stop(Protocol):
    """A request to stop, from a signal or from the caller."""

    def requested(self) -> bool:
        """Whether to stop."""

    def fileno(self) -> int:
        """A descriptor that becomes readable when stopping is requested."""


class StopFlag:
    """A request to stop that another thread makes; ``close`` frees its descriptors."""

    def __init__(self) -> None:
        self._requested = False
        self._wake = Wake()

    def requested(self) -> bool:
        return self._requested

    def fileno(self) -> int:
        return self._wake.fileno()

    def request(self) -> None:
        """Ask to stop; may be called again."""
        if not self._requested:
            self._requested = True
            self._wake.set()

    def close(self) -> None:
        """Call it once nothing waits on this any more."""
        self._wake.close()


def heed_signals(heard: Callable[[], None], *numbers: int) -> Callable[[], None]:
    """Call a function on the main thread at signals, until the one that is returned is called.

    The system may give a signal to any thread, which does not end what the main thread waits for: so it waits for a
    descriptor as well, which Python writes to from whichever thread it is.
    """
    global _woken
    wake = Wake()
    woken_before, _woken = _woken, wake
    wakes_before = signal.set_wakeup_fd(wake.signal_descriptor, warn_on_full_buffer=False)
    before = {one: signal.signal(one, lambda _number, _frame: heard()) for one in numbers}

    def heed_no_more() -> None:
        global _woken
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakes_before)
        _woken = woken_before
        wake.close()

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
    finished = Wake()
    ending = threading.Lock()
    has_ended = is_left_alone = False

    def make() -> None:
        nonlocal has_ended
        try:
            results.append(call())
        except BaseException as problem:
            problems.append(problem)
        finally:
            with ending:
                has_ended = True
                finished.set()
                if is_left_alone:
                    finished.close()

    threading.Thread(target=make, name="sigcli-call", daemon=True).start()
    try:
        _wait_readable(None, stop.fileno(), finished.fileno())
    finally:
        with ending:
            is_left_alone = not has_ended
            if has_ended:
                finished.close()
    if is_left_alone:
        return None
    if problems:
        raise problems[0]
    return results[0]


def _wait_readable(timeout_s: float | None, *descriptors: int) -> set[int]:
    woken = _woken if threading.current_thread() is threading.main_thread() else None
    waited_for = descriptors if woken is None else (*descriptors, woken.fileno())
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while True:
        left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
        found = wait_until(left_s, reading=waited_for)
        if woken is None or woken.fileno() not in found:
            return found
        # The handler runs now, and what it does may make one of the others readable.
        woken.clear()
        if found := found - {woken.fileno()}:
            return found
