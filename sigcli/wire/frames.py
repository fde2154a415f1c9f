"""Requests and responses inside a websocket: bytes to typed values and back.

Format: Signal's ``WebSocketProtocol.proto``; one binary websocket message holds one of them.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from sigcli.errors import MalformedMessage
from sigcli.lazy_dataclass import dataclass
from sigcli.wire.generated import websocket_frames_pb2 as pb
from sigcli.wire.mapping import Value

_REQUEST = 1
_RESPONSE = 2
Headers = tuple[tuple[str, str], ...]
"""Names in lower case and values."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WebSocketRequest(Value):
    """A request of either side; the other one answers with the same ``id``, which may be 0."""

    id: int | None
    verb: str
    path: str
    body: bytes = b""
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WebSocketResponse(Value):
    """The answer to the request with this ``id``."""

    id: int | None
    status: int
    message: str = ""
    body: bytes = b""
    headers: Headers = ()

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def decode_frame(data: bytes) -> WebSocketRequest | WebSocketResponse:
    """Parse one websocket message; raises MalformedMessage."""
    try:
        frame = pb.WebSocketMessage.FromString(data)
        if frame.type == _REQUEST and frame.HasField("request"):
            request = frame.request
            return WebSocketRequest(
                id=request.id if request.HasField("id") else None,
                verb=_text(request.verb),
                path=_text(request.path),
                body=request.body,
                headers=_parse_headers(request.headers),
            )
        if frame.type == _RESPONSE and frame.HasField("response"):
            response = frame.response
            return WebSocketResponse(
                id=response.id if response.HasField("id") else None,
                status=response.status,
                message=_text(response.message),
                body=response.body,
                headers=_parse_headers(response.headers),
            )
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage from error
    raise MalformedMessage("the frame is neither a request nor a response")


def encode_frame(frame: WebSocketRequest | WebSocketResponse) -> bytes:
    """Serialise a request or a response; raises MalformedMessage for what a frame cannot hold."""
    headers = [f"{name}:{value}" for name, value in frame.headers]
    try:
        if isinstance(frame, WebSocketRequest):
            request = pb.WebSocketRequestMessage(
                id=frame.id,
                verb=frame.verb,
                path=frame.path,
                body=frame.body or None,
                headers=headers,
            )
            return pb.WebSocketMessage(type=_REQUEST, request=request).SerializeToString()
        response = pb.WebSocketResponseMessage(
            id=frame.id,
            status=frame.status,
            message=frame.message or None,
            body=frame.body or None,
            headers=headers,
        )
        return pb.WebSocketMessage(type=_RESPONSE, response=response).SerializeToString()
    except (TypeError, ValueError) as error:
        raise MalformedMessage("a value does not fit its field") from error


def _parse_headers(lines: object) -> Headers:
    found = []
    for line in lines:  # type: ignore[attr-defined]  # a repeated field
        name, colon, value = _text(line).partition(":")
        if colon:
            found.append((name.strip().lower(), value.strip()))
    return tuple(found)


def _text(raw: str | bytes) -> str:
    # The runtime hands out bytes where a string field holds no UTF-8.
    return raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
