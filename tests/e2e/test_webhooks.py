"""Webhooks of the installed command: nothing is lost or changes its order, whoever is killed."""

from __future__ import annotations

import json
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.acquaintance import talk
from tests.support.sigcli_process import RunningSigcli, Sigcli
from tests.support.signald_client import RawClient

MESSAGES = 24
KILLS = 5


class Handler:
    """Takes what is posted; can be away, and answers what ``meanwhile`` gives."""

    def __init__(self) -> None:
        self.texts: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.meanwhile: Callable[[str], None] = lambda _: None
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        handler = self

        class Requests(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                envelope = json.loads(body)["params"]["envelope"]
                text = (envelope.get("dataMessage") or {}).get("message")
                if text is not None:
                    handler.texts.put(text)
                    handler.meanwhile(text)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Requests)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def handler() -> Iterator[Handler]:
    handler = Handler()
    handler.start()
    yield handler
    handler.stop()


@pytest.fixture
def alice(register: Callable[..., Sigcli]) -> Sigcli:
    return register("alice")


@pytest.fixture
def bob(register: Callable[..., Sigcli], alice: Sigcli) -> Sigcli:
    """They have talked to each other."""
    bob = register("bob")
    talk(bob, alice)
    return bob


def serve(bob: Sigcli, handler: Handler, *options: str) -> RunningSigcli:
    running = bob.start("daemon", "--webhook", handler.url, "--webhook-kind", "message", *options)
    running.wait_for_complaint("the daemon is ready")
    return running


def test_killed_at_any_moment_it_loses_nothing(
    alice: Sigcli, bob: Sigcli, handler: Handler
) -> None:
    expected = [f"message {n}" for n in range(MESSAGES)]

    def send() -> None:
        for text in expected:
            alice.run("send", "-m", text, str(bob.account))

    dice = random.Random(14)
    sending = threading.Thread(target=send)
    running = serve(bob, handler)
    sending.start()
    for _ in range(KILLS):
        time.sleep(dice.uniform(0.3, 2))  # a kill at any time is what is tried
        running.kill()
        running = serve(bob, handler)
    sending.join()
    order: list[str] = []
    while not order or order[-1] != expected[-1]:
        order.append(handler.texts.get(timeout=60))
    running.terminate()
    running.wait().expect(0)
    assert list(dict.fromkeys(order)) == expected
    # Only what was under way at a kill comes twice, and right behind itself or from there on.
    assert len(order) <= MESSAGES + KILLS * 8


def test_a_handler_that_is_away_for_a_while(alice: Sigcli, bob: Sigcli, handler: Handler) -> None:
    running = serve(bob, handler)
    alice.run("send", "-m", "before", str(bob.account))
    assert handler.texts.get(timeout=30) == "before"
    handler.stop()
    for n in range(3):
        alice.run("send", "-m", f"meanwhile {n}", str(bob.account))
    running.wait_for_complaint("trying again")
    handler.start()
    alice.run("send", "-m", "afterwards", str(bob.account))
    texts = [handler.texts.get(timeout=30) for _ in range(4)]
    assert texts == ["meanwhile 0", "meanwhile 1", "meanwhile 2", "afterwards"]
    running.terminate()
    running.wait().expect(0)


def test_a_handler_may_use_the_daemon_before_it_answers(
    alice: Sigcli, bob: Sigcli, handler: Handler, tmp_path: Path
) -> None:
    path = str(tmp_path / "signald.sock")

    def answer(text: str) -> None:
        client = RawClient(path, timeout_s=30)
        client.line()
        to = {"number": alice.account}
        sent = client.ask(
            type="send",
            version="v1",
            account=bob.account,
            recipientAddress=to,
            messageBody=text + "!",
        )
        assert sent["data"]["results"][0]["success"]
        client.close()

    handler.meanwhile = answer
    running = serve(bob, handler, "--signald", path)
    for n in range(2):
        alice.run("send", "-m", f"ping {n}", str(bob.account))
        assert handler.texts.get(timeout=30) == f"ping {n}"
    answers: list[str] = []
    while len(answers) < 2:
        for line in alice.run("--json", "receive", "-t", "2").json_lines:
            message = line["envelope"].get("dataMessage") or {}
            answers += [message["message"]] if message.get("message") else []
    assert answers == ["ping 0!", "ping 1!"]
    running.terminate()
    running.wait().expect(0)


def test_what_is_not_set_up_as_it_must_be(bob: Sigcli, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    url = "https://example.org/hook"
    refused = bob.run("daemon", "--webhook", url, "--webhook-secret-file", str(secret), exit_code=1)
    assert "chmod 600" in refused.stderr
    refused = bob.run("daemon", "--webhook", "http://example.org/hook?token=abc", exit_code=1)
    assert "unencrypted" in refused.stderr
    assert "abc" not in refused.stderr
