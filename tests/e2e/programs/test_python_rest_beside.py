"""python-signal-cli-rest-api 22.10.6 from PyPI, unchanged, on the daemon's JSON-RPC: its answers beside ours."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.support.foreign_programs import needs_program, python_with
from tests.support.sigcli_process import Sigcli

STARTS_WITHIN_S = 40.0
REQUIREMENTS = ("python-signal-cli-rest-api==22.10.6", "websockets<11", "setuptools<81")
SAME = None
# method, path, body, and, where the answers differ, how: (their status, our status).
ROUTES: list[tuple[str, str, Any, tuple[int, int] | None]] = [
    ("GET", "/v1/about", None, SAME),
    ("POST", "/v1/configuration", {"logging": {"level": "INFO"}}, SAME),
    # It asks for the first digit alone.
    ("GET", "/v1/search?numbers={peer_digits}", None, (400, 200)),
    ("POST", "/v1/groups/{number}", {"name": "g", "members": ["{peer}"]}, SAME),
    ("GET", "/v1/groups/{number}", None, SAME),
    ("GET", "/v1/groups/{number}/{group}", None, SAME),
    # It reads members that the body has not.
    ("PATCH", "/v1/groups/{number}/{group}", {"group_link": "enabled"}, (400, 200)),
    ("POST", "/v2/send", {"recipients": ["{peer}"], "message": "m"}, SAME),
    ("POST", "/v2/send", {"recipients": ["nobody"], "message": "m"}, SAME),
    ("POST", "/v2/send", {"recipients": ["{peer}"]}, SAME),
    ("POST", "/v1/send/{peer}", {"message": "m"}, SAME),
    ("PUT", "/v1/profiles/{number}", {"name": "A"}, SAME),
    ("GET", "/v1/x", None, SAME),
    ("POST", "/v1/groups/{number}/{group}/quit", None, SAME),
    ("DELETE", "/v1/groups/{number}/{group}", None, SAME),
]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def ask(host: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    connection = HTTPConnection(host, timeout=30)
    try:
        data = None if body is None else json.dumps(body)
        connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def keys(value: Any) -> set[str]:
    """The members of an object, or of the first of a list."""
    one = value[0] if isinstance(value, list) and value else value
    return set(one) if isinstance(one, dict) else set()


@pytest.mark.timeout(120)
def test_answers_beside_each_other(bot: Sigcli, alice: Sigcli, tmp_path: Path) -> None:
    with needs_program():
        python = python_with(*REQUIREMENTS)
    place = tmp_path / "rpc.sock"
    words = ("--socket", str(place), "--rest-python", "127.0.0.1:0", "--no-auth")
    daemon = bot.start("-a", str(bot.account), "daemon", *words, "--no-receive-stdout")
    daemon.wait_for_complaint("the daemon is ready")
    found = re.search(r"--rest-python listens on http://(\S+)", daemon.stderr_so_far)
    assert found is not None
    port = free_port()
    prefix = "PYTHON_SIGNAL_CLI_REST_API"
    original = subprocess.Popen(
        [str(python.parent / "python-signal-cli-rest-api")],
        env={
            "PATH": os.environ["PATH"],
            f"{prefix}_HOST": "127.0.0.1",
            f"{prefix}_PORT": str(port),
            f"{prefix}_ACCOUNT": str(bot.account),
            f"{prefix}_JSONRPC_HOST": f"unix://{place}",
        },
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # it starts workers, which end with it
    )
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                ask(f"127.0.0.1:{port}", "GET", "/v1/about", None)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        accounts = (str(bot.account), str(alice.account))
        theirs = answers(f"127.0.0.1:{port}", *accounts)
        ours = answers(found[1], *accounts)
    finally:
        os.killpg(original.pid, signal.SIGKILL)
        original.wait()
        daemon.terminate()
        daemon.wait()

    for (method, path, _, differs), one, other in zip(ROUTES, theirs, ours, strict=True):
        statuses = (one[0], other[0])
        if differs is not None:
            assert statuses == differs, (method, path)
        else:
            assert statuses[0] == statuses[1], (method, path)
            # Ours may say more: both kinds of errors, and a second name.
            assert other[1] >= one[1], (method, path)


def answers(host: str, number: str, peer: str) -> list[tuple[int, set[str]]]:
    """Status and members of the answer for each route."""
    found: list[tuple[int, set[str]]] = []
    group = ""
    for method, path, body, _ in ROUTES:
        named = {"number": number, "peer": peer, "peer_digits": peer[1:], "group": group}
        filled = json.loads(json.dumps(body).replace("{peer}", peer))
        status, answer = ask(host, method, path.format(**named), filled)
        if method == "POST" and path == "/v1/groups/{number}":
            group = answer["id"]
        found.append((status, keys(answer)))
    return found
