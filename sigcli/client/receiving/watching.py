"""``receive --from … --contains …``: waiting for certain messages, beside any other receiver.

A run of its own from now on: what it prints counts as taken by the command line's consumer, the rest is printed by the
next ``receive`` as if this run had not been.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.content.data_messages import said_in
from sigcli.client.groups.acceptance import group_id_of, says_nothing
from sigcli.client.receiving.inbox_printing import InboxPrinter, print_or_fail
from sigcli.client.receiving.receiving import run_with
from sigcli.client.receiving.taking import take_ahead
from sigcli.errors import NothingCame
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.store.watchers import begin_watch, end_watch
from sigcli.wire.content import Content

if TYPE_CHECKING:
    from collections.abc import Collection

    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.inbox_printing import Printer
    from sigcli.client.receiving.receiving import ReceiveOptions
    from sigcli.store.inbox_values import InboxRow
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.content import DataMessage
    from sigcli.wire.key_types import GroupIdentifier

_LONG_TEXT = "text/x-signal-plain"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Messages that are waited for: from one of these people, in one of these groups, with this text; None for any."""

    sources: Collection[ServiceId] | None = None
    group_ids: Collection[GroupIdentifier] | None = None
    text: str | None = None
    people: Collection[str] = ()
    """The words that ``sources`` were found by: who was known by a number alone gets an ACI with the first answer."""

    def may_be(self, source: ServiceId | None, content: Content) -> bool:
        """Whether sender and conversation of a message are among those waited for."""
        if self.sources is not None and source not in self.sources:
            return False
        if self.group_ids is not None and group_id_of(content) not in self.group_ids:
            return False
        data = said_in(content)
        return data is not None and data.delete is None and not says_nothing(data)

    def is_said(self, data: DataMessage | None) -> bool:
        """Whether the text is in a message, in capitals or not; a reaction says its emoji."""
        if self.text is None:
            return True
        if data is None:
            return False
        emoji = "" if data.reaction is None or data.reaction.is_remove else data.reaction.emoji
        folded = self.text.casefold()
        return folded in (data.body or "").casefold() or (bool(emoji) and folded in emoji)


def wanted_by_words(
    account: Account, people: Collection[str], groups: Collection[str], text: str | None
) -> Wanted:
    """What some words of the user mean; raises UnknownRecipient, InvalidGroupId, ServiceError."""
    from sigcli.client.groups.lookup import meant_group_id

    return Wanted(
        _sources(account, people) if people else None,
        {meant_group_id(account, word) for word in groups} if groups else None,
        text,
        people,
    )


def _sources(account: Account, people: Collection[str]) -> set[ServiceId]:
    from sigcli.client.people.recipients import resolve_known

    found = [resolve_known(account, word) for word in people]
    return {id for person in found for id in (person.aci, person.pni) if id is not None}


def watch_messages(
    account: Account, options: ReceiveOptions, wanted: Wanted, printer: Printer, stop: Stop
) -> None:
    """Print what comes from now on and is wanted, until there is enough of it, or the time is over.

    The time of the options begins anew with each message that is printed. Raises NothingCame if there was none;
    ReceiverBusy, LoginRefused, ReaderGone, ServiceError, StoreError.
    """
    fetcher = AttachmentFetcher(account, stop, ignored=options.ignore_attachments)
    watch = _WatchPrinter(account, options, printer, fetcher, stop, wanted)
    try:
        run_with(account, options, watch, fetcher, stop, beside_any=True)
    finally:
        watch.end()
    if not watch.printed and not stop.requested():
        raise NothingCame(options.timeout_s)


class _WatchPrinter(InboxPrinter):
    """Prints the rows that are wanted, and passes over the others without taking them."""

    def __init__(
        self,
        account: Account,
        options: ReceiveOptions,
        printer: Printer,
        fetcher: AttachmentFetcher,
        stop: Stop,
        wanted: Wanted,
    ) -> None:
        super().__init__(account, options, printer, fetcher, stop)
        self._wanted = wanted
        self._keeps = account.settings.keep_messages_ms is not None
        with account.database.transaction() as database:
            self._watcher, self._last_id = begin_watch(database, account.now_ms(), keep=self._keeps)
        self._printed_rows: list[tuple[InboxRow, Content | None]] = []
        self._wanted_at = time.monotonic()

    @property
    def batch_limit(self) -> int | None:
        return None

    def silence_s(self, active_at: float) -> float:
        return time.monotonic() - self._wanted_at

    def mark(self) -> None:
        self._marked_at = time.monotonic()
        if not self._unmarked or self._last_id is None:
            return
        printed, self._printed_rows = self._printed_rows, []
        self._unmarked = 0
        take_ahead(self._account, self._watcher, self._last_id, printed)

    def end(self) -> None:
        """Stop watching."""
        with self._account.database.transaction() as database:
            end_watch(database, self._watcher, self._account.now_ms(), keep=self._keeps)

    def _print(self, row: InboxRow) -> bool:
        events = self._event_builder()
        event = events.event(row)
        content, source = event.content, row.metadata.source
        self._learn(source)
        if event.failure is not None and source in (self._wanted.sources or ()):
            self._account.warn(f"something from them could not be read: {event.failure.message}")
        said = None if content is None or event.withdrawn else _said(content)
        if content is None or said is None or not self._wanted.may_be(source, said):
            self._took(row, None)
            return True
        if events.may_fetch(source, content) and self._is_worth_fetching(said):
            content = self._fetcher.fetch(content, f"{event.timestamp_ms} from {source}")
            if self._stop.requested():
                return False
            event = replace(event, content=content, left=self._fetcher.left)
            said = _said(self._fetcher.with_long_texts(content)) or said
        if not self._wanted.is_said(said_in(said)):
            self._took(row, None)
            return True
        has_left = print_or_fail(self._printer, event, events, row)
        if has_left is False:
            return False
        self.printed += 1
        self._wanted_at = time.monotonic()
        self._printed_rows.append((row, content))
        self._took(row, None)
        if self._options.send_read_receipts and events.is_trusted(source):
            self._note_read(row, event)
        return True

    def _learn(self, source: ServiceId | None) -> None:
        """Find out whether somebody who was not known as one of those who are waited for is one of them now."""
        wanted = self._wanted
        if wanted.people and source is not None and source not in (wanted.sources or ()):
            self._wanted = replace(wanted, sources=_sources(self._account, wanted.people))

    def _is_worth_fetching(self, said: Content) -> bool:
        """Whether a message is wanted as far as its text is here, or has more text than that."""
        data = said_in(said)
        is_long = data is not None and any(
            one.content_type == _LONG_TEXT for one in data.attachments
        )
        return is_long or self._wanted.is_said(data)


def _said(content: Content) -> Content | None:
    """What somebody, or another linked device, says in a conversation."""
    sync = content.sync_message
    if sync is None:
        return content
    if sync.sent is None:
        return None
    return Content(data_message=sync.sent.message, edit_message=sync.sent.edit_message)
