"""From the daemon's options to its HTTP server: a flavour for each option that gives an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.access.opening import make_first_token, open_access
from sigcli.daemon.http.address import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.routing import BaseRoute

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.core import Core
    from sigcli.daemon.http.server import HttpServer


def _json_rpc(core: Core) -> Sequence[BaseRoute]:
    from sigcli.daemon.http.json_rpc import routes

    return routes(core)


def _rest(core: Core) -> Sequence[BaseRoute]:
    from sigcli.daemon.rest.flavour import routes

    return routes(core)


def _rest_python(core: Core) -> Sequence[BaseRoute]:
    from sigcli.daemon.rest_python.flavour import routes

    return routes(core)


_FLAVOURS: dict[str, tuple[int, Callable[[Core], Sequence[BaseRoute]]]] = {
    "http": (8080, _json_rpc),
    "rest": (8080, _rest),
    "rest_python": (8080, _rest_python),
}
"""By the option that gives the address: the default port, and the routes."""


def open_http(
    settings: Settings, options: Mapping[str, Any], tell: Callable[[str], None]
) -> HttpServer | None:
    """The server, with its sockets listening; None if no option asks for one.

    Raises UsageError, ChannelUnavailable, DoorOpen, SameUserUnavailable.
    """
    wanted = [name for name in _FLAVOURS if options.get(name) is not None]
    if not wanted:
        return None
    from sigcli.daemon.http.server import HttpServer

    access = open_access(settings, options)
    server = HttpServer(access)
    try:
        for name in wanted:
            port, routes = _FLAVOURS[name]
            address = server.listen(Address.parse(options[name], port), routes)
            tell(f"--{name.replace('_', '-')} listens on http://{address}")
            if not address.is_loopback:
                tell("the traffic there is not encrypted: put a proxy with TLS in front of it")
        make_first_token(settings, access, tell)
    except BaseException:
        server.close()
        raise
    return server
