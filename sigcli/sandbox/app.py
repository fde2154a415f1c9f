"""The ASGI application: REST, the websockets and the CDNs on one port."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.responses import Response as HttpResponse
from starlette.routing import Route, WebSocketRoute

from sigcli.lazy_dataclass import replace
from sigcli.sandbox import connection
from sigcli.sandbox.cdn import Cdn
from sigcli.sandbox.chat_socket import ChatSocket
from sigcli.sandbox.dispatch import Dispatcher, Dropped
from sigcli.sandbox.enclave_doors import EnclaveDoors
from sigcli.sandbox.endpoints.table import build_router
from sigcli.sandbox.environment_file import DIRECTORY_PATH, SVR2_PATH
from sigcli.sandbox.exchange import Refused, Request, Response
from sigcli.sandbox.hosts import HostRouting
from sigcli.sandbox.login import authenticate, require_supported, upgrade_alert
from sigcli.sandbox.provisioning_socket import ProvisioningSocket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request as HttpRequest
    from starlette.types import ASGIApp
    from starlette.websockets import WebSocket

    from sigcli.sandbox.state import State

MAX_BODY = 4 * 1024 * 1024
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ALERT_HEADER = "X-Signal-Alert"


def build_app(state: State, names: Iterable[str] = ()) -> ASGIApp:
    """The application of a sandbox; ``names`` are further hosts that it answers for."""
    dispatcher = Dispatcher(state, build_router(state))
    doors = Doors(state, dispatcher)
    enclaves = EnclaveDoors(state, dispatcher, doors.refuse)
    app = Starlette(
        routes=[
            WebSocketRoute("/v1/websocket/", doors.chat),
            WebSocketRoute("/v1/websocket/provisioning/", doors.provisioning),
            WebSocketRoute(f"{DIRECTORY_PATH}/v1/{{enclave}}/discovery", enclaves.directory),
            WebSocketRoute(f"{SVR2_PATH}/v1/{{enclave}}", enclaves.svr2),
            *(_with_faults(doors, route) for route in Cdn(state).routes()),
            Route("/{path:path}", doors.rest, methods=_METHODS),
        ]
    )
    return HostRouting(app, names)


class Doors:
    """The ways in: converts Starlette's requests to the sandbox's own values and back."""

    def __init__(self, state: State, dispatcher: Dispatcher) -> None:
        self._state = state
        self._dispatcher = dispatcher

    async def rest(self, http: HttpRequest) -> HttpResponse:
        """A REST call."""
        body = bytearray()
        async for chunk in http.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return _http(self._dispatcher.stamped(Response(413)))
        try:
            return _http(await self._dispatcher.answer(_request(http, bytes(body))))
        except Dropped:
            return _cut(http)

    async def cdn_faults(self, http: HttpRequest) -> HttpResponse | None:
        """A fault's answer instead of the CDN's; None if there is no fault."""
        try:
            early = await self._dispatcher.meet_faults(_request(http, b""))
        except Dropped:
            return _cut(http)
        return None if early is None else _http(early)

    async def chat(self, websocket: WebSocket) -> None:
        """The chat websocket."""
        headers = {name.lower(): value for name, value in websocket.headers.items()}
        upgrade = Request(method="GET", path=websocket.url.path, headers=headers)
        caller = None
        refusal: Response | None = None
        if "authorization" in headers:
            caller = authenticate(self._state, headers["authorization"])
            upgrade = replace(upgrade, caller=caller)
            self._state.database.commit()
            refusal = Response(403) if caller is None else None
        try:
            refusal = await self._dispatcher.meet_faults(upgrade) or refusal
            require_supported(self._state, caller)
        except Refused as refused:
            refusal = refused.response
        except Dropped:
            connection.cut(websocket.scope)
            return
        if refusal is not None:
            await self.refuse(websocket, refusal)
            return
        alert = None if caller is None else upgrade_alert(self._state, caller)
        await websocket.accept(
            headers=[] if alert is None else [(_ALERT_HEADER.encode(), alert.encode())]
        )
        await ChatSocket(self._state, websocket, self._dispatcher, caller, headers).serve()

    async def provisioning(self, websocket: WebSocket) -> None:
        """The websocket of a device that wants to be linked."""
        try:
            refusal = await self._dispatcher.meet_faults(
                Request(method="GET", path=websocket.url.path)
            )
        except Dropped:
            connection.cut(websocket.scope)
            return
        if refusal is not None:
            await self.refuse(websocket, refusal)
            return
        await websocket.accept()
        await ProvisioningSocket(self._state, websocket).serve()

    async def refuse(self, websocket: WebSocket, response: Response) -> None:
        """Answer an upgrade with a status."""
        await websocket.send_denial_response(_http(self._dispatcher.stamped(response)))


def _cut(http: HttpRequest) -> HttpResponse:
    """No answer: the connection ends, so what is returned is not sent."""
    connection.cut(http.scope)
    return HttpResponse(status_code=500)


def _request(http: HttpRequest, body: bytes) -> Request:
    raw_path = http.scope.get("raw_path") or http.url.path.encode()
    return Request(
        method=http.method,
        path=urlsplit(raw_path.decode("ascii", "replace")).path,
        query=dict(http.query_params),
        headers={name.lower(): value for name, value in http.headers.items()},
        body=body,
    )


def _http(response: Response) -> HttpResponse:
    return HttpResponse(response.body, response.status, dict(response.headers))


def _with_faults(doors: Doors, route: Route) -> Route:
    endpoint: Callable[[HttpRequest], Awaitable[HttpResponse]] = route.endpoint

    async def guarded(http: HttpRequest) -> HttpResponse:
        early = await doors.cdn_faults(http)
        return await endpoint(http) if early is None else early

    return Route(route.path, guarded, methods=sorted(route.methods or ()))
