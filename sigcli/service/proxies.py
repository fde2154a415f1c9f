"""Which proxy to use for a host, by the usual variables: HTTPS_PROXY, ALL_PROXY and NO_PROXY, in either case."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from sigcli.errors import UnsupportedProxy
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy with CONNECT; user and password may be empty."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def proxy_for(host: str, variables: Mapping[str, str]) -> Proxy | None:
    """The proxy for this host, or None; raises UnsupportedProxy for SOCKS and HTTPS proxies."""
    value = _first(variables, "HTTPS_PROXY", "ALL_PROXY")
    if not value or _is_exempt(host, _first(variables, "NO_PROXY")):
        return None
    return _parse(value)


def _first(variables: Mapping[str, str], *names: str) -> str:
    for name in names:
        value = variables.get(name) or variables.get(name.lower())
        if value:
            return value
    return ""


def _is_exempt(host: str, exemptions: str) -> bool:
    """Whether NO_PROXY contains the host, a domain that it is in, or everything."""
    host = host.lower()
    for entry in exemptions.lower().replace(",", " ").split():
        domain = entry.removeprefix("*").removeprefix(".")
        if entry == "*" or host == domain or (domain and host.endswith("." + domain)):
            return True
    return False


def _parse(value: str) -> Proxy:
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UnsupportedProxy("the proxy's address is not a URL") from None
    if parts.scheme != "http" or not host:
        raise UnsupportedProxy(f"a proxy of kind {parts.scheme} is not supported")
    return Proxy(
        host,
        _DEFAULT_PORT if port is None else port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
