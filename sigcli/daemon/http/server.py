"""The HTTP server: a thread with an event loop, in which every flavour has its own address."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import uvicorn
from starlette.routing import Router

from sigcli.daemon.http.address import listen
from sigcli.daemon.http.connections import QuietServer, WatchedHttp
from sigcli.daemon.http.gate import Gate
from sigcli.daemon.http.health import health_routes
from sigcli.daemon.http.requests import Workers
from sigcli.daemon.http.streaming import Streams, stream_threads
from sigcli.daemon.http.websocket_receipts import ReceiptedWebSocket
from sigcli.errors import ChannelUnavailable
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from sigcli.daemon.access.access import Access
    from sigcli.daemon.core import Core
    from sigcli.daemon.http.address import Address

    Routes = Callable[[Core], Sequence[BaseRoute]]

_MAX_CONNECTIONS = 512
_KEEP_ALIVE_S = 60
_START_TIMEOUT_S = 15.0
_CLOSE_S = 0.5
_MAX_WEBSOCKET_MESSAGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Site:
    address: Address
    listeners: list[socket.socket]
    routes: Routes


class HttpServer:
    """Call ``listen`` for each flavour, then ``start``; ``close`` ends everything within a second."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._workers = Workers()
        self._streams = Streams(stream_threads())
        self._sites: list[_Site] = []
        self._servers: list[QuietServer] = []
        self._thread = threading.Thread(target=self._serve, name="sigcli-http", daemon=True)
        self._failure: BaseException | None = None

    def listen(self, address: Address, routes: Routes) -> Address:
        """Open an address, returned with its port, for the routes that ``routes`` makes from the core at start.

        Raises ChannelUnavailable, DoorOpen.
        """
        self._access.check_address(address)
        listeners = listen(address)
        address = address.at_port(listeners[0].getsockname()[1])
        self._sites.append(_Site(address, listeners, routes))
        return address

    def start(self, core: Core, stop: Callable[[], None] = lambda: None) -> None:
        """Start; returns once it listens on every address. Raises ChannelUnavailable."""
        del stop  # an error here is reported on its own
        for site in self._sites:
            self._servers.append(QuietServer(self._config(site, core), threading.Event()))
        self._thread.start()
        for server in self._servers:
            if not server.listening.wait(_START_TIMEOUT_S) or self._failure is not None:
                raise ChannelUnavailable("the HTTP server did not start") from self._failure

    def _config(self, site: _Site, core: Core) -> uvicorn.Config:
        routes = [*health_routes(core), *site.routes(core)]
        app = _Application(routes, self._workers, self._streams)
        return uvicorn.Config(
            Gate(app, self._access, site.address, core.settings.warn),
            http=WatchedHttp,
            ws=ReceiptedWebSocket,
            ws_max_size=_MAX_WEBSOCKET_MESSAGE,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_MAX_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
        )

    def close(self) -> None:
        """Accept no more requests, end the streams, and shortly after close what is still open."""
        for server in self._servers:
            server.should_exit = True
        self._streams.end()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)
        for server in self._servers:
            server.force_exit = True
        for threads in (self._workers.threads, self._streams.threads):
            threads.shutdown(wait=False, cancel_futures=True)
        for site in self._sites:
            for listener in site.listeners:
                listener.close()

    def _serve(self) -> None:
        try:
            asyncio.run(self._serve_all())
        except BaseException as failure:
            self._failure = failure
        finally:
            for server in self._servers:
                server.listening.set()

    async def _serve_all(self) -> None:
        served = zip(self._servers, self._sites, strict=True)
        await asyncio.gather(*(server.serve(sockets=site.listeners) for server, site in served))


class _Application:
    """The routes of one address, and the threads that they may use."""

    def __init__(self, routes: Sequence[BaseRoute], workers: Workers, streams: Streams) -> None:
        self._router = Router(routes, redirect_slashes=False)
        self._workers = workers
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._workers.lend(scope)
        self._streams.lend(scope)
        # What a route does not find or allow is raised, and answered by the gate.
        scope["app"] = self._router
        await self._router(scope, receive, send)
