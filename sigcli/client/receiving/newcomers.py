"""People who write for the first time: their names are asked for before what they wrote is printed.

At most two seconds for a batch and ten of its people, side by side. Those who are not known by then are printed without
a name; the follow-up work fetches their profiles like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.task_items import read_account
from sigcli.client.people.profiles import fetch_due, request_profile, store_profile
from sigcli.errors import NotFound, ServiceError
from sigcli.store.recipients import find_by_service_id
from sigcli.store.tasks import TaskKind, drop_tasks, due_targets

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.recipient_values import Recipient

AT_MOST = 10
TIMEOUT_S = 2.0
_LOOKED_THROUGH = 100


def name_newcomers(account: Account, timeout_s: float = TIMEOUT_S) -> None:
    """Fetch the profiles of people without a name whose profile is to be fetched anyway; raises StoreError only."""
    newcomers = _newcomers(account)
    if not newcomers:
        return
    from concurrent.futures import ThreadPoolExecutor, wait

    # Made here: the threads ask the network only, and leave the database to this one.
    account.chat  # noqa: B018
    executor = ThreadPoolExecutor(len(newcomers), "sigcli-profile")
    try:
        futures = {
            executor.submit(request_profile, account, aci, person.profile.key): (target, person)
            for target, person in newcomers.items()
            if (aci := person.aci) is not None
        }
        done, _ = wait(futures, timeout_s)
    finally:
        # What comes too late is asked for again by the follow-up work.
        executor.shutdown(wait=False, cancel_futures=True)
    for future in done:
        target, person = futures[future]
        try:
            profile = future.result()
        except NotFound:
            profile = None
        except ServiceError:
            continue
        store_profile(account, person, profile)
        with account.database.transaction() as database:
            drop_tasks(database, TaskKind.PROFILE_FETCH, target)


def _newcomers(account: Account) -> dict[bytes, Recipient]:
    found: dict[bytes, Recipient] = {}
    targets = due_targets(
        account.database, TaskKind.PROFILE_FETCH, account.now_ms(), _LOOKED_THROUGH
    )
    for target in targets:
        person = find_by_service_id(account.database, read_account(target))
        if (
            person is not None
            and person.aci != account.aci
            and not person.name
            and person.profile.key is not None
            and fetch_due(account, person)
        ):
            found[target] = person
            if len(found) == AT_MOST:
                break
    return found
