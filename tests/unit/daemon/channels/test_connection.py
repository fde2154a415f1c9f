"""Connections by the line, over a pair of sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sigcli.daemon.access.caller import LOCAL
from sigcli.daemon.channels import connection as connections
from sigcli.daemon.channels.connection import Connection
from sigcli.daemon.channels.streams import SocketStream
from sigcli.daemon.core import Core, ReceiveMode
from tests.support.rpc_client import RpcClient, read_all
from tests.unit.daemon.conftest import ENOUGH_S, SOON_S, Desk
from tests.unit.daemon.test_core import wait_for


class Line(RpcClient):
    """The client's end of a pair."""

    def __init__(self, core: Core) -> None:
        self.ended = threading.Event()
        ours, theirs = socket.socketpair()
        self.use(ours, SOON_S)
        self._theirs = theirs
        self.connection = Connection(core, LOCAL, SocketStream(theirs), lambda _: self.ended.set())
        self.connection.start()

    def close(self) -> None:
        super().close()
        self.connection.close()
        assert self.ended.wait(SOON_S)
        wait_for(lambda: self._theirs.fileno() < 0, "the socket's end")


@pytest.fixture
def connect(desk: Desk) -> Iterator[Callable[[], Line]]:
    made: list[Line] = []

    def make() -> Line:
        made.append(Line(desk.core))
        return made[-1]

    yield make
    for line in made:
        line.close()


def unasked(desk: Desk) -> None:
    """A core that tells everybody what comes."""
    desk.core.receive_mode = ReceiveMode.ON_START


def waiting(desk: Desk, consumer: str = "default") -> int:
    desk.core.handing_out.store_places()
    (state,) = [one for one in desk.core.consumers() if one.consumer.name == consumer]
    return state.waiting


def text_in(told: dict[str, Any]) -> str:
    return str(told["envelope"]["dataMessage"]["message"])


def test_requests_run_side_by_side_and_are_matched_by_id(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    line = connect()
    slow = line.begin("receive", timeout=-1)
    assert line.call("version") == {"version": "0.14.6"}
    desk.come("at last")
    assert [text_in(one) for one in line.answer_to(slow)["result"]] == ["at last"]


def test_pieces_and_several_lines_at_once(connect: Callable[[], Line]) -> None:
    line = connect()
    for letter in b'{"jsonrpc":"2.0","id":"a","method":"version"}\n':
        line.write(bytes([letter]))
    assert line.read()["id"] == "a"
    line.write(b'{"jsonrpc":"2.0","id":1,"method":"version"}\r\n\n[]\n{"id"')
    got = [line.read() for _ in range(3)]
    assert sorted(one.get("error", {}).get("code", 0) for one in got) == [-32700, -32600, 0]
    line.write(b":2}\n")
    assert line.read()["error"]["code"] == -32600


def test_the_last_line_needs_no_end_and_all_answers_come(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    line = connect()
    line.begin("receive", timeout=0.5)
    line.write(b'{"jsonrpc":"2.0","id":"last","method":"version"}')
    line.end()
    answers = [json.loads(one) for one in read_all(line.socket).splitlines()]
    assert [one["id"] for one in answers] == ["last", 0]
    assert line.ended.wait(SOON_S)


def test_unasked_each_connection_is_told_what_comes(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    desk.come("waiting")
    unasked(desk)
    first = connect()
    assert text_in(first.notified()) == "waiting"
    second = connect()
    desk.come("now")
    for line in (first, second):
        told = line.notified()
        assert text_in(told) == "now"
        assert set(told) == {"envelope", "account"}
    wait_for(lambda: waiting(desk) == 0, "both were read")


def test_what_was_written_and_not_read_comes_again(desk: Desk, connect: Callable[[], Line]) -> None:
    unasked(desk)
    line = connect()
    desk.come("read")
    assert text_in(line.notified()) == "read"
    wait_for(lambda: waiting(desk) == 0, "it counts as taken")
    desk.come("not read")
    line.socket.recv(1, socket.MSG_PEEK)  # it is there
    line.close()
    assert waiting(desk) == 1
    assert text_in(connect().notified()) == "not read"


def test_who_only_asks_and_ends_takes_nothing_away(desk: Desk, connect: Callable[[], Line]) -> None:
    desk.come("kept")
    unasked(desk)
    line = connect()
    line.write(b'{"jsonrpc":"2.0","id":1,"method":"version"}')
    line.end()
    assert read_all(line.socket).count(b"\n") == 1
    assert waiting(desk) == 1


def test_manual_tells_only_who_subscribes(desk: Desk, connect: Callable[[], Line]) -> None:
    line, other = connect(), connect()
    desk.come("0")
    assert line.nothing_comes(ENOUGH_S)
    number = line.call("subscribeReceive")
    second = line.call("subscribeReceive", account="+15550100")
    assert (type(number), second) == (int, number + 1)
    told = line.notified()
    assert set(told) == {"subscription", "result"}
    assert told["subscription"] == number
    assert text_in(told["result"]) == "0"
    desk.come("1")
    assert {line.notified()["subscription"] for _ in range(2)} == {number, second}
    assert line.call("unsubscribeReceive", subscription=number) == {}
    line.send({"jsonrpc": "2.0", "id": "u", "method": "unsubscribeReceive", "params": [second]})
    assert line.answer_to("u")["result"] == {}
    assert line.fail("unsubscribeReceive", subscription=number)["code"] == -1
    assert line.fail("unsubscribeReceive")["code"] == -1
    desk.come("2")
    assert line.nothing_comes(ENOUGH_S)
    assert other.fail("unsubscribeReceive", subscription=second)["code"] == -1


def test_unasked_and_subscribed_each_comes_in_both_shapes(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    unasked(desk)
    line = connect()
    number = line.call("subscribeReceive")
    desk.come("twice")
    shapes = [line.notified() for _ in range(2)]
    assert sorted("subscription" in one for one in shapes) == [False, True]
    assert {one["subscription"] for one in shapes if "subscription" in one} == {number}


def test_a_consumer_with_a_name_says_what_it_has_taken(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    line = connect()
    line.call("subscribeReceive", consumer="bot")
    desk.come("0", "1", "2")
    told = [line.notified() for _ in range(3)]
    ids = [one["id"] for one in told]
    assert ids == sorted(ids)
    assert line.call("ackReceive", consumer="bot", id=ids[0]) == {}
    assert waiting(desk, "bot") == 2
    line.close()
    again = connect()
    again.call("subscribeReceive", consumer="bot", after=ids[1])
    assert text_in(again.notified()["result"]) == "2"
    assert waiting(desk, "bot") == 1
    replay = connect()
    replay.call("subscribeReceive", consumer="bot", since=0)
    assert text_in(replay.notified()["result"]) == "0"
    assert replay.fail("subscribeReceive", consumer="no name")["code"] == -1


def test_the_end_of_a_connection_ends_its_subscriptions(
    desk: Desk, connect: Callable[[], Line]
) -> None:
    line = connect()
    line.call("subscribeReceive")
    assert desk.core.account().is_receiving
    line.close()
    wait_for(lambda: not desk.core.handing_out.subscriptions(), "its end")
    assert not desk.core.account().is_receiving


def test_who_does_not_read_holds_up_nobody(desk: Desk, connect: Callable[[], Line]) -> None:
    slow, line = connect(), connect()
    slow.call("subscribeReceive")
    line.call("subscribeReceive", consumer="other")
    desk.come(*(f"{n}{'x' * 1500}" for n in range(300)))
    for _ in range(40):
        slow.begin("version")
    assert line.call("version")
    assert len([line.notified() for _ in range(300)]) == 300
    began = time.monotonic()
    slow.connection.close()
    assert time.monotonic() - began < 1


def test_many_requests_at_once_are_all_answered(connect: Callable[[], Line]) -> None:
    line = connect()
    count = connections.MOST_PENDING * 4
    for _ in range(count):
        line.begin("version")
    assert {line.read()["id"] for _ in range(count)} == set(range(count))


def test_a_browsers_request_is_not_heard(desk: Desk, connect: Callable[[], Line]) -> None:
    line = connect()
    line.write(
        b"POST / HTTP/1.1\r\nHost: localhost:7583\r\nContent-Type: text/plain\r\n\r\n"
        b'{"jsonrpc":"2.0","id":1,"method":"version"}\n'
    )
    with pytest.raises(EOFError):
        line.read()


def test_a_line_that_is_too_long_is_refused_and_the_next_is_heard(
    desk: Desk, connect: Callable[[], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigcli.daemon.large_requests.MOST_LEFT_BYTES", 200_000)
    line = connect()
    line.write(b'{"jsonrpc":"2.0","id":1,"method":"' + b"x" * 500_000 + b'"}\n')
    error = line.read()
    assert error["id"] is None
    assert error["error"]["code"] == -32600
    assert "too large" in error["error"]["message"]
    assert line.call("version")


def test_those_who_do_not_read_hold_up_nobody_else(connect: Callable[[], Line]) -> None:
    slow = [connect() for _ in range(3)]
    for line in slow:
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(connections.MOST_PENDING):
            line.begin("rpc.discover")
    other = connect()
    for _ in range(50):
        assert other.call("version") == {"version": "0.14.6"}
    # Whoever reads after all gets everything.
    for line in slow:
        for id in range(connections.MOST_PENDING):
            assert "methods" in line.answer_to(id)["result"]


def test_who_asks_and_does_not_read_is_cut_off(
    connect: Callable[[], Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "READ_WITHIN_S", 0.2)
    line = connect()
    for _ in range(connections.MOST_PENDING):
        line.begin("rpc.discover")
    assert line.ended.wait(SOON_S)
    wait_for(lambda: line._theirs.fileno() < 0, "the socket's end")
