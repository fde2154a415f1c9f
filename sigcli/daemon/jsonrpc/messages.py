"""The format of JSON-RPC 2.0, as strict and as lenient as in signal-cli. Does no I/O.

Source: the JSON-RPC 2.0 specification, and signal-cli 0.14.6's ``JsonRpcReader``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sigcli.daemon.json_bytes import json_value
from sigcli.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    Id = str | int | float | None

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

MOST_IN_A_BATCH = 1000
_MEMBERS = frozenset({"jsonrpc", "method", "params", "id"})
_ENCODER = json.JSONEncoder(separators=(",", ":"))


class RpcError(Exception):
    """The error in the answer to a request."""

    def __init__(self, code: int, message: str, data: Any = None, *, id: Id = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.id = id


@dataclass(frozen=True, slots=True)
class Request:
    """One call."""

    method: str
    params: Mapping[str, Any] | list[Any]
    id: Id = None
    wants_answer: bool = True
    """False for a notification."""


def decode(text: bytes) -> Any:
    """The JSON value of a line or a body; raises RpcError."""
    if not text.strip():
        raise RpcError(PARSE_ERROR, "Empty input line")
    try:
        return json_value(text)
    except UnicodeDecodeError as error:
        raise RpcError(PARSE_ERROR, f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise RpcError(PARSE_ERROR, "nested too deeply") from None
    except ValueError as error:
        raise RpcError(PARSE_ERROR, str(error)) from None


def members(value: Any) -> list[Any]:
    """The members of a batch; raises RpcError for one that is not valid."""
    assert isinstance(value, list)
    if not value:
        raise RpcError(INVALID_REQUEST, "invalid request: the batch is empty")
    if len(value) > MOST_IN_A_BATCH:
        raise RpcError(
            INVALID_REQUEST, f"invalid request: a batch has at most {MOST_IN_A_BATCH} members"
        )
    return value


def read_request(value: Any) -> Request | None:
    """The request in a value; None for a response, which nothing waits for. Raises RpcError."""
    if not isinstance(value, dict):
        raise RpcError(INVALID_REQUEST, f"unexpected type: {_kind(value)}")
    if "result" in value or "error" in value:
        return None
    id = value.get("id")
    if isinstance(id, bool | dict | list):
        raise RpcError(INVALID_REQUEST, "id must be a string or a number")
    if value.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, "only jsonrpc version 2.0 is supported", id=id)
    method = value.get("method")
    if method is None:
        raise RpcError(INVALID_REQUEST, "method field must be set", id=id)
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "method must be a string", id=id)
    if unknown := sorted(value.keys() - _MEMBERS):
        raise RpcError(INVALID_REQUEST, f"unknown member {unknown[0][:100]!r}", id=id)
    params = value.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict | list):
        raise RpcError(INVALID_REQUEST, "params must be an object", id=id)
    return Request(method, params, id, "id" in value)


def success(id: Id, result: Any) -> dict[str, Any]:
    """The answer with a result."""
    return {"jsonrpc": "2.0", "result": result, "id": id}


def failure(error: RpcError, id: Id = None) -> dict[str, Any]:
    """The answer with an error; ``id`` where the error itself does not know it."""
    told = {"code": error.code, "message": error.message, "data": error.data}
    return {"jsonrpc": "2.0", "error": told, "id": error.id if error.id is not None else id}


def notification(method: str, params: Any) -> dict[str, Any]:
    """A message that answers no request."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


def encode(value: Any) -> bytes:
    """One line without its line end: ASCII, so that no character is split and none looks like a line end."""
    return _ENCODER.encode(value).encode()


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "null" if value is None else "number"
