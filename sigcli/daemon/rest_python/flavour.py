"""The whole interface: all families of routes, and its error format."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sigcli.daemon.rest_python import general, groups, messages, shapes
from sigcli.daemon.routes.flavour import Flavour
from sigcli.daemon.routes.mounting import JSON, mounted

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core


def _error(status: int, sentence: str) -> dict[str, Any]:
    return {
        "error": sentence,
        "description": HTTPStatus(status).phrase,
        "status": status,
        "message": sentence,
    }


def _not_found(path: str) -> tuple[bytes, str]:
    return json.dumps(_error(404, f"Requested URL {path} not found")).encode(), JSON


REST_PYTHON = Flavour(
    name="rest-python",
    title="sigcli, as python-signal-cli-rest-api has it",
    about="Programs written for the Python Signal CLI REST API 22.10 run unchanged.",
    families=(general.routes, messages.routes, groups.routes),
    write_error=_error,
    error_shape=shapes.Error,
    not_found=_not_found,
    documents="/docs/openapi.json",
    page="/docs/index.html",
    bad_request="Invalid request body. Error: ",
    takes_trailing_slash=True,
)


def routes(core: Core) -> list[BaseRoute]:
    """The routes of an address."""
    return mounted(REST_PYTHON, core)
