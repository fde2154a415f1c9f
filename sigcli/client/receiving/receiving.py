"""Receiving: envelopes are stored, then acknowledged, then printed, until the queue is empty or the time is over.

A batch of envelopes is one transaction: ratchet steps, contents and the tasks they cause. What is stored is printed in
the order in which it was stored, first of all what an earlier run did not get rid of.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.expiring import expire_due
from sigcli.client.base.idleness import warn_of_idle_primary
from sigcli.client.base.waiting import pause, unless_stopped
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.receiving.following import Follower
from sigcli.client.receiving.inbox_printing import InboxPrinter, print_or_fail
from sigcli.client.receiving.intake import BATCH_SIZE, Intake, note_registered, takes_login
from sigcli.client.receiving.receiver_lease import ReceiverLease
from sigcli.durations import parse_duration_ms
from sigcli.errors import (
    LoginRefused,
    ReauthenticationRequired,
    ReceiverBusy,
    ServiceError,
    TimedOut,
    Unauthorized,
    UsageError,
)
from sigcli.lazy_dataclass import dataclass, replace
from sigcli.service.reconnecting import ReconnectPolicy
from sigcli.store import inbox
from sigcli.store.consumers import COMMAND_LINE, find_consumer
from sigcli.store.lease import present_lease

if TYPE_CHECKING:
    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.inbox_printing import Printer
    from sigcli.service.chat_socket import ChatSocket

PATIENCE_S = 60.0
"""How long the service may be silent before it has said that the queue is empty."""
MAX_FAILURES = 4
"""Attempts to connect again, one after another, of a run that does not wait for messages."""
_SLICE_S = 0.1
_LOOK_S = 1.0
"""How often the store is looked at for what other processes have put there."""
IDLE_PRIMARY = "idle-primary-device"


@dataclass(frozen=True, slots=True)
class ReceiveOptions:
    """``timeout_s``: how long to wait for new messages, None: until the queue is empty, negative: for ever."""

    timeout_s: float | None = None
    max_messages: int | None = None
    ignore_attachments: bool = False
    ignore_stories: bool = False
    ignore_avatars: bool = False
    ignore_stickers: bool = False
    send_read_receipts: bool = False


def receive_messages(
    account: Account, options: ReceiveOptions, printer: Printer, stop: Stop
) -> None:
    """Receive and print; ``printer`` says of each event whether its line has left for good.

    Raises ReceiverBusy, LoginRefused, ReaderGone, ServiceError, StoreError; everything that was acknowledged is stored
    by then.
    """
    fetcher = AttachmentFetcher(account, stop, ignored=options.ignore_attachments)
    run_with(
        account, options, InboxPrinter(account, options, printer, fetcher, stop), fetcher, stop
    )


def run_with(
    account: Account,
    options: ReceiveOptions,
    inbox_printer: InboxPrinter,
    fetcher: AttachmentFetcher,
    stop: Stop,
    *,
    beside_any: bool = False,
) -> None:
    """Have a printer print what comes, received by this run or another process; closes the fetcher.

    ``beside_any``: go by what any other process receives, and let others do so by what this one does. Raises
    ReceiverBusy, LoginRefused, ReaderGone, ServiceError, StoreError.
    """
    follow_up = FollowUp(
        account,
        fetcher,
        stop,
        ignore_avatars=options.ignore_avatars,
        ignore_stickers=options.ignore_stickers,
    )
    follower = Follower(
        account, options.timeout_s, inbox_printer, follow_up, stop, beside_any=beside_any
    )
    try:
        while not stop.requested():
            try:
                lease = (
                    _shared_lease(account) if beside_any else ReceiverLease.acquire(account, stop)
                )
            except ReceiverBusy as busy:
                if not (busy.is_shared or beside_any):
                    raise
                if follower.run():
                    return
                continue  # who has brought the messages has gone: this run goes on by itself
            if lease is not None:
                with lease:
                    _Receiver(account, options, inbox_printer, follow_up, lease, stop).run()
            return
    finally:
        fetcher.close()


def _shared_lease(account: Account) -> ReceiverLease:
    """The lease, if nobody has it, so that others may print what comes; raises ReceiverBusy."""
    # A daemon whose thread this is could take its own lease once more.
    present = present_lease(account.database, account.now_ms())
    if present is not None:
        raise ReceiverBusy(present.holder.pid, is_shared=present.is_shared)
    return ReceiverLease.take(account, shared=True)


def replay_messages(account: Account, since_text: str, printer: Printer, stop: Stop) -> None:
    """Print again what is kept since a time; raises UsageError for what is no time, ReaderGone."""
    from sigcli.client.applying.received_events import EventBuilder

    since_ms = read_since(since_text, account.now_ms())
    expire_due(account)
    fetcher = AttachmentFetcher(account, stop)
    events = EventBuilder(account)
    consumer = find_consumer(account.database, COMMAND_LINE)
    printed_id = 0 if consumer is None else consumer.taken_id
    for row in inbox.replay(account.database, since_ms, printed_id):
        if stop.requested():
            return
        event = events.event(row)
        if event.content is not None:
            event = replace(event, content=fetcher.with_long_texts(event.content))
        if print_or_fail(printer, event, events, row) is False:
            return


def read_since(text: str, now_ms: int) -> int:
    """A time given in milliseconds since 1970, or as how long ago it was (``90m``, ``8w``); raises UsageError."""
    if text.isascii() and text.isdigit():
        return int(text)
    ago_ms = parse_duration_ms(text)
    if ago_ms is None:
        raise UsageError(
            f"{text!r} is not a time",
            hint="give milliseconds since 1970, or how long ago: 90m, 24h, 7d, 8w",
        )
    return now_ms - ago_ms


class _Receiver:
    """One run of ``receive``."""

    def __init__(
        self,
        account: Account,
        options: ReceiveOptions,
        printer: InboxPrinter,
        follow_up: FollowUp,
        lease: ReceiverLease,
        stop: Stop,
    ) -> None:
        self._account = account
        self._options = options
        self._stop = stop
        self._inbox = printer
        self._lease = lease
        self._intake = Intake(account, lease, stop.requested)
        self._follow_up = follow_up
        self._policy = ReconnectPolicy(sleep=self._pause)
        self._failures = 0
        self._was_connected = False
        self._active_at = time.monotonic()
        self._looked_at = self._active_at
        self._data_version: tuple[int, ...] | None = None

    def run(self) -> None:
        expire_due(self._account)
        self._intake.release_trusted()
        if not self._inbox.print_pending():
            return
        self._active_at = time.monotonic()
        while not self._stop.requested():
            try:
                socket = self._connect()
                if socket is None:
                    return
                with socket:
                    self._receive(socket)
                return
            except ServiceError as loss:
                self._recover(loss)

    # --- the connection ----------------------------------------------------------------------

    def _connect(self) -> ChatSocket | None:
        """A socket on which messages come; None if told to stop first."""
        chat = self._account.chat
        stories = not self._options.ignore_stories
        socket = unless_stopped(self._stop, lambda: chat.open_reader(receive_stories=stories))
        if socket is None:
            return None
        self._was_connected = True
        self._intake.begin_connection()
        self._note_caught_up(False)
        if IDLE_PRIMARY in socket.alerts:
            warn_of_idle_primary(self._account)
        return socket

    def _recover(self, loss: ServiceError) -> None:
        """Wait before the next attempt; raises the loss again if another attempt is useless or too late."""
        if isinstance(loss, LoginRefused | Unauthorized):
            from sigcli.client.account.account_secrets import lost_login_hint

            note_registered(self._account, False)
            loss.hint = lost_login_hint(self._account.database)
            raise loss
        if isinstance(loss, ReauthenticationRequired) and not takes_login(self._account):
            note_registered(self._account, False)
            raise loss
        timeout_s = self._options.timeout_s
        self._failures += 1
        if timeout_s is None or timeout_s >= 0:
            if not self._was_connected:
                raise loss
            if timeout_s is None and self._failures > MAX_FAILURES:
                raise loss
            if timeout_s is not None and self._silence_s() > max(timeout_s, PATIENCE_S):
                raise loss
        elif self._failures == 1:
            self._account.warn(f"{loss.message}; trying again")
        if isinstance(loss, ReauthenticationRequired):
            self._pause(1.0)
            return
        self._policy.wait(loss)

    # --- messages ----------------------------------------------------------------------------

    def _receive(self, socket: ChatSocket) -> None:
        """Take messages until the run is over; raises ConnectionLost."""
        # What was stored when the last connection broke.
        if not self._inbox.print_pending():
            return
        while not self._stop.requested():
            batch = self._intake.take_batch(socket, _SLICE_S, self._wanted())
            if batch.envelopes:
                self._works()
                self._follow_up.is_due = True
                self._follow_up.connect_ahead()
                self._follow_up.update_groups()
                self._follow_up.name_newcomers()
                if not self._inbox.print_pending():
                    break
                if self._follow_up.look_up_groups() and not self._inbox.print_pending():
                    break
                self._active_at = time.monotonic()
            if batch.marker is not None:
                self._works()
                self._note_caught_up(True)
            at_rest = batch.marker is not None or not batch.envelopes
            if self._intake.is_empty and at_rest:
                if self._options.timeout_s is None and not self._account.chat.needs_reader:
                    # It is over for this connection: the service hears of it while the rest is done.
                    socket.say_goodbye()
                if self._idle():
                    break
            if self._silence_s() > PATIENCE_S and not self._intake.is_empty:
                raise TimedOut("the service did not say that the queue is empty")
        self._finish()

    def _wanted(self) -> int:
        """How many envelopes may be taken at once."""
        remaining = self._inbox.batch_limit
        return BATCH_SIZE if remaining is None else min(BATCH_SIZE, remaining)

    def _works(self) -> None:
        """The connection has carried something."""
        self._active_at = time.monotonic()
        self._failures = 0
        self._policy.succeeded()

    def _idle(self) -> bool:
        """Use a moment without messages; true if the run is over."""
        timeout_s = self._options.timeout_s
        self._work()
        if timeout_s is None:
            # What the work has brought about, in this process or another, goes out as well.
            self._inbox.print_pending()
            return True
        if (
            self._follow_up.take_released() or self._others_wrote()
        ) and not self._inbox.print_pending():
            return True
        return 0 <= timeout_s < self._inbox.silence_s(self._active_at)

    def _note_caught_up(self, is_caught_up: bool) -> None:
        """Tell those who print what this run receives."""
        if self._lease.is_shared:
            self._lease.note_caught_up(is_caught_up)

    def _work(self) -> None:
        self._inbox.tell(self._follow_up)
        self._follow_up.run()

    def _finish(self) -> None:
        """The end of a run that was not cut short by the service."""
        if not self._stop.requested():
            self._work()

    def _others_wrote(self) -> bool:
        """Whether another process has changed the store since the last look, which is made now and then."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S:
            return False
        self._looked_at = now
        row = self._account.database.row("PRAGMA data_version")
        before, self._data_version = self._data_version, row
        return before != row

    def _silence_s(self) -> float:
        return time.monotonic() - self._active_at

    def _pause(self, seconds: float) -> None:
        pause(self._stop, seconds)
