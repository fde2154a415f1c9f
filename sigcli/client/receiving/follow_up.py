"""What receiving causes and needs the network for: receipts, retry requests and their answers, prekeys, downloads.

The work stands in the store as tasks; one that fails is put off, longer each time, and never ends the command.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from sigcli.client.account.account_check import check_account, check_is_due
from sigcli.client.applying.expiring import expire_due
from sigcli.client.base.jobs import work_off
from sigcli.client.receiving.job_handlers import HANDLERS
from sigcli.store.housekeeping import clean_up, is_cleanup_due
from sigcli.store.tasks import TaskKind, count_tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sigcli.client.applying.attachments_in import AttachmentFetcher
    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.store.tasks import Task
    from sigcli.wire.addresses import ServiceId

_CLEANUP_STEPS = 20
LOOK_S = 5.0
"""How often the jobs are looked at while nothing arrives."""


class FollowUp:
    """Does what is due; ``is_due`` says that there is reason to look at once."""

    def __init__(
        self,
        account: Account,
        fetcher: AttachmentFetcher,
        stop: Stop,
        *,
        ignore_avatars: bool = False,
        ignore_stickers: bool = False,
    ) -> None:
        self.account = account
        self.fetcher = fetcher
        self.ignore_avatars = ignore_avatars
        self.ignore_stickers = ignore_stickers
        self.is_due = True
        self.done: set[TaskKind] = set()
        """Kinds whose work is done once for all of their tasks."""
        self.released = False
        """Whether messages that waited for a group can be printed now."""
        self._stop = stop
        self._look_at = 0.0
        self._clear_log_at = time.monotonic() + LOOK_S

    def run(self) -> None:
        """Do what is due now; raises StoreError only."""
        if not self.is_due and time.monotonic() < self._look_at:
            return
        self.is_due = False
        self.done.clear()
        expire_due(self.account)
        self._work_off()
        if not self._stop.requested() and check_is_due(self.account):
            check_account(self.account)
        if not self._stop.requested():
            self._check_numbers()
        self._clean_up()
        if time.monotonic() >= self._clear_log_at:
            # What was printed, withdrawn or deleted, here or by other processes, does not outlast its time there.
            self.account.database.clear_log()
            self._clear_log_at = time.monotonic() + LOOK_S
        self._look_at = time.monotonic() + LOOK_S

    def pause(self, seconds: float) -> None:
        """Wait, or less if told to stop."""
        from sigcli.client.base.waiting import pause

        pause(self._stop, seconds)

    def send_read_receipts(self, read: Mapping[ServiceId, Sequence[int]]) -> None:
        """Tell the senders of messages, and the other devices, that they were read; failures are warnings."""
        from sigcli.client.account.read_marks import send_read_marks

        for sender, timestamps_ms in read.items():
            if self._stop.requested():
                return
            self.account.attempt(
                partial(send_read_marks, self.account, sender, timestamps_ms),
                "a read receipt was not sent",
            )

    def tell_opened(self, opened: Sequence[tuple[ServiceId, int]]) -> None:
        """Tell the other devices which messages, to be viewed once, were opened here; failures are warnings."""
        from sigcli.client.account.read_marks import tell_view_once_opened

        self.account.attempt(
            lambda: tell_view_once_opened(self.account, opened),
            "your other devices do not know of this",
        )

    def connect_ahead(self) -> None:
        """Begin the connection for delivery receipts, if any are due, before other things are done."""
        if count_tasks(self.account.database, TaskKind.DELIVERY_RECEIPT):
            self.account.connect_ahead(unidentified=True)

    def update_groups(self) -> None:
        """Fetch the groups of which messages have told, so that their names stand beside them in print."""
        if count_tasks(self.account.database, TaskKind.GROUP_UPDATE):
            self._work_off((TaskKind.GROUP_UPDATE,))

    def look_up_groups(self) -> bool:
        """Fetch the groups that strangers have named, for which nobody has waited; whether messages were released."""
        if count_tasks(self.account.database, TaskKind.GROUP_LOOKUP):
            self._work_off((TaskKind.GROUP_LOOKUP,))
        return self.take_released()

    def take_released(self) -> bool:
        """Whether messages that waited for a group can be printed since the last call."""
        released, self.released = self.released, False
        return released

    def name_newcomers(self) -> None:
        """Fetch the profiles of people who are new here, so that their names stand beside what they wrote."""
        if not self._stop.requested() and count_tasks(
            self.account.database, TaskKind.PROFILE_FETCH
        ):
            from sigcli.client.receiving.newcomers import name_newcomers

            name_newcomers(self.account)

    # --- tasks -------------------------------------------------------------------------------

    def _work_off(self, kinds: Sequence[TaskKind] | None = None) -> None:
        work_off(self.account, kinds or tuple(HANDLERS), self._do, stop=self._stop)

    def _do(self, task: Task) -> None:
        if task.kind not in self.done:
            HANDLERS[task.kind](self, task)

    def _check_numbers(self) -> None:
        from sigcli.client.receiving.number_checks import check_numbers

        check_numbers(self.account)

    # --- now and then ------------------------------------------------------------------------

    def _clean_up(self) -> None:
        """Once a day remove what has become too old."""
        account = self.account
        database, now_ms = account.database, account.now_ms()
        if not is_cleanup_due(database, now_ms):
            return
        from sigcli.client.applying.withdrawing import forget_unused

        settings = account.settings
        forget_unused(account, account.files.clean_up(now_ms, settings.keep_attachments_ms))
        # What is left after so many steps is done at the next look, or by the next run.
        for _ in range(_CLEANUP_STEPS):
            with database.transaction() as transaction:
                dropped, is_done = clean_up(transaction, now_ms, settings.keep_messages_ms)
            for name in dropped:
                account.warn(
                    f"the consumer {name} was not seen for 30 days: nothing is kept for it any more"
                )
            if is_done or self._stop.requested():
                return
