"""When to connect again after a connection was lost, and when not to.

Delays double from 0.1 s up to 51.2 s, each with random jitter, so that many clients do not come back at the same
instant. A device that was displaced by another socket of its own waits a short random time and gives up if that happens
repeatedly: two readers would displace each other for ever.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from sigcli.errors import (
    ConnectedElsewhere,
    ConnectionLost,
    RateLimited,
    ServerUnavailable,
    ServiceError,
    SigcliError,
    TimedOut,
    Unreachable,
)
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

Connection = TypeVar("Connection")

LONGEST_S = 3600.0
"""A lost connection is tried again after this time, even if the service asks for more."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait: ``first_s``, doubled up to ``steps`` times; after a displacement ``displaced_s`` at most.

    More than ``displacements`` within ``displacement_window_s`` are too many.
    """

    first_s: float = 0.1
    steps: int = 9
    displaced_s: float = 2.0
    displacements: int = 5
    displacement_window_s: float = 600.0

    def delay_s(self, attempt: int, jitter: float) -> float:
        """The wait before attempt ``attempt`` (from 0); ``jitter`` in 0…1 reduces it by up to half."""
        whole: float = self.first_s * 2 ** min(attempt, self.steps)
        return whole * (1 - jitter / 2)


class ReconnectPolicy:
    """Decides after each loss how long to wait, or that connecting again is useless.

    ``jitter`` returns 0…1, ``clock`` seconds; ``on_wait`` is told of each loss and wait.
    """

    def __init__(
        self,
        backoff: Backoff | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        on_wait: Callable[[SigcliError, float], None] | None = None,
    ) -> None:
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._on_wait = on_wait
        self._attempt = 0
        self._displaced_at: list[float] = []

    def connect(self, connect: Callable[[], Connection]) -> Connection:
        """Call ``connect`` until it succeeds; raises LoginRefused and other errors that waiting cannot fix."""
        while True:
            try:
                return connect()
            except ServiceError as problem:
                self.wait(problem)

    def wait(self, loss: SigcliError) -> None:
        """Wait before the next attempt; raises the loss if another attempt is useless."""
        delay_s = self.delay_s(loss)
        if delay_s is None:
            raise loss
        if self._on_wait is not None:
            self._on_wait(loss, delay_s)
        self._sleep(delay_s)

    def succeeded(self) -> None:
        """The connection works: the next loss starts with the shortest wait again."""
        self._attempt = 0

    def delay_s(self, loss: SigcliError) -> float | None:
        """Seconds to wait after this loss; None if another attempt is useless."""
        if isinstance(loss, ConnectedElsewhere):
            return self._delay_after_displacement()
        if not is_transient(loss):
            return None
        delay_s = self._backoff.delay_s(self._attempt, self._jitter())
        self._attempt += 1
        asked_s = getattr(loss, "retry_after_s", None)
        return max(delay_s, min(asked_s, LONGEST_S)) if isinstance(asked_s, int) else delay_s

    def _delay_after_displacement(self) -> float | None:
        now = self._clock()
        since = now - self._backoff.displacement_window_s
        self._displaced_at = [*(at for at in self._displaced_at if at > since), now]
        if len(self._displaced_at) > self._backoff.displacements:
            return None
        return self._backoff.displaced_s * (0.25 + 0.75 * self._jitter())


def is_transient(problem: SigcliError) -> bool:
    """Whether trying again later may help."""
    if isinstance(problem, ConnectionLost):
        return problem.reconnectable
    return isinstance(problem, Unreachable | TimedOut | ServerUnavailable | RateLimited)
