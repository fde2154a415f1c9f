"""Services without an enclave: scripts for the service's side of a websocket, with the real handshake."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from sigcli.crypto.curve import KeyPair
from sigcli.protocol.noise import NoisePattern, NoiseResponder, NoiseTransport
from sigcli.wire.addresses import ServiceId
from sigcli.wire.contact_discovery import (
    FoundNumber,
    LookupRequest,
    LookupResponse,
    decode_lookup_request,
    encode_lookup_response,
)
from sigcli.wire.enclave_attestation import HandshakeStart, encode_handshake_start
from sigcli.wire.svr2 import (
    BackupRequest,
    BackupResponse,
    DeleteRequest,
    DeleteResponse,
    ExposeRequest,
    ExposeResponse,
    RestoreRequest,
    RestoreResponse,
    RestoreStatus,
    Svr2Request,
    Svr2Response,
    decode_svr2_request,
    encode_svr2_response,
)
from tests.support.loopback_server import ServerWebSocket

Attest = Callable[[bytes], bytes]


def bare_start(key: bytes) -> bytes:
    """The first message of a stand-in that attests to nothing."""
    return encode_handshake_start(HandshakeStart(public_key=key))


def shake_hands(websocket: ServerWebSocket, attest: Attest) -> NoiseTransport:
    """The service's side of the handshake; ``attest`` makes the first message for its public key."""
    key = KeyPair.generate()
    websocket.send(attest(key.public_key.raw))
    responder = NoiseResponder(NoisePattern.NK_HYBRID, key.private_key.raw)
    responder.read(websocket.receive())
    websocket.send(responder.write())
    return responder.transport()


@dataclass
class DirectoryStandIn:
    """Who has which number; what was asked is kept. ``attest`` makes the first message for the public key."""

    people: dict[str, tuple[ServiceId, ServiceId]] = field(default_factory=dict)
    attest: Attest = bare_start
    refusals: list[tuple[int, str]] = field(default_factory=list)
    """Close codes and reasons, one for each of the next lookups."""
    parts: int = 1
    """In how many messages the answer comes."""
    spoils_handshake: bool = False
    answers: int | None = None
    """How many numbers are answered for; None for all."""
    ends_with: int = 1000
    """The close code behind the answer."""
    requests: list[LookupRequest] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    """Those that were acknowledged; the newest is the only good one."""

    def __call__(self, websocket: ServerWebSocket) -> None:
        """Serve one connection."""
        self.paths.append(websocket.request.path)
        if self.spoils_handshake:
            websocket.send(self.attest(KeyPair.generate().public_key.raw))
            websocket.receive()
            websocket.send(bytes(1632))
            websocket.wait_closed()
            return
        self._look_up(websocket, shake_hands(websocket, self.attest))

    def _look_up(self, websocket: ServerWebSocket, channel: NoiseTransport) -> None:
        request = decode_lookup_request(channel.decrypt(websocket.receive()))
        self.requests.append(request)
        if self.refusals:
            websocket.close(*self.refusals.pop(0))
            websocket.wait_closed()
            return
        if request.token and request.token not in self.tokens[-1:]:
            websocket.close(4101, "unknown token")
            websocket.wait_closed()
            return
        token = b"token %d" % len(self.requests)
        websocket.send(channel.encrypt(encode_lookup_response(LookupResponse(token=token))))
        acknowledgement = decode_lookup_request(channel.decrypt(websocket.receive()))
        assert acknowledgement == LookupRequest(acknowledges_token=True)
        self.tokens.append(token)
        found = [self._found(number, request) for number in (*request.previous, *request.new)]
        found = found[: self.answers]
        size = -(-len(found) // self.parts) or 1
        for start in range(0, len(found), size):
            part = LookupResponse(tuple(found[start : start + size]), permits_used=len(request.new))
            websocket.send(channel.encrypt(encode_lookup_response(part)))
        websocket.close(self.ends_with)
        websocket.wait_closed()

    def _found(self, number: str, request: LookupRequest) -> FoundNumber:
        person = self.people.get(number)
        if person is None:
            return FoundNumber(number, None, None)
        aci, pni = person
        is_known = any(named == aci for named, _ in request.access_keys)
        return FoundNumber(number, aci if is_known else None, pni)


@dataclass
class Kept:
    """What an enclave keeps for an account."""

    data: bytes
    access_key: bytes
    tries: int
    exposed: bool = False


@dataclass
class Svr2StandIn:
    """PIN recovery by enclaves, one for each path; what was asked is kept.

    ``answer`` replaces what is answered, also by bytes that are no answer.
    """

    attest: Attest = bare_start
    kept: dict[str, Kept] = field(default_factory=dict)
    requests: list[tuple[str, Svr2Request]] = field(default_factory=list)
    answer: Callable[[Svr2Request, Svr2Response], Svr2Response | bytes | None] = (
        lambda request, answer: answer
    )
    """None closes the connection without an answer."""

    def __call__(self, websocket: ServerWebSocket) -> None:
        """Serve one connection, until the client closes it."""
        enclave = websocket.request.path.removeprefix("/v1/")
        channel = shake_hands(websocket, self.attest)
        while True:
            request = decode_svr2_request(channel.decrypt(websocket.receive()))
            self.requests.append((enclave, request))
            answer = self.answer(request, self._respond(enclave, request))
            if answer is None:
                websocket.close(4014, "Core_LeaderUnknown")
                websocket.wait_closed()
                return
            encoded = answer if isinstance(answer, bytes) else encode_svr2_response(answer)
            websocket.send(channel.encrypt(encoded))

    def asked(self, enclave: bytes) -> list[type[Svr2Request]]:
        """The kinds of what an enclave was asked, in order."""
        return [type(request) for name, request in self.requests if name == enclave.hex()]

    def _respond(self, enclave: str, request: Svr2Request) -> Svr2Response:
        kept = self.kept.get(enclave)
        match request:
            case BackupRequest(data, access_key, tries):
                self.kept[enclave] = Kept(data, access_key, tries)
                return BackupResponse(True)
            case ExposeRequest(data):
                if kept is None or kept.data != data:
                    return ExposeResponse(False)
                kept.exposed = True
                return ExposeResponse(True)
            case RestoreRequest(access_key):
                if kept is None or not kept.exposed:
                    return RestoreResponse(RestoreStatus.MISSING)
                if kept.access_key == access_key:
                    return RestoreResponse(RestoreStatus.OK, kept.data, kept.tries)
                kept.tries -= 1
                if not kept.tries:
                    del self.kept[enclave]
                    return RestoreResponse(RestoreStatus.MISSING)
                return RestoreResponse(RestoreStatus.MISMATCH, tries_left=kept.tries)
            case DeleteRequest():
                self.kept.pop(enclave, None)
        return DeleteResponse()


def rate_limit(retry_after_s: int) -> tuple[int, str]:
    """A refusal for too many numbers."""
    return 4008, json.dumps({"retry_after": retry_after_s})
