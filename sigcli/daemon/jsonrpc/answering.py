"""From what a program sends to what it is answered: single requests, batches, notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigcli.daemon.jsonrpc.context import Context
from sigcli.daemon.jsonrpc.failures import rpc_error
from sigcli.daemon.jsonrpc.messages import (
    RpcError,
    decode,
    encode,
    failure,
    members,
    read_request,
    success,
)
from sigcli.daemon.jsonrpc.methods import call
from sigcli.daemon.workers import side_by_side

if TYPE_CHECKING:
    from sigcli.daemon.access.caller import Caller
    from sigcli.daemon.core import Core
    from sigcli.daemon.jsonrpc.context import Subscriber


class JsonRpc:
    """The requests of one caller. Safe from several threads.

    ``subscriber`` is the connection where one can be notified over it; there is none over HTTP.
    """

    def __init__(self, core: Core, caller: Caller, subscriber: Subscriber | None = None) -> None:
        self._context = Context(core, caller, subscriber=subscriber)

    def answer(self, body: bytes) -> bytes | None:
        """The answer to a request or a batch; None if there is none to give. Takes as long as what is asked for."""
        try:
            value = decode(body)
        except RpcError as error:
            return encode(failure(error))
        return self.answer_value(value)

    def answer_value(self, value: Any) -> bytes | None:
        """The same for what is decoded already."""
        if not isinstance(value, list):
            answer = self._respond(value)
            return None if answer is None else encode(answer)
        try:
            batch = members(value)
        except RpcError as error:
            return encode(failure(error))
        answers = [one for one in side_by_side(self._respond, batch) if one is not None]
        return encode(answers) if answers else None

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
