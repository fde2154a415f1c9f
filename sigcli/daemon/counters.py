"""How often what was asked for, and with which outcome."""

from __future__ import annotations

import threading
from collections import Counter

DONE = "ok"


class Counters:
    """Since the daemon began; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: Counter[tuple[str, str]] = Counter()

    def count(self, operation: str, outcome: str) -> None:
        """One operation, by its name and ``ok`` or the code of its error."""
        with self._lock:
            self._operations[operation, outcome] += 1

    def operations(self) -> list[tuple[str, str, int]]:
        """Name, outcome and how often, in order."""
        with self._lock:
            return [(*key, count) for key, count in sorted(self._operations.items())]
