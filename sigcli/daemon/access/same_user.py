"""Which user owns the other end of a TCP connection on this machine, from Linux's ``/proc/net/tcp``."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from sigcli.errors import SameUserUnavailable
from sigcli.system import user_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Endpoint = tuple[str, int]

_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_OVERFLOW_UID = 65534
_OPEN = ("01", "04", "05", "08")
"""The states in which a socket still belongs to a process: established, and half closed."""


def require_same_user_possible(uid: int | None = None) -> None:
    """Raises SameUserUnavailable where a connection's owner proves nothing."""
    if sys.platform != "linux":
        raise SameUserUnavailable("--same-user needs Linux")
    uid = user_id() if uid is None else uid
    if uid == 0:
        raise SameUserUnavailable("--same-user is refused when the daemon runs as root")
    if uid == _OVERFLOW_UID:
        raise SameUserUnavailable(
            "--same-user is refused for this user: other users may appear under the same number"
        )


def connection_owner(
    client: Endpoint, server: Endpoint, tables: Iterable[str] = _TABLES
) -> int | None:
    """The user id of the process whose end of a loopback connection is ``client``; None if not found."""
    ends = (_plain(client), _plain(server))
    if not (ends[0][0].is_loopback and ends[1][0].is_loopback):
        return None
    for table in tables:
        for local, remote, state, uid in _rows(table):
            if state in _OPEN and (local, remote) == ends:
                return uid
    return None


def _rows(
    path: str,
) -> Iterator[tuple[tuple[IPv4Address | IPv6Address, int], object, str, int]]:
    try:
        with open(path, encoding="ascii") as table:
            next(table, None)
            lines = table.read().splitlines()
    except OSError:
        return
    for line in lines:
        fields = line.split()
        yield _endpoint(fields[1]), _endpoint(fields[2]), fields[3], int(fields[7])


def _endpoint(text: str) -> tuple[IPv4Address | IPv6Address, int]:
    """An address in the kernel's format: 32-bit words in the machine's byte order, in hex."""
    words, _, port = text.partition(":")
    data = b"".join(
        int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8)
    )
    return _unmapped(ip_address(data)), int(port, 16)


def _plain(end: Endpoint) -> tuple[IPv4Address | IPv6Address, int]:
    return _unmapped(ip_address(end[0].partition("%")[0])), end[1]


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
