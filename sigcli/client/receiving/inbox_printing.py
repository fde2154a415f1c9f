"""Printing what the inbox holds for the command line's consumer: in order, each line at least once, marked when it has
left for good.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.receiving.taking import take_printed
from sigcli.errors import ProtocolError, SigcliError
from sigcli.lazy_dataclass import replace
from sigcli.store import inbox
from sigcli.store.consumers import COMMAND_LINE, find_consumer, meet_consumer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.client.applying.attachments_in import AttachmentFetcher
    from sigcli.client.applying.received_events import EventBuilder
    from sigcli.client.base.account import Account
    from sigcli.client.base.events import ReceivedEvent
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.follow_up import FollowUp
    from sigcli.client.receiving.receiving import ReceiveOptions
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import Content

    Printer = Callable[[ReceivedEvent], bool | None]
    """Says whether a line has left; None for an event that has none."""

MARKED_TOGETHER = 32
"""At most this many lines are printed again after a kill."""
MARKED_AFTER_S = 0.25


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
        self._last_id: int | None = None
        """Of the row that was printed last, or taken by an earlier run; None before the first look."""
        self._shown: list[tuple[InboxRow, Content]] = []
        """What of the lines that were taken is to be marked."""
        self._unmarked = 0
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

    @property
    def batch_limit(self) -> int | None:
        """How many messages may be taken from the service at once, None for any number."""
        return self.remaining

    def silence_s(self, active_at: float) -> float:
        """How long nothing has come that this run waits for; ``active_at``: when anything came."""
        return time.monotonic() - active_at

    def print_pending(self) -> bool:
        """Print what is there; false if no more is wanted, or nobody takes it. Raises ReaderGone."""
        # Messages, other commands and other devices may have changed who is who.
        self._account.forget_people()
        try:
            if self.remaining == 0:
                return False
            for row in inbox.pending(self._account.database, self._place()):
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
        if not self._unmarked or self._last_id is None:
            return
        shown, self._shown = self._shown, []
        self._unmarked = 0
        take_printed(self._account, COMMAND_LINE, self._last_id, shown)

    def tell(self, follow_up: FollowUp) -> None:
        """Tell senders, and the account's other devices, of what was read by being printed."""
        if self.read:
            read, self.read = self.read, {}
            follow_up.send_read_receipts(read)
        if self.opened:
            opened, self.opened = self.opened, []
            follow_up.tell_opened(opened)

    def _place(self) -> int:
        """The id after which to go on."""
        if self._last_id is None:
            database = self._account.database
            consumer = find_consumer(database, COMMAND_LINE)
            if consumer is None:
                with database.transaction() as transaction:
                    consumer = meet_consumer(transaction, COMMAND_LINE, self._account.now_ms())
            self._last_id = consumer.taken_id
        return self._last_id

    def _print(self, row: InboxRow) -> bool:
        if row.printed_ahead:
            self._took(row, None)
            return True
        from sigcli.client.applying.received_events import is_story

        event = self._event_builder().event(row)
        content = event.content
        if content is not None:
            if self._options.ignore_stories and is_story(content):
                self._took(row, None)
                return True
            if self._event_builder().may_fetch(row.metadata.source, content):
                origin = f"{event.timestamp_ms} from {row.metadata.source}"
                event = replace(event, content=self._fetcher.fetch(content, origin))
                event = replace(event, left=self._fetcher.left)
                if self._stop.requested():
                    return False
            elif event.message_request:
                self._fetcher.leave(content)
                event = replace(event, left=self._fetcher.left)
        has_left = print_or_fail(self._printer, event, self._event_builder(), row)
        if has_left is False:
            return False
        self.printed += has_left is not None
        self._took(row, None if event.withdrawn else content)
        if self._options.send_read_receipts and self._event_builder().is_trusted(
            row.metadata.source
        ):
            self._note_read(row, event)
        return True

    def _event_builder(self) -> EventBuilder:
        if self._events is None:
            from sigcli.client.applying.received_events import EventBuilder

            self._events = EventBuilder(self._account)
        return self._events

    def _took(self, row: InboxRow, content: Content | None) -> None:
        """A line has left, or none was wanted; ``content``: what it showed."""
        self._last_id = row.id
        self._unmarked += 1
        if content is not None:
            self._shown.append((row, content))
        if (
            self._unmarked >= MARKED_TOGETHER
            or time.monotonic() - self._marked_at >= MARKED_AFTER_S
        ):
            self.mark()

    def _note_read(self, row: InboxRow, event: ReceivedEvent) -> None:
        source, content = row.metadata.source, event.content
        if source is None or content is None or self._account.is_own(source) or event.withdrawn:
            return
        if content.data_message is None and content.edit_message is None:
            return
        self.read.setdefault(source, []).append(event.timestamp_ms)
        from sigcli.client.applying.stored_messages import is_view_once

        if is_view_once(content):
            self.opened.append((source, event.timestamp_ms))


def print_or_fail(
    printer: Printer, event: ReceivedEvent, events: EventBuilder, row: InboxRow
) -> bool | None:
    """Print an event, or that it cannot be printed; whether the line has left. Raises ReaderGone."""
    try:
        return printer(event)
    except ProtocolError as problem:
        return printer(events.unprintable(row, problem))
    except (SigcliError, OSError):
        raise
    except Exception as problem:
        return printer(events.unprintable(row, problem))
