"""How often each operation was run, by outcome."""

from __future__ import annotations

import threading
from collections import Counter

DONE = "ok"


class Counters:
    """Counts since the daemon started; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: Counter[tuple[str, str]] = Counter()

    def count(self, operation: str, outcome: str) -> None:
        """Count one operation by its name and ``ok`` or the code of its error."""
        with self._lock:
            self._operations[operation, outcome] += 1

    def operations(self) -> list[tuple[str, str, int]]:
        """Name, outcome and count, sorted."""
        with self._lock:
            return [(*key, count) for key, count in sorted(self._operations.items())]
