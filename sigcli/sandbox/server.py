"""Running a sandbox: on a thread for tests and the demo, or until it is told to stop."""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigcli.errors import SandboxFailed
from sigcli.sandbox.authority import prepare_tls
from sigcli.sandbox.environment_file import (
    REQUEST_MODES,
    token_path,
    write_environment,
    write_token,
)
from sigcli.sandbox.hosts import checked_names
from sigcli.sandbox.server_keys import load_server_keys
from sigcli.sandbox.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from sigcli.sandbox.connection import AnnouncedServer

DEFAULT_HOST = "127.0.0.1"
ENVIRONMENT_FILE = "environment.toml"
MAX_MESSAGE = 512 * 1024
_START_TIMEOUT_S = 15.0
_KEEP_ALIVE_S = 60
_SHUTDOWN_S = 1


class Sandbox:
    """A sandbox on its own thread, from ``__enter__`` to ``__exit__``.

    Without ``data_dir`` it uses a temporary folder and leaves nothing. ``emit`` gets events (``{"event": "push", …}``
    and the like), from the server's thread. ``requests``: what the environment file tells clients, "https" or
    "websocket". ``names``: further hosts in the certificate, each of which leads to the part that it stands for
    (``hosts.py``). ``legacy_ids``: envelopes carry ids as text as well.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        environment_file: Path | None = None,
        *,
        host: str = DEFAULT_HOST,
        port: int = 0,
        requests: str = REQUEST_MODES[0],
        names: Sequence[str] = (),
        legacy_ids: bool = False,
        emit: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._environment_file = environment_file
        self._host, self._port = host, port
        self._requests = requests
        self._names = checked_names(names)
        self._legacy_ids = legacy_ids
        self._emit = emit or _ignore
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._server: AnnouncedServer | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self.state: State
        """The server's state; for tests, and only while no request is under way."""
        self.url = ""
        self.environment_file = Path()

    def __enter__(self) -> Sandbox:
        """Start; returns once it listens. Raises SandboxFailed."""
        try:
            listener = self._prepare()
        except OSError as problem:
            self._clean_up()
            raise SandboxFailed(f"the sandbox cannot start: {problem.strerror}") from problem
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(listener, started), name="sandbox", daemon=True
        )
        self._thread.start()
        if not started.wait(_START_TIMEOUT_S) or self._failure is not None:
            self.stop()
            raise SandboxFailed("the sandbox did not start") from self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all connections and end; everything that clients were promised is on disk."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._clean_up()

    def ready_event(self) -> dict[str, Any]:
        """The line that says where the sandbox listens."""
        return {
            "event": "ready",
            "url": self.url,
            "environmentFile": str(self.environment_file),
        }

    def _prepare(self) -> socket.socket:
        if self._data_dir is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="sigcli-sandbox-")
            folder = Path(self._temporary.name)
        else:
            folder = self._data_dir
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        listener = _listen(self._host, self._port)
        self.url = _url(_reachable(self._host), listener.getsockname()[1])
        ca_file, self._certificate = prepare_tls(folder, (self._host, *self._names))
        keys = load_server_keys(folder)
        token = secrets.token_urlsafe(24)
        self.state = State.open(folder, self.url, keys, token, self._emit)
        self.state.switches.legacy_ids = self._legacy_ids
        self.environment_file = (self._environment_file or folder / ENVIRONMENT_FILE).absolute()
        write_environment(self.environment_file, self.url, ca_file, keys, self._requests)
        write_token(self.environment_file, token)
        return listener

    def _serve(self, listener: socket.socket, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve_until_stopped(listener, started))
        except BaseException as failure:
            self._failure = failure
        finally:
            started.set()
            listener.close()
            self.state.close()

    async def _serve_until_stopped(self, listener: socket.socket, started: threading.Event) -> None:
        import uvicorn

        from sigcli.sandbox.app import build_app
        from sigcli.sandbox.connection import AnnouncedServer, CuttableHttp, ObservedWebSocket

        config = uvicorn.Config(
            build_app(self.state, self._names),
            http=CuttableHttp,
            ws=ObservedWebSocket,
            ws_max_size=MAX_MESSAGE,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_SHUTDOWN_S,
            ssl_certfile=self._certificate,
        )
        self._server = AnnouncedServer(config, started)
        await self._server.serve(sockets=[listener])
        await self._server.cut_connections()

    def _clean_up(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None
        elif self.environment_file.name:
            # The environment file stays for the next start; the token is only for this run.
            token_path(self.environment_file).unlink(missing_ok=True)


def run(
    host: str,
    port: int,
    data_dir: Path,
    environment_file: Path | None,
    ready: Callable[[dict[str, Any]], None],
    stop: threading.Event,
    *,
    requests: str = REQUEST_MODES[0],
    names: Sequence[str] = (),
    legacy_ids: bool = False,
) -> None:
    """Serve until ``stop`` is set, which the owner can request over the control interface.

    ``ready`` gets one event when the server listens, and later ones. Raises SandboxFailed.
    """
    sandbox = Sandbox(
        data_dir,
        environment_file,
        host=host,
        port=port,
        requests=requests,
        names=names,
        legacy_ids=legacy_ids,
        emit=ready,
    )
    with sandbox:
        sandbox.state.on_stop = stop.set
        ready(sandbox.ready_event())
        stop.wait()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Unless the protocol number is given, asyncio leaves Nagle's algorithm on: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _reachable(host: str) -> str:
    """The name by which clients on this machine reach a host: an address of all interfaces is also the loopback one."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "::1" if address.version == 6 else DEFAULT_HOST


def _url(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}:{port}"


def _ignore(event: dict[str, Any]) -> None:
    del event
