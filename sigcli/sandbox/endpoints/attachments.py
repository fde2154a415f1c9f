"""``/v4/attachments/form/upload``: forms for CDN 2 and CDN 3 alternately.

Order of the checks: ``AttachmentControllerV4`` of the public Signal-Server.
"""

from __future__ import annotations

from base64 import b64encode
from secrets import token_bytes
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from sigcli.protocol.limits import MAX_ATTACHMENT_BYTES
from sigcli.sandbox.exchange import Refused, json_response
from sigcli.sandbox.fields import encode_url_safe, query_integer
from sigcli.sandbox.router import Login, Route
from sigcli.sandbox.uploads import upload_permission

if TYPE_CHECKING:
    from sigcli.sandbox.exchange import Request, Response
    from sigcli.sandbox.state import State

_KEY_LENGTH = 15


class AttachmentEndpoints:
    """Permissions to upload attachments."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._next_cdn = 2

    def routes(self) -> list[Route]:
        path = "/v4/attachments/form/upload"
        return [Route("GET", path, Login.REQUIRED, self._form)]

    def _form(self, request: Request) -> Response:
        account = request.required_caller.account
        length = query_integer(request, "uploadLength", MAX_ATTACHMENT_BYTES)
        if length <= 0:
            raise Refused(400)
        if length > MAX_ATTACHMENT_BYTES:
            raise Refused(413)
        self._state.limits.use("attachments", account.aci)
        self._state.limits.use("attachment-bytes", account.aci, length)
        key = encode_url_safe(token_bytes(_KEY_LENGTH))
        cdn, self._next_cdn = self._next_cdn, 5 - self._next_cdn
        headers, location = self._cdn2(key, length) if cdn == 2 else self._cdn3(key, length)
        return json_response(
            {"cdn": cdn, "key": key, "headers": headers, "signedUploadLocation": location}
        )

    def _cdn2(self, key: str, length: int) -> tuple[dict[str, str], str]:
        headers = {
            "host": urlsplit(self._state.url).netloc,
            "x-goog-content-length-range": f"1,{length}",
            "x-goog-resumable": "start",
        }
        signed = urlencode(
            {"length": length, "X-Goog-Signature": upload_permission(self._state, 2, key, length)}
        )
        return headers, f"{self._state.url}/cdn2/attachments/{key}?{signed}"

    def _cdn3(self, key: str, length: int) -> tuple[dict[str, str], str]:
        permission = f"{key}.{length}.{upload_permission(self._state, 3, key, length)}"
        headers = {
            "Authorization": f"Bearer {permission}",
            "Upload-Metadata": f"filename {b64encode(key.encode()).decode()}",
        }
        return headers, f"{self._state.url}/cdn3/upload/attachments"
