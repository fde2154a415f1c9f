"""A daemon's core and its HTTP server in this process, over accounts of a sandbox; no token is needed."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from sigcli.client.base.settings import Settings
from sigcli.client.live.live_account import LiveAccount
from sigcli.client.live.subscription import Subscription
from sigcli.daemon.access.access import Access, AccessOptions
from sigcli.daemon.access.rates import Rates
from sigcli.daemon.core import Core
from sigcli.daemon.http.address import Address
from sigcli.daemon.http.server import HttpServer
from sigcli.operations.declaring import load
from sigcli.operations.shapes.envelope import receive_object
from sigcli.sandbox.server import Sandbox
from sigcli.store.tokens import Tokens
from tests.support.accounts import register_account, settings_of

Routes = Callable[[Core], Sequence[BaseRoute]]
_numbers = itertools.count(15551200001)
SOON_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What the server has said."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)

    def expect(self, status: int) -> Any:
        """Its JSON, None without any; an AssertionError for another status."""
        assert self.status == status, f"{self.status} {self.body.decode(errors='replace')}"
        return json.loads(self.body) if "json" in self.headers.get("content-type", "") else None


def new_account(sandbox: Sandbox, folder: Path) -> str:
    """Register a number in a data directory, and give it."""
    number = f"+{next(_numbers)}"
    register_account(sandbox.environment_file, folder, number)
    return number


class RestDaemon:
    """A context manager; ``number`` is the account of the daemon, ``peer`` somebody whom it has talked with."""

    def __init__(self, sandbox: Sandbox, folder: Path, routes: Routes) -> None:
        self.sandbox = sandbox
        self.folder = folder / "daemon"
        self._peer_folder = folder / "peer"
        self._routes = routes
        self.number = ""
        self.peer_number = ""

    def __enter__(self) -> RestDaemon:
        self.folder.mkdir()
        self._peer_folder.mkdir()
        self.number = new_account(self.sandbox, self.folder)
        self.peer_number = new_account(self.sandbox, self._peer_folder)
        self.peer = Peer(settings_of(self.sandbox.environment_file, self._peer_folder))
        self.start()
        # Now they know each other, and neither is a stranger.
        self.peer.send(self.number, "hello")
        self.next_message("hello")
        self.core.account().run(
            load("send").from_json({"recipient": self.peer_number, "message": "hello"})
        )
        self.peer.next_text("hello")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.peer.close()

    def start(self, port: int = 0) -> None:
        """Begin to serve, on the port of before if that is given."""
        self.core = Core(settings_of(self.sandbox.environment_file, self.folder))
        self.core.start(has_channel=True)
        live = self.core.account(self.number)
        self._watched = self.core.subscribe("watcher", live, rendering=receive_object)
        access = Access(AccessOptions(no_auth=True), Tokens(self.folder), Rates(time.monotonic))
        self._server = HttpServer(access)
        self.address = self._server.listen(Address.parse(f"127.0.0.1:{port}", port), self._routes)
        self._server.start(self.core)

    def stop(self) -> None:
        self._server.close()
        self.core.close()

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def uuid(self) -> str:
        return str(self.core.account(self.number).entry.aci)

    def add_account(self) -> str:
        """One more account of the daemon, which has noticed it."""
        number = new_account(self.sandbox, self.folder)
        self.core.account(number)
        return number

    def add_stranger(self) -> str:
        """The number of somebody whom nobody here knows."""
        return new_account(self.sandbox, self._peer_folder)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request; ``body`` is sent as JSON, bytes as they are."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = HTTPConnection("127.0.0.1", self.address.port, timeout=60)
        try:
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            connection.close()

    def next_message(self, text: str) -> dict[str, Any]:
        """Wait until a message of the peer has come, for a consumer of its own."""
        return _find(self._watched, text)


class Peer:
    """Somebody else, whose account is kept open in this process."""

    def __init__(self, settings: Settings) -> None:
        self._core = Core(settings)
        self._core.start(has_channel=True)
        self.live: LiveAccount = self._core.account()
        self._events = self._core.subscribe("test", self.live, rendering=receive_object)

    @property
    def uuid(self) -> str:
        return str(self.live.entry.aci)

    def close(self) -> None:
        self._core.close()

    def run(self, name: str, /, **params: Any) -> Any:
        """Do an operation."""
        result = self.live.run(load(name).from_json(params))
        assert result.failure is None, result.failure
        return result.to_json()

    def send(self, recipient: str, text: str, **params: Any) -> int:
        """Send, and give the timestamp."""
        return int(self.run("send", recipient=recipient, message=text, **params)["timestamp"])

    def next_text(self, text: str) -> dict[str, Any]:
        """The envelope of the message with this text; those before it are passed over."""
        return _find(self._events, text)

    def next_with(self, fits: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The first envelope that fits; those before it are passed over."""
        return _find_with(self._events, fits)


def _find(events: Subscription, text: str) -> dict[str, Any]:
    return _find_with(events, lambda one: one.get("dataMessage", {}).get("message") == text)


def _find_with(events: Subscription, fits: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    deadline = time.monotonic() + SOON_S
    passed_over: list[dict[str, Any]] = []
    while (left_s := deadline - time.monotonic()) > 0:
        delivery = events.next(left_s)
        if delivery is None:
            break
        envelope: dict[str, Any] = delivery.event["envelope"]
        events.taken(delivery.id)
        if fits(envelope):
            return envelope
        passed_over.append(envelope)
    states = [(live.state, live.ready_id) for live in events.accounts]
    raise AssertionError(f"it has not come; {states=} {passed_over=}")
