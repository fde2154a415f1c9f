"""The CDNs: resumable uploads to CDN 2, TUS uploads to CDN 3, forms for CDN 0, downloads from all three.

None of them takes a login of the chat service.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sigcli.sandbox.multipart import parse_multipart
from sigcli.sandbox.post_forms import accepts_post
from sigcli.sandbox.uploads import Uploads, is_permission

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from sigcli.sandbox.state import State
    from sigcli.sandbox.uploads import Upload

    Endpoint = Callable[[Request], Awaitable[Response]]

_TUS = {"Tus-Resumable": "1.0.0"}
_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)")
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_-]+)\.(\d{1,15})\.([0-9a-f]{32})")
_MISSING = {0: 403, 2: 404, 3: 404}
"""The answer for a missing file: nobody may list the files of CDN 0."""
_MAX_FORM = 11 * 1024 * 1024


class Cdn:
    """The files that clients exchange."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.uploads = Uploads(state)

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("/cdn0", "POST", self._post_form),
            ("/cdn2/attachments/{key}", "POST", self._begin_resumable),
            ("/cdn2/uploads/{name}", "PUT", self._put_resumable),
            ("/cdn3/upload/attachments", "POST", self._begin_tus),
            ("/cdn3/upload/attachments/{key}", "HEAD", self._tus_offset),
            ("/cdn3/upload/attachments/{key}", "PATCH", self._patch_tus),
        ]
        routes = [
            Route(path, _without_login(endpoint), methods=[method])
            for path, method, endpoint in table
        ]
        routes.append(Route("/cdn0/", _without_login(self._post_form), methods=["POST"]))
        for cdn in (0, 2, 3):
            path = f"/cdn{cdn}/{{key:path}}"
            routes.append(Route(path, _without_login(self._download(cdn)), methods=["GET"]))
        return routes

    def _download(self, cdn: int) -> Endpoint:
        async def download(request: Request) -> Response:
            path = self.uploads.path(cdn, request.path_params["key"])
            if path is None or not path.is_file():
                return Response(status_code=_MISSING[cdn])
            # It handles ranges by itself.
            return FileResponse(path, media_type="application/octet-stream")

        return download

    # --- CDN 0 -----------------------------------------------------------------------------------

    async def _post_form(self, request: Request) -> Response:
        body = await _limited_body(request, _MAX_FORM)
        form = None if body is None else parse_multipart(request.headers["content-type"], body)
        if form is None:
            return Response(status_code=400)
        if not accepts_post(self._state, form.fields, len(form.file)):
            return Response(status_code=403)
        self.uploads.store(0, form.fields["key"], form.file)
        return Response(status_code=204)

    # --- CDN 2 -----------------------------------------------------------------------------------

    async def _begin_resumable(self, request: Request) -> Response:
        key, length_text = request.path_params["key"], request.query_params.get("length", "")
        allowed = request.headers.get("x-goog-content-length-range")
        if request.headers.get("x-goog-resumable") != "start" or not length_text.isdecimal():
            return Response(status_code=400)
        length = int(length_text)
        tag = request.query_params.get("X-Goog-Signature", "")
        if allowed != f"1,{length}" or not is_permission(self._state, tag, 2, key, length):
            return Response(status_code=403)
        upload = self.uploads.begin(2, f"attachments/{key}", None, length)
        location = f"{self._state.url}/cdn2/uploads/{upload.name}"
        return Response(status_code=201, headers={"Location": location})

    async def _put_resumable(self, request: Request) -> Response:
        upload = self.uploads.find(request.path_params["name"])
        if upload is None:
            return Response(status_code=404)
        received = self.uploads.received(upload)
        header = request.headers.get("content-range")
        if header is None:
            start, length = 0, int(request.headers.get("content-length", "0"))
        else:
            parsed = _RANGE.fullmatch(header)
            if parsed is None:
                return Response(status_code=400)
            first, _, total = parsed.groups()
            length = int(total) if total != "*" else upload.length or upload.max_length
            if first is None:
                return _resume_at(received)
            start = int(first)
        if start != received or length > upload.max_length or length == 0:
            return Response(status_code=400)
        upload = self.uploads.with_length(upload, length)
        await self._receive(request, upload)
        received = self.uploads.received(upload)
        if received < length:
            return _resume_at(received)
        self.uploads.finish(upload)
        return Response(status_code=200)

    # --- CDN 3 -----------------------------------------------------------------------------------

    async def _begin_tus(self, request: Request) -> Response:
        key = self._permitted_key(request)
        named = _metadata(request.headers.get("upload-metadata", "")).get("filename")
        if key is None or named != key:
            return Response(status_code=401, headers=_TUS)
        length_text = request.headers.get("upload-length", "")
        if request.headers.get("tus-resumable") != "1.0.0" or not length_text.isdecimal():
            return Response(status_code=412, headers=_TUS)
        length, permitted = int(length_text), self._permitted_length(request)
        if not 0 < length <= permitted:
            return Response(status_code=413, headers=_TUS)
        upload = self.uploads.begin(3, f"attachments/{key}", length, permitted)
        self._state.database.put("tus", key, upload.name)
        self._state.database.commit()
        location = f"{self._state.url}/cdn3/upload/attachments/{key}"
        answer = await self._take_tus(request, upload)
        return Response(status_code=201, headers={**answer, "Location": location})

    async def _tus_offset(self, request: Request) -> Response:
        upload = self._tus_upload(request)
        if upload is None:
            return Response(status_code=404, headers=_TUS)
        headers = {
            **_TUS,
            "Upload-Offset": str(self.uploads.received(upload)),
            "Upload-Length": str(upload.length),
            "Cache-Control": "no-store",
        }
        return Response(status_code=200, headers=headers)

    async def _patch_tus(self, request: Request) -> Response:
        upload = self._tus_upload(request)
        if upload is None:
            return Response(status_code=404, headers=_TUS)
        if request.headers.get("upload-offset") != str(self.uploads.received(upload)):
            return Response(status_code=409, headers=_TUS)
        headers = await self._take_tus(request, upload)
        return Response(status_code=204, headers=headers)

    async def _take_tus(self, request: Request, upload: Upload) -> dict[str, str]:
        content_type = request.headers.get("content-type", "")
        if content_type == "application/offset+octet-stream":
            await self._receive(request, upload)
        received = self.uploads.received(upload)
        if received == upload.length:
            self.uploads.finish(upload)
        return {**_TUS, "Upload-Offset": str(received)}

    def _tus_upload(self, request: Request) -> Upload | None:
        key = self._permitted_key(request)
        if key is None or key != request.path_params["key"]:
            return None
        return self.uploads.find(self._state.database.get("tus", key) or "")

    def _permitted_key(self, request: Request) -> str | None:
        parsed = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if parsed is None:
            return None
        key, length, tag = parsed.groups()
        return key if is_permission(self._state, tag, 3, key, int(length)) else None

    @staticmethod
    def _permitted_length(request: Request) -> int:
        parsed = _BEARER.fullmatch(request.headers.get("authorization", ""))
        return 0 if parsed is None else int(parsed.group(2))

    async def _receive(self, request: Request, upload: Upload) -> None:
        """Store what arrives, up to the upload's length; after a break, what arrived before is kept."""
        left = (upload.length or 0) - self.uploads.received(upload)
        async for chunk in request.stream():
            if left > 0 and chunk:
                self.uploads.append(upload, chunk[:left])
            left -= len(chunk)


def _without_login(endpoint: Endpoint) -> Endpoint:
    """A CDN must not get a login: 400 if it does."""

    async def checked(request: Request) -> Response:
        if request.headers.get("authorization", "").startswith("Basic"):
            return Response(status_code=400)
        return await endpoint(request)

    return checked


async def _limited_body(request: Request, limit: int) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def _resume_at(received: int) -> Response:
    headers = {"Range": f"bytes=0-{received - 1}"} if received else {}
    return Response(status_code=308, headers=headers)


def _metadata(header: str) -> dict[str, str]:
    found = {}
    for pair in header.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except (Base64Error, UnicodeDecodeError):
            continue
    return found
