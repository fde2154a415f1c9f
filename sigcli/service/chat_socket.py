"""Requests and answers over one chat websocket, in both directions.

Framing: ``WebSocketProtocol.proto`` of the public Signal-Server. A reader thread sorts what arrives: answers go to the
thread that waits for them, the service's own requests into a queue that is limited in number and bytes. While it is
full nothing more is read, so a slow consumer slows the service down instead of filling its memory. While a thread waits
for an answer, which may come after those requests, the queue may grow to a few times its size.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from sigcli.errors import (
    ConnectionLost,
    MalformedAnswer,
    MalformedMessage,
    ServiceError,
    SigcliError,
    TimedOut,
)
from sigcli.service.exchange import REQUEST_TIMEOUT_S, Request, Response
from sigcli.service.keep_alive import INTERVAL_S, PATIENCE_S, KeepAlive
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.service.websocket import WebSocket

QUEUE_LIMIT = 256
QUEUE_BYTES = 8 * 1024 * 1024
OVERFULL = 4
"""The limits are multiplied by this while a thread waits for an answer, which may come after the queued requests."""
KEEP_ALIVE_PATH = "/v1/keepalive"
_GOODBYE_S = 2.0


class ChatSocket:
    """One open websocket with request framing; made from a connected WebSocket.

    ``takes_requests``: whether the service's own requests are queued for ``next_request``; if not, they are dropped
    unanswered. ``keep_alive_path`` None means ping frames.
    """

    def __init__(
        self,
        websocket: WebSocket,
        *,
        takes_requests: bool = False,
        keep_alive_path: str | None = KEEP_ALIVE_PATH,
        queue_limit: int = QUEUE_LIMIT,
        keep_alive_interval_s: float = INTERVAL_S,
        keep_alive_patience_s: float = PATIENCE_S,
    ) -> None:
        self._websocket = websocket
        self._takes_requests = takes_requests
        self._keep_alive_path = keep_alive_path
        self._queue_limit = queue_limit
        self._patience_s = keep_alive_patience_s
        lock = threading.Lock()
        self._answered = threading.Condition(lock)
        self._arrived = threading.Condition(lock)
        self._room = threading.Condition(lock)
        self._queue: deque[WebSocketRequest] = deque()
        self._queued_bytes = 0
        self._answers: dict[int, WebSocketResponse | None] = {}
        self._waiting = 0
        self._held = False
        self._closing = False
        self._must_arrive = False
        """Whether closing must wait for an answer to the service."""
        self._next_id = 1
        self._loss: SigcliError | None = None
        self._reader = threading.Thread(target=self._read, name="sigcli-websocket", daemon=True)
        self._keep_alive = KeepAlive(self._probe, keep_alive_interval_s)
        websocket.on_pong = self._on_pong
        self._reader.start()
        self._keep_alive.start()

    @property
    def is_open(self) -> bool:
        return self._loss is None and not self._closing

    @property
    def alerts(self) -> tuple[str, ...]:
        """What the service reports when connecting (``X-Signal-Alert``), for example ``idle-primary-device``."""
        words = self._websocket.headers.get("x-signal-alert", "").split(",")
        return tuple(word.strip() for word in words if word.strip())

    def request(self, request: Request, timeout_s: float = REQUEST_TIMEOUT_S) -> Response:
        """Send a request and wait for its answer, whatever its status; callable from several threads.

        Raises TimedOut, ConnectionLost.
        """
        with self._answered:
            request_id = self._begin()
            self._waiting += 1
            self._room.notify_all()
        try:
            self._send(_encode(request_id, request))
            return _response(self._await_answer(request_id, timeout_s))
        finally:
            with self._answered:
                self._waiting -= 1
                self._answers.pop(request_id, None)

    def next_request(self, timeout_s: float | None = None) -> WebSocketRequest | None:
        """The service's next request, in order; None if none came in time.

        Once everything that came before the loss of the connection has been returned, raises ConnectionLost. What was
        not answered in time comes again over the next connection.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._arrived:
            while not self._queue:
                if self._loss is not None:
                    raise self._loss
                left_s = None if deadline is None else deadline - time.monotonic()
                if left_s is not None and left_s <= 0:
                    return None
                self._arrived.wait(left_s)
            self._room.notify_all()
            request = self._queue.popleft()
            self._queued_bytes -= len(request.body)
            return request

    def respond(
        self,
        request_id: int | None,
        status: int = 200,
        message: str = "OK",
        *,
        must_arrive: bool = True,
    ) -> None:
        """Answer a request of the service; any 2xx accepts it. Raises ConnectionLost.

        ``must_arrive``: closing waits for it.
        """
        self._must_arrive = self._must_arrive or must_arrive
        answer = WebSocketResponse(id=request_id or 0, status=status, message=message)
        self._send(encode_frame(answer))

    def say_goodbye(self) -> None:
        """Begin to close, so that something else can be done until the service has closed as well. Never raises."""
        self._keep_alive.stop()
        self._websocket.say_goodbye()
        with self._room:
            # Nothing will take what is queued: let the reader go on to the end.
            self._closing = True
            self._room.notify_all()

    def close(self) -> None:
        """Close in order and free the socket; answers given before still arrive. Never raises."""
        self.say_goodbye()
        if self._must_arrive:
            # The last answers may still be on their way: cutting now could destroy them.
            self._reader.join(_GOODBYE_S)
        self._websocket.abort()
        self._reader.join(_GOODBYE_S)
        if not self._reader.is_alive():
            self._websocket.release()

    def __enter__(self) -> ChatSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> int:
        """A new request id, with a place for its answer; the lock is held."""
        if self._loss is not None:
            raise self._loss
        request_id = self._next_id
        self._next_id += 1
        self._answers[request_id] = None
        return request_id

    def _send(self, frame: bytes) -> None:
        try:
            self._websocket.send(frame)
        except ServiceError:
            # The reader learns why the connection ended, for example from a close code.
            self._reader.join(_GOODBYE_S)
            if self._loss is not None:
                raise self._loss from None
            raise

    def _await_answer(self, request_id: int, timeout_s: float) -> WebSocketResponse:
        deadline = time.monotonic() + timeout_s
        with self._answered:
            while (answer := self._answers[request_id]) is None:
                if self._loss is not None:
                    raise self._loss
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise TimedOut
                self._answered.wait(left_s)
            return answer

    # The reader's thread.

    def _read(self) -> None:
        try:
            while True:
                self._take(decode_frame(self._websocket.read()))
        except MalformedMessage:
            self._fail(MalformedAnswer("the service sent an unreadable websocket message"))
        except SigcliError as loss:
            self._fail(loss)
        finally:
            self._fail(ConnectionLost())

    def _take(self, frame: WebSocketRequest | WebSocketResponse) -> None:
        if isinstance(frame, WebSocketResponse):
            with self._answered:
                if frame.id is not None and frame.id in self._answers:
                    self._answers[frame.id] = frame
                    self._answered.notify_all()
            return
        with self._room:
            while self._must_hold():
                self._held = True
                self._room.wait()
            self._held = False
            if self._takes_requests and not self._closing:
                self._queue.append(frame)
                self._queued_bytes += len(frame.body)
                self._arrived.notify()

    def _must_hold(self) -> bool:
        if not self._takes_requests or self._closing or self._loss is not None:
            return False
        times = OVERFULL if self._waiting else 1
        return (
            len(self._queue) >= self._queue_limit * times
            or self._queued_bytes >= QUEUE_BYTES * times
        )

    def _fail(self, loss: SigcliError) -> None:
        """Record why the connection ended, unless that is known already, and wake every waiting thread."""
        with self._answered:
            if self._loss is None:
                self._loss = loss
            self._answered.notify_all()
            self._arrived.notify_all()
            self._room.notify_all()
        self._keep_alive.stop()
        self._websocket.abort()

    # The keep-alive's thread.

    def _probe(self) -> bool:
        """Ask for a sign of life; returns false if the connection is gone, which is then recorded."""
        try:
            alive = self._ask() if self._keep_alive_path is not None else self._ping()
        except SigcliError as loss:
            self._fail(loss)
            return False
        if not alive:
            self._fail(ConnectionLost("the service stopped answering"))
        return alive

    def _ask(self) -> bool:
        assert self._keep_alive_path is not None
        with self._answered:
            request_id = self._begin()
        try:
            self._websocket.send(_encode(request_id, Request("GET", self._keep_alive_path)))
            return self._comes(lambda: self._answers[request_id] is not None)
        finally:
            with self._answered:
                self._answers.pop(request_id, None)

    def _ping(self) -> bool:
        before = self._websocket.pongs
        self._websocket.ping()
        return self._comes(lambda: self._websocket.pongs > before)

    def _comes(self, arrived: Callable[[], bool]) -> bool:
        """Whether an answer comes in time; time in which nothing is read, because the queue is full, does not count."""
        deadline = time.monotonic() + self._patience_s
        with self._answered:
            while not arrived():
                if self._loss is not None:
                    raise self._loss
                if self._held:
                    deadline = time.monotonic() + self._patience_s
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    return False
                self._answered.wait(left_s)
        return True

    def _on_pong(self) -> None:
        with self._answered:
            self._answered.notify_all()


def _encode(request_id: int, request: Request) -> bytes:
    frame = WebSocketRequest(
        id=request_id,
        verb=request.method,
        path=request.path,
        body=request.body or b"",
        headers=tuple((name.lower(), value) for name, value in request.headers.items()),
    )
    return encode_frame(frame)


def _response(frame: WebSocketResponse) -> Response:
    return Response(frame.status, dict(frame.headers), frame.body)
