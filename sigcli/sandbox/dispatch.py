"""From a request to its answer, the same for REST and websocket: faults, login, handler, timestamp."""

from __future__ import annotations

import asyncio
import traceback
from inspect import isawaitable
from typing import TYPE_CHECKING

from sigcli.lazy_dataclass import replace
from sigcli.sandbox.exchange import Refused, Response
from sigcli.sandbox.faults import FaultKind
from sigcli.sandbox.login import authenticate, require_supported
from sigcli.sandbox.router import Login

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request
    from sigcli.sandbox.router import Route, Router
    from sigcli.sandbox.state import State

TIMESTAMP_HEADER = "X-Signal-Timestamp"
CONTROL_PREFIX = "/sandbox/"


class Dropped(Exception):
    """A fault ends the connection instead of an answer."""


class Dispatcher:
    """Answers requests."""

    def __init__(self, state: State, router: Router) -> None:
        self._state = state
        self._router = router

    async def answer(self, request: Request, *, with_caller: bool = False) -> Response:
        """The answer, committed before it is given; raises Dropped.

        ``with_caller``: the login is the socket's and is not read from a header.
        """
        try:
            response = await self._answer(request, with_caller=with_caller)
        except Refused as refused:
            response = refused.response
        except Dropped:
            raise
        except Exception:
            self._state.emit({"event": "error", "trace": traceback.format_exc()})
            response = Response(500)
        self._state.database.commit()
        return self.stamped(response)

    def stamped(self, response: Response) -> Response:
        """The answer with the header by which clients know that it comes from the service itself."""
        if not response.is_stamped:
            return response
        stamp = {TIMESTAMP_HEADER: str(self._state.clock.now_ms())}
        return replace(response, headers={**response.headers, **stamp})

    async def _answer(self, request: Request, *, with_caller: bool) -> Response:
        if not with_caller:
            caller = authenticate(self._state, request.headers.get("authorization"))
            request = replace(request, caller=caller)
        if request.path.startswith(CONTROL_PREFIX):
            return await self._handle(request)
        early = await self.meet_faults(request)
        if early is not None:
            return early
        require_supported(self._state, request.caller)
        response = await self._handle(request)
        late = self._state.faults.take(FaultKind.AFTERWARDS, request)
        return response if late is None else late.response()

    async def meet_faults(self, request: Request) -> Response | None:
        """Wait, refuse or drop as the faults say; None to go on."""
        faults = self._state.faults
        latency = faults.take(FaultKind.LATENCY, request)
        if latency is not None:
            await asyncio.sleep(latency.delay_ms / 1000)
        if faults.take(FaultKind.DROP, request) is not None:
            raise Dropped
        # A websocket is never told to use the websocket.
        status = faults.peek(FaultKind.STATUS, request)
        if status is None or (status.status == 498 and request.over_websocket):
            return None
        faults.take(FaultKind.STATUS, request)
        return status.response()

    async def _handle(self, request: Request) -> Response:
        found = self._router.find(
            request.method, request.path, over_websocket=request.over_websocket
        )
        if isinstance(found, int):
            return Response(found)
        route, parameters = found
        self._check_login(route, request)
        answered = route.handler(replace(request, parameters=parameters))
        return await answered if isawaitable(answered) else answered

    @staticmethod
    def _check_login(route: Route, request: Request) -> None:
        if route.login is Login.REQUIRED and request.caller is None:
            raise Refused(401)
        if route.login is Login.ANONYMOUS and request.caller is not None:
            raise Refused(400)
