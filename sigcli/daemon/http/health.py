"""``/v1/health``: the daemon is alive; ``/metrics``: how it is doing, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from sigcli.daemon.http.requests import caller_of, in_worker
from sigcli.daemon.metrics import CONTENT_TYPE, metrics_text

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core


def health_routes(core: Core) -> list[BaseRoute]:
    """The routes of every address."""

    async def health(_: Request) -> Response:
        return Response(status_code=204)

    async def metrics(request: Request) -> Response:
        text = await in_worker(request, metrics_text, core, caller_of(request))
        return Response(text, media_type=CONTENT_TYPE)

    return [
        Route("/v1/health", health, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]
