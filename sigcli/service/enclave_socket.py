"""An encrypted channel to an enclave: a websocket over TLS, and inside it Noise with the enclave's attested key.

The server speaks first: evidence and endorsements. Nothing is sent to it before these are verified. Order of messages:
libsignal ``rust/net/infra/src/ws/attested.rs``.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.errors import (
    BadRequest,
    ConnectionLost,
    InvalidKey,
    InvalidMessage,
    MalformedAnswer,
    ServerUnavailable,
    ServiceError,
    TimedOut,
)
from sigcli.protocol.attestation.checks import Check
from sigcli.protocol.noise import NoiseInitiator, NoisePattern
from sigcli.service.credentials import basic_authorization
from sigcli.service.status_errors import error_for
from sigcli.service.websocket import UpgradeRefused, WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigcli.crypto.randomness import RandomSource
    from sigcli.protocol.noise import NoiseTransport
    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.network import Network
    from sigcli.service.resources.certificates import ServiceLogin

SESSION_TIMEOUT_S = 60.0
REGULAR_ENDS = (1000, 1005)
"""Close codes of a finished session: normal closure, and none given."""
_MAX_MESSAGE = 16 * 1024 * 1024


class EnclaveSocket:
    """An open channel; made by ``connect``. A context manager, for one thread."""

    def __init__(self, websocket: WebSocket, timeout_s: float) -> None:
        self._websocket = websocket
        self._transport: NoiseTransport | None = None
        self._expired = False
        # Reading has no time limit of its own: when the session's time is up, the connection is cut.
        self._limit = threading.Timer(timeout_s, self._expire)
        self._limit.daemon = True
        self._limit.start()

    @classmethod
    def connect(
        cls,
        network: Network,
        url: BaseUrl,
        path: str,
        login: ServiceLogin,
        attested_key: Callable[[bytes], bytes],
        random: RandomSource,
        timeout_s: float = SESSION_TIMEOUT_S,
    ) -> EnclaveSocket:
        """Connect, verify and shake hands; the whole session may last ``timeout_s``.

        ``attested_key`` returns the enclave's key (32 bytes) from the server's first message or raises
        AttestationFailed. Also raises NotFound, Unauthorized, RateLimited, Unreachable, TimedOut.
        """
        headers = {"Authorization": basic_authorization(login.username, login.password)}
        try:
            websocket = WebSocket.connect(
                network, url, path, headers, min(timeout_s, 15.0), _MAX_MESSAGE
            )
        except UpgradeRefused as refused:
            raise error_for(refused.response, "connect to the enclave") from None
        opened = cls(websocket, timeout_s)
        try:
            opened._shake_hands(attested_key, random)
        except BaseException:
            opened.close()
            raise
        return opened

    def send(self, message: bytes) -> None:
        """Send one message; raises ConnectionLost or TimedOut."""
        assert self._transport is not None
        self._write(self._transport.encrypt(message))

    def receive(self) -> bytes:
        """The next message; raises ConnectionLost with the close code, TimedOut, MalformedAnswer."""
        assert self._transport is not None
        packets = self._read()
        try:
            return self._transport.decrypt(packets)
        except InvalidMessage:
            raise MalformedAnswer("the enclave's message does not authenticate") from None

    def close(self) -> None:
        """End the session. Never raises."""
        self._limit.cancel()
        self._websocket.say_goodbye()
        self._websocket.abort()
        self._websocket.release()

    def __enter__(self) -> EnclaveSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _shake_hands(self, attested_key: Callable[[bytes], bytes], random: RandomSource) -> None:
        key = attested_key(self._read())
        try:
            handshake = NoiseInitiator(NoisePattern.NK_HYBRID, key, random=random)
            self._write(handshake.write())
            handshake.read(self._read())
        except (InvalidMessage, InvalidKey):
            # The other side does not have the attested key.
            raise Check.NOISE.failed("the answer does not come from the attested key") from None
        self._transport = handshake.transport()

    def _read(self) -> bytes:
        try:
            return self._websocket.read()
        except ServiceError:
            self._require_time()
            raise

    def _write(self, message: bytes) -> None:
        try:
            self._websocket.send(message)
        except ServiceError:
            self._require_time()
            raise

    def _require_time(self) -> None:
        if self._expired:
            raise TimedOut("the enclave did not answer in time")

    def _expire(self) -> None:
        self._expired = True
        self._websocket.abort()


def close_error(loss: ConnectionLost, service: str) -> ServiceError:
    """The error for a close code that every enclave uses; ``service`` begins its sentence."""
    match loss.close_code:
        case 4003:
            return BadRequest(f"{service} refused the request as malformed", status=4003)
        case 4013 | 4014 as code:
            return ServerUnavailable(f"{service} has an internal problem", status=code)
        case code if code in REGULAR_ENDS:
            return MalformedAnswer(f"{service} ended without an answer")
    return loss
