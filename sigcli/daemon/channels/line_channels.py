"""JSON-RPC line by line, over the channels that the options name."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sigcli.daemon.access.caller import LOCAL
from sigcli.daemon.channels import sockets
from sigcli.daemon.channels.connection import Connection
from sigcli.daemon.channels.listening import Listener
from sigcli.daemon.channels.streams import SocketStream, StandardStream
from sigcli.errors import SigcliError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.client.base.settings import Settings
    from sigcli.daemon.access.access import Access
    from sigcli.daemon.access.caller import Caller
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
        self._remove()
        self._socket.close()


class SingleChannel:
    """One existing connection: when it ends, the daemon ends."""

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
    settings: Settings,
    options: Mapping[str, Any],
    tell: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
) -> list[SocketChannel | SingleChannel]:
    """The channels that the options name, with their sockets open; call it while there are no other threads.

    ``tell`` gets the address of ``--tcp``, whose port the system may have chosen.

    Raises ChannelUnavailable, DoorOpen, SameUserUnavailable, UsageError.
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
        elif options.get("socket_group") and options.get("signald") is None:
            raise UsageError("--socket-group needs --socket or --signald")
        address = options.get("tcp")
        if address is not None:
            made += _tcp(address, settings, options, tell)
        for one in sockets.inherited(environ):
            made.append(_inherited(one, settings, options))
    except BaseException:
        for channel in made:
            channel.close()
        raise
    return made


def _tcp(
    text: str, settings: Settings, options: Mapping[str, Any], tell: Callable[[str], None]
) -> list[SocketChannel | SingleChannel]:
    from sigcli.daemon.access.opening import open_access
    from sigcli.daemon.http.address import Address, listen

    access = open_access(settings, options)
    address = Address.parse(text, sockets.TCP_PORT)
    access.check_tcp(address)
    listening = listen(address)
    tell(f"--tcp listens on {address.at_port(listening[0].getsockname()[1])}")
    return [SocketChannel(one, _admitting(access, settings)) for one in listening]


def _inherited(
    one: socket.socket, settings: Settings, options: Mapping[str, Any]
) -> SocketChannel | SingleChannel:
    """A socket from systemd: its unit says who may connect to a Unix socket."""
    caller_of: CallerOf = lambda _: LOCAL  # noqa: E731
    if one.family != socket.AF_UNIX:
        from sigcli.daemon.access.opening import open_access
        from sigcli.daemon.http.address import Address

        access = open_access(settings, options)
        host, port = one.getsockname()[:2]
        access.check_tcp(Address(host, port))
        caller_of = _admitting(access, settings)
    if sockets.is_listening(one):
        return SocketChannel(one, caller_of)
    caller = caller_of(one)
    if caller is None:
        raise UsageError("the user at the other end of the connection may not use the daemon")
    return SingleChannel(SocketStream(one), caller)


def _admitting(access: Access, settings: Settings) -> CallerOf:
    """Identifies callers over TCP, which cannot give a token."""

    def caller_of(connected: socket.socket) -> Caller | None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client, server = connected.getpeername()[:2], connected.getsockname()[:2]
        try:
            is_same_user = access.is_same_user(client, server)
            return access.admit((), client[0], is_same_user=is_same_user)
        except SigcliError as error:
            settings.warn(f"a connection over TCP was refused: {error.message}")
            return None

    return caller_of
