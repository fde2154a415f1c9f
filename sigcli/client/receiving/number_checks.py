"""Asks the directory now and then who has the numbers of contacts, so that ``send`` need not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.people.recipients import NUMBER_FRESH_MS, hold_known
from sigcli.durations import HOUR_MS
from sigcli.errors import ServiceError
from sigcli.store.recipients import numbers_checked_before
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

INTERVAL_MS = HOUR_MS
AT_ONCE = 500
"""Numbers of one lookup; the service has answered for them before, so that they cost nothing."""
_AGE_MS = NUMBER_FRESH_MS * 3 // 4
_LAST_MS = Setting("numbers_checked_ms", int)


def check_numbers(account: Account) -> None:
    """Ask once an hour about the numbers whose answers are about to be too old; opens transactions.

    What goes wrong is a warning: what is known holds.
    """
    now_ms = account.now_ms()
    last_ms = read_setting(account.database, _LAST_MS)
    if last_ms is not None and 0 <= now_ms - last_ms < INTERVAL_MS:
        return
    with account.database.transaction() as database:
        write_setting(database, _LAST_MS, now_ms)
    numbers = numbers_checked_before(account.database, now_ms - _AGE_MS, AT_ONCE)
    if not numbers:
        return
    from sigcli.client.people import contact_discovery

    if not contact_discovery.is_available(account):
        return
    try:
        contact_discovery.discover(account, numbers)
    except ServiceError as failure:
        hold_known(account, numbers, failure)
