"""Where a server listens: ``HOST:PORT`` in options, and its listening sockets."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address

from sigcli.errors import ChannelUnavailable, UsageError
from sigcli.lazy_dataclass import dataclass

LOCALHOST = "localhost"
_LOOPBACK = ("127.0.0.1", "::1")
_BACKLOG = 256


@dataclass(frozen=True, slots=True)
class Address:
    """A host (a name or an IP address without brackets) and a port, 0 for any that is free."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int) -> Address:
        """Read ``HOST:PORT``, ``HOST``, ``[IPv6]:PORT``, ``:PORT`` or an empty text (localhost); raises UsageError."""
        host, port = text.strip(), str(default_port)
        if host.startswith("["):
            host, bracket, rest = host[1:].partition("]")
            if not bracket or (rest and not rest.startswith(":")):
                raise _unfit(text)
            port = rest[1:] or port
        elif host.count(":") == 1:
            host, _, said = host.partition(":")
            port = said or port
        elif host.isdigit():
            host, port = "", host
        if not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
            raise _unfit(text)
        return cls(host or LOCALHOST, int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it."""
        if self.host == LOCALHOST:
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_any(self) -> bool:
        """Whether it is every address of this machine."""
        try:
            return ip_address(self.host).is_unspecified
        except ValueError:
            return False

    def at_port(self, port: int) -> Address:
        """The same host with another port."""
        return Address(self.host, port)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def listen(address: Address) -> list[socket.socket]:
    """Listening sockets, one for each IP address of the host, all on one port. Raises ChannelUnavailable."""
    hosts = list(_LOOPBACK) if address.host == LOCALHOST else [address.host]
    listeners: list[socket.socket] = []
    port = address.port
    for host in hosts:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            listeners.append(_listener(found[0][0], found[0][4]))
        except OSError as error:
            if listeners and host == _LOOPBACK[1]:
                continue  # a machine without IPv6
            for listener in listeners:
                listener.close()
            raise ChannelUnavailable(f"cannot listen on {address}: {_reason(error)}") from error
        port = listeners[0].getsockname()[1]
    return listeners


def _listener(family: int, where: tuple[object, ...]) -> socket.socket:
    # Unless the protocol number is given, asyncio leaves Nagle's algorithm on: 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(where)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _unfit(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is not an address to listen on", hint="write HOST:PORT, as in localhost:8080"
    )
