"""Requests and answers as values: the form in which REST and websocket pass them to the same handlers."""

from __future__ import annotations

import json
from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.accounts import Account, Device

JSON_TYPE = "application/json"
PROTOBUF_TYPE = "application/x-protobuf"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Caller:
    """The account and device of a request's login, in their current state."""

    account: Account
    device: Device

    @property
    def is_primary(self) -> bool:
        return self.device.id == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Header names are in lower case; ``parameters`` are the decoded parts of the path."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    over_websocket: bool = False
    caller: Caller | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def required_caller(self) -> Caller:
        """The login of a route that requires one; raises Refused (401)."""
        if self.caller is None:
            raise Refused(401)
        return self.caller


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_stamped: bool = True
    """Whether it gets the server's time; not if it is given before the time is known."""


class Refused(Exception):
    """Ends a handler early with this answer."""

    def __init__(
        self, status: int, body: Any = None, headers: Mapping[str, str] = _NOTHING
    ) -> None:
        super().__init__(status)
        self.response = (
            Response(status, headers=headers)
            if body is None
            else json_response(body, status, headers)
        )


OK = Response(200)
NO_CONTENT = Response(204)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] = _NOTHING) -> Response:
    """An answer with a JSON body."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": JSON_TYPE, **headers})


def protobuf_response(
    body: bytes, status: int = 200, headers: Mapping[str, str] = _NOTHING
) -> Response:
    """An answer with a serialised protobuf message."""
    return Response(status, body, {"Content-Type": PROTOBUF_TYPE, **headers})


def retry_later(retry_after_s: float | None, body: Any = None) -> Refused:
    """429, with the seconds to wait rounded up."""
    headers = {} if retry_after_s is None else {"Retry-After": str(int(-(-retry_after_s // 1)))}
    return Refused(429, body, headers)
