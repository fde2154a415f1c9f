"""What an account notices by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.durations import DAY_MS
from sigcli.lazy_dataclass import replace
from sigcli.service.exchange import Request
from sigcli.store.account_data import store_account_keys
from tests.support.loopback_server import TIMESTAMP, LoopbackServer

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings

SERVICE_MS = int(TIMESTAMP["X-Signal-Timestamp"])


@pytest.mark.parametrize(
    ("off_ms", "words"),
    [
        (2 * DAY_MS, "48 hours ahead of"),
        (-2 * DAY_MS, "48 hours behind"),
        (30 * 60 * 1000, None),
        (0, None),
    ],
)
def test_a_clock_that_is_far_off_is_told_once(
    account: Account, clock: Clock, warnings: Warnings, off_ms: int, words: str | None
) -> None:
    account.clock_was_compared = False
    clock.now_ms = SERVICE_MS + off_ms
    with LoopbackServer() as server:
        account.__dict__["environment"] = server.environment()
        for chat in (account.identified, account.unidentified):
            chat.request(Request("GET", "/v1/config"))
    told = [text for text in warnings.texts if "clock" in text]
    assert len(told) == (words is not None)
    assert words is None or words in told[0]


def test_keys_that_did_not_change_stay_the_same_object(account: Account) -> None:
    before = account.keys
    account.reload_keys()
    assert account.keys is before
    changed = replace(before, password=before.password + "x")
    with account.database.transaction() as transaction:
        store_account_keys(transaction, changed)
    account.reload_keys()
    assert account.keys == changed
