"""A handler of webhooks on loopback that answers as it is told."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

SOON_S = 60.0


@dataclass(frozen=True)
class Posted:
    """A request as it came; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str | None:
        """The text of the message in it."""
        envelope = json.loads(self.body)["params"]["envelope"]
        text: str | None = envelope["dataMessage"]["message"]
        return text


@dataclass
class Handler:
    """``answer`` gives the status and headers of the next answer."""

    url: str = ""
    posted: queue.SimpleQueue[Posted] = field(default_factory=queue.SimpleQueue)
    answer: Callable[[Posted], tuple[int, dict[str, str]]] = lambda _: (200, {})

    def next(self, timeout_s: float = SOON_S) -> Posted:
        return self.posted.get(timeout=timeout_s)

    def texts(self, count: int) -> list[str | None]:
        return [self.next().text for _ in range(count)]


@pytest.fixture
def handler() -> Iterator[Handler]:
    handler = Handler()

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(self.path, headers, body)
            handler.posted.put(posted)
            status, answered = handler.answer(posted)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **answered}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    handler.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()
