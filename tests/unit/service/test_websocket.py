from __future__ import annotations

import threading

import pytest

from sigcli.errors import (
    ConnectedElsewhere,
    ConnectionLost,
    LoginRefused,
    MalformedAnswer,
    ReauthenticationRequired,
    SigcliError,
)
from sigcli.service.exchange import USER_AGENT
from sigcli.service.network import Network
from sigcli.service.websocket import UpgradeRefused, WebSocket, close_error
from tests.support.loopback_server import Answer, ConnectProxy, LoopbackServer, ServerWebSocket


def connect(server: LoopbackServer, max_message: int = 1 << 20, **variables: str) -> WebSocket:
    network = Network(server.environment(), variables=variables)
    return WebSocket.connect(
        network, server.url, "/v1/websocket/", {"Authorization": "Basic x"}, 10, max_message
    )


def finish(websocket: WebSocket) -> None:
    websocket.abort()
    websocket.release()


def read_to_end(websocket: WebSocket) -> SigcliError:
    with pytest.raises(SigcliError) as caught:
        websocket.read()
    finish(websocket)
    return caught.value


def echo(websocket: ServerWebSocket) -> None:
    while True:
        websocket.send(websocket.receive())


def test_messages_of_all_sizes_go_both_ways_and_the_upgrade_carries_our_headers() -> None:
    with LoopbackServer(
        play=echo, upgrade_headers={"X-Signal-Alert": "idle-primary-device"}
    ) as server:
        websocket = connect(server)
        for size in (0, 1, 125, 126, 65536, 700_000):
            message = bytes([size % 251]) * size
            websocket.send(message)
            assert websocket.read() == message
        finish(websocket)
        (upgrade,) = server.received
        assert upgrade.path == "/v1/websocket/"
        assert upgrade.headers["authorization"] == "Basic x"
        assert upgrade.headers["user-agent"] == USER_AGENT
        assert websocket.headers["x-signal-alert"] == "idle-primary-device"


def test_it_goes_through_a_proxy() -> None:
    with LoopbackServer(play=echo) as server, ConnectProxy() as proxy:
        websocket = connect(server, ALL_PROXY=proxy.url)
        websocket.send(b"hello")
        assert websocket.read() == b"hello"
        finish(websocket)
        assert proxy.targets == [f"127.0.0.1:{server.port}"]


def test_an_http_answer_is_handed_over() -> None:
    refusal = Answer(429, b"body", {"Retry-After": "9", "X-Signal-Timestamp": "1"})
    with LoopbackServer(refuse_upgrade=refusal) as server:
        with pytest.raises(UpgradeRefused) as caught:
            connect(server)
        assert caught.value.response.status == 429
        assert caught.value.response.retry_after_s == 9


@pytest.mark.parametrize(
    ("code", "kind", "reconnectable"),
    [
        (1000, ConnectionLost, True),
        (1011, ConnectionLost, True),
        (4409, ConnectedElsewhere, False),
        (4401, ReauthenticationRequired, False),
        (3000, LoginRefused, False),
    ],
)
def test_close_codes_have_names(code: int, kind: type[ConnectionLost], reconnectable: bool) -> None:
    with LoopbackServer(play=lambda websocket: websocket.close(code, "why")) as server:
        loss = read_to_end(connect(server))
    assert type(loss) is kind
    assert isinstance(loss, ConnectionLost)
    assert (loss.close_code, loss.reason, loss.reconnectable) == (code, "why", reconnectable)


def test_messages_before_a_close_are_still_read() -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.send(b"one")
        websocket.send(b"two")
        websocket.close(4409)

    with LoopbackServer(play=play) as server:
        websocket = connect(server)
        assert [websocket.read(), websocket.read()] == [b"one", b"two"]
        assert isinstance(read_to_end(websocket), ConnectedElsewhere)


def test_a_connection_that_breaks_off_is_lost_without_a_code() -> None:
    with LoopbackServer(play=lambda _: None) as server:
        loss = read_to_end(connect(server))
    assert isinstance(loss, ConnectionLost)
    assert loss.close_code is None
    assert loss.reconnectable


def test_too_large_a_message_ends_the_connection() -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.send(bytes(2000))
        websocket.wait_closed()

    with LoopbackServer(play=play) as server:
        assert isinstance(read_to_end(connect(server, max_message=1000)), MalformedAnswer)


@pytest.mark.parametrize("junk", [b"\xff\xff\xff\xff", b"\x83\x00", b"HTTP/1.1 200 OK\r\n\r\n" * 9])
def test_bytes_that_break_the_protocol_end_the_connection(junk: bytes) -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.send_raw(junk)
        websocket.wait_closed()

    with LoopbackServer(play=play) as server:
        assert isinstance(read_to_end(connect(server)), MalformedAnswer)


def test_text_is_passed_over() -> None:
    def play(websocket: ServerWebSocket) -> None:
        websocket.send_text(b"text")
        websocket.send(b"binary")
        websocket.wait_closed()

    with LoopbackServer(play=play) as server:
        websocket = connect(server)
        assert websocket.read() == b"binary"
        finish(websocket)


def test_goodbye_closes_with_1000_and_wakes_the_reader() -> None:
    codes: list[int | None] = []
    closed = threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        codes.append(websocket.wait_closed())
        closed.set()

    with LoopbackServer(play=play) as server:
        websocket = connect(server)
        websocket.say_goodbye()
        assert isinstance(read_to_end(websocket), ConnectionLost)
        assert closed.wait(10)
    assert codes == [1000]
    with pytest.raises(ConnectionLost):
        websocket.send(b"too late")


def test_abort_wakes_a_blocked_reader() -> None:
    with LoopbackServer() as server:
        websocket = connect(server)
        losses: list[SigcliError] = []
        reader = threading.Thread(target=lambda: losses.append(read_to_end(websocket)))
        reader.start()
        websocket.abort()
        reader.join(10)
        assert isinstance(losses[0], ConnectionLost)


def test_writers_and_a_reader_do_not_disturb_each_other() -> None:
    with LoopbackServer(play=echo) as server:
        websocket = connect(server)
        payloads = [bytes([number]) * 20_000 for number in range(64)]

        def write(part: int) -> None:
            for payload in payloads[part::4]:
                websocket.send(payload)

        writers = [threading.Thread(target=write, args=(part,)) for part in range(4)]
        for writer in writers:
            writer.start()
        echoed = [websocket.read() for _ in payloads]
        for writer in writers:
            writer.join()
        assert sorted(echoed) == payloads
        finish(websocket)


def test_the_error_of_an_unknown_code_tells_the_code() -> None:
    assert "4000" in close_error(4000, "").message
