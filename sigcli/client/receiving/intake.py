"""From the service's queue into the inbox: a batch of envelopes is one transaction, and acknowledged after it.

One transaction holds ratchet steps, contents and the tasks they cause. A kill before its end leaves the envelopes
with the service, a kill after it leaves the rows in the inbox.
"""

from __future__ import annotations

import time
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from sigcli.durations import HOUR_MS
from sigcli.errors import LoginRefused, ServiceError, Unauthorized
from sigcli.lazy_dataclass import dataclass
from sigcli.store import account_data, inbox
from sigcli.store.identity_keys import find_identity, is_trusted
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sigcli.client.applying.envelope_intake import EnvelopeIntake
    from sigcli.client.base.account import Account
    from sigcli.client.receiving.receiver_lease import ReceiverLease
    from sigcli.service.chat_socket import ChatSocket
    from sigcli.wire.addresses import ServiceId
    from sigcli.wire.frames import WebSocketRequest

BATCH_SIZE = 32
"""Envelopes that are stored in one transaction, at most."""
BATCH_S = 0.5
"""After this time a transaction takes no further envelope: other processes wait for it."""
_LINGER_S = 0.2
"""How long a batch waits for more while the service has not said that the queue is empty: what a message in it has to
say about an earlier one is known before that is handed out."""
_MESSAGE_PATH = "/api/v1/message"
_EMPTY_PATH = "/api/v1/queue/empty"
_TIME_DIGITS = 16
_NOTED_EVERY_MS = 4 * HOUR_MS


@dataclass(slots=True)
class Batch:
    """What the service has pushed, until nothing more was there at once."""

    envelopes: list[WebSocketRequest] = field(default_factory=list)
    marker: WebSocketRequest | None = None
    """That the queue is empty, behind the envelopes."""


class Intake:
    """Takes what one connection after another brings, under the receiver lease."""

    def __init__(
        self, account: Account, lease: ReceiverLease, stop_requested: Callable[[], bool]
    ) -> None:
        self._account = account
        self._lease = lease
        self._stop_requested = stop_requested
        self._intake: EnvelopeIntake | None = None
        self.is_empty = False
        """Whether the service has said of this connection that nothing more waits."""

    def begin_connection(self) -> None:
        """A new connection begins with what waits at the service."""
        self.is_empty = False
        if read_setting(self._account.database, account_data.REGISTERED) is False:
            note_registered(self._account, True)

    def take_batch(self, socket: ChatSocket, wait_s: float, wanted: int | None = None) -> Batch:
        """Wait so long for the service's first push, then take what is there: stored, then acknowledged.

        What is left when told to stop is not acknowledged: it comes again.
        Raises ConnectionLost, StoreError, LeaseLost.
        """
        batch = self._collect(socket, wait_s, BATCH_SIZE if wanted is None else wanted)
        if batch.envelopes:
            self._store_and_acknowledge(socket, batch.envelopes)
            if self._stop_requested():
                return batch
        if batch.marker is not None:
            socket.respond(batch.marker.id, must_arrive=False)
            self.is_empty = True
            self._note_receiving()
        if self._lease.is_due():
            with self._account.database.transaction() as transaction:
                self._lease.renew(transaction)
        return batch

    def release_trusted(self) -> None:
        """Decrypt what was kept back of people whose keys are trusted by now, or under this run's policy."""
        database, policy = self._account.database, self._account.trust_policy
        for source in inbox.held_sources(database):
            known = find_identity(database, source)
            if known is not None and is_trusted(known, known.identity_key, policy):
                self._release(source)

    def _release_more(self) -> None:
        """Decrypt what was kept back of those whom the last messages have made trusted."""
        for source in self._open_intake().take_newly_trusted():
            self._release(source)

    def _release(self, source: ServiceId) -> None:
        """Decrypt what was kept back of somebody who is trusted now, in transactions that end by time."""
        intake = self._open_intake()
        after_id: int | None = 0
        while after_id is not None and not self._stop_requested():
            with intake.batch():
                is_over = partial(_is_over, time.monotonic() + BATCH_S)
                after_id = intake.release_some(source, after_id, is_over)

    def _collect(self, socket: ChatSocket, wait_s: float, wanted: int) -> Batch:
        batch = Batch()
        frame = socket.next_request(wait_s)
        lingers_until = 0.0 if self.is_empty else time.monotonic() + _LINGER_S
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

    def _store_and_acknowledge(
        self, socket: ChatSocket, frames: Sequence[WebSocketRequest]
    ) -> None:
        """Take a batch, in as many transactions as its time asks for."""
        while frames and not self._stop_requested():
            stored = self._store(frames)
            for frame in frames[:stored]:
                socket.respond(frame.id)
            frames = frames[stored:]
        self._release_more()

    def _store(self, frames: Sequence[WebSocketRequest]) -> int:
        """Decrypt, apply and store envelopes in one transaction, until its time is over; gives how many."""
        intake = self._open_intake()
        with intake.batch() as transaction:
            ends_at = time.monotonic() + BATCH_S
            stored = 0
            for frame in frames:
                intake.take(frame.body, _delivered_ms(frame))
                stored += 1
                if self._stop_requested() or _is_over(ends_at):
                    break
            if self._lease.is_due():
                self._lease.renew(transaction)
        return stored

    def _open_intake(self) -> EnvelopeIntake:
        if self._intake is None:
            # What decrypting needs is loaded when there is something to decrypt.
            from sigcli.client.applying.envelope_intake import EnvelopeIntake

            self._intake = EnvelopeIntake(self._account)
        return self._intake

    def _note_receiving(self) -> None:
        """Remember, every few hours, that this device receives."""
        database, now_ms = self._account.database, self._account.now_ms()
        last_ms = read_setting(database, account_data.LAST_RECEIVE_MS) or 0
        if not 0 <= now_ms - last_ms < _NOTED_EVERY_MS:
            with database.transaction() as transaction:
                write_setting(transaction, account_data.LAST_RECEIVE_MS, now_ms)


def note_registered(account: Account, registered: bool) -> None:
    """Remember whether the service takes this device's login; opens a transaction of its own."""
    with account.database.transaction() as database:
        write_setting(database, account_data.REGISTERED, registered)


def takes_login(account: Account) -> bool:
    """Whether the service still takes this device's login, as far as it can be asked now."""
    from sigcli.service.resources.accounts import whoami

    try:
        whoami(account.identified)
    except (Unauthorized, LoginRefused):
        return False
    except ServiceError:
        return True
    return True


def _is_over(ends_at: float) -> bool:
    return time.monotonic() >= ends_at


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
