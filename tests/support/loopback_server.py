"""A scriptable service on loopback for tests: HTTPS and websockets on one port, TLS by a CA of its own, and a proxy.

A test hands over a function that answers HTTP requests and one that plays the service's side of a websocket; both run
on threads of the server. Nothing here knows Signal: it is a stand-in for the wire, not for the service.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import ipaddress
import queue
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.server import ServerProtocol

from sigcli.service.environment_fields import BaseUrl
from sigcli.service.environments import Environment, RequestMode

TIMESTAMP = {"X-Signal-Timestamp": "1700000000000"}


@dataclass(frozen=True)
class Received:
    """A request as it came in; header names in lower case. ``connection`` tells connections apart."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Answer:
    """What to answer. ``cut_after``: close the connection after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(TIMESTAMP))
    cut_after: int | None = None
    close: bool = False


@dataclass(frozen=True)
class CutRequest:
    """Instead of an answer: close the connection at once."""


class ClosedByClient(Exception):
    """The client closed its websocket; ``code`` None without a closing handshake."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class ServerWebSocket:
    """The service's side of a websocket."""

    def __init__(
        self, connection: ssl.SSLSocket, protocol: ServerProtocol, received: Received
    ) -> None:
        self.request = received
        self.pings = 0
        self.answers_pings = True
        self._connection = connection
        self._protocol = protocol
        self._messages: list[bytes] = []

    def receive(self) -> bytes:
        """The next binary message; raises ClosedByClient."""
        while not self._messages:
            try:
                data = self._connection.recv(65536)
            except OSError:
                data = b""
            if not data:
                close = self._protocol.close_rcvd
                raise ClosedByClient(close.code if close else None)
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.BINARY:
                    self._messages.append(bytes(event.data))
                if isinstance(event, Frame) and event.opcode is Opcode.PING:
                    self.pings += 1
                    if not self.answers_pings:
                        self._protocol.data_to_send()
            self._flush()
            if self._protocol.close_rcvd is not None and not self._messages:
                raise ClosedByClient(self._protocol.close_rcvd.code)
        return self._messages.pop(0)

    def send(self, message: bytes) -> None:
        self._protocol.send_binary(message)
        self._flush()

    def send_text(self, message: bytes) -> None:
        self._protocol.send_text(message)
        self._flush()

    def send_raw(self, data: bytes) -> None:
        self._connection.sendall(data)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close; 1005 stands for a close frame without a code."""
        self._protocol.send_close(*(() if code == 1005 else (code, reason)))
        self._flush()

    def wait_closed(self) -> int | None:
        """Read until the client closes; returns its close code."""
        try:
            while True:
                self.receive()
        except ClosedByClient as closed:
            return closed.code

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)


Responder = Callable[[Received], "Answer | CutRequest"]
SocketPlayer = Callable[[ServerWebSocket], None]


@dataclass(frozen=True)
class Authority:
    """A CA and a server certificate for loopback that it signed. Like some private CAs it names no authority key id."""

    ca_pem: str
    chain_path: Path

    @functools.cached_property
    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain_path)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context


@functools.cache
def authority(
    name: str = "Loopback CA", server_name: str = "localhost", *, edwards: bool = False
) -> Authority:
    """A CA of this name, made once in a test run; ``edwards``: with an Ed25519 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    ca_key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if edwards:
        ca_key = Ed25519PrivateKey.generate()
    digest = None if edwards else hashes.SHA256()
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, server_name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    names: list[x509.GeneralName] = [x509.DNSName(server_name)]
    if server_name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

    def build(
        of: x509.Name, public: ec.EllipticCurvePublicKey | Ed25519PublicKey
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(of)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=30))
        )

    ca = build(issuer, ca_key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
    leaf = build(subject, key.public_key()).add_extension(x509.SubjectAlternativeName(names), False)
    pem = serialization.Encoding.PEM
    path = Path(tempfile.mkdtemp(prefix="sigcli-loopback-")) / "chain.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.sign(ca_key, digest).public_bytes(pem)
    )
    return Authority(ca.sign(ca_key, digest).public_bytes(pem).decode(), path)


class LoopbackServer:
    """Listens while its ``with`` lasts; ``received`` keeps all requests, upgrades included."""

    def __init__(
        self,
        respond: Responder | None = None,
        play: SocketPlayer | None = None,
        *,
        upgrade_headers: dict[str, str] | None = None,
        refuse_upgrade: Answer | Callable[[Received], Answer | None] | None = None,
        signed_by: Authority | None = None,
    ) -> None:
        self.respond = respond or (lambda _: Answer())
        self.play = play or (lambda websocket: (websocket.wait_closed(), None)[1])
        self.upgrade_headers = upgrade_headers or {}
        self.refuse_upgrade = refuse_upgrade
        self.received: list[Received] = []
        self.connections = 0
        self.failures: queue.Queue[BaseException] = queue.Queue()
        self.authority = signed_by or authority()
        self._server = _TlsServer(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> BaseUrl:
        return BaseUrl("127.0.0.1", self.port)

    def environment(self, requests: RequestMode = RequestMode.HTTPS, **changes: Any) -> Environment:
        """An environment whose every host is this server."""
        fields: dict[str, Any] = {
            "name": "loopback",
            "chat_url": self.url,
            "requests": requests,
            "cdn_urls": {0: self.url, 2: self.url, 3: BaseUrl("127.0.0.1", self.port, "/cdn3")},
            "storage_url": self.url,
            "ca_pem": self.authority.ca_pem,
            "server_name": None,
            "unidentified_sender_roots": (bytes(33),),
            "zkgroup_server_public_params": b"",
        }
        return Environment(**(fields | changes))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()
        if kind is None and not self.failures.empty():
            raise self.failures.get()


class _TlsServer(ThreadingHTTPServer):
    owner: LoopbackServer
    # Threads end with their connections, which are closed before they are joined.
    daemon_threads = False
    block_on_close = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(10)
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = self.owner.authority.server_context.wrap_socket(request, server_side=True)
        except OSError:
            return
        with self._guard:
            self._open.add(connection)
            self.owner.connections += 1
            number = self.owner.connections
        try:
            _Handler(connection, (*client_address, number), self)
        except OSError:
            pass
        finally:
            with self._guard:
                self._open.discard(connection)
            connection.close()

    def close_connections(self) -> None:
        with self._guard:
            for connection in self._open:
                try:
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _TlsServer

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        owner = self.server.owner
        received = self._read()
        owner.received.append(received)
        try:
            if received.headers.get("upgrade", "").lower() == "websocket":
                self._upgrade(owner, received)
            else:
                self._answer(owner.respond(received))
        except (OSError, ClosedByClient):
            self.close_connection = True
        except BaseException as problem:
            self.close_connection = True
            owner.failures.put(problem)

    def _read(self) -> Received:
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(headers.get("content-length", "0")))
        return Received(self.command, self.path, headers, body, int(self.client_address[-1]))

    def _answer(self, answer: Answer | CutRequest) -> None:
        if isinstance(answer, CutRequest):
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.cut_after])
        self.close_connection = (
            self.close_connection or answer.close or answer.cut_after is not None
        )

    def _upgrade(self, owner: LoopbackServer, received: Received) -> None:
        self.close_connection = True
        refusal = owner.refuse_upgrade
        if callable(refusal):
            refusal = refusal(received)
        if refusal is not None:
            self._answer(refusal)
            return
        protocol = ServerProtocol()
        protocol.receive_data(UpgradeRequest(received.path, Headers(received.headers)).serialize())
        (request,) = protocol.events_received()
        assert isinstance(request, UpgradeRequest)
        response = protocol.accept(request)
        for name, value in owner.upgrade_headers.items():
            response.headers[name] = value
        protocol.send_response(response)
        websocket = ServerWebSocket(self.connection, protocol, received)
        websocket._flush()
        owner.play(websocket)

    def log_message(self, *_: object) -> None:
        return


class ConnectProxy:
    """An HTTP proxy that only tunnels; ``targets`` are the host and port of each CONNECT, ``logins`` their logins."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.targets: list[str] = []
        self.logins: list[str | None] = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _ProxyHandler)
        self._server.daemon_threads = False
        self._server.owner = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _ProxyHandler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self) -> None:
        owner: ConnectProxy = self.server.owner  # type: ignore[attr-defined]
        target = self.rfile.readline().split()[1].decode()
        headers: dict[str, str] = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        owner.targets.append(target)
        owner.logins.append(headers.get("proxy-authorization"))
        self.wfile.write(f"HTTP/1.1 {owner.status} Answer\r\n\r\n".encode())
        if owner.status != 200:
            return
        host, _, port = target.partition(":")
        with socket.create_connection((host, int(port)), 10) as upstream:
            back = threading.Thread(target=_pump, args=(upstream, self.connection))
            back.start()
            _pump(self.connection, upstream)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    # An end is handed on however it came: else the other side waits until its time is over.
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
