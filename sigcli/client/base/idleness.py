"""Warns before the service ends an account or a link that is hardly used: one line, once a day.

The service removes a linked device that was not in touch with it for 45 days, and an account after 120; after 90 days
without its primary device all its links. It keeps messages for about 30 days.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.durations import DAY_MS, HOUR_MS
from sigcli.errors import StoreError
from sigcli.store import account_data
from sigcli.store.settings import Setting, read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

LATE_DAYS, LOSING_DAYS = 14, 25
"""Without a receive: messages pile up and prekeys run out; messages are about to be deleted."""
LINK_ENDS_DAYS, LINKS_END_DAYS, ACCOUNT_ENDS_DAYS = 45, 90, 120
_LONG_DAYS = {False: 25, True: 60}
"""How long a linked and a primary device is out of touch before the user is warned."""
_CONTACT_INTERVAL_MS = 4 * HOUR_MS
_REGULARLY = "run sigcli receive regularly, such as once a day by cron"
_SINCE_MS = Setting("idleness_watched_since_ms", int)
_TOLD_MS = Setting("idleness_told_ms", int)
_PRIMARY_TOLD_MS = Setting("idle_primary_told_ms", int)


def warn_of_idleness(account: Account) -> None:
    """Warn once a day about a device that is used too rarely, or never receives; may open a transaction."""
    database, now_ms = account.database, account.now_ms()
    since_ms = read_setting(database, _SINCE_MS)
    if since_ms is None:
        with database.transaction() as transaction:
            write_setting(transaction, _SINCE_MS, now_ms)
        since_ms = now_ms
    received_ms = read_setting(database, account_data.LAST_RECEIVE_MS) or since_ms
    contact_ms = read_setting(database, account_data.LAST_CONTACT_MS) or since_ms
    complaint = complaint_of(
        (now_ms - received_ms) // DAY_MS,
        (now_ms - contact_ms) // DAY_MS,
        is_primary=account.keys.is_primary,
    )
    if complaint is not None:
        _warn_daily(account, _TOLD_MS, complaint)


def complaint_of(receive_days: int, contact_days: int, *, is_primary: bool) -> str | None:
    """What is wrong with a last receive and a last contact so many days ago, None for nothing."""
    if contact_days >= _LONG_DAYS[is_primary]:
        ends = (
            f"the service deletes an account after {ACCOUNT_ENDS_DAYS}, and its links after {LINKS_END_DAYS}"
            if is_primary
            else f"the service removes a linked device after {LINK_ENDS_DAYS}"
        )
        return f"this device has not been in touch with the service for {contact_days} days: {ends}; {_REGULARLY}"
    if receive_days >= LOSING_DAYS:
        lost = "the service deletes messages after about 30"
        if not is_primary:
            lost += ", and removes a linked device whose queue grows too long"
        return f"nothing was received for {receive_days} days: {lost}; {_REGULARLY}"
    if receive_days >= LATE_DAYS:
        return (
            f"nothing was received for {receive_days} days: messages pile up, and others may soon lack prekeys"
            f" of this device; {_REGULARLY}"
        )
    return None


def warn_of_idle_primary(account: Account) -> None:
    """The service says that the account's primary device has not connected for long; opens a transaction."""
    _warn_daily(
        account,
        _PRIMARY_TOLD_MS,
        "the account's primary device has not been used for long: the service ends all links when it stays away for"
        f" {LINKS_END_DAYS} days; open the app on the phone",
    )


def note_contact(account: Account) -> None:
    """Remember, every few hours, that the service has taken this device's login; opens a transaction.

    Raises nothing: other steps report a store that cannot be written to.
    """
    now_ms = account.now_ms()
    with suppress(StoreError):
        last_ms = read_setting(account.database, account_data.LAST_CONTACT_MS) or 0
        if not 0 <= now_ms - last_ms < _CONTACT_INTERVAL_MS:
            with account.database.transaction() as database:
                write_setting(database, account_data.LAST_CONTACT_MS, now_ms)


def _warn_daily(account: Account, told: Setting[int], text: str) -> None:
    now_ms = account.now_ms()
    last_ms = read_setting(account.database, told)
    if last_ms is not None and 0 <= now_ms - last_ms < DAY_MS:
        return
    with account.database.transaction() as database:
        write_setting(database, told, now_ms)
    account.warn(text)
