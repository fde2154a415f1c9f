"""The HTTP server over a core with one account; requests are written to its sockets as bytes or by a plain client."""

from __future__ import annotations

import http.client
import json
import os
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.daemon.access.access import Access, AccessOptions
from sigcli.daemon.access.caller import ALL_SCOPES
from sigcli.daemon.access.rates import Rates
from sigcli.daemon.http.address import Address
from sigcli.daemon.http.json_rpc import routes
from sigcli.daemon.http.server import HttpServer
from sigcli.store.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigcli.daemon.http.server import Routes
    from tests.unit.daemon.conftest import Desk

TIMEOUT_S = 60.0
CONSUMERS = ("bot", "home")


@dataclass
class Answer:
    """What the server has said."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A server that listens, and the token that it knows."""

    desk: Desk
    address: Address
    tokens: Tokens
    token: str = field(repr=False)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        *,
        token: str | None = "own",
        **headers: str,
    ) -> Answer:
        """One request on a connection of its own; ``token`` None sends none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {self.token if token == 'own' else token}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            connection.close()

    def call(self, method: str, token: str | None = "own", **params: Any) -> Any:
        """A JSON-RPC request."""
        request = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        answer = self.ask("POST", "/api/v1/rpc", json.dumps(request), token=token)
        assert answer.status == 200
        return answer.json()

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.address.port), TIMEOUT_S)

    @contextmanager
    def events(self, query: str = "", **headers: str) -> Iterator[Events]:
        """A stream of events, for a ``with`` block."""
        stream = self.open_events(query, **headers)
        try:
            yield stream
        finally:
            stream.close()

    def open_events(self, query: str = "", **headers: str) -> Events:
        """A stream of events."""
        lines = [f"GET /api/v1/events{query} HTTP/1.1", f"Host: localhost:{self.address.port}"]
        lines += [f"Authorization: Bearer {self.token}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connected = self.connect()
        connected.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return Events(connected)


class Events:
    """What comes over such a stream."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._file = connected.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()
        self._left = b""

    def close(self) -> None:
        """Go away."""
        self._file.close()
        self._socket.close()

    def line(self) -> str:
        """One line of the stream, taken out of its chunks."""
        while b"\n" not in self._left:
            size = int(self._file.readline(), 16)
            if not size:
                raise EOFError
            self._left += self._file.read(size)
            self._file.readline()
        line, _, self._left = self._left.partition(b"\n")
        return line.decode()

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's id and data."""
        while not (line := self.line()).startswith("id:"):
            assert line in (":", "")
        id = line[len("id:") :]
        assert self.line() == "event:receive"
        data = self.line()
        assert data.startswith("data:{")
        assert self.line() == ""
        return id, json.loads(data[len("data:") :])

    def texts(self, count: int) -> list[str]:
        """The next messages' texts."""
        return [self.next()[1]["envelope"]["dataMessage"]["message"] for _ in range(count)]


@contextmanager
def serving(
    desk: Desk, options: AccessOptions | None = None, served: Routes = routes
) -> Iterator[Site]:
    """Serve over a desk's core."""
    tokens = Tokens(desk.folder)
    token = tokens.create("bot", os.urandom, int(time.time() * 1000), scopes=ALL_SCOPES)
    access = Access(options or AccessOptions(), tokens, Rates(time.monotonic))
    server = HttpServer(access)
    address = server.listen(Address("localhost", 0), served)
    server.start(desk.core)
    for live in desk.core.all_accounts():
        for consumer in CONSUMERS:
            # They begin with what comes from now on.
            desk.core.take(consumer, 0, live)
    try:
        yield Site(desk, address, tokens, token)
    finally:
        server.close()


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    with serving(desk) as site:
        yield site
