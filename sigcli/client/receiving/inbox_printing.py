"""Printing what the inbox holds: in order, each line at least once, marked when it has left for good."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from sigcli.errors import ProtocolError, SigcliError, StoreError
from sigcli.store import attachment_uses, inbox
from sigcli.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.applying.attachments_in import AttachmentFetcher
    from sigcli.client.applying.received_events import EventBuilder
    from sigcli.client.base.account import Account
    from sigcli.client.base.events import ReceivedEvent
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.receiving import ReceiveOptions
    from sigcli.store.database import Database
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import Content

    Printer = Callable[[ReceivedEvent], bool]

MARKED_TOGETHER = 32
"""So many lines at most are printed again after a kill."""
MARKED_AFTER_S = 0.25
VIEW_ONCE_FILES_MS = 3_600_000
"""How long the files of a message that is viewed once stay after it was printed."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A row whose line has left; its content, unless that was not printed."""

    row: InboxRow
    content: Content | None


class InboxPrinter:
    """Prints undelivered rows; ``printer`` says whether a line has left."""

    def __init__(
        self,
        account: Account,
        options: ReceiveOptions,
        printer: Printer,
        fetcher: AttachmentFetcher,
        stop: Stop,
    ) -> None:
        self._account = account
        self._options = options
        self._printer = printer
        self._fetcher = fetcher
        self._stop = stop
        self._events: EventBuilder | None = None
        self._last_id = 0
        self._taken: list[_Taken] = []
        self._marked_at = time.monotonic()
        self.printed = 0
        self.read: dict[ServiceId, list[int]] = {}
        """Timestamps of printed messages by sender, for read receipts."""
        self.opened: list[tuple[ServiceId, int]] = []
        """Those among them that are viewed once."""

    @property
    def remaining(self) -> int | None:
        """How many lines are still wanted, None for any number."""
        limit = self._options.max_messages
        return None if limit is None else max(0, limit - self.printed)

    def print_pending(self) -> bool:
        """Print what is there; false if no more is wanted, or nobody takes it. Raises ReaderGone."""
        # Messages, other commands and other devices may have changed who is who.
        self._account.forget_people()
        if self._events is not None:
            self._events.forget()
        try:
            if self.remaining == 0:
                return False
            for row in inbox.pending(self._account.database, self._last_id):
                if self._stop.requested() or not self._print(row):
                    return False
                if self.remaining == 0:
                    return False
        finally:
            # Also when the reader has gone: what it took is not printed again.
            self.mark()
        return True

    def mark(self) -> None:
        """Mark the lines that were taken, in one transaction."""
        self._marked_at = time.monotonic()
        if not self._taken:
            return
        taken, self._taken = self._taken, []
        account = self._account
        with account.database.transaction() as database:
            keep = account.settings.keep_messages_ms is not None
            now_ms = account.now_ms()
            inbox.mark_delivered(database, [one.row.id for one in taken], now_ms, keep=keep)
            for one in taken:
                if one.content is not None and not _is_plain_text(one.content):
                    self._begin_times(database, one.row, one.content, now_ms, keep=keep)

    def _begin_times(
        self, database: Database, row: InboxRow, content: Content, now_ms: int, *, keep: bool
    ) -> None:
        """Begin the times of one row; what goes wrong costs it these, and no other row its mark."""
        try:
            with database.savepoint():
                _begin_times(database, row, content, now_ms, keep=keep)
        except StoreError:
            raise
        except Exception as problem:
            kind = type(problem).__name__
            self._account.warn(f"a message's files will not expire by themselves ({kind})")

    def _print(self, row: InboxRow) -> bool:
        from sigcli.client.applying.received_events import EventBuilder, is_story

        if self._events is None:
            self._events = EventBuilder(self._account)
        event = self._events.event(row)
        content = event.content
        if content is not None:
            if self._options.ignore_stories and is_story(content):
                self._took(row, None)
                return True
            if self._events.may_fetch(row.facts.source, content):
                event = replace(event, content=self._fetcher.fetch(content))
                if self._stop.requested():
                    return False
            elif event.message_request:
                self._fetcher.leave(content)
        if not print_or_fail(self._printer, event, self._events, row):
            return False
        self.printed += 1
        self._took(row, None if event.withdrawn else content)
        if self._options.send_read_receipts and self._events.is_trusted(row.facts.source):
            self._note_read(row, event)
        return True

    def _took(self, row: InboxRow, content: Content | None) -> None:
        self._last_id = row.id
        self._taken.append(_Taken(row, content))
        if (
            len(self._taken) >= MARKED_TOGETHER
            or time.monotonic() - self._marked_at >= MARKED_AFTER_S
        ):
            self.mark()

    def _note_read(self, row: InboxRow, event: ReceivedEvent) -> None:
        source, content = row.facts.source, event.content
        if source is None or content is None or self._account.is_own(source) or event.withdrawn:
            return
        if content.data_message is None and content.edit_message is None:
            return
        self.read.setdefault(source, []).append(event.timestamp_ms)
        from sigcli.client.applying.held_messages import is_view_once

        if is_view_once(content):
            self.opened.append((source, event.timestamp_ms))


def print_or_fail(
    printer: Printer, event: ReceivedEvent, events: EventBuilder, row: InboxRow
) -> bool:
    """Print an event, or that it cannot be printed; whether the line has left. Raises what the reader brings about."""
    try:
        return printer(event)
    except ProtocolError as problem:
        return printer(events.unprintable(row, problem))
    except (SigcliError, OSError):
        raise
    except Exception as problem:
        return printer(events.unprintable(row, problem))


def _is_plain_text(content: Content) -> bool:
    """Whether a message has neither times nor files: most have not, and nothing is looked up for them."""
    data = content.data_message
    return data is not None and not (
        data.expire_timer_s
        or data.is_view_once
        or data.attachments
        or data.previews
        or data.contacts
        or data.sticker
        or data.quote
    )


def _begin_times(
    database: Database, row: InboxRow, content: Content, now_ms: int, *, keep: bool
) -> None:
    """Let the time begin, at printing, after which a message and its files go; in a transaction."""
    from sigcli.client.applying.held_messages import is_view_once, timer_ms_of
    from sigcli.client.applying.withdrawing import uses_of, withdraw_opened

    message = row.message
    expires_ms = None if message is None else message.expires_ms
    timer_ms = timer_ms_of(content)
    if expires_ms is None and timer_ms:
        expires_ms = now_ms + timer_ms
        if keep:
            inbox.start_timer(database, row.id, expires_ms)
    if is_view_once(content):
        expires_ms = min(expires_ms or now_ms + VIEW_ONCE_FILES_MS, now_ms + VIEW_ONCE_FILES_MS)
        if keep:
            withdraw_opened(database, row)
    attachment_uses.add_uses(database, uses_of(row, content, expires_ms))
