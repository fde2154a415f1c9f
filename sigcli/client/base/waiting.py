"""Waiting that ends at once when the command is told to stop."""

from __future__ import annotations

import os
import select
import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
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
    found = poll.poll(None if timeout_s is None else min(timeout_s * 1000, _LONGEST_MS))
    return {descriptor for descriptor, _ in found}
