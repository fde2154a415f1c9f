"""Sockets that programs connect to: each connection has its own threads, so their number is limited."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sigcli.daemon.channels.connection import Connection
from sigcli.daemon.channels.streams import SocketStream
from sigcli.daemon.jsonrpc.messages import INTERNAL_ERROR, RpcError, encode, failure

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core

    CallerOf = Callable[[socket.socket], Caller | None]
    """Identifies the caller; None if it may not connect."""

MOST_CONNECTIONS = 256
_OUT_OF_DESCRIPTORS_S = 0.5


class Listener:
    """Accepts connections from ``start`` to ``close``. The socket is listening already."""

    def __init__(
        self,
        core: Core,
        listening: socket.socket,
        caller_of: CallerOf,
        on_close: Callable[[], None],
    ) -> None:
        self._core = core
        self._socket = listening
        self._caller_of = caller_of
        self._on_close = on_close
        self._lock = threading.Lock()
        self._connections: dict[Connection, SocketStream] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="sigcli-accept", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Accept no more connections, and end those that exist."""
        import socket

        self._closing = True
        self._on_close()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in list(self._connections):
            connection.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                connected, _ = self._socket.accept()
            except OSError:
                if not self._closing:
                    time.sleep(_OUT_OF_DESCRIPTORS_S)
                continue
            try:
                self._begin(connected)
            except OSError:
                connected.close()

    def _begin(self, connected: socket.socket) -> None:
        caller = self._caller_of(connected)
        if caller is None:
            connected.close()
            return
        stream = SocketStream(connected)
        if len(self._connections) >= MOST_CONNECTIONS:
            connected.setblocking(False)
            with suppress(OSError):
                error = RpcError(INTERNAL_ERROR, "too many connections at once")
                stream.write(encode(failure(error)) + b"\n")
            connected.close()
            return
        connection = Connection(self._core, caller, stream, self._ended)
        with self._lock:
            self._connections[connection] = stream
        connection.start()

    def _ended(self, connection: Connection) -> None:
        with self._lock:
            self._connections.pop(connection, None)
