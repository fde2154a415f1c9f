"""Threads that run what programs ask for, side by side."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A = TypeVar("A")
B = TypeVar("B")
MOST_THREADS = 64
MOST_OF_ONE = 8
"""The most threads for one batch."""


class Workers:
    """Shared by all connections."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="sigcli-worker")

    def submit(self, job: Callable[[], None]) -> bool:
        """Run a job, which handles its own errors; False once this is closed."""
        try:
            self._pool.submit(job)
        except RuntimeError:
            return False
        return True

    def close(self) -> None:
        """Start no more jobs."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def side_by_side(function: Callable[[A], B], values: Sequence[A]) -> list[B]:
    """The results for all values, in order. The calling thread does its share, so no batch waits for another.

    The function must not raise.
    """
    results: dict[int, B] = {}
    todo = iter(enumerate(values))
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                following = next(todo, None)
            if following is None:
                return
            at, value = following
            results[at] = function(value)

    threads = [
        threading.Thread(target=work, name="sigcli-batch", daemon=True)
        for _ in range(min(len(values), MOST_OF_ONE) - 1)
    ]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    return [results[at] for at in range(len(values))]
