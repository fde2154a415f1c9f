"""Contact discovery without an enclave: a script for the service's side of a websocket, with the real handshake."""

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
from tests.support.loopback_server import ServerWebSocket


@dataclass
class DirectoryStandIn:
    """Who has which number; what was asked is kept. ``attest`` makes the first message for the public key."""

    people: dict[str, tuple[ServiceId, ServiceId]] = field(default_factory=dict)
    attest: Callable[[bytes], bytes] = lambda key: encode_handshake_start(
        HandshakeStart(public_key=key)
    )
    refusals: list[tuple[int, str]] = field(default_factory=list)
    """Close codes and reasons, one for each of the next lookups."""
    parts: int = 1
    """In how many messages the answer comes."""
    spoils_handshake: bool = False
    answers_half: bool = False
    requests: list[LookupRequest] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)
    """Those that were acknowledged; the newest is the only good one."""
    key: KeyPair = field(default_factory=KeyPair.generate)

    def __call__(self, websocket: ServerWebSocket) -> None:
        """Serve one connection."""
        self.paths.append(websocket.request.path)
        websocket.send(self.attest(self.key.public_key.raw))
        private = KeyPair.generate() if self.spoils_handshake else self.key
        responder = NoiseResponder(NoisePattern.NK_HYBRID, private.private_key.raw)
        first = websocket.receive()
        if self.spoils_handshake:
            websocket.send(bytes(1632))
            websocket.wait_closed()
            return
        responder.read(first)
        websocket.send(responder.write())
        self._look_up(websocket, responder.transport())

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
        if self.answers_half:
            found = found[: len(found) // 2]
        size = -(-len(found) // self.parts) or 1
        for start in range(0, len(found), size):
            part = LookupResponse(tuple(found[start : start + size]), permits_used=len(request.new))
            websocket.send(channel.encrypt(encode_lookup_response(part)))
        websocket.close(1000)
        websocket.wait_closed()

    def _found(self, number: str, request: LookupRequest) -> FoundNumber:
        person = self.people.get(number)
        if person is None:
            return FoundNumber(number, None, None)
        aci, pni = person
        is_known = any(named == aci for named, _ in request.access_keys)
        return FoundNumber(number, aci if is_known else None, pni)


def rate_limit(retry_after_s: int) -> tuple[int, str]:
    """A refusal for too many numbers."""
    return 4008, json.dumps({"retry_after": retry_after_s})
