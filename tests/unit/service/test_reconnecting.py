from __future__ import annotations

import pytest

from sigcli.errors import (
    ConnectedElsewhere,
    ConnectionLost,
    LoginRefused,
    RateLimited,
    ReauthenticationRequired,
    ServerUnavailable,
    SigcliError,
    TimedOut,
    TlsRejected,
    Unreachable,
)
from sigcli.service.reconnecting import ReconnectPolicy


class Hours:
    """A clock that only the test moves, and that notes every sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)


def policy(hours: Hours, jitter: float = 0.0) -> ReconnectPolicy:
    return ReconnectPolicy(sleep=hours.sleep, jitter=lambda: jitter, clock=hours.clock)


def test_waits_double_up_to_a_minute_and_start_again_after_success() -> None:
    hours = Hours()
    reconnect = policy(hours)
    for _ in range(12):
        reconnect.wait(ConnectionLost())
    assert hours.slept == pytest.approx(
        [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 51.2, 51.2]
    )
    reconnect.succeeded()
    assert reconnect.delay_s(Unreachable()) == pytest.approx(0.1)


def test_jitter_takes_away_at_most_half() -> None:
    assert policy(Hours(), jitter=1.0).delay_s(TimedOut()) == pytest.approx(0.05)


def test_a_wait_that_the_service_asks_for_is_kept() -> None:
    reconnect = policy(Hours())
    assert reconnect.delay_s(RateLimited(status=429, retry_after_s=120)) == 120
    assert reconnect.delay_s(ServerUnavailable(status=503)) == pytest.approx(0.2)


@pytest.mark.parametrize("loss", [LoginRefused(), ReauthenticationRequired(), TlsRejected()])
def test_what_waiting_cannot_mend_is_raised_at_once(loss: SigcliError) -> None:
    hours = Hours()
    with pytest.raises(type(loss)):
        policy(hours).wait(loss)
    assert hours.slept == []


def test_a_displaced_reader_comes_back_a_few_times_only() -> None:
    hours = Hours()
    reconnect = policy(hours, jitter=0.5)
    for _ in range(5):
        reconnect.wait(ConnectedElsewhere())
        reconnect.succeeded()
    assert all(0.5 <= delay_s <= 2.0 for delay_s in hours.slept)
    with pytest.raises(ConnectedElsewhere):
        reconnect.wait(ConnectedElsewhere())
    hours.now = 601
    reconnect.wait(ConnectedElsewhere())


def test_connecting_is_tried_until_it_succeeds() -> None:
    hours = Hours()
    outcomes: list[Exception | str] = [Unreachable(), ConnectionLost(), "connection"]
    told: list[tuple[SigcliError, float]] = []

    def connect() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    reconnect = ReconnectPolicy(
        sleep=hours.sleep,
        jitter=lambda: 0.0,
        on_wait=lambda loss, delay_s: told.append((loss, delay_s)),
    )
    assert reconnect.connect(connect) == "connection"
    assert hours.slept == pytest.approx([0.1, 0.2])
    assert [type(loss) for loss, _ in told] == [Unreachable, ConnectionLost]
