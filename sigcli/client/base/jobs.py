"""The job loop: due jobs are done one after another; one that fails is put off, longer each time, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigcli.client.base.stops import NEVER_STOPS
from sigcli.client.base.task_items import CONTACTS_TARGET
from sigcli.durations import HOUR_MS
from sigcli.errors import (
    ChallengeRequired,
    ClientRefused,
    ConnectionLost,
    Forbidden,
    Gone,
    NotFound,
    RateLimited,
    ServerUnavailable,
    ServiceError,
    SigcliError,
    StoreError,
    TimedOut,
    TlsRejected,
    UnexpectedError,
    Unreachable,
)
from sigcli.store.tasks import (
    ON_DEMAND_MS,
    TaskKind,
    claim_task,
    complete_task,
    next_due_ms,
    put_off_task,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.store.tasks import Task

MAX_ATTEMPTS = 12
ATTEMPTS_IF_GONE = 5
"""How often an attachment is asked for that the CDN does not have."""
_FIRST_DELAY_MS = 30_000
_LONGEST_DELAY_MS = 6 * HOUR_MS
_GONE = (NotFound, Forbidden, Gone)
_OF_THE_WAY = (
    Unreachable,
    TimedOut,
    TlsRejected,
    ConnectionLost,
    ServerUnavailable,
    ClientRefused,
)
"""Failures that the next job would meet as well."""
_PASSING = (*_OF_THE_WAY, RateLimited, ChallengeRequired)


def work_off(
    account: Account,
    kinds: Sequence[TaskKind],
    do: Callable[[Task], object],
    *,
    stop: Stop = NEVER_STOPS,
    complaint: str | None = None,
) -> None:
    """Do the jobs of these kinds that are due, until one fails in a way that the next would as well.

    With ``complaint`` each failure is a warning that begins with it. Opens transactions of its own. Raises StoreError.
    """
    database = account.database
    while not stop.requested():
        now_ms = account.now_ms()
        due_ms = next_due_ms(database)
        if due_ms is None or due_ms > now_ms:
            return
        with database.transaction() as transaction:
            task = claim_task(transaction, now_ms, kinds)
        if task is None:
            return
        try:
            do(task)
        except StoreError:
            raise
        except Exception as error:
            _put_off(account, task, error)
            if complaint is not None:
                named = (
                    error
                    if isinstance(error, SigcliError)
                    else UnexpectedError(type(error).__name__)
                )
                account.warn(f"{complaint}: {named.message}")
            if isinstance(error, _OF_THE_WAY):
                return
            continue
        with database.transaction() as transaction:
            complete_task(transaction, task.items)


def _put_off(account: Account, task: Task, error: Exception) -> None:
    with account.database.transaction() as transaction:
        if _is_worth_repeating(task, error):
            delay_ms = min(_FIRST_DELAY_MS * 2**task.attempts, _LONGEST_DELAY_MS)
            asked_s = error.retry_after_s if isinstance(error, SigcliError) else None
            delay_ms = max(delay_ms, (asked_s or 0) * 1000)
            put_off_task(transaction, task.items, account.now_ms() + delay_ms)
        elif _is_attachment(task):
            # The user may still ask for it: getAttachment.
            put_off_task(transaction, task.items, ON_DEMAND_MS)
        else:
            complete_task(transaction, task.items)


def _is_worth_repeating(task: Task, error: Exception) -> bool:
    if task.attempts + 1 >= MAX_ATTEMPTS:
        return False
    if isinstance(error, _PASSING) or not isinstance(error, SigcliError):
        return True
    if isinstance(error, _GONE):
        return _is_attachment(task) and task.attempts + 1 < ATTEMPTS_IF_GONE
    return isinstance(error, ServiceError)


def _is_attachment(task: Task) -> bool:
    return task.kind is TaskKind.ATTACHMENT_DOWNLOAD and task.target != CONTACTS_TARGET
