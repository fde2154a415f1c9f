"""``PUT /v1/provisioning/{address}``: a message from a primary device to a new one."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING

from sigcli.sandbox.exchange import NO_CONTENT, Refused
from sigcli.sandbox.fields import Fields
from sigcli.sandbox.router import Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

MAX_BODY = 256 * 1024


class ProvisioningEndpoints:
    """Forwards messages to a device that waits to be linked."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [Route("PUT", "/v1/provisioning/{address}", Login.REQUIRED, self._deliver)]

    def _deliver(self, request: Request) -> Response:
        body = Fields.of(request).text("body")
        if len(body) > MAX_BODY:
            raise Refused(400)
        self._state.limits.use("messages", request.required_caller.account.aci)
        try:
            message = b64decode(body)
        except (Base64Error, ValueError):
            raise Refused(400) from None
        if not self._state.presence.deliver_at(request.parameters["address"], message):
            raise Refused(404)
        return NO_CONTENT
