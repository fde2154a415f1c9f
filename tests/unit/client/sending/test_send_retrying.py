from __future__ import annotations

import pytest

from sigcli.client.sending.send_retrying import Retrying, may_pass
from sigcli.errors import (
    BadRequest,
    ChallengeRequired,
    ConnectionLost,
    LoginRefused,
    NotFound,
    RateLimited,
    ServerUnavailable,
    SigcliError,
    Unreachable,
    UntrustedIdentity,
)


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.pauses: list[float] = []
        self.warnings: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds

    def retrying(self, duration_s: float) -> Retrying:
        return Retrying(duration_s, self.warnings.append, now=lambda: self.now_s, sleep=self.sleep)


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Unreachable(), True),
        (ConnectionLost(), True),
        (ServerUnavailable(status=503), True),
        (RateLimited(status=429), True),
        (ChallengeRequired(token="t", retry_after_s=5), True),
        (BadRequest(status=400), False),
        (NotFound(status=404), False),
        (UntrustedIdentity(), False),
        (LoginRefused(), False),
        (None, False),
    ],
)
def test_what_may_pass(error: SigcliError | None, passes: bool) -> None:
    assert may_pass(error) is passes


def test_pauses_grow_and_the_last_attempt_is_at_the_end() -> None:
    clock = Clock()

    def attempt() -> None:
        raise Unreachable

    with pytest.raises(Unreachable):
        clock.retrying(10).call(attempt)
    assert clock.pauses == [1, 2, 4, 3]
    assert len(clock.warnings) == 1


def test_the_service_says_how_long() -> None:
    clock = Clock()
    retrying = clock.retrying(60)
    due = retrying.due(RateLimited(status=429, retry_after_s=30))
    assert due == 130
    retrying.wait_until(due)
    assert retrying.has_come(due)
    # Longer than there is time: there is no sense in trying before.
    assert retrying.due(RateLimited(status=429, retry_after_s=31)) is None


def test_the_first_success_counts() -> None:
    clock = Clock()
    answers: list[SigcliError | str] = [Unreachable(), ConnectionLost(), "done"]

    def attempt() -> str:
        answer = answers.pop(0)
        if isinstance(answer, SigcliError):
            raise answer
        return answer

    assert clock.retrying(3600).call(attempt) == "done"
    assert clock.pauses == [1, 2]
