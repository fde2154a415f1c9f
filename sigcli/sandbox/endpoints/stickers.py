"""``/v1/sticker/pack/form/{count}``: forms for CDN 0, one for each file of a sticker pack.

Order of the checks and sizes: ``StickerController`` of the public Signal-Server.
"""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sigcli.protocol.limits import MAX_PACK_FILES, MAX_STICKER_BYTES, MAX_STICKER_MANIFEST_BYTES
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.post_forms import make_post_form
from sigcli.sandbox.router import Login, Route

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

_MANIFEST_NUMBER = -1
_INTEGER = re.compile(r"-?[0-9]{1,9}")


class StickerEndpoints:
    """Permissions to upload sticker packs."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        return [Route("GET", "/v1/sticker/pack/form/{count}", Login.REQUIRED, self._forms)]

    def _forms(self, request: Request) -> Response:
        account = request.required_caller.account
        text = request.parameters["count"]
        if not _INTEGER.fullmatch(text):
            raise Refused(404)
        count = int(text)
        if not 1 <= count <= MAX_PACK_FILES:
            raise Refused(400)
        self._state.limits.use("sticker-pack", account.aci)
        pack_id = token_hex(16)
        place = f"stickers/{pack_id}"
        return json_response(
            {
                "packId": pack_id,
                "manifest": self._form(
                    _MANIFEST_NUMBER, f"{place}/manifest.proto", MAX_STICKER_MANIFEST_BYTES
                ),
                "stickers": [
                    self._form(number, f"{place}/full/{number}", MAX_STICKER_BYTES)
                    for number in range(count)
                ],
            }
        )

    def _form(self, number: int, key: str, max_size: int) -> dict[str, Any]:
        return {"id": number, **make_post_form(self._state, key, max_size).to_json()}
