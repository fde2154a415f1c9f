"""The jobs of an account that is kept open, done on time on a thread of their own: receipts, retries, prekeys, expiry,
storage sync, downloads that were put off.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.base.idleness import note_contact
from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.client.base.waiting import pause
from sigcli.client.receiving.follow_up import LOOK_S, FollowUp
from sigcli.errors import SigcliError, StoreError
from sigcli.store.tasks import next_due_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import StopFlag
    from sigcli.client.live.live_options import LiveOptions
    from sigcli.wire.addresses import ServiceId

_TOGETHER_S = 0.2
"""What comes within that time is done together: one receipt tells of many messages."""
_REST_S = 0.5
_AFTER_TROUBLE_S = 5.0


class LiveJobs:
    """``open_one`` gives the account to work with, on the thread that works."""

    def __init__(
        self, open_one: Callable[[], Account], options: LiveOptions, stop: StopFlag
    ) -> None:
        self._open_one = open_one
        self._options = options
        self._stop = stop
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._read: dict[ServiceId, list[int]] = {}
        self.thread = threading.Thread(target=self._run, name="sigcli-jobs", daemon=True)

    def wake(self) -> None:
        """There may be something to do at once."""
        self._wake.set()

    def tell_read(self, sender: ServiceId, timestamp_ms: int) -> None:
        """A sender is to learn that a message was read."""
        with self._lock:
            self._read.setdefault(sender, []).append(timestamp_ms)
        self._wake.set()

    def _run(self) -> None:
        with self._open_one() as account:
            options = self._options
            fetcher = AttachmentFetcher(account, self._stop, ignored=options.ignore_attachments)
            follow_up = FollowUp(
                account,
                fetcher,
                self._stop,
                ignore_avatars=options.ignore_avatars,
                ignore_stickers=options.ignore_stickers,
            )
            lasting = LastingTrouble(account.warn)
            while not self._stop.requested():
                self._wake.clear()
                try:
                    self._work(account, follow_up)
                    lasting.over("jobs are done again")
                except Exception as error:
                    text = error.message if isinstance(error, SigcliError) else repr(error)
                    lasting.met(f"jobs are done later: {text}")
                    pause(self._stop, _AFTER_TROUBLE_S)
                pause(self._stop, _TOGETHER_S)
                if not self._stop.requested():
                    self._wake.wait(self._rest_s(account))
            fetcher.close()

    def _work(self, account: Account, follow_up: FollowUp) -> None:
        account.reload_keys()
        with self._lock:
            read, self._read = self._read, {}
        if read:
            follow_up.send_read_receipts(read)
        follow_up.is_due = True
        follow_up.run()
        if account.chat.was_in_touch:
            note_contact(account)

    def _rest_s(self, account: Account) -> float:
        due_ms = None
        with suppress(StoreError):
            due_ms = next_due_ms(account.database)
        if due_ms is None:
            return LOOK_S
        return min(LOOK_S, max(_REST_S, (due_ms - account.now_ms()) / 1000))
