"""Jobs that run side by side, except for those of one lane, which run in turn."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_AT_ONCE = 32
"""The most jobs of one connection; beyond that it waits."""


class Lanes:
    """The jobs of one connection. A thread for each job, or for each lane while it has jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: dict[object, deque[Callable[[], None]]] = {}
        self._under_way = 0
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)

    def put(self, lane: object, job: Callable[[], None]) -> None:
        """Start a job, which handles its own errors; ``lane`` None: at once. Waits if there are too many."""
        self._room.acquire()
        with self._lock:
            self._under_way += 1
            if lane is not None:
                waiting = self._waiting.get(lane)
                if waiting is not None:
                    waiting.append(job)
                    return
                self._waiting[lane] = deque()
        threading.Thread(
            target=self._run, args=(lane, job), name="sigcli-signald", daemon=True
        ).start()

    def wait(self) -> None:
        """Return once all jobs are done."""
        with self._idle:
            self._idle.wait_for(lambda: not self._under_way)

    def _run(self, lane: object, job: Callable[[], None]) -> None:
        following: Callable[[], None] | None = job
        while following is not None:
            try:
                following()
            finally:
                self._room.release()
                with self._idle:
                    self._under_way -= 1
                    waiting = self._waiting.get(lane)
                    following = waiting.popleft() if waiting else None
                    if following is None:
                        self._waiting.pop(lane, None)
                    if not self._under_way:
                        self._idle.notify_all()
