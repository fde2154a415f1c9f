"""Routing by host name, for clients whose host names are fixed.

A service has a host for each of its parts (``chat.example``, ``cdn2.example``, ``storage-staging.example``), the
sandbox has a path for each. The first word of a host's name says which part it is; any other name is the chat service.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sigcli.errors import SandboxFailed
from sigcli.sandbox.environment_file import CDN_PATHS, DIRECTORY_PATH, STORAGE_PATH, SVR2_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

_PARTS: Mapping[str, str] = {
    "cdn": CDN_PATHS[0],
    **{f"cdn{number}": path for number, path in CDN_PATHS.items()},
    "storage": STORAGE_PATH,
    "cdsi": DIRECTORY_PATH,
    "svr2": SVR2_PATH,
}
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
_PORT = re.compile(r":\d{1,5}$")


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Host names and addresses in lower case, each once; raises SandboxFailed for an invalid one."""
    checked = tuple(dict.fromkeys(name.lower() for name in names))
    for name in checked:
        if not (_NAME.fullmatch(name) or _is_address(name)):
            raise SandboxFailed(
                f"{name!r} is not a valid host name",
                hint="names consist of letters, digits, hyphens and dots: --name chat.example",
            )
    return checked


class HostRouting:
    """Puts the path of a host's part in front of a request's path."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._bases = {name: base for name in names if (base := _base(name))}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            path: bytes = scope.get("raw_path") or scope["path"].encode()
            placed = _placed(path, self._bases.get(_host(scope), ""))
            if placed != path:
                scope = {**scope, "raw_path": placed, "path": _decoded(placed)}
        await self._app(scope, receive, send)


def _placed(path: bytes, base: str) -> bytes:
    """The path below the base, added only once: clients may add a base to an address that already has it."""
    prefix = base.encode()
    if not path.startswith(prefix + b"/"):
        path = prefix + path
    for cdn in CDN_PATHS.values():
        doubled = f"{cdn}{cdn}/".encode()
        if path.startswith(doubled):
            return path[len(cdn) :]
    return path


def _base(name: str) -> str:
    return _PARTS.get(re.split("[.-]", name)[0], "")


def _host(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"host":
            text: str = value.decode("latin-1").lower()
            return _PORT.sub("", text)
    return ""


def _decoded(path: bytes) -> str:
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path.split(b"?")[0]).decode(errors="replace")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
