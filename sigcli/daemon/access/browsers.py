"""Requests that a web page could make without the user's knowledge: told by their Host, Origin and Sec-Fetch-Site.

``Sec-Fetch-Mode`` is not evidence: programs that are not browsers send it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sigcli.daemon.http.address import Address

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_ELSEWHERE = frozenset({"cross-site", "same-site"})
_PORTS = {"http": 80, "https": 443}


def foreign_host(host: str | None, address: Address, names: Collection[str] = ()) -> bool:
    """Whether a ``Host`` header is missing or does not name this address.

    ``names``: other accepted names, with any port. The address of all interfaces is reached by any name.
    """
    return not address.is_any and not _is_own("http", host or "", address, names)


def foreign_page(headers: Mapping[str, str], address: Address, names: Collection[str] = ()) -> bool:
    """Whether a request comes from a web page of another server."""
    if headers.get("sec-fetch-site", "").lower() in _ELSEWHERE:
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    scheme, separator, host = origin.partition("://")
    if not separator or scheme not in _PORTS:
        return True
    if address.is_any and host.lower() == headers.get("host", "").lower():
        return False
    return not _is_own(scheme, host, address, names)


def _is_own(scheme: str, host: str, address: Address, names: Collection[str]) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return False
    if name is None or parts.netloc != host or "@" in host:
        return False
    name = name.rstrip(".")
    if name in names:
        return True
    if port is None:
        port = _PORTS[scheme]
    return port == address.port and (name == address.host.lower() or name in _LOOPBACK_NAMES)
