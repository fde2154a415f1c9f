"""Lines that mean no good, over each socket that takes lines: an error each, and the daemon lives in bounded memory."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sigcli.daemon.access.caller import LOCAL
from sigcli.daemon.channels.line_channels import SocketChannel
from sigcli.daemon.channels.sockets import listen_unix
from sigcli.daemon.jsonrpc.methods import OWN_METHODS, operations
from sigcli.daemon.signald.server import SignaldChannel
from tests.unit.daemon.conftest import Desk
from tests.unit.daemon.test_core import wait_for

LINES = int(os.environ.get("SIGCLI_HOSTILE_REQUESTS", "200"))
"""The whole run: ``SIGCLI_HOSTILE_REQUESTS=10000 tests/run tests/unit/daemon/channels/test_hostile_lines.py``."""
_TOGETHER = 25
_GROWTH_MIB = 64.0
_ANSWER_S = 60.0
_ENDLESS = frozenset({"receive", "finishLink", "startLink", "register", "verify"})
"""Methods that wait, or ask a service that is not here."""
_WORDS: tuple[Any, ...] = (
    *(None, True, -1, 0, 1 << 70, 1e308, "", "x" * 3000, "\0", "\ud800", "../../etc/passwd", "-"),
    *("data:;base64,%%%", "data:text/plain;base64," + "A" * 5000, "+15550101", "PNI:", "u:a.01"),
    *([], [[]] * 50, {}, {"a": {"b": []}}, [None], "group." + "A" * 60, "1:2:+1", "${HOME}"),
)
Address = str | tuple[str, int]


class Nonsense:
    """The same lines for the same seed."""

    def __init__(self, kind: str) -> None:
        self._dice = random.Random(20)
        self._kind = kind
        self._methods = [name for name in (*OWN_METHODS, *operations()) if name not in _ENDLESS]

    def line(self) -> bytes:
        """One, without its end."""
        text = self._dice.choice((self._request, self._damaged, self._batch, self._deep, self._raw))
        return text().replace(b"\n", b" ")

    def _request(self) -> bytes:
        request: dict[str, Any] = {
            "jsonrpc": self._dice.choice(("2.0", "2.0", "2.0", 2, None)),
            "id": self._dice.choice((1, "a", None, 0, [], {}, 1.5, 1 << 80)),
            "method": self._dice.choice((*self._methods, "none", 5, None, "__init__")),
            "params": self._params(),
        }
        if self._kind == "signald":
            types = ("send", "get_profile", "subscribe", "group_info", "list_groups", "nothing", 7)
            request = {
                "type": self._dice.choice(types),
                "version": self._dice.choice(("v1", "v0", "v9", None, 1)),
                "id": self._dice.choice(("a", None, 5, [])),
                **self._params(),
            }
        for name in self._dice.sample(sorted(request), self._dice.randrange(2)):
            del request[name]
        return json.dumps(request).encode()

    def _params(self) -> dict[str, Any]:
        names = ("account", "recipient", "groupId", "message", "attachment", "targetTimestamp")
        chosen = self._dice.sample((*names, "username", "consumer", "id", "x"), 4)
        return {name: self._dice.choice(_WORDS) for name in chosen}

    def _damaged(self) -> bytes:
        line = bytearray(self._request())
        for _ in range(self._dice.randrange(1, 5)):
            line[self._dice.randrange(len(line))] = self._dice.randrange(256)
        return bytes(line)

    def _batch(self) -> bytes:
        one = self._request()
        return b"[" + b",".join([one] * self._dice.choice((0, 1, 5))) + b"]"

    def _deep(self) -> bytes:
        return self._dice.choice((b"[", b'{"a":')) * self._dice.choice((50, 5000))

    def _raw(self) -> bytes:
        return self._dice.randbytes(self._dice.randrange(1, 200))


@pytest.fixture(params=["unix", "tcp", "signald"])
def channel(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path) -> Iterator[str]:
    """Which it is; where it listens stands in ``address``."""
    kind: str = request.param
    made: SocketChannel | SignaldChannel
    if kind == "signald":
        made = SignaldChannel(str(tmp_path / "socket"))
    elif kind == "unix":
        listening, remove = listen_unix(str(tmp_path / "socket"), None)
        made = SocketChannel(listening, lambda _: LOCAL, remove)
    else:
        tcp = socket.create_server(("127.0.0.1", 0))
        (tmp_path / "port").write_text(str(tcp.getsockname()[1]))
        made = SocketChannel(tcp, lambda _: LOCAL)
    made.start(desk.core, threading.Event().set)
    yield kind
    made.close()


@pytest.fixture
def address(channel: str, tmp_path: Path) -> Address:
    if channel == "tcp":
        return "127.0.0.1", int((tmp_path / "port").read_text())
    return str(tmp_path / "socket")


def connected(address: Address) -> socket.socket:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.settimeout(_ANSWER_S)
    made.connect(address)
    return made


def own_threads() -> int:
    """Those of connections."""
    names = ("sigcli-requests", "sigcli-telling", "sigcli-signald")
    return sum(one.name.startswith(names) for one in threading.enumerate())


def question(channel: str, id: str) -> bytes:
    """A request that means well."""
    asked = {"jsonrpc": "2.0", "id": id, "method": "version"}
    if channel == "signald":
        asked = {"type": "version", "version": "v1", "id": id}
    return json.dumps(asked).encode() + b"\n"


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def lives(channel: str, address: Address) -> None:
    """Somebody else is answered."""
    with connected(address) as other:
        other.sendall(question(channel, "well"))
        for line in other.makefile("rb"):
            if json.loads(line).get("id") == "well":
                return
    raise AssertionError("no answer")


def faults_in(channel: str, told: Any) -> list[str]:
    """What must not be in an answer."""
    found = []
    for one in told if isinstance(told, list) else [told]:
        if channel == "signald":
            error = one.get("error")
            if isinstance(error, dict) and "Traceback" in json.dumps(error):
                found.append(json.dumps(one)[:300])
            continue
        assert {"method", "error", "result"} & one.keys(), one
        if one.get("error", {}).get("code") == -32603:
            found.append(json.dumps(one)[:300])
    return found


def test_nonsense_is_answered_with_errors(desk: Desk, channel: str, address: Address) -> None:
    nonsense = Nonsense(channel)
    lives(channel, address)
    before_mib = resident_mib()
    answers, faults = 0, []
    with connected(address) as ours:
        reading = ours.makefile("rb")
        for begun in range(0, LINES, _TOGETHER):
            lines = [nonsense.line() for _ in range(_TOGETHER)]
            mark = f"after {begun}"
            sending = threading.Thread(
                target=ours.sendall, args=(b"\n".join([*lines, question(channel, mark)]),)
            )
            sending.start()
            for line in reading:
                told = json.loads(line)
                if isinstance(told, dict) and told.get("id") == mark:
                    break
                answers += 1
                faults += faults_in(channel, told)
            else:
                raise AssertionError(f"the connection ended at {lines}")
            sending.join()
    assert faults == []
    assert answers > LINES / 4
    lives(channel, address)
    assert resident_mib() - before_mib < _GROWTH_MIB
    assert not [one for one in desk.warnings if "unexpected" in one]


def test_connections_that_lead_nowhere_are_borne(channel: str, address: Address) -> None:
    before = own_threads()
    half_open = [connected(address) for _ in range(40)]
    for at, one in enumerate(half_open):
        with suppress(OSError):
            one.sendall((b"", b'{"jsonrpc":', b"\xff" * 100_000, b"\n" * 50)[at % 4])
    lives(channel, address)
    for at, one in enumerate(half_open):
        if at % 2:  # cut off with what is unread
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        one.close()
    lives(channel, address)
    wait_for(lambda: own_threads() <= before, "the end of connections that are gone")
