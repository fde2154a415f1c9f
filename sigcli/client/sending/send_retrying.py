"""Trying again for a while when a message does not get out, with growing pauses that respect Retry-After."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from sigcli.errors import (
    ClientRefused,
    LoginRefused,
    RateLimited,
    ReauthenticationRequired,
    ServiceError,
    SigcliError,
    UnexpectedStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
_LASTING = (LoginRefused, ReauthenticationRequired, ClientRefused)


def may_pass(error: SigcliError | None) -> bool:
    """Whether trying again may help: the network or the service failed, or it asked to wait."""
    if isinstance(error, _LASTING) or not isinstance(error, ServiceError):
        return False
    if isinstance(error, UnexpectedStatus) and 400 <= error.status < 500:
        return isinstance(error, RateLimited) or error.retry_after_s is not None
    return True


class Retrying:
    """The attempts of one command: until when, and how long after one the next is made."""

    def __init__(
        self,
        duration_s: float,
        warn: Callable[[str], None],
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._warn = warn
        self._until = now() + duration_s
        self._pause_s = FIRST_PAUSE_S
        self._warned = False

    def call(self, attempt: Callable[[], T]) -> T:
        """The result of the first attempt that succeeds; raises the last error once time is up."""
        while True:
            try:
                return attempt()
            except SigcliError as error:
                due = self.due(error)
                if due is None:
                    raise
            self.wait_until(due)

    def due(self, error: SigcliError | None) -> float | None:
        """When to try again after a failure, on the clock of ``now``; None if there is no sense or no time."""
        now = self._now()
        if not may_pass(error) or now >= self._until:
            return None
        asked_s = 0 if error is None else error.retry_after_s or 0
        if now + asked_s > self._until:
            return None
        if not self._warned and error is not None:
            self._warned = True
            self._warn(f"it has not got through yet and is tried again: {error.message}")
        # The last attempt is made when time is up.
        return max(min(now + self._pause_s, self._until), now + asked_s)

    def wait_until(self, due: float) -> None:
        """Sleep until then; later pauses are longer."""
        self._sleep(max(due - self._now(), 0))
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def has_come(self, due: float) -> bool:
        """Whether this time has been reached."""
        return self._now() >= due
