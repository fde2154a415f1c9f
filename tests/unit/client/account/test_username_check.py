"""What follows when the service's idea of the username differs from the one here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from sigcli.client.account.username_check import Known, Verdict, check_username, judge
from sigcli.service.resources.accounts import AccountIdentity
from sigcli.store import account_data
from sigcli.store.settings import read_setting, write_setting
from sigcli.store.tasks import TaskKind, count_tasks
from sigcli.zkgroup.usernames import Username

if TYPE_CHECKING:
    from sigcli.client.base.account import Account

OURS, OTHER = b"our hash", b"other hash"
GOOD = Known(OURS, "link")
BARE = Known(OURS, None)
NOTHING = Known(None, None)
PRIMARY, LINKED = True, False


@pytest.mark.parametrize(
    ("here", "service", "is_primary", "elsewhere", "verdict"),
    [
        (GOOD, GOOD, PRIMARY, False, Verdict.GOOD),
        (NOTHING, GOOD, PRIMARY, False, Verdict.GOOD),
        (BARE, BARE, LINKED, False, Verdict.GOOD),
        (BARE, BARE, PRIMARY, False, Verdict.MAKE_LINK),
        (GOOD, BARE, PRIMARY, False, Verdict.MAKE_LINK),
        (GOOD, BARE, PRIMARY, True, Verdict.OUTDATED),
        (GOOD, BARE, LINKED, False, Verdict.OUTDATED),
        (GOOD, Known(OURS, "another link"), PRIMARY, False, Verdict.OUTDATED),
        (GOOD, Known(OTHER, "link"), PRIMARY, False, Verdict.OUTDATED),
        (GOOD, NOTHING, PRIMARY, False, Verdict.RECLAIM),
        (GOOD, NOTHING, LINKED, False, Verdict.OUTDATED),
        (GOOD, NOTHING, PRIMARY, True, Verdict.FORGET),
        (GOOD, NOTHING, LINKED, True, Verdict.FORGET),
    ],
)
def test_verdicts(
    here: Known, service: Known, is_primary: bool, elsewhere: bool, verdict: Verdict
) -> None:
    judged = judge(
        here,
        service,
        wanted_hash=None,
        is_primary=is_primary,
        changed_elsewhere=elsewhere,
        is_lost=True,
    )
    assert judged is verdict


def test_what_another_device_may_have_given_up_is_not_taken_again() -> None:
    judged = judge(
        GOOD,
        NOTHING,
        wanted_hash=None,
        is_primary=PRIMARY,
        changed_elsewhere=False,
        is_lost=False,
    )
    assert judged is Verdict.OUTDATED


def test_what_was_wanted_and_came_true_is_adopted() -> None:
    for here in (NOTHING, GOOD):
        judged = judge(
            here,
            Known(OTHER, "link"),
            wanted_hash=OTHER,
            is_primary=LINKED,
            changed_elsewhere=False,
            is_lost=False,
        )
        assert judged is Verdict.ADOPT


def test_a_lost_answer(account: Account) -> None:
    handle = UUID(int=7)
    with account.database.transaction() as database:
        write_setting(database, account_data.USERNAME_WANTED, "alice.42")
        write_setting(database, account_data.USERNAME_WANTED_ENTROPY, bytes(32))
        # No devices to tell, so no service is needed here.
        write_setting(database, account_data.DEVICE_ID, 1)
    account.reload_keys()
    confirmed = AccountIdentity(
        aci=account.aci,
        pni=account.pni,
        number=account.number,
        username_hash=Username.parse("alice.42").hash(),
        username_link_handle=str(handle),
    )
    check_username(account, confirmed)
    assert read_setting(account.database, account_data.USERNAME) == "alice.42"
    assert read_setting(account.database, account_data.USERNAME_LINK_SERVER_ID) == str(handle)
    assert read_setting(account.database, account_data.USERNAME_WANTED) is None
    assert count_tasks(account.database, TaskKind.STORAGE_SYNC) == 1
