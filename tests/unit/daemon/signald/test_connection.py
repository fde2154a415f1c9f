from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sigcli.daemon.signald import declaring
from sigcli.daemon.signald.call import Call
from sigcli.daemon.signald.declaring import V1, Declared
from tests.support.signald_client import RawClient
from tests.unit.client.world import OWN_ACI
from tests.unit.daemon.conftest import Desk
from tests.unit.daemon.signald.conftest import NUMBER

Slow = Callable[..., threading.Event]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A request ``slow`` that is answered once the event is set; with ``lane`` it keeps order."""
    going_on = threading.Event()

    def serve(call: Call) -> Any:
        assert going_on.wait(10)
        return {"told": call.get("account")}

    for name, keeps_order in (("slow", False), ("slow_in_order", True)):
        monkeypatch.setitem(
            declaring.REQUESTS,
            (V1, name),
            Declared(
                name, V1, "", (declaring.text("account"),), None, serve, keeps_order=keeps_order
            ),
        )
    return going_on


def test_the_greeting_comes_at_once_in_one_piece(path: str) -> None:
    client = RawClient(path)
    block = client.block()
    client.close()
    assert block.endswith(b"\n")
    assert len(block) < 1024
    greeting = json.loads(block)
    assert greeting["type"] == "version"
    assert set(greeting["data"]) == {"name", "version", "branch", "commit"}
    assert greeting["data"]["name"] == "signald"


def test_only_the_own_user_can_connect(path: str) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_the_id_comes_back_as_it_was_and_only_then(client: RawClient) -> None:
    assert client.ask(type="version", id="7")["id"] == "7"
    assert client.ask(type="version", id=7)["id"] == "7"
    assert "id" not in client.ask(type="version")
    assert "id" not in client.ask(type="version", id=None)


def test_blank_lines_are_passed_over_and_the_last_needs_no_end(client: RawClient) -> None:
    client.send_raw(b'\n  \n{"type":"version","id":"1"}\n\n{"type":"version","id":"2"}')
    client.end_requests()
    assert {client.line()["id"], client.line()["id"]} == {"1", "2"}
    with pytest.raises(EOFError):
        client.line()


@pytest.mark.parametrize("line", [b"{", b"[]", b"5", b"{}", b'{"type":5}', b"\xff", b"[" * 100_000])
def test_what_makes_no_sense(client: RawClient, line: bytes) -> None:
    client.send_raw(line + b"\n")
    answer = client.line()
    assert answer["type"] == "unexpected_error"
    assert answer["data"]["error"] is True
    assert answer["data"]["msg_number"] == 0
    assert client.ask(type="version")["type"] == "version"


def test_an_answer_is_compact_and_without_nulls(client: RawClient) -> None:
    client.send(type="list_contacts", version="v1", account=NUMBER)
    block = client.block()
    assert b"null" not in block
    assert b'": ' not in block
    assert json.loads(block)["type"] == "list_contacts"


def test_requests_are_served_side_by_side(client: RawClient, slow: threading.Event) -> None:
    client.send(type="slow", version="v1", id="slow")
    assert client.ask(type="version", id="quick")["id"] == "quick"
    slow.set()
    assert client.line()["id"] == "slow"


def test_messages_to_one_conversation_keep_their_order(
    client: RawClient, slow: threading.Event
) -> None:
    for n in range(20):
        client.send(type="slow_in_order", version="v1", id=str(n), account=NUMBER)
    slow.set()
    assert [client.line()["id"] for _ in range(20)] == [str(n) for n in range(20)]


def test_what_is_asked_before_the_end_is_done(
    path: str, slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def serve(_: Call) -> Any:
        done.set()
        return {}

    monkeypatch.setitem(
        declaring.REQUESTS, (V1, "noted"), Declared("noted", V1, "", (), None, serve)
    )
    client = RawClient(path)
    client.send(type="noted", version="v1")
    client.close()
    assert done.wait(10)


def test_a_subscription_is_answered_and_told_in_one_write(client: RawClient) -> None:
    client.send(type="subscribe", version="v1", account=NUMBER, id="1")
    first, second = client.block().splitlines()
    assert json.loads(first) == {"type": "subscribe", "id": "1", "data": {}}
    assert json.loads(second) == {
        "type": "ListenerState",
        "version": "v1",
        "data": {"connected": True},
        "account": NUMBER,
    }


def test_every_subscriber_gets_each_message(desk: Desk, client: RawClient, path: str) -> None:
    other = RawClient(path)
    other.line()
    for one, name in ((client, NUMBER), (other, str(OWN_ACI))):
        one.ask(type="subscribe", version="v1", account=name)
        one.line()
    desk.come("to both")
    for one, name in ((client, NUMBER), (other, str(OWN_ACI))):
        event = one.line()
        assert (event["type"], event["version"], event["account"]) == (
            "IncomingMessage",
            "v1",
            name,
        )
        assert event["data"]["data_message"]["body"] == "to both"
        assert "id" not in event
    other.close()


def test_two_subscriptions_of_a_connection_are_one(desk: Desk, client: RawClient) -> None:
    for _ in range(2):
        client.ask(type="subscribe", version="v1", account=NUMBER)
        client.line()
    desk.come("one", "two")
    bodies = [client.line()["data"]["data_message"]["body"] for _ in range(2)]
    assert bodies == ["one", "two"]
    assert client.ask(type="unsubscribe", version="v1", account=NUMBER)["data"] == {}
    desk.come("three")
    assert client.ask(type="version")["type"] == "version"


def test_messages_come_while_a_request_is_unanswered_other_events_after_it(
    desk: Desk, client: RawClient, slow: threading.Event
) -> None:
    client.ask(type="subscribe", version="v1", account=NUMBER)
    client.line()
    client.send(type="slow", version="v1", id="1")
    while not desk.core.handing_out.subscriptions():
        pass
    desk.world.take(b"not to be read")  # a failure
    desk.come("text")
    assert client.line()["data"]["data_message"]["body"] == "text"
    slow.set()
    assert client.line()["id"] == "1"
    assert client.line()["error"] is True


def test_what_was_not_read_comes_to_the_next_and_nothing_is_lost(
    desk: Desk, path: str, client: RawClient
) -> None:
    client.ask(type="subscribe", version="v1", account=NUMBER)
    client.line()
    desk.come("read")
    assert client.line()["data"]["data_message"]["body"] == "read"
    desk.come("written, not read")
    client.close()  # with what may be on its way
    wait_for(lambda: not desk.core.handing_out.subscriptions())
    desk.come("while it is away")
    again = RawClient(path)
    again.line()
    again.ask(type="subscribe", version="v1", account=NUMBER)
    again.line()
    desk.come("the first one afterwards")
    bodies: list[str] = []
    while not bodies or bodies[-1] != "the first one afterwards":
        bodies.append(again.line()["data"]["data_message"]["body"])
    again.close()
    # What it had read just before may come twice.
    expected = ["written, not read", "while it is away", "the first one afterwards"]
    assert bodies in (expected, ["read", *expected])


def test_a_subscriber_of_v0(desk: Desk, client: RawClient) -> None:
    client.send(type="subscribe", username=NUMBER)
    first, second = client.block().splitlines()
    assert json.loads(first) == {"type": "subscribed"}
    assert json.loads(second) == {"type": "listen_started", "data": NUMBER}
    desk.come("text")
    event = client.line()
    assert event["type"] == "message"
    data = event["data"]
    assert data["dataMessage"]["body"] == "text"
    assert data["timestampISO"].endswith("Z")
    assert {"username", "source", "sourceDevice", "type", "timestamp", "serverTimestamp"} <= set(
        data
    )
    assert client.ask(type="unsubscribe", username=NUMBER) == {"type": "unsubscribed"}


def test_closing_ends_connections(desk: Desk, client: RawClient) -> None:
    client.ask(type="subscribe", version="v1", account=NUMBER)
    client.line()
    client.close()
    wait_for(lambda: not desk.core.handing_out.subscriptions())
    assert not desk.core.account().is_receiving


def wait_for(condition: Callable[[], bool]) -> None:
    """Until something holds that another thread brings about."""
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came about")
