from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sigcli.client.base.settings import Settings
from sigcli.client.raw_calls import (
    call_with_login,
    call_without_login,
    failure_of,
    raw_call,
    send_raw_call,
)
from sigcli.errors import (
    ChallengeRequired,
    NoLocalAccount,
    NotFound,
    NotOffered,
    UnknownEnvironment,
    UsageError,
)
from sigcli.service.environments import RequestMode
from sigcli.service.network import Network
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame
from tests.support.loopback_server import (
    TIMESTAMP,
    Answer,
    LoopbackServer,
    Received,
    ServerWebSocket,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sigcli.client.base.account import Account

BINARY = bytes(range(256)) * 3
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def echo(got: Received) -> Answer:
    if got.path == "/v1/storage/auth":
        return Answer(body=b'{"username":"me","password":"pw"}')
    return Answer(200, got.body or b"{}")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_with_the_login_and_what_the_user_adds(
    account: Account, method: str
) -> None:
    with LoopbackServer(echo) as server:
        account.__dict__["environment"] = server.environment()
        body = BINARY if method in ("POST", "PUT", "PATCH") else None
        headers = ("Content-Type: application/vnd.signal-messenger.mrm", "X-Note:  a b ")
        call = raw_call(method, "/v1/a%20b?x=1&y=-_", headers=headers, body=body)
        response = call_with_login(account, call)
        account.chat.close()
        (got,) = server.received
    assert (got.method, got.path, got.body) == (method, "/v1/a%20b?x=1&y=-_", body or b"")
    assert got.headers["authorization"].startswith("Basic ")
    assert got.headers["content-type"] == "application/vnd.signal-messenger.mrm"
    assert got.headers["x-note"] == "a b"
    assert response.body == (b"" if method == "HEAD" else body or b"{}")


def test_a_body_is_json_unless_it_is_said_otherwise() -> None:
    assert raw_call("put", "/v1/x", body=b"[]").headers == {"Content-Type": "application/json"}
    other = raw_call("PUT", "/v1/x", body=b"", headers=("content-type: text/plain",))
    assert other.headers == {"content-type": "text/plain"}
    assert raw_call("DELETE", "/v1/x").headers == {}


def test_an_unidentified_call_has_no_login_but_may_bring_its_own() -> None:
    with LoopbackServer(echo) as server:
        network = Network(server.environment())
        for headers in (("Unidentified-Access-Key: AAAA",), ("Authorization: Basic new",)):
            call_without_login(network, raw_call("GET", "/", headers=headers, unidentified=True))
        first, second = server.received
    assert "authorization" not in first.headers
    assert first.headers["unidentified-access-key"] == "AAAA"
    assert second.headers["authorization"] == "Basic new"
    assert first.connection != second.connection


@pytest.mark.parametrize(
    "name", ["Unidentified-Access-Key", "group-send-token", "Authorization", "AUTHORIZATION"]
)
@pytest.mark.parametrize("host", ["chat", "storage"])
def test_what_lets_an_anonymous_call_in_never_goes_beside_the_login(name: str, host: str) -> None:
    with pytest.raises(UsageError):
        raw_call("GET", "/v1/x", headers=(f"{name}: AAAA",), host=host)


def test_the_storage_host_gets_the_login_that_the_service_gives_for_it(account: Account) -> None:
    with LoopbackServer(echo) as server:
        account.__dict__["environment"] = server.environment()
        call_with_login(account, raw_call("GET", "/v1/storage/manifest", host="storage"))
        account.chat.close()
        auth, manifest = server.received
    assert auth.path == "/v1/storage/auth"
    assert manifest.headers["authorization"] == "Basic bWU6cHc="
    assert manifest.connection != auth.connection


def test_a_cdn_never_gets_a_login_and_has_its_own_base_path() -> None:
    with LoopbackServer(echo) as server:
        network = Network(server.environment())
        call = raw_call("GET", "/attachments/k", host="cdn3")
        assert call.unidentified
        call_without_login(network, call)
        (got,) = server.received
        missing = Network(server.environment(cdn_urls={}))
        with pytest.raises(NotOffered):
            call_without_login(missing, call)
    assert got.path == "/cdn3/attachments/k"
    assert "authorization" not in got.headers


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "v1/x"},
        {"path": "https://example.org/v1/x"},
        {"path": "//example.org/x"},
        {"path": "/a b"},
        {"path": "/a\r\nX: y"},
        {"path": "/ü"},
        {"path": "/x#y"},
        {"path": ""},
        {"method": "CONNECT"},
        {"method": "GET /"},
        {"host": "example.org"},
        {"headers": ("no colon",)},
        {"headers": ("A: b\r\nC: d",)},
        {"headers": ("A b: c",)},
        {"headers": ("A: ü",)},
        {"headers": ("Content-Length: 5",)},
        {"headers": ("host: other",)},
    ],
)
def test_words_that_are_no_call_are_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"method": "GET", "path": "/v1/x", "unidentified": True} | wrong
    with pytest.raises(UsageError):
        raw_call(**given)


def test_an_answer_of_498_moves_the_call_to_the_websocket(account: Account) -> None:
    asked: list[WebSocketRequest] = []

    def play(websocket: ServerWebSocket) -> None:
        frame = decode_frame(websocket.receive())
        assert isinstance(frame, WebSocketRequest)
        asked.append(frame)
        answer = WebSocketResponse(id=frame.id or 0, status=404, message="no", body=BINARY)
        websocket.send(encode_frame(answer))
        websocket.wait_closed()

    with LoopbackServer(lambda _: Answer(498), play) as server:
        account.__dict__["environment"] = server.environment(RequestMode.HTTPS)
        call = raw_call("PATCH", "/v1/x?a=b", headers=("X-A: b",), body=BINARY)
        response = call_with_login(account, call)
        account.chat.close()
    (frame,) = asked
    assert (frame.verb, frame.path, frame.body) == ("PATCH", "/v1/x?a=b", BINARY)
    assert ("x-a", "b") in frame.headers
    assert (response.status, response.body) == (404, BINARY)
    assert isinstance(failure_of(response), NotFound)


def test_a_failure_has_its_name_and_not_the_path() -> None:
    with LoopbackServer(
        lambda _: Answer(428, b'{"token":"t","options":["captcha"]}', {**TIMESTAMP})
    ) as server:
        network = Network(server.environment())
        call = raw_call("GET", "/v1/accounts/+15550100", unidentified=True)
        response = call_without_login(network, call)
    failure = failure_of(response)
    assert isinstance(failure, ChallengeRequired)
    assert "15550100" not in failure.message
    assert response.body == b'{"token":"t","options":["captcha"]}'


def test_without_an_account_only_an_unidentified_call_can_be_made(tmp_path: Path) -> None:
    settings = Settings(tmp_path, lambda _: None, service_environment=str(tmp_path / "none.toml"))
    with pytest.raises(NoLocalAccount):
        send_raw_call(settings, raw_call("GET", "/v1/x"))
    with pytest.raises(UnknownEnvironment):
        send_raw_call(settings, raw_call("GET", "/v1/x", unidentified=True))
