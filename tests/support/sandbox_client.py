"""A bare client of the sandbox for tests: REST and websocket requests, and devices with real keys."""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
import ssl
import weakref
from base64 import b64encode
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response as HandshakeResponse
from websockets.protocol import State
from websockets.uri import parse_uri

from sigcli.crypto.curve import KeyPair
from sigcli.protocol.prekeys import generate_kyber_prekeys, generate_prekeys, generate_signed_prekey
from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.wire.addresses import ServiceId
from sigcli.wire.envelopes import Envelope, decode_envelope
from sigcli.wire.frames import WebSocketRequest, WebSocketResponse, decode_frame, encode_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sigcli.sandbox.server import Sandbox

NOW_MS = 1_750_000_000_000
CAPABILITIES = {"spqr": True, "usernameChangeSyncMessage": True}
PASSWORD = "a password"
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Connections:
    """Connections kept open from one request to the next, by host."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._idle: dict[str, list[http.client.HTTPSConnection]] = {}

    def take(self, netloc: str) -> http.client.HTTPSConnection:
        """A connection that nobody else uses; give it back or close it."""
        idle = self._idle.setdefault(netloc, [])
        while idle:
            connection = idle.pop()
            # What can be read between two requests is the end.
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()
        return http.client.HTTPSConnection(netloc, timeout=TIMEOUT_S, context=self._context)

    def give_back(self, connection: http.client.HTTPSConnection, netloc: str) -> None:
        self._idle[netloc].append(connection)

    def close(self) -> None:
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


@dataclass(slots=True, weakref_slot=True)
class SandboxClient:
    """Requests to one sandbox. Idle connections end with it, or are closed before the sandbox, which waits for them."""

    sandbox: Sandbox
    context: ssl.SSLContext
    control: RunningSandbox
    _connections: _Connections = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._connections = _Connections(self.context)
        weakref.finalize(self, self._connections.close)

    def close(self) -> None:
        """Close the idle connections."""
        self._connections.close()

    @classmethod
    def of(cls, sandbox: Sandbox) -> SandboxClient:
        control = RunningSandbox.find(sandbox.environment_file)
        context = ssl.create_default_context(cafile=control.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return cls(sandbox, context, control)

    def rest(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        login: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One REST call; bodies other than bytes are sent as JSON. ``path`` may be a whole URL."""
        parts = urlsplit(path if "://" in path else self.sandbox.url + path)
        connection = self._connections.take(parts.netloc)
        sent = dict(headers or {})
        if login is not None:
            sent["Authorization"] = login
        if body is not None and not isinstance(body, bytes):
            sent.setdefault("Content-Type", "application/json")
            body = json.dumps(body).encode()
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            taken = Answer(answer.status, received, answer.read())
        except BaseException:
            connection.close()
            raise
        self._connections.give_back(connection, parts.netloc)
        return taken

    @contextmanager
    def socket(
        self,
        login: str | None = None,
        headers: Mapping[str, str] | None = None,
        path: str = "/v1/websocket/",
    ) -> Iterator[SocketClient]:
        """An open websocket."""
        sent = dict(headers or {})
        if login is not None:
            sent["Authorization"] = login
        parts = urlsplit(self.sandbox.url)
        assert parts.hostname is not None
        plain = socket.create_connection((parts.hostname, parts.port or 443), TIMEOUT_S)
        secured = self.context.wrap_socket(plain, server_hostname=parts.hostname)
        with secured:
            client = SocketClient(secured, f"wss://{parts.netloc}{path}", sent)
            try:
                yield client
            finally:
                client.close()

    def verified_session(self, number: str) -> str:
        """Everything that proves control of a number; the session's id."""
        session = self.rest("POST", "/v1/verification/session", {"number": number}).json
        path = f"/v1/verification/session/{session['id']}"
        self.rest("PATCH", path, {"captcha": solved_captcha("registration")})
        self.rest("POST", f"{path}/code", {"transport": "sms", "client": "android"})
        verified = self.rest("PUT", f"{path}/code", {"code": self.control.code(number)}).json
        assert verified["verified"]
        return str(session["id"])

    def register(self, number: str) -> TestDevice:
        """A new account with one device."""
        device = TestDevice.create(self)
        answer = self.rest(
            "POST",
            "/v1/registration",
            device.registration_body(self.verified_session(number)),
            login=basic(number, PASSWORD),
        )
        assert answer.status == 200, answer
        device.take_identity(answer.json)
        return device

    def link(self, primary: TestDevice) -> TestDevice:
        """A new device of an account."""
        token = self.rest("GET", "/v1/devices/provisioning/code", login=primary.login).json
        device = TestDevice(self, primary.aci_identity, primary.pni_identity, primary.access_key)
        device.registration_id = 4000 + len(token["tokenIdentifier"])
        answer = self.rest(
            "PUT",
            "/v1/devices/link",
            device.link_body(token["verificationCode"]),
            login=basic("anybody", PASSWORD),
        )
        assert answer.status == 200, answer
        device.take_identity(answer.json)
        return device


@dataclass(slots=True)
class TestDevice:
    """A device of an account with its keys."""

    __test__ = False

    client: SandboxClient
    aci_identity: KeyPair
    pni_identity: KeyPair
    access_key: bytes = bytes(range(16))
    registration_id: int = 2001
    pni_registration_id: int = 3001
    aci: ServiceId = field(default_factory=lambda: ServiceId.aci(bytes(16)))
    pni: ServiceId = field(default_factory=lambda: ServiceId.pni(bytes(16)))
    number: str = ""
    device_id: int = 1

    @classmethod
    def create(cls, client: SandboxClient) -> TestDevice:
        return cls(client, KeyPair.generate(), KeyPair.generate())

    @property
    def login(self) -> str:
        return basic(f"{self.aci}.{self.device_id}", PASSWORD)

    def take_identity(self, answer: Mapping[str, Any]) -> None:
        self.aci = ServiceId.aci(answer["uuid"])
        self.pni = ServiceId.pni(answer["pni"])
        self.number = answer.get("number", "")
        self.device_id = answer.get("deviceId", 1)

    def attributes(self, **changes: Any) -> dict[str, Any]:
        return {
            "fetchesMessages": True,
            "registrationId": self.registration_id,
            "pniRegistrationId": self.pni_registration_id,
            "capabilities": CAPABILITIES,
            "unidentifiedAccessKey": base64(self.access_key),
            **changes,
        }

    def repeated_use_keys(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, identity in (("aci", self.aci_identity), ("pni", self.pni_identity)):
            signed = generate_signed_prekey(identity, 1, NOW_MS)
            (kyber,) = generate_kyber_prekeys(identity, 1, 1, NOW_MS)
            fields[f"{name}SignedPreKey"] = key_json(
                1, signed.key_pair.public_key.serialize(), signed.signature
            )
            fields[f"{name}PqLastResortPreKey"] = key_json(
                1, kyber.key_pair.public_key.serialize(), kyber.signature
            )
        return fields

    def registration_body(self, session_id: str | None, **changes: Any) -> dict[str, Any]:
        return {
            "sessionId": session_id,
            "skipDeviceTransfer": True,
            "accountAttributes": self.attributes(),
            "aciIdentityKey": base64(self.aci_identity.public_key.serialize()),
            "pniIdentityKey": base64(self.pni_identity.public_key.serialize()),
            **self.repeated_use_keys(),
            **changes,
        }

    def link_body(self, token: str, **changes: Any) -> dict[str, Any]:
        attributes = self.attributes()
        del attributes["unidentifiedAccessKey"]
        return {
            "verificationCode": token,
            "accountAttributes": attributes,
            **self.repeated_use_keys(),
            **changes,
        }

    def one_time_keys(self, count: int, identity: KeyPair | None = None) -> dict[str, Any]:
        identity = identity or self.aci_identity
        return {
            "preKeys": [
                key_json(key.id, key.key_pair.public_key.serialize())
                for key in generate_prekeys(1, count)
            ],
            "pqPreKeys": [
                key_json(key.id, key.key_pair.public_key.serialize(), key.signature)
                for key in generate_kyber_prekeys(identity, 1, count, NOW_MS)
            ],
        }

    def rest(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """A call with this device's login."""
        return self.client.rest(method, path, body, login=self.login, **options)

    def send(
        self, target: TestDevice, content: bytes = b"x", query: str = "", **fields: Any
    ) -> Answer:
        """An identified message to one device."""
        return self.rest(
            "PUT", f"/v1/messages/{target.aci}{query}", message(target, content, **fields)
        )

    def socket(self, **headers: str) -> Any:
        """The chat websocket of this device."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.socket(self.login, sent)


class SocketClosed(Exception):
    """The server has closed a websocket; ``code`` None: without a closing handshake."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


class UpgradeRefused(Exception):
    """The server has answered an upgrade with something else."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status, self.headers = status, headers


class SocketClient:
    """The client's end of a websocket, all in the caller's thread.

    The library's ready-made client reads and writes in two threads, which one TLS object does not bear.
    """

    def __init__(self, connection: ssl.SSLSocket, url: str, headers: Mapping[str, str]) -> None:
        self._connection = connection
        self._protocol = ClientProtocol(parse_uri(url), max_size=None)
        self._next_id = 0
        self._messages: deque[bytes] = deque()
        request = self._protocol.connect()
        request.headers.update(headers)
        self._protocol.send_request(request)
        self._flush()
        while self._protocol.state is State.CONNECTING:
            self._read(TIMEOUT_S)
        self.upgrade_headers: Mapping[str, str] = self._upgrade_headers

    def send_raw(self, message: bytes | str) -> None:
        """A whole message."""
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)
        self._flush()

    def ping(self) -> None:
        """A ping frame; its answer is read with the next message."""
        self._protocol.send_ping(b"")
        self._flush()

    def send_bytes(self, data: bytes) -> None:
        """Bytes that need not be a frame."""
        self._connection.sendall(data)

    def close(self) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
            with contextlib.suppress(OSError):
                self._flush()
        self._connection.close()

    def receive(self, timeout_s: float = TIMEOUT_S) -> bytes:
        """The next message; raises TimeoutError or SocketClosed."""
        while not self._messages:
            self._read(timeout_s)
        return self._messages.popleft()

    def _read(self, timeout_s: float) -> None:
        self._connection.settimeout(timeout_s)
        try:
            data = self._connection.recv(65536)
        except ConnectionError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
            elif isinstance(event, HandshakeResponse):
                self._upgrade_headers = {
                    name.lower(): value for name, value in event.headers.raw_items()
                }
                if event.status_code != 101:
                    raise UpgradeRefused(event.status_code, self._upgrade_headers)
        if not data and not self._messages:
            raise SocketClosed(None)

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY:
            assert frame.fin
            self._messages.append(bytes(frame.data))
        elif frame.opcode is Opcode.CLOSE:
            with contextlib.suppress(OSError):
                self._flush()
            close = Close.parse(bytes(frame.data))
            raise SocketClosed(close.code, close.reason)

    def _flush(self) -> None:
        self._connection.settimeout(TIMEOUT_S)
        self._connection.sendall(b"".join(self._protocol.data_to_send()))

    def next_frame(self, timeout_s: float = TIMEOUT_S) -> WebSocketRequest | WebSocketResponse:
        return decode_frame(self.receive(timeout_s))

    def next_request(self, timeout_s: float = TIMEOUT_S) -> WebSocketRequest:
        frame = self.next_frame(timeout_s)
        assert isinstance(frame, WebSocketRequest)
        return frame

    def answer(self, request: WebSocketRequest, status: int = 200) -> None:
        self.send_raw(encode_frame(WebSocketResponse(id=request.id, status=status)))

    def ask(
        self, verb: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A request of the client; messages that come before its answer are left unanswered."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        id, self._next_id = self._next_id, self._next_id + 1
        encoded = b"" if body is None else json.dumps(body).encode()
        self.send_raw(
            encode_frame(
                WebSocketRequest(
                    id=id, verb=verb, path=path, body=encoded, headers=tuple(sent.items())
                )
            )
        )
        while True:
            frame = self.next_frame()
            if isinstance(frame, WebSocketResponse) and frame.id == id:
                return Answer(frame.status, dict(frame.headers), frame.body)

    def next_envelope(self, status: int = 200) -> Envelope:
        """The next message, answered with ``status``."""
        request = self.next_request()
        assert (request.verb, request.path) == ("PUT", "/api/v1/message"), request.path
        self.answer(request, status)
        return decode_envelope(request.body)

    def expect_empty(self) -> None:
        request = self.next_request()
        assert (request.verb, request.path) == ("PUT", "/api/v1/queue/empty"), request.path
        self.answer(request)

    def drain(self) -> list[Envelope]:
        """All messages until the queue is empty."""
        found: list[Envelope] = []
        while True:
            request = self.next_request()
            self.answer(request)
            if request.path == "/api/v1/queue/empty":
                return found
            found.append(decode_envelope(request.body))


def message(target: TestDevice, content: bytes = b"x", **fields: Any) -> dict[str, Any]:
    """The body of a message to one device."""
    entry = {
        "type": fields.pop("type", 1),
        "destinationDeviceId": target.device_id,
        "destinationRegistrationId": fields.pop("registration_id", target.registration_id),
        "content": base64(content),
    }
    return {"messages": [entry], "timestamp": NOW_MS, **fields}


def key_json(id: int, public_key: bytes, signature: bytes | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = {"keyId": id, "publicKey": base64(public_key)}
    return fields if signature is None else {**fields, "signature": base64(signature)}


def basic(user: str, password: str) -> str:
    return f"Basic {base64(f'{user}:{password}'.encode())}"


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def quoted(text: str) -> str:
    return quote(text, safe="")
