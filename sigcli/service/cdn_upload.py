"""Uploading an attachment: resumable uploads on CDN 2, and TUS on CDN 3.

Protocols: https://cloud.google.com/storage/docs/performing-resumable-uploads and https://tus.io/protocols (1.0.0), as
the published clients use them. Addresses from a CDN are requested from the environment's own host of that CDN: they may
name another scheme or host.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from base64 import b64encode
from typing import TYPE_CHECKING, BinaryIO

from sigcli.errors import MalformedAnswer, NotOffered, UserError
from sigcli.service.cdn import ATTEMPTS, LEAST_PROGRESS, PASSING
from sigcli.service.deadlines import Deadline
from sigcli.service.exchange import REQUEST_TIMEOUT_S, quote
from sigcli.service.http import CHUNK
from sigcli.service.status_errors import require_success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.service.cdn import Cdn
    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.exchange import Response
    from sigcli.service.http import HttpClient
    from sigcli.service.resources.attachments import UploadForm

_OCTETS = "application/octet-stream"
_TUS_OCTETS = "application/offset+octet-stream"
_INCOMPLETE = 308


def upload(
    cdn: Cdn,
    form: UploadForm,
    source: BinaryIO,
    length: int,
    *,
    timeout_s: float = REQUEST_TIMEOUT_S,
) -> None:
    """Upload ``length`` bytes from ``source``, which must be seekable, starting at its current position.

    A lost connection is made again and continues from what the CDN has; after several attempts without progress its
    error is raised. Raises NotOffered for a CDN of another kind, PayloadTooLarge, ConnectionLost, TimedOut.
    """
    assert length > 0
    kinds: dict[int, type[_Upload]] = {2: _ResumableUpload, 3: _TusUpload}
    kind = kinds.get(form.cdn)
    if kind is None:
        raise NotOffered(f"uploads to CDN {form.cdn} are not supported")
    kind(cdn.client(form.cdn), form, source, length, timeout_s).run(cdn.wait_before)


class _Upload(ABC):
    """One upload; the steps depend on the CDN."""

    def __init__(
        self, client: HttpClient, form: UploadForm, source: BinaryIO, length: int, timeout_s: float
    ) -> None:
        self._client = client
        self._form = form
        self._source = source
        self._start = source.tell()
        self._length = length
        self._timeout_s = timeout_s

    def run(self, wait_before: Callable[[int], None]) -> None:
        """Begin; after each loss ask how many bytes arrived, and continue from there."""
        self._retry(self._begin, wait_before)
        position: int | None = 0
        reached = failures = 0
        deadline = Deadline(ATTEMPTS * self._timeout_s)
        deadline.moved(self._length)
        while True:
            try:
                if position is None:
                    position = self._ask_position()
                while position < self._length:
                    position = self._send_from(position)
                return
            except PASSING:
                failures = 1 if (position or 0) - reached >= LEAST_PROGRESS else failures + 1
                reached = max(reached, position or 0)
                if failures >= ATTEMPTS or deadline.is_over():
                    raise
                wait_before(failures - 1)
                position = None

    def _retry(self, step: Callable[[], None], wait_before: Callable[[int], None]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                return step()
            except PASSING:
                if attempt == ATTEMPTS - 1:
                    raise
                wait_before(attempt)
        return None

    @abstractmethod
    def _begin(self) -> None:
        """Open the upload at the CDN."""

    @abstractmethod
    def _ask_position(self) -> int:
        """How many bytes have arrived; all of them if the upload is complete."""

    @abstractmethod
    def _send_from(self, position: int) -> int:
        """Send everything after ``position``; returns how many bytes have arrived now."""

    def _request(
        self, method: str, target: str, headers: dict[str, str], body: Iterator[bytes] | None = None
    ) -> Response:
        return self._client.request(
            method, target, headers=headers, body=body, timeout_s=self._timeout_s
        )

    def _bytes_from(self, position: int) -> Iterator[bytes]:
        self._source.seek(self._start + position)
        left = self._length - position
        while left:
            chunk = self._source.read(min(CHUNK, left))
            if not chunk:
                raise UserError("the file became shorter while it was uploaded")
            left -= len(chunk)
            yield chunk

    def _advanced(self, position: int, reached: int) -> int:
        if reached <= position:
            raise MalformedAnswer("the CDN accepts no more bytes of the upload")
        return reached

    def _form_headers(self) -> dict[str, str]:
        """The form's headers in lower case, so that none is sent twice."""
        return {name.lower(): value for name, value in self._form.headers}

    def _checked_position(self, text: str) -> int:
        position = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not 0 <= position <= self._length:
            raise MalformedAnswer("the CDN gave an impossible upload position")
        return position


class _ResumableUpload(_Upload):
    """CDN 2: the first request returns the address of the upload, to which the bytes are sent."""

    _target = ""

    def _begin(self) -> None:
        headers = self._form_headers() | {"content-length": "0", "content-type": _OCTETS}
        response = self._request("POST", target_on(self._client.url, self._form.location), headers)
        require_success(response, "begin the upload")
        location = response.headers.get("location")
        if not location:
            raise MalformedAnswer("the CDN gave no address for the upload")
        self._target = target_on(self._client.url, location)

    def _ask_position(self) -> int:
        headers = {"Content-Length": "0", "Content-Range": f"bytes */{self._length}"}
        response = self._request("PUT", self._target, headers)
        if response.status != _INCOMPLETE:
            require_success(response, "continue the upload")
            return self._length
        return self._arrived(response)

    def _send_from(self, position: int) -> int:
        headers = {"Content-Length": str(self._length - position), "Content-Type": _OCTETS}
        if position:
            headers["Content-Range"] = f"bytes {position}-{self._length - 1}/{self._length}"
        response = self._request("PUT", self._target, headers, self._bytes_from(position))
        if response.status == _INCOMPLETE:
            # Bytes of an earlier attempt arrived after the position was asked for.
            return self._advanced(position, self._arrived(response))
        require_success(response, "take the upload")
        return self._length

    def _arrived(self, response: Response) -> int:
        # "bytes=0-41" names the last byte that arrived; without the header none has.
        last = response.headers.get("range")
        return 0 if last is None else self._checked_position(last.rpartition("-")[2]) + 1


class _TusUpload(_Upload):
    """CDN 3: the upload is created together with its first bytes, and continued by PATCH."""

    _target: str | None = None

    def _begin(self) -> None:
        """Do nothing: the first bytes create the upload."""

    def _ask_position(self) -> int:
        response = self._request("HEAD", self._target or self._expected_target(), self._headers())
        if response.status in (403, 404, 410):
            # The answer to the creation was lost.
            return 0
        require_success(response, "continue the upload")
        return self._checked_position(response.headers.get("upload-offset", ""))

    def _send_from(self, position: int) -> int:
        headers = self._headers()
        headers |= {"content-length": str(self._length - position), "content-type": _TUS_OCTETS}
        if position:
            method, target = "PATCH", self._target or self._expected_target()
            headers["upload-offset"] = str(position)
        else:
            method, target = "POST", target_on(self._client.url, self._form.location)
            headers["upload-length"] = str(self._length)
        response = self._request(method, target, headers, self._bytes_from(position))
        require_success(response, "take the upload")
        location = response.headers.get("location")
        if location:
            self._target = target_on(self._client.url, location)
        arrived = response.headers.get("upload-offset")
        if arrived is None:
            return self._length
        return self._advanced(position, self._checked_position(arrived))

    def _headers(self) -> dict[str, str]:
        metadata = "filename " + b64encode(self._form.key.encode()).decode("ascii")
        return {"upload-metadata": metadata} | self._form_headers() | {"tus-resumable": "1.0.0"}

    def _expected_target(self) -> str:
        """Where to ask for an upload whose creation was not answered: below the form's path, by its key."""
        path, question, query = target_on(self._client.url, self._form.location).partition("?")
        key = quote(self._form.key)
        if not path.endswith(f"/{key}"):
            path = f"{path}/{key}"
        return path + question + query


def target_on(base: BaseUrl, location: str) -> str:
    """Path and query of an address that a CDN returned, below the path of the environment's own CDN."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(location)
    except ValueError:
        raise MalformedAnswer("the CDN gave an address that is not a URL") from None
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    if base.path and not f"{path}/".startswith(f"{base.path}/"):
        path = base.path + path
    return f"{path}?{parts.query}" if parts.query else path
