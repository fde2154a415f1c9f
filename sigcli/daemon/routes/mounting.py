"""Declared routes as Starlette's: the body is checked, the handler runs on a thread, its result is sent."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from starlette.responses import FileResponse, Response
from starlette.routing import Route as StarletteRoute

from sigcli.daemon.http.requests import Refusal, caller_of, in_worker, read_body
from sigcli.daemon.json_bytes import json_bytes
from sigcli.daemon.routes import bodies
from sigcli.daemon.routes.call import Call
from sigcli.daemon.routes.declaring import Blob, StoredFile
from sigcli.errors import SigcliError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import HTTPConnection, Request
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core
    from sigcli.daemon.routes.declaring import Route
    from sigcli.daemon.routes.flavour import Flavour

JSON = "application/json; charset=utf-8"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_LOG = logging.getLogger(__name__)


def mounted(flavour: Flavour, core: Core) -> list[BaseRoute]:
    """The flavour's routes, its OpenAPI document and page, and the answer for every other path."""
    from sigcli.daemon.openapi import document_routes

    made: list[BaseRoute] = list(document_routes(flavour))
    for route in flavour.routes:
        endpoint = _endpoint(flavour, route, core)
        paths = [f"{route.path}/", route.path] if flavour.takes_trailing_slash else [route.path]
        made += [StarletteRoute(path, endpoint, methods=[route.method]) for path in paths]

    async def nothing(request: Request) -> Response:
        body, content_type = flavour.not_found(request.url.path)
        return Response(body, 404, media_type=content_type)

    return [*made, StarletteRoute("/{rest:path}", nothing, methods=_METHODS)]


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON response with the content type that strict clients insist on."""
    body = json_bytes(value)
    return Response(body, status, {"content-type": JSON})


def error_response(flavour: Flavour, error: SigcliError) -> Response:
    """The response for an error."""
    status, members = flavour.answer_error(error)
    return json_response(members, status)


def query_values(connection: HTTPConnection) -> Callable[[str], list[str]]:
    """All values of a name in the query; a + is kept as it is."""
    text = connection.scope["query_string"].decode("latin-1").replace("+", "%2B")
    values = parse_qs(text, keep_blank_values=True)
    return lambda name: values.get(name, [])


def _endpoint(
    flavour: Flavour, route: Route, core: Core
) -> Callable[[Request], Awaitable[Response]]:
    is_async = inspect.iscoroutinefunction(route.handler)

    async def endpoint(request: Request) -> Response:
        try:
            caller = caller_of(request)
            query = bodies.read_query(route.query, query_values(request))
            data = b"" if route.body is None else await read_body(request)
            said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            is_json = said.endswith("json") or not said

            def run() -> Any:
                body = {} if route.body is None else bodies.read_body(route.body, data)
                call = Call(core, caller, request.path_params, query, body, is_json)
                return call if is_async else route.handler(call)

            outcome = await in_worker(request, run)
            if is_async:
                outcome = await route.handler(outcome, request)
            return _answer(route, outcome)
        except Refusal as refusal:
            if refusal.message is None:
                raise
            return json_response(
                flavour.write_error(refusal.status, refusal.message), refusal.status
            )
        except SigcliError as error:
            return error_response(flavour, error)
        except (ValueError, TypeError, OverflowError, LookupError, OSError) as error:
            # The message may contain what is private to the caller.
            _LOG.error("%s failed: %s", route.id, type(error).__name__)
            return error_response(flavour, UnexpectedError(type(error).__name__))

    return endpoint


def _answer(route: Route, outcome: Any) -> Response:
    if isinstance(outcome, Response):
        return outcome
    if isinstance(outcome, Blob):
        return Response(outcome.data, route.status, media_type=outcome.content_type)
    if isinstance(outcome, StoredFile):
        return FileResponse(outcome.path, route.status, media_type=outcome.content_type)
    if route.answer is None:
        return Response(status_code=route.status)
    return json_response(outcome, route.status)
