"""Every wait ends: servers that bring a byte now and then, or one interim answer after another, are TimedOut."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Self

import pytest

from sigcli.errors import ConnectionLost, ServiceError, TimedOut
from sigcli.service.cdn import ATTEMPTS, Cdn
from sigcli.service.chat_socket import OVERFULL, QUEUE_BYTES, ChatSocket
from sigcli.service.deadlines import MAX_RETRY_AFTER_S, MIN_BYTES_PER_S, Deadline, send_within
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.exchange import Request, Response
from sigcli.service.http import HttpClient
from sigcli.service.network import Network
from sigcli.service.reconnecting import LONGEST_S, ReconnectPolicy
from sigcli.service.rest import RestClient
from sigcli.service.websocket import WebSocket
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame
from tests.support.loopback_server import (
    Answer,
    LoopbackServer,
    Received,
    ServerWebSocket,
    authority,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMEOUT_S = 0.4
LONG_S = 5.0
"""A wait without an end would take far longer."""


class Trickle:
    """A server that, to each connection, sends what ``pieces`` gives, a little pause between any two."""

    def __init__(
        self, pieces: Callable[[], Iterator[bytes]], *, tls: bool = True, pause_s: float = 0.05
    ) -> None:
        self._pieces = pieces
        self._tls = tls
        self._pause_s = pause_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> BaseUrl:
        return BaseUrl("127.0.0.1", int(self._listener.getsockname()[1]))

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname()).close()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._over.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        connection = plain
        try:
            if self._tls:
                connection = authority().server_context.wrap_socket(plain, server_side=True)
                connection.recv(65536)
            for piece in self._pieces():
                if self._over.wait(self._pause_s):
                    break
                connection.sendall(piece)
        except OSError:
            pass
        finally:
            connection.close()


def bytes_of(text: bytes) -> Callable[[], Iterator[bytes]]:
    """One byte at a time."""
    return lambda: (bytes([byte]) for byte in text)


def endless(piece: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(lambda: piece, None)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
SLOW_ANSWERS = {
    "interim answers": endless(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a byte of the head at a time": bytes_of(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000),
    "a byte of the body at a time": lambda: iter([HEAD, *[b"x"] * 1000]),
}


@contextlib.contextmanager
def ends(kind: type[ServiceError] = TimedOut) -> Iterator[None]:
    """What is done ends in time, with this error."""
    began = time.monotonic()
    with pytest.raises(kind):
        yield
    assert time.monotonic() - began < LONG_S


def network_to(url: BaseUrl, **variables: str) -> Network:
    with LoopbackServer() as server:
        environment = server.environment(
            chat_url=url, cdn_urls={0: url, 2: url, 3: url}, storage_url=url
        )
    return Network(environment, variables=variables)


@pytest.mark.parametrize("kind", SLOW_ANSWERS)
def test_a_request_to_the_chat_service_ends(kind: str) -> None:
    with Trickle(SLOW_ANSWERS[kind]) as server, contextlib.ExitStack() as stack:
        rest = RestClient(network_to(server.url), server.url)
        stack.callback(rest.close)
        with ends():
            rest.request(Request("GET", "/v1/x"), TIMEOUT_S)


@pytest.mark.parametrize("kind", SLOW_ANSWERS)
def test_a_request_to_storage_or_a_cdn_ends(kind: str) -> None:
    with (
        Trickle(SLOW_ANSWERS[kind]) as server,
        HttpClient(network_to(server.url), server.url) as client,
        ends(),
    ):
        client.request("GET", "/v1/x", timeout_s=TIMEOUT_S)


@pytest.mark.parametrize("kind", SLOW_ANSWERS)
def test_a_download_ends(kind: str) -> None:
    with (
        Trickle(SLOW_ANSWERS[kind]) as server,
        Cdn(network_to(server.url), sleep=lambda _: None) as cdn,
        ends(),
    ):
        cdn.download(3, "/attachments/key", io.BytesIO(), timeout_s=0.2)


def test_a_cdn_that_drops_after_each_byte_is_given_up() -> None:
    def respond(received: Received) -> Answer:
        start = int(received.headers.get("range", "bytes=0-").removeprefix("bytes=")[:-1])
        headers = {"Content-Range": f"bytes {start}-99999/100000"} if start else {}
        return Answer(206 if start else 200, bytes(100_000 - start), headers, cut_after=1)

    with (
        LoopbackServer(respond) as server,
        Cdn(Network(server.environment(), variables={}), sleep=lambda _: None) as cdn,
        ends(ConnectionLost),
    ):
        cdn.download(3, "/attachments/key", io.BytesIO())
    assert len(server.received) == ATTEMPTS


@pytest.mark.parametrize(
    "answer",
    [
        bytes_of(b"HTTP/1.1 101 Switching Protocols\r\n" + b"x: y\r\n" * 100),
        bytes_of(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 10000\r\n\r\n" + b"x" * 1000),
    ],
)
def test_opening_a_websocket_ends(answer: Callable[[], Iterator[bytes]]) -> None:
    # Chat, enclaves and provisioning are opened like this.
    with Trickle(answer) as server, ends():
        WebSocket.connect(network_to(server.url), server.url, "/v1/websocket/", {}, TIMEOUT_S)


def test_a_proxy_that_answers_a_byte_at_a_time_is_given_up() -> None:
    slow = bytes_of(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000)
    with Trickle(slow, tls=False) as proxy:
        host = f"http://127.0.0.1:{proxy.url.port}"
        network = network_to(BaseUrl("127.0.0.1", 9), HTTPS_PROXY=host)
        with ends():
            network.connect(BaseUrl("127.0.0.1", 9), TIMEOUT_S)
        with HttpClient(network, BaseUrl("127.0.0.1", 9)) as client, ends():
            client.request("GET", "/", timeout_s=TIMEOUT_S)


def test_a_tls_handshake_that_comes_a_byte_at_a_time_is_given_up() -> None:
    hello = b"\x16\x03\x03\x40\x00" + bytes(1000)
    with Trickle(bytes_of(hello), tls=False) as server, ends():
        network_to(server.url).connect(server.url, TIMEOUT_S)


class SlowReader:
    """A socket that takes a byte at a time."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.taken = 0

    def settimeout(self, timeout_s: float) -> None:
        assert timeout_s > 0

    def send(self, data: memoryview) -> int:
        assert data
        self.now_s += 1
        self.taken += 1
        return 1


def test_sending_to_who_takes_a_byte_a_second_ends() -> None:
    slow = SlowReader()
    with pytest.raises(TimeoutError):
        send_within(slow, bytes(10**6), Deadline(30, lambda: slow.now_s))  # type: ignore[arg-type]
    assert slow.taken == 31


def test_a_slow_line_is_fast_enough() -> None:
    now_s = 0.0
    deadline = Deadline(30, lambda: now_s)
    for _ in range(1000):
        now_s += 1
        deadline.moved(MIN_BYTES_PER_S)
        assert deadline.left_s() == 30
    now_s += 30
    assert deadline.is_over()


# --- what the service asks for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7),
        ("86400", 86_400),
        ("2147484", MAX_RETRY_AFTER_S),
        ("9" * 11, MAX_RETRY_AFTER_S),
        ("9" * 5000, MAX_RETRY_AFTER_S),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_a_day_at_most(text: str, wait_s: int | None) -> None:
    assert Response(429, {"retry-after": text}).retry_after_s == wait_s


def test_a_lost_connection_is_tried_again_within_the_hour() -> None:
    from sigcli.errors import RateLimited

    waits: list[float] = []
    policy = ReconnectPolicy(sleep=waits.append)
    policy.wait(RateLimited(status=429, retry_after_s=2_147_484))
    assert waits == [LONGEST_S]


# --- queues -----------------------------------------------------------------------------------------

BODY = bytes(256 * 1024)


def until(happened: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < ends_at
        time.sleep(0.002)


def push(websocket: ServerWebSocket, number: int, body: bytes = BODY) -> None:
    frame = WebSocketRequest(id=number, verb="PUT", path="/api/v1/message", body=body)
    websocket.send(encode_frame(frame))


@contextlib.contextmanager
def flooded(answers_after: int | None) -> Iterator[ChatSocket]:
    """A socket whose service pushes large messages without end, an answer after so many."""

    def play(websocket: ServerWebSocket) -> None:
        try:
            if answers_after is None:
                for number in range(400):
                    push(websocket, number)
                return
            frame = decode_frame(websocket.receive())
            for number in range(400):
                if number == answers_after:
                    answer = WebSocketResponse(id=frame.id, status=200, message="OK")
                    websocket.send(encode_frame(answer))
                push(websocket, number)
        except (OSError, ssl.SSLError):
            return

    with LoopbackServer(play=play) as server:
        network = Network(server.environment(), variables={})
        websocket = WebSocket.connect(network, server.url, "/", {})
        with ChatSocket(websocket, takes_requests=True) as chat:
            yield chat


def test_what_the_service_pushes_is_bounded_in_bytes() -> None:
    with flooded(None) as chat:
        until(lambda: chat._held)
        assert QUEUE_BYTES <= chat._queued_bytes < QUEUE_BYTES + len(BODY)
        for _ in range(200):
            assert chat.next_request(10) is not None
        assert chat._queued_bytes <= QUEUE_BYTES + len(BODY)


def test_an_answer_that_stands_behind_some_messages_is_found() -> None:
    with flooded(answers_after=64) as chat:
        assert chat.request(Request("GET", "/v1/x"), 10).status == 200


def test_the_bound_holds_while_an_answer_is_awaited() -> None:
    with flooded(answers_after=399) as chat:
        with ends():
            chat.request(Request("GET", "/v1/x"), 2.0)
        assert chat._queued_bytes < OVERFULL * QUEUE_BYTES + len(BODY)
        # Nothing is lost by it: what was pushed is still handed out.
        assert chat.next_request(10) is not None
