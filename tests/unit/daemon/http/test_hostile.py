"""Requests that mean no good: each is answered with an error or cut off, and the daemon lives."""

from __future__ import annotations

import json
import os
import random
import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sigcli.daemon.http import connections, requests
from sigcli.daemon.http.connections import Watch
from tests.unit.daemon.conftest import SOON_S

if TYPE_CHECKING:
    from tests.unit.daemon.http.conftest import Site

ROUNDS = int(os.environ.get("SIGCLI_HOSTILE_REQUESTS", "200"))
"""The whole run: ``SIGCLI_HOSTILE_REQUESTS=10000 tests/run tests/unit/daemon/http/test_hostile.py``."""


def _head(site: Site, length: int, more: str = "") -> bytes:
    return (
        f"POST /api/v1/rpc HTTP/1.1\r\nHost: localhost:{site.address.port}\r\n"
        f"Authorization: Bearer {site.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    ).encode()


def _status(connected: socket.socket) -> int:
    return int(connected.makefile("rb").readline().split()[1])


def _lives(site: Site) -> bool:
    return site.ask("GET", "/v1/health", token=None).status == 204


def test_a_gibibyte_is_refused_before_it_comes(site: Site) -> None:
    with site.connect() as connected:
        connected.sendall(_head(site, 1 << 30, "Expect: 100-continue\r\n"))
        assert _status(connected) == 413
    assert _lives(site)


def test_a_body_without_length_is_cut_at_the_limit(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests.body_pieces, "__defaults__", (100_000,))
    head = _head(site, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    with site.connect() as connected:
        connected.sendall(head)
        with suppress(OSError):
            for _ in range(30):
                connected.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert _status(connected) == 413


def test_a_slow_body_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_FIRST_S", 0.2)
    with site.connect() as connected:
        connected.sendall(_head(site, 100) + b"{")
        assert _status(connected) == 408
    assert _lives(site)


def test_half_open_connections_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_HEAD_S", 0.2)
    for sent in (b"", b"GET /api/v1/rpc HTTP/1.1\r\nHost: "):
        with site.connect() as connected:
            connected.sendall(sent)
            assert connected.recv(100) == b""


def test_a_client_that_does_not_read_is_cut_off(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_WRITE_S", 0.5)
    request = json.dumps({"jsonrpc": "2.0", "method": "rpc.discover", "id": 1})
    batch = f"[{','.join([request] * 120)}]".encode()
    with site.connect() as connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connected.sendall(_head(site, len(batch)) + batch)
        end = select.poll()
        end.register(connected, 0)  # no more than that it is broken off
        assert end.poll(SOON_S * 1000)
    assert _lives(site)


def test_a_large_attachment_goes_to_a_file(site: Site) -> None:
    data = "A" * 8_000_000
    answer = site.call(
        "send",
        recipient="nobody at all",
        message="x",
        attachment=f"data:text/plain;filename=a.txt;base64,{data}",
    )
    assert answer["error"]["code"] == -1
    assert data[:100] not in json.dumps(answer)


def test_nonsense_is_answered_with_an_error(site: Site) -> None:
    chance = random.Random(5)
    seeds = [
        _head(site, 2) + b"{}",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/v1/events HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /t/%00/%ff/../.. HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /api/v1/rpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ]
    for _ in range(ROUNDS):
        request = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(4)):
            request[chance.randrange(len(request))] = chance.randrange(256)
        with site.connect() as connected, suppress(ConnectionError):
            connected.sendall(request)
            connected.shutdown(socket.SHUT_WR)
            answer = connected.recv(1 << 16)
            assert not answer or answer.startswith(b"HTTP/1.1 ")
            assert not answer.startswith(b"HTTP/1.1 500")
    assert _lives(site)
    assert not [warning for warning in site.desk.warnings if "request" in warning]


def test_only_what_stays_as_it_was_is_stuck() -> None:
    watch = Watch()
    assert not watch.is_stuck((10.0, "head"), 0.0)
    assert not watch.is_stuck((10.0, "head"), 9.0)
    assert watch.is_stuck((10.0, "head"), 11.0)
    assert not watch.is_stuck((10.0, 500), 12.0)
    assert not watch.is_stuck((10.0, 400), 30.0)
    assert not watch.is_stuck(None, 99.0)
    assert not watch.is_stuck(None, 999.0)
