"""Rate limits: a bucket for each key that fills up again."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_KEYS = 4096


class Rates:
    """Buckets by key; ``clock`` returns seconds. Safe from several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}
        """By key: what is left, and at which time."""

    def spend(self, key: str, per_minute: int) -> int | None:
        """Take one from a bucket that holds a minute's worth; if it is empty, returns the seconds until it is not."""
        now_s = self._clock()
        with self._lock:
            left, since_s = self._buckets.get(key, (float(per_minute), now_s))
            left = min(per_minute, left + (now_s - since_s) * per_minute / 60)
            if left < 1:
                self._buckets[key] = (left, now_s)
                return math.ceil((1 - left) * 60 / per_minute)
            if key not in self._buckets and len(self._buckets) >= _MOST_KEYS:
                self._buckets.pop(next(iter(self._buckets)))
            self._buckets[key] = (left - 1, now_s)
            return None
