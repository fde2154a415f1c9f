"""The CDNs: downloads that resume, and small uploads by form. Large uploads: ``cdn_upload.py``.

No request here carries the chat login. Checking digests is the caller's task; memory use does not depend on sizes.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, BinaryIO

from sigcli.errors import (
    ConnectionLost,
    MalformedAnswer,
    NotFound,
    ServerUnavailable,
    TimedOut,
    Unreachable,
)
from sigcli.service.deadlines import Deadline
from sigcli.service.exchange import REQUEST_TIMEOUT_S
from sigcli.service.http import HttpClient
from sigcli.service.status_errors import error_for, require_success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigcli.service.http import StreamedResponse
    from sigcli.service.network import Network
    from sigcli.service.resources.post_forms import PostForm

ATTEMPTS = 5
LEAST_PROGRESS = 4096
"""An attempt that brings this many bytes starts the count of attempts again."""
PASSING = (ConnectionLost, TimedOut, Unreachable, ServerUnavailable)
"""The errors after which another attempt makes sense."""


class Cdn:
    """The CDNs of an environment, by number. ``sleep`` is called to wait between attempts."""

    def __init__(self, network: Network, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._network = network
        self._sleep = sleep
        self._clients: dict[int, HttpClient] = {}

    def client(self, number: int) -> HttpClient:
        """The connections to one CDN; raises NotOffered."""
        client = self._clients.get(number)
        if client is None:
            client = HttpClient(self._network, self._network.environment.cdn_url(number))
            self._clients[number] = client
        return client

    def wait_before(self, attempt: int) -> None:
        """Wait before another attempt, longer each time (from 0)."""
        self._sleep(0.5 * 2**attempt)

    def chunks(
        self,
        number: int,
        path: str,
        *,
        start: int = 0,
        limit: int | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> Iterator[bytes]:
        """The bytes of a file from ``start`` on, in pieces of at most 64 KiB.

        A lost connection is made again and continues where the last one ended; after several attempts without real
        progress its error is raised, or TimedOut if the whole takes too long. ``path`` begins with a slash. Raises
        NotFound for a file that is not there or no longer there (a CDN whose files nobody may list answers
        "forbidden"), and MalformedAnswer as soon as it has more than ``limit`` bytes.
        """
        position, failures = start, 0
        deadline = Deadline(ATTEMPTS * timeout_s)
        while True:
            before = position
            try:
                for chunk in self._once(number, path, position, timeout_s):
                    position += len(chunk)
                    deadline.moved(len(chunk))
                    if limit is not None and position > limit:
                        raise MalformedAnswer("the file is larger than announced")
                    yield chunk
                return
            except PASSING:
                failures = 1 if position - before >= LEAST_PROGRESS else failures + 1
                if failures >= ATTEMPTS or deadline.is_over():
                    raise
                self.wait_before(failures - 1)

    def download(
        self,
        number: int,
        path: str,
        sink: BinaryIO,
        *,
        start: int = 0,
        limit: int | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> int:
        """Write a file from ``start`` to ``sink``; returns its length. Raises NotFound, TimedOut, ConnectionLost."""
        written = 0
        for chunk in self.chunks(number, path, start=start, limit=limit, timeout_s=timeout_s):
            sink.write(chunk)
            written += len(chunk)
        return written

    def post_form(
        self, form: PostForm, content: bytes, *, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> None:
        """Upload a small file (an avatar, a sticker) to CDN 0 by a form; raises PayloadTooLarge, Forbidden."""
        boundary = secrets.token_hex(16)
        client = self.client(0)
        response = client.request(
            "POST",
            f"{client.url.path}/",
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
            body=_multipart(form, content, boundary),
            timeout_s=timeout_s,
        )
        require_success(response, "store the file")

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def __enter__(self) -> Cdn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _once(self, number: int, path: str, start: int, timeout_s: float) -> Iterator[bytes]:
        client = self.client(number)
        headers = {"Range": f"bytes={start}-"} if start else {}
        with client.stream(
            "GET", client.url.path + path, headers=headers, timeout_s=timeout_s
        ) as response:
            if start and response.status == 416:
                # Nothing follows the last byte.
                return
            skipped = _bytes_to_skip(response, start)
            for chunk in response.chunks():
                if len(chunk) <= skipped:
                    skipped -= len(chunk)
                    continue
                yield chunk[skipped:]
                skipped = 0


def _bytes_to_skip(response: StreamedResponse, start: int) -> int:
    """How many bytes of the body come before ``start``: 0 unless the server ignored the range."""
    if response.status == 200:
        return start
    if response.status == 206:
        first = response.headers.get("content-range", "").removeprefix("bytes ").split("-")[0]
        if first != str(start):
            raise MalformedAnswer("the CDN answered with another part of the file")
        return 0
    answer = response.read()
    if answer.status == 403:
        raise NotFound("the CDN has no such file (status 403)", status=403)
    raise error_for(answer, "hand out the file")


def _multipart(form: PostForm, content: bytes, boundary: str) -> bytes:
    """A multipart body: the form's fields, the content type, and the file last, as S3 requires."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (*form.fields, ("Content-Type", "application/octet-stream"))
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join([*parts, head]).encode() + content + f"\r\n--{boundary}--\r\n".encode()
