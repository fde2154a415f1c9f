"""The frame of JSON-RPC, side by side with what signal-cli does (reference/programs/jsonrpc.md)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigcli.daemon.access.caller import LOCAL, Caller
from sigcli.daemon.core import Core, ReceiveMode
from sigcli.daemon.jsonrpc.answering import JsonRpc
from sigcli.daemon.jsonrpc.messages import MOST_IN_A_BATCH
from sigcli.operations.table import RECEIVE
from tests.unit.client.world import OWN_ACI
from tests.unit.daemon.conftest import Desk
from tests.unit.daemon.test_core import add_second


def answer(desk: Desk, body: str | bytes, caller: Caller = LOCAL) -> Any:
    said = JsonRpc(desk.core, caller).answer(body if isinstance(body, bytes) else body.encode())
    return None if said is None else json.loads(said)


def ask(desk: Desk, method: str, caller: Caller = LOCAL, **params: Any) -> Any:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return answer(desk, json.dumps(request), caller)


def code_and_message(said: Any) -> tuple[int, str]:
    assert "result" not in said
    assert set(said["error"]) == {"code", "message", "data"}
    return said["error"]["code"], said["error"]["message"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"", -32700, "Empty input line"),
        (b" \t ", -32700, "Empty input line"),
        (b"{", -32700, ""),
        (b'{"a":NaN}', -32700, "NaN"),
        (b'{"jsonrpc":"2.0","method":"version","id":1e400}', -32700, "too large"),
        (b"\xff\xfe{}", -32700, "UTF-8"),
        (b"[" * 200_000, -32700, "deep"),
        (b'{"id":' + b"9" * 5000 + b"}", -32700, ""),
        (b"[]", -32600, "invalid request"),
        (b"5", -32600, "unexpected type: number"),
        (b'"x"', -32600, "unexpected type: string"),
        (b"true", -32600, "unexpected type: boolean"),
        (b"null", -32600, "unexpected type: null"),
        (b'{"id":1,"method":"version"}', -32600, "only jsonrpc version 2.0 is supported"),
        (b'{"jsonrpc":2.0,"method":"version"}', -32600, "only jsonrpc version 2.0 is supported"),
        (b'{"jsonrpc":"2.0","id":1}', -32600, "method field must be set"),
        (b'{"jsonrpc":"2.0","id":1,"method":5}', -32600, "method"),
        (b'{"jsonrpc":"2.0","id":1,"method":"version","x":1}', -32600, "unknown member 'x'"),
        (b'{"jsonrpc":"2.0","id":{},"method":"version"}', -32600, "id"),
        (b'{"jsonrpc":"2.0","id":[1],"method":"version"}', -32600, "id"),
        (b'{"jsonrpc":"2.0","id":1,"method":"version","params":5}', -32600, "params"),
        (b'{"jsonrpc":"2.0","id":1,"method":"version","params":[]}', -32600, "params"),
        (b'{"jsonrpc":"2.0","id":1,"method":"none"}', -32601, "Method not implemented"),
        (b'{"jsonrpc":"2.0","id":1,"method":"daemon"}', -32601, "Method not implemented"),
        (b'{"jsonrpc":"2.0","id":1,"method":"__class__"}', -32601, "Method not implemented"),
        (b'{"jsonrpc":"2.0","id":1,"method":"subscribeReceive"}', -32601, "not implemented"),
        (b'{"jsonrpc":"2.0","id":1,"method":"startCall"}', -32601, "Method not implemented"),
    ],
)
def test_what_is_no_request(desk: Desk, body: bytes, code: int, message: str) -> None:
    said = answer(desk, body)
    assert said["jsonrpc"] == "2.0"
    told_code, told = code_and_message(said)
    assert told_code == code
    assert message in told
    assert said["id"] == (1 if b'"id":1,' in body or b'"id":1}' in body else None)


@pytest.mark.parametrize("id", [0, 1, -7, 2.5, 2**60, "x", "", None])
def test_an_id_comes_back_as_it_was(desk: Desk, id: Any) -> None:
    said = answer(desk, json.dumps({"jsonrpc": "2.0", "id": id, "method": "version"}))
    assert said == {"jsonrpc": "2.0", "result": {"version": "0.14.6"}, "id": id}
    assert type(said["id"]) is type(id)


@pytest.mark.parametrize(
    "body",
    [
        '{"jsonrpc":"2.0","method":"version"}',
        '{"jsonrpc":"2.0","method":"none"}',
        '{"jsonrpc":"2.0","id":1,"result":{}}',
        '{"jsonrpc":"2.0","id":1,"error":{}}',
        '[{"jsonrpc":"2.0","method":"version"},{"id":1,"result":1}]',
    ],
)
def test_notifications_and_responses_are_not_answered(desk: Desk, body: str) -> None:
    assert answer(desk, body) is None


def test_a_batch_has_an_answer_for_each_that_wants_one(desk: Desk) -> None:
    said = answer(
        desk,
        '[{"jsonrpc":"2.0","id":0,"method":"version"},{"jsonrpc":"2.0","method":"version"},3,'
        '{"jsonrpc":"2.0","id":"b","method":"none","params":null}]',
    )
    assert [one["id"] for one in said] == [0, None, "b"]
    assert said[0]["result"] == {"version": "0.14.6"}
    assert [one["error"]["code"] for one in said[1:]] == [-32600, -32601]


def test_a_batch_has_a_limit(desk: Desk) -> None:
    member = '{"jsonrpc":"2.0","id":1,"method":"version"}'
    assert len(answer(desk, f"[{','.join([member] * 50)}]")) == 50
    said = answer(desk, f"[{','.join([member] * (MOST_IN_A_BATCH + 1))}]")
    assert said["error"]["code"] == -32600


def test_every_method_has_a_result(desk: Desk) -> None:
    assert ask(desk, "listContacts")["result"] == []
    assert ask(desk, "updateContact", recipient=str(OWN_ACI), name="Me")["result"] == {}


def test_dashed_names_junk_and_null(desk: Desk) -> None:
    params: dict[str, Any] = {
        "recipient": [str(OWN_ACI)],
        "nick-given-name": "Nick",
        "junk": {},
        "note": None,
    }
    assert ask(desk, "updateContact", LOCAL, account="+15550100", **params)["result"] == {}
    (contact,) = ask(desk, "listContacts", recipient=str(OWN_ACI), allRecipients=True)["result"]
    assert contact["nickGivenName"] == "Nick"


@pytest.mark.parametrize("method", ["register", "verify", "receive", "finishLink"])
def test_some_methods_take_no_other_params(desk: Desk, method: str) -> None:
    said = ask(desk, method, account="+15550100", junk=1, verificationCode="1", deviceLinkUri="x")
    code, message = code_and_message(said)
    assert code == -32600
    assert "there is no parameter" in message


def test_a_missing_or_unfit_param_is_a_user_error(desk: Desk) -> None:
    code, message = code_and_message(ask(desk, "sendReaction", recipient="+15550101"))
    assert (code, "emoji is missing" in message) == (-1, True)
    code, message = code_and_message(ask(desk, "listContacts", LOCAL, allRecipients={"x": 1}))
    assert (code, "allRecipients" in message) == (-1, True)


def test_an_account_is_chosen(desk: Desk) -> None:
    for name in ("+15550100", str(OWN_ACI), None):
        assert "result" in ask(desk, "listContacts", account=name)
    unknown: Any
    for unknown in ("+15550199", 5, {}):
        said = code_and_message(ask(desk, "listContacts", account=unknown))
        assert said == (-32602, "Specified account does not exist")
    said = code_and_message(ask(desk, "register"))
    assert said == (-32602, "Method requires account parameter")


def test_with_several_accounts_one_is_to_be_named(desk: Desk) -> None:
    second, _ = add_second(desk.folder)
    desk.core.account("+15550101")
    said = code_and_message(ask(desk, "listContacts"))
    assert said == (-32602, "Method requires valid account parameter")
    assert "result" in ask(desk, "listContacts", account="+15550101")
    bound = Caller("one", frozenset({RECEIVE}), frozenset({str(OWN_ACI)}))
    assert "result" in ask(desk, "listContacts", bound)
    code, message = code_and_message(ask(desk, "listContacts", bound, account="+15550101"))
    assert (code, "not for this account" in message) == (-1, True)
    numbers = [one["number"] for one in ask(desk, "listAccounts")["result"]]
    assert numbers == ["+15550100", "+15550101"]
    second.account.close()


def test_started_for_one_account(desk: Desk) -> None:
    from dataclasses import replace

    desk.core.close()
    settings = replace(desk.core.settings, account="+15550100")
    desk.core = Core(settings, receive_mode=ReceiveMode.MANUAL)
    desk.core.start(has_channel=True)
    assert "result" in ask(desk, "listContacts", account="+1999")
    assert ask(desk, "version")["result"] == {"version": "0.14.6"}
    for method in ("listAccounts", "register", "verify", "startLink", "finishLink"):
        assert code_and_message(ask(desk, method))[0] == -32601
    assert "startLink" not in [
        one["name"] for one in ask(desk, "rpc.discover")["result"]["methods"]
    ]


def test_a_caller_does_what_it_may(desk: Desk) -> None:
    reader = Caller("reader", frozenset({RECEIVE}))
    assert "result" in ask(desk, "listContacts", reader)
    for method, params in (
        ("send", {"recipient": "+15550101", "message": "x"}),
        ("removeConsumer", {"consumer": "default"}),
        ("startLink", {}),
        ("listAccounts", {}),
    ):
        code, message = code_and_message(ask(desk, method, reader, **params))
        assert (code, "lacks the scope" in message) == (-1, True)
    sender = Caller("sender", frozenset({"send"}))
    for method in ("receive", "listConsumers", "subscribeReceive"):
        assert code_and_message(ask(desk, method, sender))[0] in (-1, -32601)
    said = code_and_message(ask(desk, "ackReceive", sender, id=1))
    assert "lacks the scope" in said[1]
    said = ask(desk, "send", sender, recipient="+15550101", attachment="/etc/hostname")
    assert "may not name files" in code_and_message(said)[1]


def test_the_daemons_own_streams_are_nobodys(desk: Desk) -> None:
    for path in ("-", "/dev/stdin", "/proc/self/fd/3"):
        said = ask(desk, "send", recipient="+15550101", attachments=[path])
        assert "own streams" in code_and_message(said)[1]


def test_consumers_are_listed_acknowledge_and_go(desk: Desk) -> None:
    desk.come("0", "1")
    with desk.core.subscribe("bot", since_ms=0) as bot:
        first = bot.next(10)
        assert first is not None
    assert ask(desk, "ackReceive", consumer="bot", id=first.id)["result"] == {}
    consumers = {one["name"]: one for one in ask(desk, "listConsumers")["result"]}
    assert set(consumers) == {"default", "bot"}
    assert consumers["default"]["waiting"] == 2
    assert consumers["default"]["account"] == "+15550100"
    assert ask(desk, "removeConsumer", consumer="bot")["result"] == {}
    assert code_and_message(ask(desk, "removeConsumer", consumer="bot"))[0] == -1
    code, _ = code_and_message(ask(desk, "ackReceive", consumer="a b", id=1))
    assert code == -1


def test_what_a_poll_gives_counts_as_taken_with_the_next(desk: Desk) -> None:
    desk.come("0", "1", "2")
    # Nothing can be received from any service here: what is stored is handed out.
    texts = texts_in(ask(desk, "receive", timeout=0, maxMessages=2)["result"])
    assert texts == ["0", "1"]
    assert texts_in(ask(desk, "receive", timeout="0")["result"]) == ["2"]
    assert ask(desk, "receive", timeout=0)["result"] == []
    desk.come("3")
    assert texts_in(ask(desk, "receive", timeout=0)["result"]) == ["3"]


def test_receive_is_refused_where_something_receives(desk: Desk) -> None:
    with desk.core.subscribe():
        said = code_and_message(ask(desk, "receive", timeout=0))
        assert said[0] == -1
        assert said[1].startswith(
            "Receive command cannot be used if messages are already being received"
        )


def texts_in(objects: list[Any]) -> list[str]:
    return [one["envelope"]["dataMessage"]["message"] for one in objects]


def test_what_was_done_is_counted(desk: Desk) -> None:
    ask(desk, "version")
    ask(desk, "removeConsumer", consumer="none")
    ask(desk, "listContacts")
    counted = desk.core.counters.operations()
    assert ("version", "ok", 1) in counted
    assert ("removeConsumer", "unknownConsumer", 1) in counted
    assert ("listContacts", "ok", 1) in counted
