from __future__ import annotations

import pytest

from sigcli.durations import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS, parse_duration_ms


@pytest.mark.parametrize(
    ("text", "duration_ms"),
    [
        ("90s", 90_000),
        ("30m", 30 * MINUTE_MS),
        (" 12 H ", 12 * HOUR_MS),
        ("30d", 30 * DAY_MS),
        ("8w", 8 * WEEK_MS),
        ("0s", 0),
    ],
)
def test_durations_as_people_write_them(text: str, duration_ms: int) -> None:
    assert parse_duration_ms(text) == duration_ms


@pytest.mark.parametrize(
    "text", ["", "s", "12", "12x", "-1d", "1.5h", "\u0661d", "1000000000w", "1d2h"]
)
def test_anything_else_is_not_a_duration(text: str) -> None:
    assert parse_duration_ms(text) is None
