"""What has been stored becomes deliverable: in order, once what belongs to it is here (attachments, the names of groups
and of people who write for the first time).

Consumers read the store up to ``ready_id`` and are told when it grows; no message is kept in memory for them.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.received_events import EventBuilder, is_story
from sigcli.client.base.lasting_trouble import LastingTrouble
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.errors import MalformedMessage, SigcliError, StoreError
from sigcli.store import consumers, inbox
from sigcli.wire.content import decode_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import StopFlag
    from sigcli.client.live.live_jobs import LiveJobs
    from sigcli.client.live.live_options import LiveOptions
    from sigcli.store.database import Database
    from sigcli.store.inbox_values import InboxRow

_PAGE = 128
_LOOK_S = 0.5
"""How often the store is looked at for what other processes have put there."""
_LOOK_OFTEN_S = 0.05
"""The same while another process receives."""
_AFTER_TROUBLE_S = 1.0


class Arrivals:
    """Follows the inbox on a thread of its own; ``jobs`` is told what there is to do besides."""

    def __init__(
        self,
        open_one: Callable[[], Account],
        options: LiveOptions,
        jobs: LiveJobs,
        stop: StopFlag,
    ) -> None:
        self._open_one = open_one
        self._options = options
        self._jobs = jobs
        self._stop = stop
        self._wake = threading.Event()
        self._listeners: set[Callable[[], None]] = set()
        self._lock = threading.Lock()
        self.ready_id = 0
        """The id up to which everything may be handed out."""
        self.looks_often = False
        """Whether another process brings the messages."""
        self.thread = threading.Thread(target=self._run, name="sigcli-arrivals", daemon=True)

    def wake(self) -> None:
        """Something has been stored."""
        self._wake.set()

    def look_in(self, database: Database) -> None:
        """Something may have been stored; does not wake the thread after each message that is sent."""
        with suppress(StoreError):
            if consumers.newest_id(database) <= self.ready_id:
                return
        self.wake()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a function, on a thread that must not wait, whenever more may be handed out."""
        with self._lock:
            self._listeners.add(listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def _run(self) -> None:
        with self._open_one() as account:
            fetcher = AttachmentFetcher(
                account, self._stop, ignored=self._options.ignore_attachments
            )
            follow_up = FollowUp(account, fetcher, self._stop)
            lasting = LastingTrouble(account.warn)
            # What a consumer has taken was made ready by an earlier run.
            self._grow(consumers.furthest_taken_id(account.database))
            seen: object = None
            while not self._stop.requested():
                self._wake.clear()
                try:
                    version = account.database.row("PRAGMA data_version")
                    if version != seen:
                        self._prepare(account, fetcher, follow_up)
                        seen = version
                    lasting.over("messages are handed out again")
                except Exception as error:
                    text = error.message if isinstance(error, SigcliError) else repr(error)
                    lasting.met(f"messages cannot be handed out: {text}")
                    self._wake.wait(_AFTER_TROUBLE_S)
                    continue
                self._wake.wait(_LOOK_OFTEN_S if self.looks_often else _LOOK_S)
            fetcher.close()

    def _prepare(self, account: Account, fetcher: AttachmentFetcher, follow_up: FollowUp) -> None:
        """Bring everything that is stored up to its being deliverable."""
        # What waits for its group gets a newer id by this.
        follow_up.update_groups()
        newest = consumers.newest_id(account.database)
        while self.ready_id < newest and not self._stop.requested():
            account.reload_keys()
            rows = inbox.following(account.database, self.ready_id, newest, _PAGE)
            if not rows:
                self._grow(newest)
                return
            follow_up.name_newcomers()
            events = EventBuilder(account)
            began = time.monotonic()
            for row in rows:
                self._bring(account, fetcher, events, row)
                if self._stop.requested():
                    return
                # What waits for no download is handed out as one, the rest as it becomes ready.
                if time.monotonic() - began > _LOOK_OFTEN_S:
                    self._grow(row.id)
                    began = time.monotonic()
            self._grow(rows[-1].id)

    def _bring(
        self, account: Account, fetcher: AttachmentFetcher, events: EventBuilder, row: InboxRow
    ) -> None:
        """Fetch what belongs to a message; a failure costs that part, not the message."""
        if row.content is None or row.withdrawn is not None:
            return
        try:
            content = decode_content(row.content)
            source = row.metadata.source
            if self._options.ignore_stories and is_story(content):
                return
            if events.may_fetch(source, content):
                fetcher.fetch(content)
            else:
                fetcher.leave(content)
            if (
                self._options.send_read_receipts
                and source is not None
                and events.is_trusted(source)
                and not account.is_own(source)
                and (content.data_message is not None or content.edit_message is not None)
            ):
                self._jobs.tell_read(source, row.metadata.timestamp_ms)
        except MalformedMessage:
            return
        except SigcliError as error:
            account.warn(
                f"what belongs to a message is fetched when somebody asks: {error.message}"
            )

    def _grow(self, ready_id: int) -> None:
        if ready_id <= self.ready_id:
            return
        self.ready_id = ready_id
        self.tell_listeners()

    def tell_listeners(self) -> None:
        """Call those that listen: there is something new to look at."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()
