"""The whole interface: all families of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.rest import (
    about,
    accounts,
    attachments,
    devices,
    groups,
    people,
    polls,
    reactions,
    receiving,
    sending,
    shapes,
    stickers,
)
from sigcli.daemon.routes.flavour import Flavour
from sigcli.daemon.routes.mounting import mounted

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from sigcli.daemon.core import Core


def _error(status: int, sentence: str) -> dict[str, Any]:
    del status
    return {"error": sentence}


REST = Flavour(
    name="rest",
    title="sigcli, as signal-cli-rest-api has it",
    about="Programs written for signal-cli-rest-api run unchanged.",
    families=(
        about.routes,
        accounts.routes,
        devices.routes,
        sending.routes,
        receiving.routes,
        reactions.routes,
        polls.routes,
        groups.routes,
        people.routes,
        attachments.routes,
        stickers.routes,
    ),
    write_error=_error,
    error_shape=shapes.Error,
    not_found=lambda path: (b"404 page not found", "text/plain"),
    documents="/swagger/doc.json",
    page="/swagger/index.html",
    bad_request="Couldn't process request - ",
)


def routes(core: Core) -> list[BaseRoute]:
    """The routes of an address."""
    return [receiving.websocket_route(core), *mounted(REST, core)]
