"""From what a program sends to its answer: single requests, batches, notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.jsonrpc.context import Context
from sigcli.daemon.jsonrpc.failures import rpc_error
from sigcli.daemon.jsonrpc.messages import (
    INVALID_REQUEST,
    PARSE_ERROR,
    RpcError,
    decode,
    encode,
    failure,
    members,
    read_request,
    success,
)
from sigcli.daemon.jsonrpc.methods import call
from sigcli.daemon.large_requests import LargeRequest, Refused
from sigcli.daemon.workers import side_by_side

if TYPE_CHECKING:
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core
    from sigcli.daemon.jsonrpc.context import Subscriber


class JsonRpc:
    """The requests of one caller. Safe from several threads.

    ``subscriber`` is the connection, if notifications can be sent over it; None over HTTP.
    """

    def __init__(self, core: Core, caller: Caller, subscriber: Subscriber | None = None) -> None:
        self._context = Context(core, caller, subscriber=subscriber)

    def answer(self, body: bytes | LargeRequest | Refused) -> bytes | None:
        """The answer to a request or a batch; None if it needs no answer. Returns when everything in it is done."""
        try:
            value = self._decoded(body)
        except RpcError as error:
            return encode(failure(error))
        if not isinstance(value, list):
            answer = self._respond(value)
            return None if answer is None else encode(answer)
        try:
            batch = members(value)
        except RpcError as error:
            return encode(failure(error))
        answers = [one for one in side_by_side(self._respond, batch) if one is not None]
        return encode(answers) if answers else None

    def _decoded(self, body: bytes | LargeRequest | Refused) -> Any:
        if isinstance(body, Refused):
            raise RpcError(INVALID_REQUEST, rpc_error(body.error).message)
        if isinstance(body, LargeRequest):
            try:
                return body.restored(decode(body.text))
            except RecursionError:
                raise RpcError(PARSE_ERROR, "nested too deeply") from None
        return decode(body)

    def _respond(self, value: Any) -> dict[str, Any] | None:
        """The answer to one member; never raises."""
        try:
            request = read_request(value)
        except RpcError as error:
            return failure(error)
        if request is None:
            return None
        try:
            answer = success(request.id, call(request.method, request.params, self._context))
        except Exception as error:
            answer = failure(rpc_error(error), request.id)
        return answer if request.wants_answer else None
