"""The socket: its path and its connections. Only the user can connect to it."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.daemon.channels.sockets import listen_unix
from sigcli.daemon.channels.streams import SocketStream
from sigcli.daemon.signald.answering import Answering
from sigcli.daemon.signald.connection import Connection
from sigcli.daemon.signald.linking import LinkSessions
from sigcli.system import user_id

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from sigcli.daemon.core import Core

_MOST_CONNECTIONS = 256
_OUT_OF_DESCRIPTORS_S = 0.5


def default_path(environ: Mapping[str, str]) -> str:
    """The path where clients look first."""
    folder = environ.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(folder):
        own = f"/run/user/{user_id()}"
        folder = own if os.path.isdir(own) else "/var/run"
    return os.path.join(folder, "signald", "signald.sock")


def signald_channels(
    options: Mapping[str, Any], environ: Mapping[str, str] = os.environ
) -> list[SignaldChannel]:
    """The channel if it is asked for, listening; call it while there are no other threads.

    Raises ChannelUnavailable.
    """
    path = options.get("signald")
    if path is None:
        return []
    return [SignaldChannel(path or default_path(environ), options.get("socket_group"))]


class SignaldChannel:
    """Listens from its creation until ``close``."""

    def __init__(self, path: str, group: str | None = None) -> None:
        """Raises ChannelUnavailable."""
        self._listening, self._remove = listen_unix(path, group)
        self._server: _Server | None = None

    def start(self, core: Core, stop: Callable[[], None]) -> None:
        """Serve; it does not end the daemon."""
        del stop
        self._server = _Server(core, self._listening)
        self._server.start()

    def close(self) -> None:
        """End all connections and remove the socket."""
        if self._server is not None:
            self._server.close()
        self._listening.close()
        self._remove()


class _Server:
    """The connections of a listening socket."""

    def __init__(self, core: Core, listening: socket.socket) -> None:
        self._core = core
        self._listening = listening
        self._answering = Answering(core, LinkSessions(core.links))
        self._lock = threading.Lock()
        self._connections: set[Connection] = set()
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="sigcli-signald", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        import socket

        self._closing = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.break_off()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                if not self._closing:
                    time.sleep(_OUT_OF_DESCRIPTORS_S)
                continue
            if len(self._connections) >= _MOST_CONNECTIONS:
                connected.close()
                continue
            threading.Thread(
                target=self._serve, args=(connected,), name="sigcli-signald", daemon=True
            ).start()

    def _serve(self, connected: socket.socket) -> None:
        connection = Connection(self._core, self._answering, SocketStream(connected))
        with self._lock:
            self._connections.add(connection)
        try:
            if not self._closing:
                connection.run()
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()
