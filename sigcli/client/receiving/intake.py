"""From the service's queue into the inbox: a batch of envelopes is one transaction, and acknowledged after it.

One transaction holds ratchet steps, contents and the tasks they cause. A kill before its end leaves the envelopes
with the service, a kill after it leaves the rows in the inbox.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sigcli.errors import LoginRefused, ServiceError, Unauthorized
from sigcli.store import account_data, inbox
from sigcli.store.identity_keys import find_identity, is_trusted
from sigcli.store.settings import read_setting, write_setting

if TYPE_CHECKING:
    from sigcli.client.applying.decrypting import EnvelopeIntake
    from sigcli.client.base.account import Account
    from sigcli.client.receiving.receiver_lease import ReceiverLease
    from sigcli.service.chat_socket import ChatSocket
    from sigcli.wire.frames import WebSocketRequest

BATCH_SIZE = 32
"""Envelopes that are stored in one transaction."""
_LINGER_S = 0.2
"""How long a batch waits for more while the service has not said that the queue is empty: what a message in it has to
say about an earlier one is known before that is handed out."""
_MESSAGE_PATH = "/api/v1/message"
_EMPTY_PATH = "/api/v1/queue/empty"
_TIME_DIGITS = 16
_NOTED_EVERY_MS = 4 * 3600 * 1000


@dataclass(slots=True)
class Batch:
    """What the service has pushed, until nothing more was there at once."""

    envelopes: list[WebSocketRequest] = field(default_factory=list)
    marker: WebSocketRequest | None = None
    """That the queue is empty, behind the envelopes."""


class Intake:
    """Takes what one connection after another brings, under the receiver lease."""

    def __init__(self, account: Account, lease: ReceiverLease) -> None:
        self._account = account
        self._lease = lease
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

        Raises the loss of the connection, StoreError, LeaseLost.
        """
        batch = self._collect(socket, wait_s, BATCH_SIZE if wanted is None else wanted)
        if batch.envelopes:
            self._store(batch.envelopes)
            for frame in batch.envelopes:
                socket.respond(frame.id)
        if batch.marker is not None:
            socket.respond(batch.marker.id)
            self.is_empty = True
            self._note_receiving()
        if self._lease.is_due():
            with self._account.database.transaction():
                self._lease.renew()
        return batch

    def release_trusted(self) -> None:
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

    def _note_receiving(self) -> None:
        """Remember, every few hours, that this device receives."""
        database, now_ms = self._account.database, self._account.now_ms()
        last_ms = read_setting(database, account_data.LAST_RECEIVE_MS) or 0
        if not 0 <= now_ms - last_ms < _NOTED_EVERY_MS:
            with database.transaction():
                write_setting(database, account_data.LAST_RECEIVE_MS, now_ms)


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
