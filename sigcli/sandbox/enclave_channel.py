"""A stand-in for an enclave's channel: a real handshake and encryption, with a key that nothing attests to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect, WebSocketState

from sigcli.errors import InvalidKey, InvalidMessage
from sigcli.protocol.noise import NoisePattern, NoiseResponder
from sigcli.wire.enclave_attestation import HandshakeStart, encode_handshake_start

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from sigcli.crypto.curve import KeyPair
    from sigcli.protocol.noise import NoiseTransport

BAD_ARGUMENTS = 4003
UNAVAILABLE = 4014
_GONE = (WebSocketDisconnect, RuntimeError, OSError)


class ChannelClosed(Exception):
    """The channel is over; if there is a code, the client is told it."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


class EnclaveChannel:
    """Encrypted messages over an accepted websocket; made by ``accept``."""

    def __init__(self, websocket: WebSocket, transport: NoiseTransport) -> None:
        self._websocket = websocket
        self._transport = transport

    @classmethod
    async def accept(cls, websocket: WebSocket, key: KeyPair) -> EnclaveChannel:
        """Accept and shake hands; raises ChannelClosed."""
        await websocket.accept()
        await _write(
            websocket, encode_handshake_start(HandshakeStart(public_key=key.public_key.raw))
        )
        responder = NoiseResponder(NoisePattern.NK_HYBRID, key.private_key.raw)
        try:
            responder.read(await _read(websocket))
            answer = responder.write()
        except (InvalidMessage, InvalidKey):
            raise ChannelClosed(BAD_ARGUMENTS, "Noise_Handshake") from None
        await _write(websocket, answer)
        return cls(websocket, responder.transport())

    async def receive(self) -> bytes:
        """The next message of the client; raises ChannelClosed."""
        try:
            return self._transport.decrypt(await _read(self._websocket))
        except InvalidMessage:
            raise ChannelClosed(BAD_ARGUMENTS, "Noise_Decrypt") from None

    async def send(self, message: bytes) -> None:
        """Send one message; raises ChannelClosed."""
        await _write(self._websocket, self._transport.encrypt(message))


async def close(websocket: WebSocket, code: int, reason: str = "") -> None:
    """Begin the closing handshake; never raises."""
    if websocket.application_state is WebSocketState.CONNECTED:
        try:
            await websocket.close(code, reason)
        except _GONE:
            return


async def _read(websocket: WebSocket) -> bytes:
    try:
        message = await websocket.receive()
    except _GONE:
        raise ChannelClosed from None
    if message["type"] == "websocket.disconnect":
        raise ChannelClosed
    data: bytes | None = message.get("bytes")
    if data is None:
        raise ChannelClosed(BAD_ARGUMENTS, "text")
    return data


async def _write(websocket: WebSocket, data: bytes) -> None:
    try:
        await websocket.send_bytes(data)
    except _GONE:
        raise ChannelClosed from None
