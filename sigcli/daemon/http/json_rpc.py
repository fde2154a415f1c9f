"""signal-cli's HTTP: ``/api/v1/rpc``, ``/api/v1/events`` and ``/api/v1/check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from sigcli.daemon.http.events import Drained, event_stream
from sigcli.daemon.http.requests import JSON, Refusal, caller_of, in_worker, read_body
from sigcli.daemon.jsonrpc.answering import JsonRpc

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core

DEFAULT_PORT = 8080


def routes(core: Core) -> list[BaseRoute]:
    """The routes of ``sigcli daemon --http``."""
    drained = Drained()

    async def rpc(request: Request) -> Response:
        """One request or a batch."""
        if not request.headers.get("content-type", "").lower().startswith(JSON):
            raise Refusal(415, f"the content type is {JSON}")
        body = await read_body(request)
        answer = await in_worker(request, JsonRpc(core, caller_of(request)).answer, body)
        if answer is None:
            return Response(status_code=201)
        return Response(answer, media_type=JSON)

    async def events(request: Request) -> Response:
        """What comes, as it comes."""
        return await event_stream(core, request, drained)

    async def check(_: Request) -> Response:
        """It lives."""
        return Response()

    return [
        Route("/api/v1/rpc", rpc, methods=["POST"]),
        Route("/api/v1/events", events, methods=["GET"]),
        Route("/api/v1/check", check, methods=["GET"]),
    ]
