from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigcli.client.base.jobs import work_off
from sigcli.errors import (
    MalformedMessage,
    RateLimited,
    SigcliError,
    StoreError,
    Unreachable,
)
from sigcli.store.tasks import TaskKind, add_task, count_tasks, next_due_ms

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.store.tasks import Task
    from tests.unit.client.conftest import Clock, Warnings

KIND = TaskKind.GROUP_UPDATE


def ask(account: Account, *targets: bytes) -> None:
    with account.database.transaction() as transaction:
        for target in targets:
            add_task(transaction, KIND, target, now_ms=account.now_ms())


def work(account: Account, problem: Exception) -> list[bytes]:
    """Which jobs were tried, each of which fails."""
    tried = []

    def do(task: Task) -> None:
        tried.append(task.target)
        raise problem

    work_off(account, (KIND,), do, complaint="it was not done")
    return tried


def test_what_is_due_is_done_and_only_that(account: Account) -> None:
    ask(account, b"a", b"b")
    with account.database.transaction() as transaction:
        add_task(transaction, TaskKind.STORAGE_SYNC, now_ms=account.now_ms())
        add_task(transaction, KIND, b"later", now_ms=account.now_ms(), due_ms=1 << 50)
    done: list[bytes] = []
    work_off(account, (KIND,), lambda task: done.append(task.target))
    assert done == [b"a", b"b"]
    assert count_tasks(account.database) == 2


def test_what_passes_is_tried_again_later_each_time(
    account: Account, clock: Clock, warnings: Warnings
) -> None:
    ask(account, b"a", b"b")
    assert work(account, Unreachable()) == [b"a"]  # the next one would meet the same
    with account.database.transaction() as transaction:
        transaction.write("DELETE FROM task WHERE target = ?", (b"b",))
    waits_ms = []
    for _ in range(2):
        due_ms = next_due_ms(account.database)
        assert due_ms is not None
        waits_ms.append(due_ms - clock.now_ms)
        clock.now_ms = due_ms
        work(account, Unreachable())
    assert waits_ms == [30_000, 60_000]
    assert warnings.texts[0].startswith("it was not done: ")


def test_the_service_is_given_the_time_that_it_asks_for(account: Account, clock: Clock) -> None:
    ask(account, b"a")
    work(account, RateLimited(status=429, retry_after_s=500))
    assert next_due_ms(account.database) == clock.now_ms + 500_000


@pytest.mark.parametrize(("problem", "left"), [(MalformedMessage(), 0), (ValueError(), 2)])
def test_what_cannot_get_better_is_given_up(
    account: Account, problem: Exception, left: int
) -> None:
    ask(account, b"a", b"b")
    assert work(account, problem) == [b"a", b"b"]
    assert count_tasks(account.database) == left


def test_a_broken_store_ends_the_work(account: Account) -> None:
    ask(account, b"a")
    with pytest.raises(StoreError):
        work(account, StoreError())


def test_what_may_fail_is_a_warning_but_for_the_store(account: Account, warnings: Warnings) -> None:
    def fail(error: SigcliError) -> None:
        raise error

    assert account.attempt(lambda: None, "nobody was told")
    assert not account.attempt(lambda: fail(Unreachable()), "nobody was told")
    (text,) = warnings.texts
    assert text.startswith("nobody was told: ")
    with pytest.raises(StoreError):
        account.attempt(lambda: fail(StoreError()), "nobody was told")
