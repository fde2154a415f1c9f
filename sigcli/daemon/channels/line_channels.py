"""JSON-RPC line by line, over whatever the options ask for."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.daemon.access.caller import ALL_SCOPES, LOCAL, Caller
from sigcli.daemon.channels import sockets
from sigcli.daemon.channels.connection import Connection
from sigcli.daemon.channels.listening import Listener
from sigcli.daemon.channels.streams import SocketStream, StandardStream
from sigcli.errors import TcpNeedsTrust, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.daemon.channels.listening import CallerOf
    from sigcli.daemon.channels.streams import Stream
    from sigcli.daemon.core import Core


class SocketChannel:
    """A listening socket."""

    def __init__(
        self,
        listening: socket.socket,
        caller_of: CallerOf,
        remove: Callable[[], None] = lambda: None,
    ) -> None:
        self._socket = listening
        self._caller_of = caller_of
        self._remove = remove
        self._listener: Listener | None = None

    def start(self, core: Core, stop: Callable[[], None]) -> None:
        del stop
        self._listener = Listener(core, self._socket, self._caller_of, self._remove)
        self._listener.start()

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            return
        self._socket.close()
        self._remove()


class SingleChannel:
    """One connection that is there already: its end is the end of the daemon."""

    def __init__(self, stream: Stream, caller: Caller = LOCAL) -> None:
        self._stream = stream
        self._caller = caller
        self._connection: Connection | None = None

    def start(self, core: Core, stop: Callable[[], None]) -> None:
        self._connection = Connection(core, self._caller, self._stream, lambda _: stop())
        self._connection.start()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def line_channels(
    options: Mapping[str, Any], environ: Mapping[str, str] = os.environ
) -> list[SocketChannel | SingleChannel]:
    """What the options ask for, with the sockets made; to be called while there are no other threads.

    Raises SocketTaken, SocketUnusable, TcpNeedsTrust, UsageError.
    """
    made: list[SocketChannel | SingleChannel] = []
    try:
        if options.get("stdio"):
            made.append(SingleChannel(StandardStream()))
        path = options.get("socket")
        if path is not None:
            listening, remove = sockets.listen_unix(
                path or sockets.default_path(environ), options.get("socket_group")
            )
            made.append(SocketChannel(listening, lambda _: LOCAL, remove))
        elif options.get("socket_group"):
            raise UsageError("--socket-group needs --socket")
        address = options.get("tcp")
        if address is not None:
            _require_trust(options)
            listening = sockets.listen_tcp(address)
            made.append(_tcp(listening, options))
        for one in sockets.inherited(environ):
            made.append(_inherited(one, options))
    except BaseException:
        for channel in made:
            channel.close()
        raise
    return made


def _inherited(one: socket.socket, options: Mapping[str, Any]) -> SocketChannel | SingleChannel:
    """A socket of systemd: who may connect to a Unix one is set in its unit."""
    is_local = one.family == socket.AF_UNIX
    if not is_local:
        _require_trust(options)
    if not sockets.is_listening(one):
        return SingleChannel(SocketStream(one))
    return SocketChannel(one, lambda _: LOCAL) if is_local else _tcp(one, options)


def _require_trust(options: Mapping[str, Any]) -> None:
    if not (options.get("no_auth") or options.get("same_user")):
        raise TcpNeedsTrust


def _tcp(listening: socket.socket, options: Mapping[str, Any]) -> SocketChannel:
    if not sockets.is_loopback(listening):
        listening.close()
        raise TcpNeedsTrust(
            "JSON-RPC over TCP is for programs on this machine: name a loopback address"
        )
    root = options.get("attachment_root")
    stranger = (
        Caller(name=None, scopes=ALL_SCOPES, attachment_root=root)
        if options.get("no_auth")
        else None
    )

    def caller_of(connected: socket.socket) -> Caller | None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stranger

    return SocketChannel(listening, caller_of)
