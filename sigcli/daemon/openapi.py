"""OpenAPI 3.1 documents of declared routes, and a page to try them."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route as StarletteRoute

from sigcli import __version__
from sigcli.daemon.routes.declaring import Media
from sigcli.operations.schemas import schema_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from sigcli.daemon.routes.declaring import Query, Route
    from sigcli.daemon.routes.flavour import Flavour

_PARAMETER = re.compile(r"{(\w+)(?::path)?}")
_NAMES = {str: "string", int: "integer", bool: "boolean"}
_PAGE = {"page.html": "text/html", "page.js": "text/javascript", "page.css": "text/css"}


def openapi_document(flavour: Flavour) -> dict[str, Any]:
    """The document that describes a flavour."""
    paths: dict[str, dict[str, Any]] = {}
    for route in flavour.routes:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(flavour, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": flavour.title,
            "description": flavour.about,
            "version": __version__,
            "license": {"name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(r.family for r in flavour.routes)],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            }
        },
        "security": [{}, {"bearer": []}, {"basic": []}],
    }


def document_routes(flavour: Flavour) -> list[BaseRoute]:
    """The document and the page that shows it; the page's files are in this package."""

    @cache
    def document() -> bytes:
        return json.dumps(openapi_document(flavour), ensure_ascii=False).encode()

    async def serve_document(request: Request) -> Response:
        return Response(document(), media_type="application/json")

    def page_route(path: str, name: str) -> StarletteRoute:
        async def serve(request: Request) -> Response:
            text = files("sigcli.daemon.pages").joinpath(name).read_text("utf-8")
            text = text.replace("DOCUMENT", flavour.documents.rpartition("/")[2])
            return Response(
                text,
                media_type=_PAGE[name],
                headers={"content-security-policy": "default-src 'self'; img-src 'self' data:"},
            )

        return StarletteRoute(path, serve, methods=["GET"])

    def lead(place: str) -> Callable[[Request], Awaitable[Response]]:
        async def redirect(request: Request) -> Response:
            # Relative, so that a path prefix with a token is kept.
            return Response(status_code=307, headers={"location": place})

        return redirect

    folder, _, name = flavour.page.rpartition("/")
    return [
        StarletteRoute(folder, lead(f"{folder.rpartition('/')[2]}/{name}"), methods=["GET"]),
        StarletteRoute(f"{folder}/", lead(name), methods=["GET"]),
        StarletteRoute(flavour.documents, serve_document, methods=["GET"]),
        page_route(flavour.page, "page.html"),
        page_route(f"{folder}/page.js", "page.js"),
        page_route(f"{folder}/page.css", "page.css"),
    ]


def _operation(flavour: Flavour, route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.id,
        "summary": route.summary,
        "tags": [route.family],
        "parameters": [_in_path(name) for name in _PARAMETER.findall(route.path)]
        + [_in_query(one) for one in route.query],
        "responses": _responses(flavour, route),
    }
    if route.body is not None:
        described["requestBody"] = {
            "required": route.is_body_required,
            "content": {"application/json": {"schema": schema_of(route.body)}},
        }
    return described


def _responses(flavour: Flavour, route: Route) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "done"}
    if isinstance(route.answer, Media):
        done["content"] = {one: {} for one in route.answer.types}
        if "application/octet-stream" in route.answer.types:
            done["content"] = {"*/*": {}}
    elif route.answer is not None:
        done["content"] = {"application/json": {"schema": schema_of(route.answer)}}
    responses = {str(route.status): done}
    for status, shape in (route.also or {}).items():
        responses[str(status)] = _error("not done", shape)
    responses["default"] = _error("refused", flavour.error_shape)
    return responses


def _error(description: str, shape: Any) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": schema_of(shape)}},
    }


def _in_path(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }


def _in_query(query: Query) -> dict[str, Any]:
    one: dict[str, Any] = {"type": _NAMES[query.kind]}
    if query.minimum is not None:
        one["minimum"] = query.minimum
    schema: dict[str, Any] = {"type": "array", "items": one} if query.many else one
    if query.default is not None:
        schema["default"] = query.default
    return {
        "name": query.name,
        "in": "query",
        "required": query.required,
        "description": query.help,
        "schema": schema,
    }
