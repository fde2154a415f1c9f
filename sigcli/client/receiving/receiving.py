"""Receiving: envelopes are stored, then acknowledged, then printed, until the queue is empty or the time is over.

A batch of envelopes is one transaction: ratchet steps, contents and the tasks they cause. What is stored is printed in
the order in which it was stored, first of all what an earlier run did not get rid of.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sigcli.client.account.idleness import warn_of_idle_primary
from sigcli.client.applying.attachments_in import AttachmentFetcher
from sigcli.client.applying.expiring import expire_due
from sigcli.client.base.waiting import pause, unless_stopped
from sigcli.client.receiving.follow_up import FollowUp
from sigcli.client.receiving.inbox_printing import InboxPrinter
from sigcli.client.receiving.receiver_lease import ReceiverLease
from sigcli.errors import (
    LoginRefused,
    ReauthenticationRequired,
    ServiceError,
    TimedOut,
    Unauthorized,
    UsageError,
)
from sigcli.service.reconnecting import ReconnectPolicy
from sigcli.store import account_data, inbox
from sigcli.store.identity_keys import find_identity, is_trusted
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.applying.decrypting import EnvelopeIntake
    from sigcli.client.base.account import Account
    from sigcli.client.base.waiting import Stop
    from sigcli.client.receiving.inbox_printing import Printer
    from sigcli.service.chat_socket import ChatSocket
    from sigcli.wire.frames import WebSocketRequest

BATCH_SIZE = 32
"""Envelopes that are stored in one transaction."""
PATIENCE_S = 60.0
"""How long the service may be silent before it has said that the queue is empty."""
MAX_FAILURES = 4
"""Attempts to connect again, one after another, of a run that does not wait for messages."""
_SLICE_S = 0.1
_LINGER_S = 0.2
"""How long a batch waits for more while the service has not said that the queue is empty: what a message in it has to
say about an earlier one is known before that is printed."""
_LOOK_S = 1.0
"""How often the store is looked at for what other processes have put there."""
_MESSAGE_PATH = "/api/v1/message"
_TIME_DIGITS = 16
_EMPTY_PATH = "/api/v1/queue/empty"
_IDLE_PRIMARY = "idle-primary-device"


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

    Raises ReceiverBusy, LoginRefused, ReaderGone, and what goes wrong with the service or the store; everything that
    was acknowledged is stored by then.
    """
    lease = ReceiverLease.acquire(account, stop)
    if lease is None:
        return
    fetcher = AttachmentFetcher(account, stop, ignored=options.ignore_attachments)
    try:
        with lease:
            _Receiver(account, options, printer, fetcher, lease, stop).run()
    finally:
        fetcher.close()


def replay_messages(account: Account, since_text: str, printer: Printer, stop: Stop) -> None:
    """Print again what is kept since a time: milliseconds since 1970, or 90s, 90m, 24h, 7d ago; raises UsageError."""
    from sigcli.client.applying.received_events import EventBuilder

    since_ms = _read_since(since_text, account.now_ms())
    expire_due(account)
    fetcher = AttachmentFetcher(account, stop)
    events = EventBuilder(account)
    for row in inbox.replay(account.database, since_ms):
        if stop.requested():
            return
        event = events.event(row)
        if event.content is not None:
            event = replace(event, content=fetcher.with_long_texts(event.content))
        if not printer(event):
            return


def _read_since(text: str, now_ms: int) -> int:
    units_ms = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units_ms else (text, "")
    if not (number.isascii() and number.isdigit()):
        raise UsageError(
            f"{text!r} is no time",
            hint="give milliseconds since 1970, or how long ago: 90m, 24h, 7d",
        )
    return now_ms - int(number) * units_ms[unit] if unit else int(number)


@dataclass(slots=True)
class _Batch:
    """What the service has pushed, until nothing more was there at once."""

    envelopes: list[WebSocketRequest] = field(default_factory=list)
    marker: WebSocketRequest | None = None
    """That the queue is empty, behind the envelopes."""


class _Receiver:
    """One run of ``receive``."""

    def __init__(
        self,
        account: Account,
        options: ReceiveOptions,
        printer: Printer,
        fetcher: AttachmentFetcher,
        lease: ReceiverLease,
        stop: Stop,
    ) -> None:
        self._account = account
        self._options = options
        self._lease = lease
        self._stop = stop
        self._inbox = InboxPrinter(account, options, printer, fetcher, stop)
        self._intake: EnvelopeIntake | None = None
        self._follow_up = FollowUp(
            account,
            fetcher,
            stop,
            ignore_avatars=options.ignore_avatars,
            ignore_stickers=options.ignore_stickers,
        )
        self._policy = ReconnectPolicy(sleep=self._pause)
        self._failures = 0
        self._was_connected = False
        self._is_empty = False
        self._active_at = time.monotonic()
        self._looked_at = self._active_at
        self._data_version: tuple[int, ...] | None = None

    def run(self) -> None:
        expire_due(self._account)
        self._release_trusted()
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

    def _release_trusted(self) -> None:
        """Decrypt what was kept back of people whose keys are trusted by now, or under this run's policy."""
        database, policy = self._account.database, self._account.trust_policy
        sources = {row.facts.source for row in inbox.held(database)}
        for source in sources:
            if source is None:
                continue
            known = find_identity(database, source)
            if known is not None and is_trusted(known, known.identity_key, policy):
                intake = self._open_intake()
                with database.transaction():
                    intake.begin()
                    intake.release(source)

    # --- the connection ----------------------------------------------------------------------

    def _connect(self) -> ChatSocket | None:
        """A socket on which messages come; None if told to stop first."""
        chat = self._account.chat
        stories = not self._options.ignore_stories
        socket = unless_stopped(self._stop, lambda: chat.open_reader(receive_stories=stories))
        if socket is None:
            return None
        self._was_connected = True
        self._is_empty = False
        if _IDLE_PRIMARY in socket.alerts:
            warn_of_idle_primary(self._account)
        if read_setting(self._account.database, account_data.REGISTERED) is False:
            self._write_registered(True)
        return socket

    def _recover(self, loss: ServiceError) -> None:
        """Wait before the next attempt; raises the loss if there is no use in one, or no time for it."""
        if isinstance(loss, LoginRefused | Unauthorized):
            from sigcli.client.account.account_secrets import lost_login_hint

            self._write_registered(False)
            loss.hint = lost_login_hint(self._account.database)
            raise loss
        if isinstance(loss, ReauthenticationRequired):
            self._check_login(loss)
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

    def _check_login(self, loss: ReauthenticationRequired) -> None:
        """The service wants a new login: raises the loss if it takes none any more."""
        from sigcli.service.resources.accounts import whoami

        try:
            whoami(self._account.identified)
        except (Unauthorized, LoginRefused):
            self._write_registered(False)
            raise loss from None
        except ServiceError:
            return

    def _write_registered(self, registered: bool) -> None:
        with self._account.database.transaction() as database:
            write_setting(database, account_data.REGISTERED, registered)

    # --- messages ----------------------------------------------------------------------------

    def _receive(self, socket: ChatSocket) -> None:
        """Take messages until the run is over; raises the loss of the connection."""
        # What was stored when the last connection broke.
        if not self._inbox.print_pending():
            return
        while not self._stop.requested():
            batch = self._collect(socket)
            if batch.envelopes:
                self._store(batch.envelopes)
                for frame in batch.envelopes:
                    socket.respond(frame.id)
                self._works()
                self._follow_up.is_due = True
                self._follow_up.update_groups()
                if not self._inbox.print_pending():
                    break
                if self._follow_up.look_up_groups() and not self._inbox.print_pending():
                    break
                self._active_at = time.monotonic()
            if batch.marker is not None:
                socket.respond(batch.marker.id)
                self._works()
                self._is_empty = True
                self._note_receiving()
            at_rest = batch.marker is not None or not batch.envelopes
            if self._is_empty and at_rest and self._idle():
                break
            if self._lease.is_due():
                with self._account.database.transaction():
                    self._lease.renew()
            if self._silence_s() > PATIENCE_S and not self._is_empty:
                raise TimedOut("the service did not say that the queue is empty")
        self._finish()

    def _collect(self, socket: ChatSocket) -> _Batch:
        """Wait a moment for the first push, then take what is there."""
        batch = _Batch()
        wanted = BATCH_SIZE
        if (remaining := self._inbox.remaining) is not None:
            wanted = min(wanted, remaining)
        frame = socket.next_request(_SLICE_S)
        lingers_until = 0.0 if self._is_empty else time.monotonic() + _LINGER_S
        while frame is not None:
            if frame.path == _MESSAGE_PATH:
                batch.envelopes.append(frame)
            elif frame.path == _EMPTY_PATH:
                batch.marker = frame
                break
            else:
                socket.respond(frame.id, 404, "Not Found")
            if len(batch.envelopes) >= wanted:
                break
            frame = socket.next_request(max(0.0, lingers_until - time.monotonic()))
        return batch

    def _store(self, frames: list[WebSocketRequest]) -> None:
        """Decrypt, apply and store a batch, in one transaction."""
        intake = self._open_intake()
        with self._account.database.transaction():
            intake.begin()
            for frame in frames:
                intake.take(frame.body, _delivered_ms(frame))
            intake.release_trusted()
            if self._lease.is_due():
                self._lease.renew()

    def _open_intake(self) -> EnvelopeIntake:
        if self._intake is None:
            # What decrypting needs is loaded when there is something to decrypt.
            from sigcli.client.applying.decrypting import EnvelopeIntake

            self._intake = EnvelopeIntake(self._account)
        return self._intake

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
        return 0 <= timeout_s < self._silence_s()

    def _work(self) -> None:
        if self._inbox.read:
            read, self._inbox.read = self._inbox.read, {}
            self._follow_up.send_read_receipts(read)
        if self._inbox.opened:
            opened, self._inbox.opened = self._inbox.opened, []
            self._follow_up.tell_opened(opened)
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

    def _note_receiving(self) -> None:
        """Remember, every few hours, that this device receives."""
        database, now_ms = self._account.database, self._account.now_ms()
        last_ms = read_setting(database, account_data.LAST_RECEIVE_MS) or 0
        if not 0 <= now_ms - last_ms < 4 * 3600 * 1000:
            with database.transaction():
                write_setting(database, account_data.LAST_RECEIVE_MS, now_ms)

    def _silence_s(self) -> float:
        return time.monotonic() - self._active_at

    def _pause(self, seconds: float) -> None:
        pause(self._stop, seconds)


def _delivered_ms(frame: WebSocketRequest) -> int | None:
    """The service's time, from the header of its request."""
    for name, value in frame.headers:
        if (
            name == "x-signal-timestamp"
            and value.isascii()
            and value.isdigit()
            and len(value) <= _TIME_DIGITS
        ):
            return int(value)
    return None
