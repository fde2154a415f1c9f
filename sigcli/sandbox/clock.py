"""The server's clock, which a switch can shift."""

from __future__ import annotations

import time

from sigcli.durations import DAY_MS


class Clock:
    """Wall time plus a shift."""

    def __init__(self, shift_s: int = 0) -> None:
        self.shift_s = shift_s

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.shift_s * 1000

    def now_s(self) -> int:
        return self.now_ms() // 1000

    def today_ms(self) -> int:
        """The start of the day in UTC."""
        return self.now_ms() // DAY_MS * DAY_MS
