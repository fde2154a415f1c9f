"""Receiving over REST: a consumer that is away for a while loses nothing, by poll and by websocket."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sigcli.daemon.rest.flavour import routes
from sigcli.sandbox.server import Sandbox
from tests.support.rest_daemon import RestDaemon

AWAY_S = 2.0
SOON_S = 60.0


@pytest.fixture
def rest(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestDaemon]:
    with RestDaemon(sandbox, tmp_path_factory.mktemp("rest"), routes) as daemon:
        # What came before the test is taken.
        while daemon.ask("GET", f"/v1/receive/{daemon.number}?timeout=0").expect(200):
            pass
        yield daemon


def text_of(event: dict[str, Any]) -> str | None:
    text: str | None = event["envelope"].get("dataMessage", {}).get("message")
    return text


def poll(rest: RestDaemon, count: int, query: str = "timeout=5") -> list[str]:
    """The texts of the next messages."""
    found: list[str] = []
    deadline = time.monotonic() + SOON_S
    while len(found) < count and time.monotonic() < deadline:
        answer = rest.ask("GET", f"/v1/receive/{rest.number}?{query}").expect(200)
        found += filter(None, map(text_of, answer))
    return found


def open_socket(rest: RestDaemon) -> ClientConnection:
    return connect(f"ws://{rest.address}/v1/receive/{rest.number}", proxy=None)


def read(client: ClientConnection, count: int) -> list[str]:
    """The texts of the next messages."""
    found: list[str] = []
    while len(found) < count:
        text = text_of(json.loads(client.recv(SOON_S)))
        if text is not None:
            found.append(text)
    return found


def assert_closes(client: ClientConnection) -> None:
    """What it was sent before may be left to read."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            client.recv(SOON_S)
    assert client.close_code is not None


def settle(rest: RestDaemon) -> None:
    """Wait until everything that was handed out is taken."""
    deadline = time.monotonic() + SOON_S
    while any(one.waiting for one in rest.core.consumers() if one.consumer.name == "default"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_polling(rest: RestDaemon) -> bool:
    states = rest.core.consumers()
    return any(one.is_connected for one in states if one.consumer.name == "default")


def send_all(rest: RestDaemon, *texts: str) -> list[str]:
    for text in texts:
        rest.peer.send(rest.number, text)
    return list(texts)


def test_a_poller_that_was_away_gets_everything_once(rest: RestDaemon) -> None:
    send_all(rest, "before")
    assert poll(rest, 1) == ["before"]
    sent = send_all(rest, *(f"away {n}" for n in range(5)))
    time.sleep(AWAY_S)
    assert poll(rest, 5) == sent
    send_all(rest, "first after")
    assert poll(rest, 1) == ["first after"]
    left = rest.ask("GET", f"/v1/receive/{rest.number}?timeout=0").expect(200)
    assert [text for text in map(text_of, left) if text] == []


def test_a_poll_gives_no_more_than_it_is_asked_for(rest: RestDaemon) -> None:
    sent = send_all(rest, "one", "two", "three")
    rest.next_message("three")
    first = rest.ask("GET", f"/v1/receive/{rest.number}?max_messages=2&timeout=5").expect(200)
    assert 1 <= len(first) <= 2
    texts = [text for text in map(text_of, first) if text]
    assert texts + poll(rest, 3 - len(texts)) == sent


def test_a_poll_waits_no_longer_than_it_is_told(rest: RestDaemon) -> None:
    answer: list[Any] = [None]
    while answer:  # receipts of the peer's devices may still come
        began = time.monotonic()
        answer = rest.ask("GET", f"/v1/receive/{rest.number}?timeout=1").expect(200)
    assert 0.9 < time.monotonic() - began < 5


def test_a_poller_that_hangs_up_takes_nothing(rest: RestDaemon) -> None:
    with socket.create_connection(("127.0.0.1", rest.address.port)) as gone:
        request = (
            f"GET /v1/receive/{rest.number}?timeout=30 HTTP/1.1\r\nHost: {rest.address}\r\n\r\n"
        )
        gone.sendall(request.encode())
        deadline = time.monotonic() + SOON_S
        while not is_polling(rest):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    while is_polling(rest):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    send_all(rest, "not lost")
    assert poll(rest, 1) == ["not lost"]


def test_a_websocket_that_was_away_gets_everything_once(rest: RestDaemon) -> None:
    with open_socket(rest) as client:
        send_all(rest, "before")
        assert read(client, 1) == ["before"]
        settle(rest)
    sent = send_all(rest, *(f"away {n}" for n in range(5)))
    time.sleep(AWAY_S)
    with open_socket(rest) as client:
        assert read(client, 5) == sent
        settle(rest)
    with open_socket(rest) as client:
        send_all(rest, "first after")
        assert read(client, 1) == ["first after"]


def test_what_a_killed_client_has_not_read_comes_again(rest: RestDaemon) -> None:
    """Its machine has acknowledged the bytes; the program has not seen them."""
    key = "GET /v1/receive/{} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    with socket.create_connection(("127.0.0.1", rest.address.port)) as deaf:
        head = key.format(rest.number, rest.address)
        deaf.sendall(
            f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert deaf.recv(12) == b"HTTP/1.1 101"
        sent = send_all(rest, "unread", "unread too")
        rest.next_message("unread too")
    with open_socket(rest) as client:
        assert read(client, 2) == sent


def test_each_websocket_gets_every_message(rest: RestDaemon) -> None:
    with open_socket(rest) as one, open_socket(rest) as other:
        # Pings are answered, whatever clients send.
        other.send("x" * 600)
        assert one.ping().wait(SOON_S)
        sent = send_all(rest, "for both")
        assert read(one, 1) == read(other, 1) == sent


def test_a_websocket_hears_of_its_own_account_alone(rest: RestDaemon) -> None:
    other = rest.add_account()
    with open_socket(rest) as client:
        rest.peer.send(other, "for another")
        sent = send_all(rest, "for this")
        assert read(client, 1) == sent


def test_a_websocket_for_an_account_that_is_not_here_is_told(rest: RestDaemon) -> None:
    with connect(f"ws://{rest.address}/v1/receive/+15550000001", proxy=None) as client:
        assert "error" in json.loads(client.recv(SOON_S))
        with pytest.raises(ConnectionClosed):
            client.recv(SOON_S)


def test_a_restart_of_the_daemon_costs_nothing(rest: RestDaemon) -> None:
    with open_socket(rest) as client:
        send_all(rest, "before")
        assert read(client, 1) == ["before"]
        settle(rest)
        port = rest.address.port
        rest.stop()
        assert_closes(client)
    sent = send_all(rest, "while it was down")
    rest.start(port)
    with open_socket(rest) as client:
        assert read(client, 1) == sent


def test_stories_are_left_out_and_senders_told(rest: RestDaemon) -> None:
    sent = send_all(rest, "read me")
    texts = poll(rest, 1, "timeout=5&ignore_stories=true&send_read_receipts=true")
    assert texts == sent
    rest.peer.next_with(lambda one: one.get("receiptMessage", {}).get("isRead"))


def test_many_poll_at_once(rest: RestDaemon) -> None:
    """Requests that wait hold up no others."""
    statuses: list[int] = []

    def wait() -> None:
        answer = rest.ask("GET", f"/v1/receive/{rest.number}?timeout=3")
        statuses.append(answer.status)

    threads = [threading.Thread(target=wait) for _ in range(60)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    rest.ask("GET", "/v1/about").expect(200)
    assert time.monotonic() - began < 2.5
    for thread in threads:
        thread.join()
    assert statuses == [200] * 60
