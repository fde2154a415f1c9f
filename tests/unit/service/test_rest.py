from __future__ import annotations

import threading

import pytest

from sigcli.errors import ClientRefused, ConnectionLost, MalformedAnswer, NotTheService, TimedOut
from sigcli.service.exchange import USER_AGENT, Request, json_request
from sigcli.service.network import Network
from sigcli.service.rest import RestClient
from sigcli.service.status_errors import error_for
from tests.support.loopback_server import (
    TIMESTAMP,
    Answer,
    ConnectProxy,
    CutRequest,
    LoopbackServer,
    Received,
)


def client(server: LoopbackServer, **variables: str) -> RestClient:
    network = Network(server.environment(), variables=variables)
    return RestClient(network, server.url, authorization="Basic abc")


def test_a_request_arrives_whole_and_connections_are_reused() -> None:
    with LoopbackServer(
        lambda got: Answer(201, got.body, {**TIMESTAMP, "Retry-After": "7"})
    ) as server:
        rest = client(server)
        first = rest.request(json_request("PUT", "/v1/x?y=1", {"a": [1]}), 10)
        rest.request(Request("GET", "/v1/z"), 10)
        rest.close()
        assert (first.status, first.body, first.retry_after_s) == (201, b'{"a":[1]}', 7)
        assert first.timestamp_ms == 1_700_000_000_000
        put, get = server.received
        assert (put.method, put.path, put.connection) == ("PUT", "/v1/x?y=1", get.connection)
        assert put.headers["authorization"] == "Basic abc"
        assert put.headers["user-agent"] == USER_AGENT
        assert put.headers["content-type"] == "application/json"
        assert put.headers["host"] == f"127.0.0.1:{server.port}"


def test_it_goes_through_a_proxy() -> None:
    with LoopbackServer() as server, ConnectProxy() as proxy:
        rest = client(server, HTTPS_PROXY=proxy.url)
        assert rest.request(Request("GET", "/"), 10).ok
        rest.close()
        assert len(proxy.targets) == 1


def test_a_client_that_is_too_old_is_told_so_without_the_time_of_the_service() -> None:
    with LoopbackServer(lambda _: Answer(499, b"", {})) as server:
        rest = client(server)
        answer = rest.request(Request("GET", "/v1/accounts/whoami"), 10)
        rest.close()
    assert isinstance(error_for(answer, "answer"), ClientRefused)


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_a_captive_portal_is_not_believed(status: int) -> None:
    with LoopbackServer(lambda _: Answer(status, b"<html>", {})) as server:
        rest = client(server)
        with pytest.raises(NotTheService):
            rest.request(Request("GET", "/v1/accounts/whoami"), 10)
        rest.close()


def test_a_refusal_of_the_service_itself_is_an_answer() -> None:
    with LoopbackServer(lambda _: Answer(403)) as server:
        rest = client(server)
        assert rest.request(Request("GET", "/"), 10).status == 403
        rest.close()


class CutOnce:
    """Closes the connection instead of answering the given request, once."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, got: Received) -> Answer | CutRequest:
        if got.path == self.path:
            self.path = ""
            return CutRequest()
        return Answer(body=got.method.encode())


@pytest.mark.parametrize(("method", "repeated"), [("PUT", True), ("GET", True), ("POST", False)])
def test_only_what_may_be_repeated_is_repeated_after_an_idle_connection_ended(
    method: str, repeated: bool
) -> None:
    with LoopbackServer(CutOnce("/cut")) as server:
        rest = client(server)
        rest.request(Request("GET", "/"), 10)
        if repeated:
            assert rest.request(Request(method, "/cut"), 10).body == method.encode()
        else:
            with pytest.raises(ConnectionLost):
                rest.request(Request(method, "/cut"), 10)
        rest.close()
        assert [got.path for got in server.received].count("/cut") == (2 if repeated else 1)


def test_a_fresh_connection_that_breaks_is_reported_and_not_repeated() -> None:
    with LoopbackServer(CutOnce("/cut")) as server:
        rest = client(server)
        with pytest.raises(ConnectionLost):
            rest.request(Request("GET", "/cut"), 10)
        rest.close()
        assert len(server.received) == 1


def test_a_body_that_ends_early_is_no_answer() -> None:
    with LoopbackServer(lambda _: Answer(body=b"0123456789", cut_after=4)) as server:
        rest = client(server)
        with pytest.raises(ConnectionLost):
            rest.request(Request("GET", "/"), 10)
        rest.close()


def test_a_server_that_does_not_answer_times_out() -> None:
    answered = threading.Event()

    def respond(_: Received) -> Answer:
        answered.wait(10)
        return Answer()

    with LoopbackServer(respond) as server:
        rest = client(server)
        with pytest.raises(TimedOut):
            rest.request(Request("GET", "/"), 0.05)
        answered.set()
        rest.close()


def test_an_answer_that_is_too_large_is_refused() -> None:
    with LoopbackServer(lambda _: Answer(body=bytes(11))) as server:
        rest = RestClient(Network(server.environment(), variables={}), server.url, max_answer=10)
        with pytest.raises(MalformedAnswer):
            rest.request(Request("GET", "/"), 10)
        rest.close()
