"""Which times of credentials and endorsements are accepted."""

from __future__ import annotations

import pytest

from sigcli.errors import InvalidCredential
from sigcli.zkgroup.times import (
    SECONDS_PER_DAY,
    default_endorsement_expiration_s,
    require_day_aligned,
    validate_credential_expiration,
    validate_endorsement_expiration,
)

DAY = 20_000 * SECONDS_PER_DAY
HOUR = 3_600


def test_day_alignment() -> None:
    require_day_aligned(DAY)
    for wrong in (DAY + 1, DAY - 1, -SECONDS_PER_DAY):
        with pytest.raises(InvalidCredential):
            require_day_aligned(wrong)


@pytest.mark.parametrize(
    ("before_s", "accepted"),
    [
        (SECONDS_PER_DAY - 1, False),
        (SECONDS_PER_DAY, True),
        (8 * SECONDS_PER_DAY - 1, True),
        (8 * SECONDS_PER_DAY, False),
        (-SECONDS_PER_DAY, False),
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
        (7 * SECONDS_PER_DAY, True),
        (7 * SECONDS_PER_DAY + 1, False),
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
        assert default_endorsement_expiration_s(now_s * 1000) == DAY + days * SECONDS_PER_DAY
