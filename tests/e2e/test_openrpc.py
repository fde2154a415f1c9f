"""Calls made from the OpenRPC document: no method fails inside, and what succeeds is as the document says."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from sigcli.daemon.access.caller import ALL_SCOPES, LOCAL, Caller
from sigcli.daemon.jsonrpc.answering import JsonRpc
from sigcli.daemon.jsonrpc.openrpc import document
from sigcli.daemon.rest.flavour import routes
from sigcli.sandbox.server import Sandbox
from tests.support.rest_daemon import RestDaemon

EXAMPLES = int(os.environ.get("SIGCLI_OPENRPC_EXAMPLES", "3"))
"""Calls of each method; more with ``SIGCLI_OPENRPC_EXAMPLES=200 tests/run tests/e2e/test_openrpc.py``."""
ENDS_THE_ACCOUNT = frozenset(
    {"unregister", "deleteLocalAccountData", "register", "verify", "finishChangeNumber"}
)
LINKS = frozenset({"startLink", "finishLink"})
"""They wait for a phone."""
KNOWN_CODES = {-1, -3, -4, -5, -6, -32600, -32601, -32602}
SUCCEEDING = 25
"""Methods of which at least one call succeeds."""
_TEXTS = ("", "a", "text with ümlaut 👍", "1", "-", "u:a.01", "https://example.org", "x" * 500)


class Params:
    """Values that fit a schema: often such as mean something to the account, for names that tell."""

    def __init__(self, daemon: RestDaemon, group_id: str) -> None:
        self._dice = random.Random(14)
        peer = daemon.peer
        self._people = (daemon.peer_number, peer.uuid, daemon.number, "+15559999999", "nobody")
        self._groups = (group_id, "bm8gZ3JvdXA=", "none")
        self._number = daemon.number

    def of(self, method: dict[str, Any]) -> dict[str, Any]:
        """All that are required, and some of the rest."""
        params: dict[str, Any] = {}
        for param in method["params"]:
            name = param["name"]
            if name == "account":
                params[name] = self._number
            elif param["required"] or self._dice.random() < 0.3:
                params[name] = self._value(name, param["schema"])
        if "recipient" in {one["name"] for one in method["params"]} and self._dice.random() < 0.7:
            params.setdefault("recipient", self._value("recipient", {"type": "string"}))
        if method["name"] == "receive":
            params["timeout"] = 0
        return params

    def _value(self, name: str, schema: dict[str, Any]) -> Any:
        dice = self._dice
        if "enum" in schema:
            return dice.choice(schema["enum"])
        kind = schema["type"]
        if kind == "array":
            return [self._value(name, schema["items"]) for _ in range(dice.randrange(3))]
        if kind == "boolean":
            return dice.random() < 0.5
        if kind in ("integer", "number"):
            least = schema.get("minimum", -5)
            return dice.choice((least, least + 1, max(least, 1_750_000_000_000), 1 << 40))
        if "roup" in name:
            return dice.choice(self._groups)
        people = ("recipient", "author", "contact", "member", "admin", "ban")
        if any(one in name.lower() for one in people):
            return dice.choice(self._people)
        return dice.choice(_TEXTS)


@pytest.fixture(scope="module")
def daemon(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestDaemon]:
    with RestDaemon(sandbox, tmp_path_factory.mktemp("openrpc"), routes) as daemon:
        yield daemon


def call(daemon: RestDaemon, caller: Caller, method: str, params: dict[str, Any]) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    said = JsonRpc(daemon.core, caller).answer(json.dumps(request).encode())
    assert said is not None
    answer: dict[str, Any] = json.loads(said)
    return answer


def test_calls_that_fit_the_document_are_answered_as_it_says(daemon: RestDaemon) -> None:
    made = call(daemon, LOCAL, "updateGroup", {"name": "all", "members": [daemon.peer_number]})
    params = Params(daemon, made["result"]["groupId"])
    # Whose tokens have all scopes, and who may name no file.
    caller = Caller(None, ALL_SCOPES)
    methods = {one["name"]: one for one in document(is_single=False)["methods"]}
    succeeded: Counter[str] = Counter()
    for name in sorted(methods.keys() - ENDS_THE_ACCOUNT - LINKS):
        method = methods[name]
        schema = method["result"]["schema"]
        for _ in range(EXAMPLES):
            given = params.of(method)
            answer = call(daemon, caller, name, given)
            error = answer.get("error")
            if error is not None:
                assert error["code"] in KNOWN_CODES, (name, given, error)
                assert error["message"], (name, given)
                continue
            jsonschema.validate(answer["result"], schema)
            succeeded[name] += 1
    assert len(succeeded) >= SUCCEEDING, succeeded


def test_calls_that_do_not_fit_are_refused(daemon: RestDaemon) -> None:
    """Each parameter of each method once as an object, which none takes."""
    params = Params(daemon, "none")
    skipped = ENDS_THE_ACCOUNT | LINKS
    for method in document(is_single=False)["methods"]:
        for param in method["params"]:
            if method["name"] in skipped or param["name"] == "account":
                continue
            for wrong in ({"an": ["object"]}, [{"in": "an array"}]):
                given = {**params.of(method), param["name"]: wrong}
                answer = call(daemon, LOCAL, method["name"], given)
                assert "error" in answer, (method["name"], given, answer)
                assert answer["error"]["code"] in KNOWN_CODES, (method["name"], given, answer)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendPollVote", {"pollAuthor": "OWN", "pollTimestamp": 5, "voteCount": 1 << 40}),
        ("sendPinMessage", {"targetAuthor": "OWN", "targetTimestamp": 5, "pinDuration": 1 << 40}),
        ("trust", {"verifiedSafetyNumber": "ünlesbar"}),
        ("updateProfile", {"mobileCoinAddress": "ünlesbar"}),
    ],
)
@pytest.mark.parametrize("to", ["OWN", "PEER"])
def test_what_no_message_can_hold_is_the_callers_mistake(
    daemon: RestDaemon, method: str, params: dict[str, Any], to: str
) -> None:
    people = {"OWN": daemon.number, "PEER": daemon.peer_number}
    given = {name: people.get(str(value), value) for name, value in params.items()}
    answer = call(
        daemon, LOCAL, method, {**given, "recipient": people[to], "account": daemon.number}
    )
    assert answer["error"]["code"] == -1, answer
