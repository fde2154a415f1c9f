"""Targets: what programs send to a daemon."""

from __future__ import annotations

import inspect
import json
import re
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sigcli.cli.declared_commands import declaration_of
from sigcli.client.base.settings import Settings
from sigcli.daemon.access.caller import LOCAL
from sigcli.daemon.configured import with_configured
from sigcli.daemon.jsonrpc.context import Context
from sigcli.daemon.jsonrpc.failures import rpc_error
from sigcli.daemon.jsonrpc.messages import RpcError, decode, encode, failure, members, read_request
from sigcli.daemon.jsonrpc.methods import OWN_METHODS, call, operations
from sigcli.daemon.large_requests import LargeText
from sigcli.daemon.rest.flavour import REST
from sigcli.daemon.rest_python.flavour import REST_PYTHON
from sigcli.daemon.routes import bodies
from sigcli.daemon.routes.call import Call
from sigcli.daemon.routes.flavour import Flavour
from sigcli.daemon.signald import answering
from sigcli.daemon.signald.declaring import REQUESTS
from sigcli.daemon.signald.lines import line
from sigcli.daemon.webhooks.configured import webhooks_of
from sigcli.daemon.webhooks.signing import signature
from sigcli.errors import (
    ConfigFileInvalid,
    InvalidWebhook,
    SigcliError,
    UnknownLocalAccount,
    UserError,
)
from sigcli.store.accounts_file import LocalAccount
from sigcli.wire.addresses import ServiceId
from tests.fuzz.target import Target

if TYPE_CHECKING:
    pass

ACI = "9d0652a3-dcc3-4d11-975f-74d61598733f"
NUMBER = "+15550100"
_VALUES: dict[str, Any] = {
    "account": NUMBER,
    "username": NUMBER,
    "number": NUMBER,
    "recipient": ["+15550101"],
    "recipients": ["+15550101"],
    "message": "**text**",
    "text_mode": "styled",
    "recipientAddress": {"number": "+15550101"},
    "messageBody": "text",
    "address": {"uuid": ACI},
    "groupId": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "base64_attachments": ["data:text/plain;filename=a.txt;base64,aGk="],
    "emoji": "x",
    "reaction": "x",
    "targetTimestamp": 1,
    "targetAuthor": ACI,
    "timestamp": 1,
}
_PATH = {"number": NUMBER, "groupid": "group.QUFB", "recipient": "+15550101"}
_IN_PATH = re.compile(r"\{(\w+)")


class CarriedOut(UserError):
    """All was read: what is asked for would be done now."""


def _broken(text: str) -> None:
    raise AssertionError(text)


class _Reading:
    """Stands where a daemon's parts stand: whatever is to be done ends there."""

    settings = Settings(data_dir=Path("/nowhere"), warn=_broken)
    is_single = False

    def account(self, name: str | None) -> Any:
        if name not in (None, NUMBER, ACI):
            raise UnknownLocalAccount
        entry = LocalAccount(ServiceId.aci(ACI), NUMBER, "sandbox", "one")
        return _Account(entry)

    def noted(self, *_: Any) -> Any:
        raise CarriedOut

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise CarriedOut


class _Account(_Reading):
    def __init__(self, entry: LocalAccount) -> None:
        self.entry = entry


_READING: Any = _Reading()


# --- JSON-RPC -------------------------------------------------------------------------------------


def _json_rpc(data: bytes) -> None:
    """Each member of it, up to where an operation would begin; and how its error is written."""
    try:
        value = decode(data)
        batch = members(value) if isinstance(value, list) else [value]
    except RpcError as error:
        encode(failure(error))
        raise CarriedOut from error
    for member in batch:
        try:
            request = read_request(member)
            if request is not None:
                call(request.method, request.params, Context(_READING, LOCAL))
        except CarriedOut:
            continue
        except (RpcError, SigcliError) as error:
            encode(failure(rpc_error(error)))


def _json_rpc_seeds() -> list[bytes]:
    made = []
    for name in (*operations(), *OWN_METHODS):
        declared = OWN_METHODS.get(name) or declaration_of(name)
        params = {one.json_name: _VALUES.get(one.json_name, 1) for one in declared.parameters}
        request = {"jsonrpc": "2.0", "id": 1, "method": name, "params": params}
        made.append(json.dumps(request).encode())
    return [*made, b"[" + b",".join(made[:3]) + b"]"]


def _large_request(data: bytes) -> None:
    """In pieces as they come: the first byte says how large."""
    text = LargeText(_folder())
    size = (data[0] if data else 0) + 1
    for at in range(1, len(data), size):
        text.feed(data[at : at + size])
    request: Any = text.finish()
    try:
        request.restored(decode(request.text))
    except RpcError:
        return


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix="sigcli-fuzz-")


def _large_seeds() -> list[bytes]:
    uri = b'{"a":"data:image/png;base64,' + b"QUFB" * 40 + b'","b":"data:x;base64,QQ%3D%3D"}'
    return [b"\x07" + uri, b"\xff" + uri.replace(b"QUFB", rb"QU\u0046B")]


# --- REST -----------------------------------------------------------------------------------------


def _rest(flavour: Flavour, data: bytes) -> None:
    """Route, query and body, up to where an operation would begin; and how an error is answered."""
    number, query, body = (*data.split(b"\n", 2), b"", b"")[:3]
    routes = flavour.routes
    route = routes[int.from_bytes(number[:2], "big") % len(routes)]
    text = query.decode("latin-1")
    scope: Any = SimpleNamespace(scope={"query_string": text.encode("latin-1")})
    from sigcli.daemon.routes.mounting import query_values

    try:
        values = bodies.read_query(route.query, query_values(scope))
        read = {} if route.body is None else bodies.read_body(route.body, body)
        word = number[2:].decode("latin-1")
        path = {name: word or _PATH.get(name, "1") for name in _IN_PATH.findall(route.path)}
        asked = Call(_READING, LOCAL, path, values, read)
        if not inspect.iscoroutinefunction(route.handler):
            route.handler(asked)
    except CarriedOut:
        return
    except SigcliError as error:
        json.dumps(flavour.answer_error(error))
        raise


def _rest_seeds(flavour: Flavour) -> list[bytes]:
    made = []
    for number, route in enumerate(flavour.routes):
        names = [] if route.body is None else list(route.body.__annotations__)
        body = {name: _VALUES.get(name, "1") for name in names}
        query = "&".join(f"{one.name}=1" for one in route.query)
        # A line of its own for the route's number: none of its bytes may be the end of a line.
        marked = (number + 256 * 33).to_bytes(2, "big")
        if b"\n" not in marked:
            made.append(marked + f"\n{query}\n{json.dumps(body)}".encode())
    return made


# --- signald --------------------------------------------------------------------------------------


class _Client:
    def __getattr__(self, name: str) -> Any:
        raise CarriedOut


def _signald(data: bytes) -> None:
    asked = answering.read(data)
    assert hash(asked.lane) is not None
    client: Any = _Client()
    answer = answering.Answering(_READING, client).answer(asked, client)
    if answer is not None:
        line(answer)


def _signald_seeds() -> list[bytes]:
    made = []
    for (version, kind), declared in REQUESTS.items():
        fields = {one.name: _VALUES.get(one.name, "1") for one in declared.request.fields}
        fields |= {"type": kind, "version": version, "id": "7"}
        made.append(json.dumps(fields).encode())
    return made


# --- config.toml ----------------------------------------------------------------------------------


def _daemon_section(data: bytes) -> None:
    try:
        section = tomllib.loads(data.decode()).get("daemon", {})
    except (ValueError, RecursionError) as error:
        raise ConfigFileInvalid(str(error)) from error
    if not isinstance(section, dict):
        raise ConfigFileInvalid
    with_configured({}, section)
    for webhook in webhooks_of({}, section):
        if webhook.secret is not None:
            assert _SIGNATURE.fullmatch(signature(webhook.secret, data, 1_700_000_000_000))


_SIGNATURE = re.compile(r"t=\d+,v1=[0-9a-f]{64}")
_SECTION = b"""[daemon]
http = "localhost:8080"
tcp = true
same_user = true
host_names = ["signal.home"]
attachment_root = "/srv"
[[daemon.webhook]]
url = "https://127.0.0.1:1/hook"
name = "bot"
kinds = ["message"]
secret = "words"
accounts = ["+15550100"]
"""


TARGETS = (
    Target("json-rpc", _json_rpc, _json_rpc_seeds, (CarriedOut,)),
    Target("large-request", _large_request, _large_seeds, ()),
    Target("rest", lambda data: _rest(REST, data), lambda: _rest_seeds(REST), (SigcliError,)),
    Target(
        "rest-python",
        lambda data: _rest(REST_PYTHON, data),
        lambda: _rest_seeds(REST_PYTHON),
        (SigcliError,),
    ),
    Target("signald", _signald, _signald_seeds, ()),
    Target(
        "daemon-section", _daemon_section, lambda: [_SECTION], (ConfigFileInvalid, InvalidWebhook)
    ),
)
