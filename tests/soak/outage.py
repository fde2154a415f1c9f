"""Programs that are away for a while: what comes meanwhile is there when they are back, over each channel, in order."""

from __future__ import annotations

import json
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.sync.client import connect

from tests.bench.comparison import progress
from tests.bench.tables import Table
from tests.soak.consumer import SOCKET
from tests.soak.world import Daemon, World
from tests.support.http_events import events
from tests.support.rpc_client import RpcClient
from tests.support.signald_client import RawClient

_CHANNELS = ("events", "poll", "websocket")
"""Those with a token of their own."""
_BEFORE = 5
_RATE = 2.0
_BACK_WITHIN_S = 120.0
_SILENCE_S = 3600.0
_POLL_S = 1
_LOOK_S = 0.05


class Program(ABC):
    """One that takes messages, while it is there. ``texts`` is what it has got."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: list[str] = []
        self.errors: list[str] = []
        self._is_away = threading.Event()
        self._thread: threading.Thread | None = None

    def come(self) -> None:
        """Connect, and take what comes."""
        self._is_away.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def go(self) -> None:
        """Be away."""
        self._is_away.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._take()
        except Exception as error:
            self.errors.append(f"{self.name}: {error!r}")

    @abstractmethod
    def _take(self) -> None:
        """Take messages until ``_is_away``."""

    def _note(self, envelope: dict[str, Any]) -> None:
        text = (envelope.get("dataMessage") or {}).get("message")
        if text:
            self.texts.append(text)


class OfEvents(Program):
    """Server-sent events; the last id is remembered."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__("server-sent events")
        self._url, self._token = url, token
        self._last_id: str | None = None

    def _take(self) -> None:
        with events(self._url, self._token, "?consumer=outage-events", self._last_id) as stream:
            # A comment comes every few seconds: the look at the clock is the sender's.
            while not self._is_away.is_set():
                self._last_id, told = stream.next()
                self._note(told["envelope"])

    def go(self) -> None:
        # It is in the middle of a read: what comes next ends it.
        self._is_away.set()


class OfPolls(Program):
    """GET /v1/receive."""

    def __init__(self, url: str, token: str, number: str) -> None:
        super().__init__("poll")
        self._host, self._token = urlsplit(url).netloc, token
        self._path = f"/v1/receive/{quote(number)}?timeout={_POLL_S}"

    def _take(self) -> None:
        while not self._is_away.is_set():
            connection = HTTPConnection(self._host, timeout=_BACK_WITHIN_S)
            connection.request(
                "GET", self._path, headers={"Authorization": f"Bearer {self._token}"}
            )
            answer = connection.getresponse()
            for one in json.loads(answer.read()):
                self._note(one["envelope"])
            connection.close()


class OfWebSocket(Program):
    """The same path with an upgrade."""

    def __init__(self, url: str, token: str, number: str) -> None:
        super().__init__("websocket")
        self._url = f"ws://{urlsplit(url).netloc}/v1/receive/{quote(number)}"
        self._headers = {"Authorization": f"Bearer {token}"}

    def _take(self) -> None:
        with connect(self._url, additional_headers=self._headers) as connected:
            while not self._is_away.is_set():
                with suppress(TimeoutError):
                    self._note(json.loads(connected.recv(_POLL_S))["envelope"])


class OfSignald(Program):
    """A subscription of signald's socket."""

    def __init__(self, path: str, number: str) -> None:
        super().__init__("signald subscription")
        self._path, self._number = path, number

    def come(self) -> None:
        # It has no name: what came while nobody without one was there goes to the first.
        self._client = RawClient(self._path, timeout_s=_BACK_WITHIN_S)
        self._client.line()
        self._client.ask(type="subscribe", version="v1", account=self._number)
        super().come()

    def _take(self) -> None:
        client = self._client
        client.set_timeout(_POLL_S)
        while not self._is_away.is_set():
            with suppress(TimeoutError):
                told = client.line()
                if told["type"] == "IncomingMessage":
                    body = (told["data"].get("data_message") or {}).get("body")
                    if body:
                        self.texts.append(body)
        client.close()


class OfSocket(Program):
    """A consumer over JSON-RPC's socket, which acknowledges."""

    def __init__(self, path: str) -> None:
        super().__init__("JSON-RPC subscription")
        self._path = path
        self._last_id: int | None = None

    def _take(self) -> None:
        after = {} if self._last_id is None else {"after": self._last_id}
        with RpcClient(self._path, timeout_s=_SILENCE_S) as client:
            self._client = client
            client.call("subscribeReceive", consumer="outage-socket", **after)
            while True:
                try:
                    told = client.notified()
                except (OSError, EOFError):
                    if self._is_away.is_set():
                        return
                    raise
                if "id" in told:
                    self._last_id = told["id"]
                    self._note(told["result"]["envelope"])

    def go(self) -> None:
        self._is_away.set()
        with suppress(OSError):
            self._client.socket.shutdown(socket.SHUT_RDWR)
        super().go()


class OfWebhook(Program):
    """A server that is not there while it is away."""

    def __init__(self) -> None:
        super().__init__("webhook")
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.come()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def come(self) -> None:
        note = self._note

        class Requests(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                note(json.loads(body)["params"]["envelope"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Requests)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def go(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def _take(self) -> None:
        """The server does."""


def run_outage(folder: Path, away_s: float) -> list[str]:
    """Print the table; gives what was wrong."""
    webhook = OfWebhook()
    signald = folder / "signald"
    options = ("--rest", "localhost:0", "--signald", str(signald), "--webhook", webhook.url)
    with World(folder, 1, *options, tokens=[f"outage-{one}" for one in _CHANNELS]) as world:
        receiver, number = world.receiver, world.number
        http, rest = receiver.address("http"), receiver.address("rest")
        tokens = {one: world.tokens[f"outage-{one}"] for one in _CHANNELS}
        programs: list[Program] = [
            webhook,
            OfEvents(http, tokens["events"]),
            OfPolls(rest, tokens["poll"], number),
            OfWebSocket(rest, tokens["websocket"], number),
            OfSignald(str(signald), number),
            OfSocket(str(receiver.folder / SOCKET)),
        ]
        return _run(world.senders[0], number, programs, away_s)


def _run(sender: Daemon, number: str, programs: list[Program], away_s: float) -> list[str]:
    sent: list[str] = []
    with ExitStack() as stack:
        client = stack.enter_context(sender.client())

        def send(count: int, every_s: float = 0.0) -> None:
            for _ in range(count):
                sent.append(f"text {len(sent)}")
                client.call("send", recipient=[number], message=sent[-1])
                client.forget_notifications()
                time.sleep(every_s)

        for program in programs[1:]:
            program.come()
        send(_BEFORE)
        _until(lambda: all(set(sent) <= set(one.texts) for one in programs))
        for program in programs:
            program.go()
        progress(f"all are away for {away_s:.0f} s")
        send(max(1, int(away_s * _RATE)), 1 / _RATE)
        for program in programs:
            program.come()
        send(1)
        began = time.monotonic()
        _until(lambda: all(set(sent) <= set(one.texts) for one in programs))
        took_s = time.monotonic() - began
        for program in programs:
            program.go()
    progress("")
    return _judged(programs, sent, away_s, took_s)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _BACK_WITHIN_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_S)


def _judged(programs: list[Program], sent: list[str], away_s: float, took_s: float) -> list[str]:
    faults = []
    table = Table(
        f"Away for {away_s:.0f} s, {len(sent)} messages; all had them {took_s:.1f} s after coming back",
        ("program", "arrived", "lost", "out of order", "repeated"),
    )
    for one in programs:
        first_seen = list(dict.fromkeys(text for text in one.texts if text in set(sent)))
        lost = len(set(sent) - set(first_seen))
        in_order = sorted(first_seen, key=sent.index)
        out_of_order = sum(a != b for a, b in zip(first_seen, in_order, strict=True))
        repeated = len([text for text in one.texts if text in set(sent)]) - len(first_seen)
        table.add(one.name, str(len(first_seen)), str(lost), str(out_of_order), str(repeated))
        faults += [f"{one.name}: {lost} messages were lost"] if lost else []
        faults += [f"{one.name}: {out_of_order} came out of order"] if out_of_order else []
        faults += one.errors
    table.print()
    return faults
