"""The table of everything the server answers: method, path, who may call, handler."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sigcli.sandbox.exchange import Request, Response

    Handler = Callable[[Request], Response | Awaitable[Response]]


class Login(enum.Enum):
    """What a route does with a login."""

    REQUIRED = "required"
    """401 without a valid one."""
    OPTIONAL = "optional"
    """An invalid one counts as none."""
    ANONYMOUS = "anonymous"
    """400 with one."""
    IGNORED = "ignored"


class Door(enum.Enum):
    """Where a route can be reached."""

    BOTH = "both"
    REST = "rest"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table; a part of ``pattern`` in braces matches one part of a path."""

    method: str
    pattern: str
    login: Login
    handler: Handler
    door: Door = Door.BOTH


class Match(NamedTuple):
    """A route and the decoded parts of the path that its pattern names."""

    route: Route
    parameters: Mapping[str, str]


class Router:
    """Finds the route of a request; a slash at the end makes no difference."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], Route]]] = defaultdict(list)
        for route in routes:
            parts = _split(route.pattern)
            self._by_length[len(parts)].append((parts, route))
        for entries in self._by_length.values():
            # Literal parts take precedence over named ones.
            entries.sort(key=lambda entry: [part.startswith("{") for part in entry[0]])

    def find(self, method: str, path: str, *, over_websocket: bool) -> Match | int:
        """The route for a raw (still percent-encoded) path, or the status 404 or 405."""
        hidden = Door.REST if over_websocket else Door.WEBSOCKET
        parts = _split(path)
        status = 404
        for pattern, route in self._by_length.get(len(parts), ()):
            parameters = _match(pattern, parts)
            if parameters is None or route.door is hidden:
                continue
            if route.method == method:
                return Match(route, parameters)
            status = 405
        return status


def _split(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _match(pattern: tuple[str, ...], parts: tuple[str, ...]) -> dict[str, str] | None:
    found = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted.startswith("{"):
            found[wanted[1:-1]] = unquote(part)
        elif wanted != part:
            return None
    return found
