"""Which times of credentials and endorsements are accepted."""

from __future__ import annotations

import pytest

from sigcli.durations import DAY_S
from sigcli.errors import InvalidCredential
from sigcli.zkgroup.times import (
    default_endorsement_expiration_s,
    require_day_aligned,
    validate_credential_expiration,
    validate_endorsement_expiration,
)

DAY = 20_000 * DAY_S
HOUR = 3_600


def test_day_alignment() -> None:
    require_day_aligned(DAY)
    for wrong in (DAY + 1, DAY - 1, -DAY_S):
        with pytest.raises(InvalidCredential):
            require_day_aligned(wrong)


@pytest.mark.parametrize(
    ("before_s", "accepted"),
    [
        (DAY_S - 1, False),
        (DAY_S, True),
        (8 * DAY_S - 1, True),
        (8 * DAY_S, False),
        (-DAY_S, False),
    ],
)
def test_credential_expiration(before_s: int, accepted: bool) -> None:
    now_ms = (DAY - before_s) * 1000
    if accepted:
        validate_credential_expiration(DAY, now_ms)
        return
    with pytest.raises(InvalidCredential):
        validate_credential_expiration(DAY, now_ms)


@pytest.mark.parametrize(
    ("before_s", "accepted"),
    [
        (2 * HOUR - 1, False),
        (2 * HOUR, True),
        (7 * DAY_S, True),
        (7 * DAY_S + 1, False),
        (-HOUR, False),
    ],
)
def test_endorsement_expiration(before_s: int, accepted: bool) -> None:
    now_ms = (DAY - before_s) * 1000
    if accepted:
        validate_endorsement_expiration(DAY, now_ms)
        return
    with pytest.raises(InvalidCredential):
        validate_endorsement_expiration(DAY, now_ms)


def test_default_endorsement_expiration() -> None:
    for now_s, days in ((DAY, 2), (DAY + 23 * HOUR, 2), (DAY + 23 * HOUR + 1, 3)):
        assert default_endorsement_expiration_s(now_s * 1000) == DAY + days * DAY_S
