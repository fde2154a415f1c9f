"""When a device is used too rarely, and how often that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.client.base.idleness import (
    complaint_of,
    note_contact,
    warn_of_idle_primary,
    warn_of_idleness,
)
from sigcli.durations import DAY_MS
from sigcli.store import account_data
from sigcli.store.database import Database
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.client.base.account import Account
    from tests.unit.client.conftest import Clock, Warnings


@pytest.mark.parametrize(
    ("received", "contact", "is_primary", "said"),
    [
        (0, 0, False, None),
        (13, 13, False, None),
        (14, 0, False, "pile up"),
        (25, 0, False, "queue grows too long"),
        (25, 0, True, "deletes messages after about 30"),
        (25, 25, False, "linked device after 45"),
        (59, 59, True, "deletes messages after about 30"),
        (60, 60, True, "account after 120, and its links after 90"),
        (-3, -3, False, None),
    ],
)
def test_complaints(received: int, contact: int, is_primary: bool, said: str | None) -> None:
    complaint = complaint_of(received, contact, is_primary=is_primary)
    assert complaint is None if said is None else said in (complaint or "")


def test_it_is_said_once_a_day(account: Account, clock: Clock, warnings: Warnings) -> None:
    # The first look only begins to count.
    warn_of_idleness(account)
    clock.now_ms += 14 * DAY_MS
    note_contact(account)
    for _ in range(2):
        warn_of_idleness(account)
    assert len(warnings.texts) == 1
    clock.now_ms += DAY_MS
    warn_of_idleness(account)
    assert len(warnings.texts) == 2
    with account.database.transaction() as database:
        write_setting(database, account_data.LAST_RECEIVE_MS, clock.now_ms)
    clock.now_ms += DAY_MS
    warn_of_idleness(account)
    assert len(warnings.texts) == 2


def test_an_idle_primary_device(account: Account, clock: Clock, warnings: Warnings) -> None:
    for _ in range(3):
        warn_of_idle_primary(account)
    clock.now_ms += DAY_MS
    warn_of_idle_primary(account)
    assert len(warnings.texts) == 2


def test_a_store_that_is_taken_is_no_trouble_at_the_end(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "data" / "one" / "account.db"
    with Database.open(path, lock_timeout_s=0.2) as other, other.transaction():
        note_contact(account)
    assert read_setting(account.database, account_data.LAST_CONTACT_MS) is None


def test_contacts_are_noted_every_few_hours(account: Account, clock: Clock) -> None:
    noted = []
    for _ in range(6):
        note_contact(account)
        noted.append(read_setting(account.database, account_data.LAST_CONTACT_MS))
        clock.now_ms += 2 * 3600 * 1000
    assert len(set(noted)) == 3
