"""A connection that ends after each byte of a response: what came whole is used, the rest is an error with a name.

``tests/faults/cutting.py`` relies on it: what is cut in the same part of a response is all the same to whoever asked.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from typing import Any

import httpcore2
import pytest

from sigcli.errors import ConnectionLost, SigcliError
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.exchange import Response, json_request
from sigcli.service.http import HttpClient
from sigcli.service.network import Network
from sigcli.service.rest import RestClient
from sigcli.service.websocket import UpgradeRefused, WebSocket
from tests.support.loopback_server import LoopbackServer, authority

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
_BODY = json.dumps({"needsSync": False}).encode()
_TIME = b"x-signal-timestamp: 1700000000000\r\n"
_LENGTH = b"content-length: %d\r\n" % len(_BODY)
_CHUNKS = b"\r\n".join((b"0a", _BODY[:10], b"0a", _BODY[10:], b"0", b"", b""))
ANSWERS = {
    "length first": _HEAD + _LENGTH + _TIME + b"\r\n" + _BODY,
    "length last": _HEAD + _TIME + _LENGTH + b"\r\n" + _BODY,
    "in chunks": _HEAD + _TIME + b"transfer-encoding: chunked\r\n\r\n" + _CHUNKS,
    "no content": b"HTTP/1.1 204 No Content\r\n" + _TIME + b"\r\n",
    "refused": b"HTTP/1.1 429 Slow\r\nretry-after: 700\r\n" + _TIME + b"content-length: 0\r\n\r\n",
}
_URL = BaseUrl("service.example", 443)


class _Line:
    """A connection that brings so much of an answer to what is sent on it, then is at its end."""

    def __init__(self, answer: Callable[[bytes], bytes], limit: int) -> None:
        self._answer, self._limit = answer, limit
        self._sent, self._at = b"", 0

    def send(self, data: Any) -> int:
        self._sent += bytes(data)
        return len(data)

    def recv(self, length: int) -> bytes:
        data = self._answer(self._sent)[: self._limit][self._at : self._at + length]
        self._at += len(data)
        return data

    def recv_into(self, buffer: Any) -> int:
        data = self.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def pending(self) -> int:
        """There is no waiting for this one."""
        return 1

    def settimeout(self, _: float | None) -> None: ...

    def setblocking(self, _: bool) -> None: ...

    def close(self) -> None: ...


def _network(line: _Line) -> Network:
    with LoopbackServer() as server:
        network = Network(server.environment(), variables={})
    network.connect = lambda *_: line  # type: ignore[assignment,method-assign]
    return network


@pytest.fixture(scope="module")
def plain_network() -> Network:
    return _network(_Line(lambda _: b"", 0))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_the_chat_service_comes_whole_or_not_at_all(
    name: str, plain_network: Network
) -> None:
    data = ANSWERS[name]

    def ask(limit: int) -> Response:
        line: Any = _Line(lambda _: data, limit)
        plain_network.connect = lambda *_: line  # type: ignore[method-assign]
        return RestClient(plain_network, _URL).request(
            json_request("PUT", "/v1/messages/x", {}), 10
        )

    expected = ask(len(data))
    assert expected.body == (_BODY if expected.status == 200 else b"")
    for limit in range(len(data)):
        with pytest.raises(ConnectionLost):
            ask(limit)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, line: _Line) -> None:
        self._line = line

    def connect_tcp(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        return _Stream(self._line)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, line: _Line) -> None:
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._line.send(buffer)

    def close(self) -> None: ...

    def start_tls(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


@pytest.mark.parametrize("name", ANSWERS)
def test_of_an_answer_of_another_service_what_has_come_is_handed_on(
    name: str, plain_network: Network
) -> None:
    data = ANSWERS[name]

    def ask(limit: int) -> tuple[bytes, bool]:
        client = HttpClient(plain_network, _URL)
        pool: Any = client._open_client()._transport._pool  # type: ignore[attr-defined]
        pool._network_backend = _Backend(_Line(lambda _: data, limit))
        came = b""
        try:
            with client.stream("GET", "/file") as response:
                for chunk in response.chunks():
                    came += chunk
        except ConnectionLost:
            return came, False
        finally:
            client.close()
        return came, True

    body, is_whole = ask(len(data))
    assert is_whole
    before = 0
    for limit in range(len(data)):
        came, is_whole = ask(limit)
        assert not is_whole, limit
        assert body.startswith(came)
        assert len(came) >= before
        before = len(came)


def _upgraded(sent: bytes) -> bytes:
    _, _, rest = sent.partition(b"Sec-WebSocket-Key: ")
    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accepted = b64encode(sha1(rest.split(b"\r\n")[0] + guid, usedforsecurity=False).digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return head + b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"


def _frame(opcode: int, data: bytes) -> bytes:
    length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + data


def test_of_a_websocket_whole_messages_come_and_then_its_end(plain_network: Network) -> None:
    messages = (b"first", b"x" * 200, b"", b"last")
    frames = [_frame(2, one) for one in messages]
    frames.insert(2, _frame(9, b"ping"))
    upgrade = len(_upgraded(b""))
    borders = [upgrade + sum(map(len, frames[: at + 1])) for at in (0, 1, 3, 4)]
    for limit in range(borders[-1] + 1):
        line: Any = _Line(lambda sent: _upgraded(sent) + b"".join(frames), limit)
        plain_network.connect = lambda *_, line=line: line  # type: ignore[method-assign]
        if limit < upgrade:
            with pytest.raises(ConnectionLost):
                WebSocket.connect(plain_network, _URL, "/v1/websocket/", {}, 10)
            continue
        websocket = WebSocket.connect(plain_network, _URL, "/v1/websocket/", {}, 10)
        for message, border in zip(messages, borders, strict=True):
            if border <= limit:
                assert websocket.read() == message
        with pytest.raises(ConnectionLost):
            websocket.read()


@pytest.mark.parametrize("name", ["refused", "length last"])
def test_a_refused_upgrade_is_told_only_if_it_came_whole(name: str, plain_network: Network) -> None:
    data = ANSWERS[name]
    for limit in range(len(data) + 1):
        line: Any = _Line(lambda _: data, limit)
        plain_network.connect = lambda *_, line=line: line  # type: ignore[method-assign]
        expected = UpgradeRefused if limit == len(data) else ConnectionLost
        with pytest.raises(expected):
            WebSocket.connect(plain_network, _URL, "/v1/websocket/", {}, 10)


# --- below: the records of TLS ----------------------------------------------------------------------


class _TlsServer:
    """One side of TLS without a socket."""

    def __init__(self) -> None:
        self._incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = authority().server_context.wrap_bio(
            self._incoming, self.outgoing, server_side=True
        )

    def shake_hands(self, data: bytes) -> bytes:
        self._incoming.write(data)
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self.outgoing.read()

    def record(self, data: bytes) -> bytes:
        self._tls.write(data)
        return self.outgoing.read()


@contextmanager
def _accepting(serve: Callable[[socket.socket], None]) -> Iterator[Network]:
    """A network to a server that does this with each connection, then ends it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    with LoopbackServer() as server:
        environment = server.environment(chat_url=BaseUrl("127.0.0.1", listener.getsockname()[1]))
    try:
        yield Network(environment, variables={})
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_a_handshake_that_ends_after_each_of_its_bytes_is_a_lost_connection() -> None:
    limit, whole = 0, 1

    def serve(connection: socket.socket) -> None:
        nonlocal whole
        flight = _TlsServer().shake_hands(connection.recv(8192))
        whole = len(flight)
        # One handshake is a byte or two shorter than the last: signatures differ in length.
        connection.sendall(flight[: min(limit, whole - 1)])

    with _accepting(serve) as network:
        while limit < whole:
            with pytest.raises(SigcliError) as caught:
                network.connect(network.environment.chat_url)
            assert type(caught.value) is ConnectionLost, limit
            limit += 1
    assert limit > 500


def test_of_a_record_nothing_is_seen_before_it_is_whole() -> None:
    parts = (b"first", b"and second", b"third")
    limit, lengths = 0, [1]

    def serve(connection: socket.socket) -> None:
        server = _TlsServer()
        connection.sendall(server.shake_hands(connection.recv(8192)))
        tickets = server.shake_hands(connection.recv(8192))
        records = [tickets, *map(server.record, parts)]
        lengths[:] = map(len, records)
        connection.sendall(b"".join(records)[:limit])
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)

    with _accepting(serve) as network:
        while limit <= sum(lengths):
            with network.connect(network.environment.chat_url) as connection:
                came = b"".join(iter(lambda: connection.recv(100), b""))
            ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
            whole = [part for part, end in zip(parts, ends[1:], strict=True) if end <= limit]
            assert came == b"".join(whole), limit
            limit += 1
