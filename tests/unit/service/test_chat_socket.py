from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from sigcli.errors import ConnectedElsewhere, ConnectionLost, MalformedAnswer, SigcliError, TimedOut
from sigcli.service.chat_socket import ChatSocket
from sigcli.service.exchange import Request
from sigcli.service.network import Network
from sigcli.service.websocket import WebSocket
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame
from tests.support.loopback_server import LoopbackServer, ServerWebSocket

FOREVER_S = 3600.0


def open_socket(server: LoopbackServer, **options: Any) -> ChatSocket:
    network = Network(server.environment(), variables={})
    websocket = WebSocket.connect(network, server.url, "/v1/websocket/", {})
    return ChatSocket(websocket, **({"keep_alive_interval_s": FOREVER_S} | options))


def answer(
    websocket: ServerWebSocket, frame: WebSocketRequest, status: int = 200, body: bytes = b""
) -> None:
    headers = (("x-signal-timestamp", "5"),)
    websocket.send(
        encode_frame(WebSocketResponse(id=frame.id, status=status, body=body, headers=headers))
    )


def next_frame(websocket: ServerWebSocket) -> WebSocketRequest:
    frame = decode_frame(websocket.receive())
    assert isinstance(frame, WebSocketRequest)
    return frame


def push(websocket: ServerWebSocket, number: int, path: str = "/api/v1/message") -> None:
    websocket.send(
        encode_frame(WebSocketRequest(id=number, verb="PUT", path=path, body=b"%d" % number))
    )


def serve_all(websocket: ServerWebSocket) -> None:
    while True:
        frame = next_frame(websocket)
        answer(websocket, frame, 200, frame.path.encode())


def test_a_request_and_its_answer() -> None:
    frames: list[WebSocketRequest] = []

    def play(websocket: ServerWebSocket) -> None:
        frames.append(next_frame(websocket))
        answer(websocket, frames[0], 404, b"no")
        websocket.wait_closed()

    with LoopbackServer(play=play) as server, open_socket(server) as chat:
        response = chat.request(
            Request("PUT", "/v1/x?y", {"Content-Type": "application/json"}, b"{}"), 10
        )
        assert (response.status, response.body, response.timestamp_ms) == (404, b"no", 5)
    assert (frames[0].verb, frames[0].path, frames[0].body) == ("PUT", "/v1/x?y", b"{}")
    assert frames[0].headers == (("content-type", "application/json"),)


def test_answers_find_their_requests_in_any_order() -> None:
    def play(websocket: ServerWebSocket) -> None:
        frames = [next_frame(websocket) for _ in range(8)]
        for frame in reversed(frames):
            answer(websocket, frame, 200, frame.path.encode())
        websocket.wait_closed()

    with LoopbackServer(play=play) as server, open_socket(server) as chat:
        got: dict[str, bytes] = {}

        def ask(path: str) -> None:
            got[path] = chat.request(Request("GET", path), 10).body

        threads = [threading.Thread(target=ask, args=(f"/{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == {f"/{number}": b"/%d" % number for number in range(8)}


def test_requests_of_the_service_come_in_order_and_are_answered_also_with_id_zero() -> None:
    acknowledged: list[tuple[int | None, int]] = []
    done = threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        for number in range(3):
            push(websocket, number)
        for _ in range(3):
            frame = decode_frame(websocket.receive())
            assert isinstance(frame, WebSocketResponse)
            acknowledged.append((frame.id, frame.status))
        done.set()
        websocket.wait_closed()

    with LoopbackServer(play=play) as server, open_socket(server, takes_requests=True) as chat:
        for number in range(3):
            request = chat.next_request(10)
            assert request is not None
            assert (request.id, request.path, request.body) == (
                number,
                "/api/v1/message",
                b"%d" % number,
            )
            chat.respond(request.id)
        assert chat.next_request(0) is None
        assert done.wait(10)
    assert acknowledged == [(0, 200), (1, 200), (2, 200)]


def test_the_last_answers_arrive_although_unread_messages_are_waiting() -> None:
    """Cutting a connection with unread bytes resets it, and could destroy what was sent just before."""
    acknowledged: list[int | None] = []

    def play(websocket: ServerWebSocket) -> None:
        for number in range(40):
            websocket.send(
                encode_frame(
                    WebSocketRequest(
                        id=number, verb="PUT", path="/api/v1/message", body=bytes(50_000)
                    )
                )
            )
        try:
            while True:
                frame = decode_frame(websocket.receive())
                acknowledged.append(frame.id)
        except Exception:
            return

    with (
        LoopbackServer(play=play) as server,
        open_socket(server, takes_requests=True, queue_limit=2) as chat,
    ):
        for _ in range(3):
            request = chat.next_request(10)
            assert request is not None
            chat.respond(request.id)
    assert acknowledged == [0, 1, 2]


def test_a_socket_for_requests_only_never_answers_what_is_pushed() -> None:
    seen: list[WebSocketRequest | WebSocketResponse] = []

    def play(websocket: ServerWebSocket) -> None:
        push(websocket, 1)
        frame = next_frame(websocket)
        seen.append(frame)
        answer(websocket, frame)
        with pytest.raises(Exception):  # noqa: B017, PT011
            seen.append(decode_frame(websocket.receive()))

    with LoopbackServer(play=play) as server, open_socket(server) as chat:
        assert chat.request(Request("GET", "/"), 10).ok
    assert len(seen) == 1


def test_a_full_queue_holds_back_the_service_but_not_an_awaited_answer() -> None:
    asked = threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        for number in range(10):
            push(websocket, number)
        asked.set()
        answer(websocket, next_frame(websocket), 200, b"behind ten messages")
        websocket.wait_closed()

    with (
        LoopbackServer(play=play) as server,
        open_socket(server, takes_requests=True, queue_limit=3) as chat,
    ):
        assert asked.wait(10)
        until(lambda: chat._held)
        assert len(chat._queue) == 3
        assert chat.request(Request("GET", "/"), 10).body == b"behind ten messages"
        received = [chat.next_request(10) for _ in range(10)]
        assert [request.id for request in received if request] == list(range(10))


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread's state that has no event."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it did not come true")


@pytest.mark.parametrize("waiting_for", ["request", "answer"])
def test_a_close_reaches_whoever_waits(waiting_for: str) -> None:
    def play(websocket: ServerWebSocket) -> None:
        if waiting_for == "answer":
            next_frame(websocket)
        websocket.close(4409)

    with LoopbackServer(play=play) as server, open_socket(server, takes_requests=True) as chat:
        with pytest.raises(ConnectedElsewhere):
            chat.next_request(10) if waiting_for == "request" else chat.request(
                Request("GET", "/"), 10
            )
        assert not chat.is_open
        with pytest.raises(ConnectedElsewhere):
            chat.request(Request("GET", "/"), 10)


def test_an_answer_that_does_not_come_times_out_and_may_come_late() -> None:
    def play(websocket: ServerWebSocket) -> None:
        first = next_frame(websocket)
        second = next_frame(websocket)
        answer(websocket, first)
        answer(websocket, second, 200, b"second")
        websocket.wait_closed()

    with LoopbackServer(play=play) as server, open_socket(server) as chat:
        with pytest.raises(TimedOut):
            chat.request(Request("GET", "/first"), 0.02)
        assert chat.request(Request("GET", "/second"), 10).body == b"second"


def test_unreadable_frames_end_the_connection() -> None:
    babbling = LoopbackServer(play=lambda websocket: websocket.send(b"\xff\xff"))
    with (
        babbling as server,
        open_socket(server, takes_requests=True) as chat,
        pytest.raises(MalformedAnswer),
    ):
        chat.next_request(10)


def test_keep_alive_by_request() -> None:
    asked = threading.Semaphore(0)
    paths: set[str] = set()

    def play(websocket: ServerWebSocket) -> None:
        while True:
            frame = next_frame(websocket)
            paths.add(frame.path)
            answer(websocket, frame)
            asked.release()

    with (
        LoopbackServer(play=play) as server,
        open_socket(server, keep_alive_interval_s=0.01) as chat,
    ):
        for _ in range(3):
            assert asked.acquire(timeout=10)
        assert chat.is_open
    assert paths == {"/v1/keepalive"}


def test_keep_alive_by_ping() -> None:
    sides: list[ServerWebSocket] = []

    def play(websocket: ServerWebSocket) -> None:
        sides.append(websocket)
        websocket.wait_closed()

    options: dict[str, Any] = {"keep_alive_path": None, "keep_alive_interval_s": 0.01}
    with LoopbackServer(play=play) as server, open_socket(server, **options) as chat:
        until(lambda: bool(sides) and sides[0].pings >= 3)
        assert chat.is_open


@pytest.mark.parametrize("path", ["/v1/keepalive", None])
def test_a_service_that_stops_answering_is_dead(path: str | None) -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.answers_pings = False
        websocket.wait_closed()

    with LoopbackServer(play=play) as server:
        options = {
            "keep_alive_path": path,
            "keep_alive_interval_s": 0.01,
            "keep_alive_patience_s": 0.02,
        }
        with open_socket(server, takes_requests=True, **options) as chat:
            with pytest.raises(ConnectionLost) as caught:
                chat.next_request(10)
            assert caught.value.reconnectable


def test_a_slow_reader_is_not_taken_for_a_dead_service() -> None:
    """While nothing is read because the queue is full, the keep-alive's answer cannot be seen."""
    asked = threading.Semaphore(0)

    def play(websocket: ServerWebSocket) -> None:
        for number in range(5):
            push(websocket, number)
        while True:
            answer(websocket, next_frame(websocket))
            asked.release()

    alive: list[bool] = []
    options: dict[str, Any] = {"queue_limit": 2, "keep_alive_patience_s": 0.3}
    with (
        LoopbackServer(play=play) as server,
        open_socket(server, takes_requests=True, **options) as chat,
    ):
        until(lambda: chat._held)
        probe = threading.Thread(target=lambda: alive.append(chat._probe()))
        probe.start()
        assert asked.acquire(timeout=10)
        probe.join(0.45)
        assert chat.is_open
        assert not alive
        for _ in range(5):
            assert chat.next_request(10) is not None
        probe.join(10)
    assert alive == [True]


def test_alerts_of_the_upgrade_are_told() -> None:
    alerts = {"X-Signal-Alert": "idle-primary-device, other"}
    with LoopbackServer(upgrade_headers=alerts) as server, open_socket(server) as chat:
        assert chat.alerts == ("idle-primary-device", "other")


def test_closing_twice_and_after_a_loss_is_harmless() -> None:
    with LoopbackServer(play=lambda websocket: websocket.close(1011)) as server:
        chat = open_socket(server, takes_requests=True)
        with pytest.raises(SigcliError):
            chat.next_request(10)
        chat.close()
        chat.close()


def test_what_came_before_a_close_is_still_handed_out() -> None:
    def play(websocket: ServerWebSocket) -> None:
        push(websocket, 1)
        push(websocket, 2)
        websocket.close(4409)

    with LoopbackServer(play=play) as server, open_socket(server, takes_requests=True) as chat:
        until(lambda: not chat.is_open)
        received = [chat.next_request(10), chat.next_request(10)]
        assert [request.id for request in received if request] == [1, 2]
        with pytest.raises(ConnectedElsewhere):
            chat.respond(1)
        with pytest.raises(ConnectedElsewhere):
            chat.next_request(10)


@pytest.mark.parametrize("must_arrive", [False, True])
def test_closing_waits_for_the_service_only_if_an_answer_must_arrive(must_arrive: bool) -> None:
    heard, may_go_on, gone = threading.Event(), threading.Event(), threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        push(websocket, 1)
        websocket.receive()
        heard.set()
        may_go_on.wait(60)
        websocket.wait_closed()
        gone.set()

    with LoopbackServer(play=play) as server:
        chat = open_socket(server, takes_requests=True)
        request = chat.next_request(60)
        assert request is not None
        chat.respond(request.id, must_arrive=must_arrive)
        assert heard.wait(60)
        chat.say_goodbye()
        assert not chat.is_open
        if must_arrive:
            threading.Timer(0.05, may_go_on.set).start()
            chat.close()
            assert may_go_on.is_set()
        else:
            chat.close()
            assert not may_go_on.is_set()
            may_go_on.set()
        assert gone.wait(60)
