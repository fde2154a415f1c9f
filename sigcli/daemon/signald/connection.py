"""One connection: requests are read line by line; each answer and event is one line and one write.

A client may read one block and, at an event that it does not know, drop the rest of it. So events other than messages
wait while a request is unanswered, and what a new subscriber is told at once follows the answer in the same write.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.daemon.signald.answering import read, with_id
from sigcli.daemon.signald.declaring import V0
from sigcli.daemon.signald.events import (
    INCOMING,
    connection_state,
    incoming,
    listening,
    older_message,
)
from sigcli.daemon.signald.lanes import Lanes
from sigcli.daemon.signald.lines import line
from sigcli.daemon.signald.older.answers import unexpected
from sigcli.daemon.signald.requests.subscriptions import GREETING
from sigcli.errors import SigcliError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.client.live.live_account import LiveAccount
    from sigcli.client.live.live_state import LiveState
    from sigcli.client.live.subscription import Delivery, Subscription
    from sigcli.daemon.channels.streams import SocketStream
    from sigcli.daemon.core import Core
    from sigcli.daemon.signald.answering import Answering, Asked

MAX_LINE = 32 * 1024 * 1024
"""The longest request in bytes."""
MOST_HELD_BACK = 256
"""The most events held back for an answer; beyond that, further ones wait."""
_LOOK_S = 1.0
_LOOK_OFTEN_S = 0.02
"""How often to check whether the client has read what was written."""
_MESSAGES = frozenset({INCOMING, "message"})


class Written:
    """Where a line ends in the output; None while it is held back."""

    __slots__ = ("end",)

    def __init__(self) -> None:
        self.end: int | None = None

    def is_within(self, until: int) -> bool:
        return self.end is not None and self.end <= until


class Connection:
    """Runs on a thread of its own; ``break_off`` ends it from another."""

    def __init__(self, core: Core, answering: Answering, stream: SocketStream) -> None:
        self._core = core
        self._answering = answering
        self._stream = stream
        self._lanes = Lanes()
        self._writing = threading.Condition()
        self._written = 0
        self._unanswered = 0
        self._held_back: list[tuple[bytes, Written]] = []
        self._is_over = False
        self._subscribed = threading.Lock()
        self._subscribers: dict[LiveAccount, _Subscriber] = {}
        self._begun: list[_Subscriber] = []
        """The subscribers whose threads may still use the connection."""

    # --- its thread -----------------------------------------------------------------------

    def run(self) -> None:
        """Serve until the client is gone and all its requests are done; never raises."""
        with suppress(OSError):  # a client that is gone may have sent requests before
            self._write(line({"type": "version", "data": GREETING}))
        for text in self._lines():
            asked = read(text)
            with self._writing:
                self._unanswered += 1
            self._lanes.put(asked.lane, _Job(self, asked).run)
        self._end_subscriptions()
        # A client may close at once if it does not need the answer.
        self._lanes.wait()
        self._end_subscriptions()

    def break_off(self) -> None:
        """End it: nothing more is read or written."""
        self._stream.break_off()
        with self._writing:
            self._is_over = True
            self._writing.notify_all()
        self._end_subscriptions()

    def close(self) -> None:
        """Close it; call it once ``run`` has returned."""
        self.break_off()
        for subscriber in self._begun:
            subscriber.join()
        self._stream.close()

    def _lines(self) -> Iterator[bytes]:
        pending = bytearray()
        with suppress(OSError):
            while piece := self._stream.read():
                pending += piece
                if b"\n" in piece:
                    *whole, rest = pending.split(b"\n")
                    pending = bytearray(rest)
                    yield from (bytes(one) for one in whole if one.strip())
                if len(pending) > MAX_LINE:
                    self.write_answer([unexpected("the request is too long")])
                    return
        if pending.strip():
            yield bytes(pending)

    # --- writing -----------------------------------------------------------------------------

    def serve(self, asked: Asked) -> None:
        """Answer a request."""
        job = _ClientOfRequest(self, asked)
        answer = self._answering.answer(asked, job)
        answers = [] if answer is None else [answer]
        if answer is not None and "error" not in answer:
            answers += job.behind_answer
        self.write_answer(answers, ends_request=True)
        job.begin()

    def write_answer(self, messages: list[dict[str, Any]], *, ends_request: bool = False) -> None:
        """Write lines at once, before any that were held back for them."""
        data = b"".join(map(line, messages))
        with self._writing, suppress(OSError):
            try:
                if data:
                    self._write(data)
            finally:
                if ends_request:
                    self._unanswered -= 1
            if not self._unanswered:
                held_back, self._held_back = self._held_back, []
                for one, written in held_back:
                    self._write(one)
                    written.end = self._written
                self._writing.notify_all()

    def write_event(self, event: dict[str, Any]) -> Written:
        """Write one line, at once or after the answers that are due. Raises OSError once the client is gone."""
        data, written = line(event), Written()
        with self._writing:
            if event["type"] not in _MESSAGES:
                self._writing.wait_for(
                    lambda: len(self._held_back) < MOST_HELD_BACK or self._is_over
                )
                if self._unanswered and not self._is_over:
                    self._held_back.append((data, written))
                    return written
            self._write(data)
            written.end = self._written
        return written

    def read_until(self) -> int:
        """How many bytes the client has certainly read; raises OSError once it is gone."""
        with self._writing:
            until = self._written - self._stream.unread()
            if self._stream.has_hung_up():
                raise ConnectionResetError
            return until

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._written += len(data)

    # --- subscriptions -----------------------------------------------------------------------

    def subscribe(self, live: LiveAccount, name: str, version: str) -> _Subscriber | None:
        """What delivers the events, from ``start`` on; None if the connection gets them already. Raises StoreError."""
        with self._subscribed:
            if live in self._subscribers:
                return None
            rendering = older_message if version == V0 else incoming
            subscription = self._core.subscribe(account=live, rendering=rendering)
            subscriber = _Subscriber(self, live, subscription, name, version)
            self._subscribers[live] = subscriber
            self._begun = [one for one in self._begun if not one.has_ended]
            self._begun.append(subscriber)
            return subscriber

    def unsubscribe(self, live: LiveAccount) -> None:
        """End the events of an account."""
        with self._subscribed:
            subscriber = self._subscribers.pop(live, None)
        if subscriber is not None:
            subscriber.close()

    def is_subscribed(self, live: LiveAccount) -> bool:
        return live in self._subscribers

    def warn(self, text: str) -> None:
        self._core.settings.warn(text)

    def _end_subscriptions(self) -> None:
        with self._subscribed:
            subscribers, self._subscribers = list(self._subscribers.values()), {}
        for subscriber in subscribers:
            subscriber.close()


class _Job:
    """One request that is to be answered."""

    def __init__(self, connection: Connection, asked: Asked) -> None:
        self._connection = connection
        self._asked = asked

    def run(self) -> None:
        self._connection.serve(self._asked)


class _ClientOfRequest:
    """The connection from the point of view of a request (``call.Client``)."""

    def __init__(self, connection: Connection, asked: Asked) -> None:
        self._connection = connection
        self._id = asked.id
        self._begun: list[_Subscriber] = []
        self.behind_answer: list[dict[str, Any]] = []

    def subscribe(self, live: LiveAccount, name: str, version: str) -> None:
        subscriber = self._connection.subscribe(live, name, version)
        if subscriber is not None:
            self._begun.append(subscriber)
        self.behind_answer.append(listening(version, name))

    def unsubscribe(self, live: LiveAccount) -> None:
        self._connection.unsubscribe(live)

    def is_subscribed(self, live: LiveAccount) -> bool:
        return self._connection.is_subscribed(live)

    def answer_early(self, type: str, data: Any) -> None:
        self._connection.write_answer([with_id({"type": type, "data": data}, self._id)])

    def begin(self) -> None:
        """Events follow the answer."""
        for subscriber in self._begun:
            subscriber.start()


class _Subscriber:
    """Delivers the events of one account to the client, on its own thread."""

    def __init__(
        self,
        connection: Connection,
        live: LiveAccount,
        subscription: Subscription,
        name: str,
        version: str,
    ) -> None:
        self._connection = connection
        self._live = live
        self._subscription = subscription
        self._name = name
        self._version = version
        self._state: LiveState | None = None
        self._told: deque[tuple[Written, Delivery]] = deque()
        """Deliveries not known to be read."""

        self._thread = threading.Thread(target=self._run, name="sigcli-signald-events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        return self._subscription.is_closed and not self._thread.is_alive()

    def join(self) -> None:
        """Return once its thread has ended, if it was started."""
        if self._thread.ident is not None:
            self._thread.join()

    def close(self) -> None:
        """What the client is not known to have read is left for the next connection."""
        self._subscription.close()

    def _run(self) -> None:
        try:
            while not self._subscription.is_closed:
                self._hand_out()
        except OSError:
            pass  # the client is gone
        except SigcliError as error:
            self._connection.warn(f"messages cannot be delivered: {error.message}")
        finally:
            self._subscription.close()

    def _hand_out(self) -> None:
        delivery = self._subscription.next(_LOOK_OFTEN_S if self._told else _LOOK_S)
        self._tell_state()
        if delivery is not None:
            event = delivery.event
            if self._version != V0:
                event = {**event, "account": self._name}
            self._told.append((self._connection.write_event(event), delivery))
        if not self._told:
            return
        until, read = self._connection.read_until(), None
        while self._told and self._told[0][0].is_within(until):
            read = self._told.popleft()[1]
        if read is not None:
            self._subscription.taken(read.id, read.account)

    def _tell_state(self) -> None:
        """Report that the connection to the service was lost or is back."""
        state, before = self._live.state, self._state
        self._state = state
        if before is None or state == before:
            return
        now = (state.is_connected, state.is_logged_out)
        if now != (before.is_connected, before.is_logged_out):
            self._connection.write_event(connection_state(self._version, self._name, state))
