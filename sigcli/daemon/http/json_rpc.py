"""signal-cli's HTTP: ``/api/v1/rpc``, ``/api/v1/events`` and ``/api/v1/check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from sigcli.daemon.http.events import Drained, event_stream
from sigcli.daemon.http.requests import JSON, Refusal, body_pieces, caller_of, in_worker
from sigcli.daemon.jsonrpc.answering import JsonRpc
from sigcli.daemon.large_requests import LargeText

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core
    from sigcli.daemon.large_requests import LargeRequest, Refused

_LARGE_BYTES = 1024 * 1024
"""From this size on, attachment data go to files as they arrive."""


def routes(core: Core) -> list[BaseRoute]:
    """The routes of ``sigcli daemon --http``."""
    drained = Drained()

    async def rpc(request: Request) -> Response:
        """One request or a batch."""
        if not request.headers.get("content-type", "").lower().startswith(JSON):
            raise Refusal(415, f"the content type must be {JSON}")
        body = await _body(core, request)
        answer = await in_worker(request, JsonRpc(core, caller_of(request)).answer, body)
        if answer is None:
            return Response(status_code=201)
        return Response(answer, media_type=JSON)

    async def events(request: Request) -> Response:
        """Received messages, as they arrive."""
        return await event_stream(core, request, drained)

    async def check(_: Request) -> Response:
        """Confirm that the daemon is alive."""
        return Response()

    return [
        Route("/api/v1/rpc", rpc, methods=["POST"]),
        Route("/api/v1/events", events, methods=["GET"]),
        Route("/api/v1/check", check, methods=["GET"]),
    ]


async def _body(core: Core, request: Request) -> bytes | LargeRequest | Refused:
    """The body; if it is large, its attachment data are in files."""
    pieces = bytearray()
    large: LargeText | None = None
    async for piece in body_pieces(request):
        pieces += piece
        if len(pieces) >= _LARGE_BYTES:
            if large is None:
                large = LargeText(str(core.settings.data_dir))
            await in_worker(request, large.feed, bytes(pieces))
            pieces.clear()
            if large.is_refused:
                raise Refusal(413, "the request is too large")
    if large is None:
        return bytes(pieces)

    def finished() -> LargeRequest | Refused:
        large.feed(bytes(pieces))
        return large.finish()

    return await in_worker(request, finished)
