"""A route as a value: its place, what it takes, what it answers, and who may call it.

routes = Family("Reactions")

@routes.add("POST", "/v1/reactions/{number}", body=ReactionBody, status=204)
def react(call: Call) -> None:
    \"\"\"React to a message.\"\"\"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

Handler = Callable[..., Any]
"""Takes a ``Call`` and returns JSON, a ``Blob`` or a ``StoredFile``; an async one takes the request as well."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter after the question mark; ``kind`` is str, int or bool, ``many`` means that it may be repeated."""

    name: str
    kind: type = str
    default: Any = None
    required: bool = False
    many: bool = False
    minimum: int | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A response that is not JSON: its content types."""

    types: tuple[str, ...] = ("application/octet-stream",)


ANY_FILE = Media()
PICTURE = Media(("image/png", "image/jpeg", "image/gif", "image/webp", "application/octet-stream"))


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes as a response."""

    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as a response, which is streamed."""

    path: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route."""

    method: Method
    path: str
    """With parameters in braces; ``{name:path}`` takes the rest including slashes."""
    handler: Handler
    family: str
    status: int
    body: Any = None
    """A typed dictionary."""
    is_body_required: bool = True
    query: tuple[Query, ...] = ()
    answer: Any = None
    """The type of the JSON, a ``Media``, or None for an empty response."""
    also: Mapping[int, Any] | None = None
    """Other responses, by status."""

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().splitlines()[0].removesuffix(".")

    @property
    def id(self) -> str:
        """Unique within a flavour."""
        module = self.handler.__module__.rpartition(".")[2]
        return f"{module}_{self.handler.__name__}"


class Family:
    """Routes that belong together, matched in this order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.routes: list[Route] = []

    def add(
        self,
        method: Method,
        path: str,
        *,
        status: int = 200,
        body: Any = None,
        is_body_required: bool = True,
        query: tuple[Query, ...] = (),
        answer: Any = None,
        also: Mapping[int, Any] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the function below as the handler of a route."""

        def declare(handler: Handler) -> Handler:
            route = Route(
                method,
                path,
                handler,
                self.name,
                status,
                body,
                is_body_required,
                query,
                answer,
                also,
            )
            self.routes.append(route)
            return handler

        return declare
