"""One of the interfaces: its routes, and its error format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sigcli.daemon.routes.refusing import BadBody, BadQuery, Refused
from sigcli.errors import AccessDenied, PathNotAllowed, SigcliError, StoreError, UnexpectedError
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.daemon.routes.declaring import Family, Route

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flavour:
    """``write_error`` makes an object of a status and a sentence; ``not_found`` answers paths without a route."""

    name: str
    title: str
    about: str
    families: tuple[Family, ...]
    write_error: Callable[[int, str], Members]
    error_shape: Any
    not_found: Callable[[str], tuple[bytes, str]]
    """From the path to the body and its content type."""
    documents: str
    """Where the OpenAPI document is served."""
    page: str
    """Where users can try it."""
    bad_request: str = ""
    """What precedes the sentence about an invalid body or parameter."""
    takes_trailing_slash: bool = False
    statuses: Mapping[str, int] | None = None
    """The statuses of errors, by code, if not 400."""

    @property
    def routes(self) -> list[Route]:
        return [route for family in self.families for route in family.routes]

    def answer_error(self, error: SigcliError) -> tuple[int, Members]:
        """The status and object for an error."""
        status = status_of(error, self.statuses or {})
        if isinstance(error, BadBody | BadQuery):
            sentence = self.bad_request + error.message
        elif isinstance(error, Refused):
            sentence = error.message
        else:
            sentence = error.message if error.hint is None else f"{error.message} ({error.hint})"
        members = self.write_error(status, sentence)
        members["code"] = error.code
        if isinstance(error, Refused):
            members.update(error.members)
        return status, members


def status_of(error: SigcliError, statuses: Mapping[str, int]) -> int:
    """The status of an error; a refusal carries its own."""
    if isinstance(error, Refused):
        return error.status
    if error.code in statuses:
        return statuses[error.code]
    if isinstance(error, AccessDenied | PathNotAllowed):
        return 403
    return 500 if isinstance(error, StoreError | UnexpectedError) else 400
