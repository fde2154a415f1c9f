from __future__ import annotations

import pytest

from sigcli.client.receiving.receiving import read_since
from sigcli.durations import DAY_MS, HOUR_MS, WEEK_MS
from sigcli.errors import UsageError

NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("text", "since_ms"),
    [
        ("1700000000000", 1_700_000_000_000),
        ("24h", NOW_MS - 24 * HOUR_MS),
        ("7d", NOW_MS - 7 * DAY_MS),
        ("8w", NOW_MS - 8 * WEEK_MS),
    ],
)
def test_what_is_kept_is_replayed_since_a_time_or_a_while_ago(text: str, since_ms: int) -> None:
    assert read_since(text, NOW_MS) == since_ms


@pytest.mark.parametrize("text", ["", "yesterday", "-5", "1.5d"])
def test_what_is_not_a_time_is_an_error_that_shows_how_to_write_one(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_since(text, NOW_MS)
    assert "90m" in (raised.value.hint or "")
