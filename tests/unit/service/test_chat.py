from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sigcli.errors import (
    ClientRefused,
    LoginRefused,
    NotTheService,
    RateLimited,
    ServerUnavailable,
    SigcliError,
    Unreachable,
)
from sigcli.service.chat import Chat, UnlinkedChat, upgrade_error
from sigcli.service.credentials import AccessKey, Credentials, GroupSendToken
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.environments import RequestMode
from sigcli.service.exchange import Request, Response
from sigcli.service.network import Network
from sigcli.wire.addresses import ServiceId
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame
from tests.support.loopback_server import (
    TIMESTAMP,
    Answer,
    LoopbackServer,
    Received,
    ServerWebSocket,
)

ACI = ServiceId.aci("9d0652a3-dcc3-4d11-975f-74d61598733f")
LOGIN = Credentials(ACI, 2, "secret")
AUTHORIZATION = "Basic OWQwNjUyYTMtZGNjMy00ZDExLTk3NWYtNzRkNjE1OTg3MzNmLjI6c2VjcmV0"


def serve(websocket: ServerWebSocket) -> None:
    """Answer every request with its path."""
    while True:
        frame = decode_frame(websocket.receive())
        if isinstance(frame, WebSocketRequest):
            answer = WebSocketResponse(id=frame.id, status=200, body=b"ws:" + frame.path.encode())
            websocket.send(encode_frame(answer))


def open_chat(server: LoopbackServer, mode: RequestMode, **options: object) -> Chat:
    return Chat(Network(server.environment(mode), variables={}), LOGIN, **options)  # type: ignore[arg-type]


def test_the_halves_never_share_a_connection_over_https() -> None:
    with LoopbackServer() as server, open_chat(server, RequestMode.HTTPS) as chat:
        for _ in range(2):
            chat.identified.request(Request("GET", "/v1/devices"))
            chat.unidentified.request(Request("GET", "/v1/x"), AccessKey(bytes(16)))
            chat.unidentified.request(Request("GET", "/v1/y"), GroupSendToken(b"token"))
        by_path = {got.path: got for got in server.received}
        identified, keyed, tokened = by_path["/v1/devices"], by_path["/v1/x"], by_path["/v1/y"]
        assert identified.headers["authorization"] == AUTHORIZATION
        assert identified.connection != keyed.connection == tokened.connection
        assert keyed.headers["unidentified-access-key"] == "AAAAAAAAAAAAAAAAAAAAAA=="
        assert tokened.headers["group-send-token"] == "dG9rZW4="
        assert "authorization" not in keyed.headers | tokened.headers


def test_over_websockets_an_identified_request_socket_disables_messages() -> None:
    with LoopbackServer(play=serve) as server, open_chat(server, RequestMode.WEBSOCKET) as chat:
        assert chat.identified.request(Request("GET", "/a")).body == b"ws:/a"
        assert chat.identified.request(Request("GET", "/b")).body == b"ws:/b"
        assert chat.unidentified.request(Request("GET", "/c")).body == b"ws:/c"
        identified, anonymous = server.received
        assert identified.path == anonymous.path == "/v1/websocket/"
        assert identified.headers["authorization"] == AUTHORIZATION
        assert identified.headers["x-signal-disable-messages"] == "true"
        assert "authorization" not in anonymous.headers


def test_identified_requests_use_the_reader_while_it_is_open() -> None:
    with LoopbackServer(play=serve) as server, open_chat(server, RequestMode.WEBSOCKET) as chat:
        with chat.open_reader() as reader:
            assert chat.identified.request(Request("GET", "/a")).ok
            assert len(server.received) == 1
            assert server.received[0].headers["x-signal-receive-stories"] == "true"
            assert "x-signal-disable-messages" not in server.received[0].headers
            assert reader.is_open
        assert chat.identified.request(Request("GET", "/b")).ok
        assert len(server.received) == 2


def test_a_reader_replaces_the_request_socket_once_nothing_is_under_way_on_it() -> None:
    asked, answer, gone = (threading.Event() for _ in range(3))

    def play(websocket: ServerWebSocket) -> None:
        try:
            frame = decode_frame(websocket.receive())
            assert isinstance(frame, WebSocketRequest)
            asked.set()
            assert answer.wait(60)
            websocket.send(encode_frame(WebSocketResponse(id=frame.id, status=200, body=b"late")))
            websocket.receive()
        finally:
            gone.set()

    with (
        LoopbackServer(play=play) as server,
        open_chat(server, RequestMode.WEBSOCKET) as chat,
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(chat.identified.request, Request("POST", "/a"))
        assert asked.wait(60)
        with chat.open_reader() as reader:
            assert not gone.is_set()
            answer.set()
            assert slow.result(60).body == b"late"
            assert gone.wait(60)
            assert reader.is_open


def test_498_moves_to_the_websocket_and_is_remembered() -> None:
    def respond(got: Received) -> Answer:
        return Answer(498)

    told: list[bool] = []
    with LoopbackServer(respond, serve) as server:
        with open_chat(
            server, RequestMode.HTTPS, on_use_websocket=lambda: told.append(True)
        ) as chat:
            assert chat.identified.request(Request("POST", "/a")).body == b"ws:/a"
            assert chat.identified.request(Request("POST", "/b")).body == b"ws:/b"
        assert told == [True]
        assert [got.method for got in server.received] == ["POST", "GET"]
        with open_chat(server, RequestMode.HTTPS, refused_rest=True) as chat:
            assert chat.identified.request(Request("POST", "/c")).body == b"ws:/c"
        assert [got.method for got in server.received] == ["POST", "GET", "GET"]


@pytest.mark.parametrize(("method", "repeats"), [("GET", True), ("POST", False)])
def test_a_lost_socket_is_opened_again_for_what_may_be_repeated(method: str, repeats: bool) -> None:
    first = threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        if not first.is_set():
            first.set()
            websocket.receive()
            websocket.close(1000)
            return
        serve(websocket)

    with LoopbackServer(play=play) as server, open_chat(server, RequestMode.WEBSOCKET) as chat:
        if repeats:
            assert chat.identified.request(Request(method, "/a")).body == b"ws:/a"
        else:
            with pytest.raises(SigcliError):
                chat.identified.request(Request(method, "/a"))
        # Either way the next one works.
        assert chat.identified.request(Request("POST", "/b")).body == b"ws:/b"


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (403, TIMESTAMP, LoginRefused),
        (403, {}, LoginRefused),
        (429, TIMESTAMP | {"Retry-After": "3"}, RateLimited),
        (499, TIMESTAMP, ClientRefused),
        (500, {}, ServerUnavailable),
    ],
)
def test_a_refused_upgrade_has_a_name(
    status: int, headers: dict[str, str], kind: type[SigcliError]
) -> None:
    refusing = LoopbackServer(refuse_upgrade=Answer(status, b"", headers))
    with refusing as server, open_chat(server, RequestMode.WEBSOCKET) as chat, pytest.raises(kind):
        chat.open_reader()


def test_a_device_without_an_account_sends_its_future_login_itself() -> None:
    with (
        LoopbackServer() as server,
        UnlinkedChat(Network(server.environment(), variables={})) as chat,
    ):
        chat.request(Request("PUT", "/v1/devices/link", {"Authorization": "Basic new"}))
        assert server.received[0].headers["authorization"] == "Basic new"


def test_a_base_path_is_put_in_front() -> None:
    with LoopbackServer(play=serve) as server:
        from dataclasses import replace

        for mode in RequestMode:
            environment = server.environment(mode, chat_url=replace(server.url, path="/base"))
            with Chat(Network(environment, variables={}), LOGIN) as chat:
                chat.identified.request(Request("GET", "/v1/x"))
        assert [got.path for got in server.received] == ["/base/v1/x", "/base/v1/websocket/"]


def test_a_captive_portal_does_not_end_a_login() -> None:
    url = BaseUrl("chat.example.org")
    with pytest.raises(NotTheService):
        upgrade_error(Response(403), url)
    assert isinstance(upgrade_error(Response(403, {"x-signal-timestamp": "1"}), url), LoginRefused)
    assert isinstance(upgrade_error(Response(499), url), ClientRefused)


def wait_for_connections(server: LoopbackServer, count: int) -> None:
    give_up_at = time.monotonic() + 60
    while server.connections < count and time.monotonic() < give_up_at:
        time.sleep(0.005)
    assert server.connections == count


@pytest.mark.parametrize("mode", list(RequestMode))
def test_both_halves_are_connected_before_anything_is_asked(mode: RequestMode) -> None:
    with LoopbackServer(play=serve) as server, open_chat(server, mode) as chat:
        chat.connect_ahead(identified=True, unidentified=True)
        chat.connect_ahead()
        wait_for_connections(server, 3)
        chat.identified.request(Request("GET", "/v1/devices"))
        chat.unidentified.request(Request("GET", "/v1/x"))
        # A half that has its connection needs no other one.
        chat.connect_ahead(identified=True, unidentified=True)
        chat.identified.request(Request("GET", "/v1/devices"))
        chat.unidentified.request(Request("GET", "/v1/x"))
        assert server.connections == 3
        logins: dict[int, set[str | None]] = {}
        for got in server.received:
            logins.setdefault(got.connection, set()).add(got.headers.get("authorization"))
        assert sorted(map(len, logins.values())) == [1, 1]
        assert {AUTHORIZATION, None} == set().union(*logins.values())


@pytest.mark.parametrize("mode", list(RequestMode))
def test_what_goes_wrong_ahead_is_met_by_the_request(mode: RequestMode) -> None:
    with LoopbackServer() as server:
        environment = server.environment(mode)
    with Chat(Network(environment, variables={}), LOGIN) as chat:
        chat.connect_ahead(unidentified=True)
        with pytest.raises(Unreachable):
            chat.unidentified.request(Request("GET", "/v1/x"))


@pytest.mark.parametrize("mode", list(RequestMode))
def test_connections_that_nobody_needed_are_closed(mode: RequestMode) -> None:
    closed = threading.Event()

    def play(websocket: ServerWebSocket) -> None:
        websocket.wait_closed()
        closed.set()

    with LoopbackServer(play=play) as server:
        with open_chat(server, mode) as chat:
            chat.connect_ahead(unidentified=True)
            wait_for_connections(server, 1)
        if mode is RequestMode.WEBSOCKET:
            assert closed.wait(60)
    # The server waits for its threads, which end with their connections.
