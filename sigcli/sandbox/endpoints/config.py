"""``/v2/config``, the directory of numbers, and the keepalive of the websocket."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sigcli.protocol.limits import MAX_ATTACHMENT_BYTES
from sigcli.sandbox.exchange import OK, Refused, Response, json_response
from sigcli.sandbox.router import Door, Login, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sigcli.sandbox.exchange import Request
    from sigcli.sandbox.state import State

SETTINGS: Mapping[str, str] = {
    "global.attachments.maxBytes": str(MAX_ATTACHMENT_BYTES),
    "global.groupsv2.groupSizeHardLimit": "1001",
    "global.groupsv2.maxGroupSize": "151",
    "global.textAttachmentLimitBytes": "65536",
}


class ConfigEndpoints:
    """Settings for clients and other small things."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/v2/config", Login.REQUIRED, self._config),
            Route("GET", "/v1/directory/{number}", Login.IGNORED, self._look_up, Door.REST),
            Route("GET", "/v1/keepalive/provisioning", Login.IGNORED, _ok, Door.WEBSOCKET),
        ]

    @staticmethod
    def _config(request: Request) -> Response:
        tag = f'"{hashlib.sha256(json.dumps(SETTINGS).encode()).hexdigest()[:8]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(304, headers={"ETag": tag})
        return json_response({"config": dict(SETTINGS)}, headers={"ETag": tag})

    def _look_up(self, request: Request) -> Response:
        account = self._state.accounts.by_number(request.parameters["number"])
        if account is None or account.pni is None or not account.discoverable:
            raise Refused(404)
        return json_response({"aci": str(account.aci), "pni": str(account.pni.uuid)})


def _ok(_: Request) -> Response:
    return OK
