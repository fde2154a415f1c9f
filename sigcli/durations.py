"""How long a minute, an hour, a day and a week are, and durations as people write them."""

from __future__ import annotations

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
MINUTE_MS = MINUTE_S * 1000
HOUR_MS = HOUR_S * 1000
DAY_MS = DAY_S * 1000
WEEK_MS = 7 * DAY_MS

_UNITS_MS = {"s": 1000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": WEEK_MS}
_LONGEST_DIGITS = 9


def parse_duration_ms(text: str) -> int | None:
    """``90s``, ``30m``, ``12h``, ``30d`` or ``8w`` in milliseconds; None for anything else."""
    text = text.strip().lower()
    number, unit_ms = text[:-1].rstrip(), _UNITS_MS.get(text[-1:])
    if unit_ms is None or not (number.isascii() and number.isdigit()):
        return None
    return int(number) * unit_ms if len(number) <= _LONGEST_DIGITS else None
