"""What routes need to know about a request: the caller, the body, a thread to wait on, and responses."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.requests import HTTPConnection, Request
    from starlette.types import Scope

    from sigcli.daemon.access.caller import Caller

_T = TypeVar("_T")
JSON = "application/json"
MAX_BODY_BYTES = 256 * 1024 * 1024
"""150 MB of attachments are 200 MB of base64."""
_FIRST_S = 30.0
_SLOWEST_BYTES_PER_S = 16 * 1024
"""A body that arrives more slowly is refused."""
_THREADS = 64
_THREADS_OF_ONE = 48
_CALLER = "sigcli.caller"
_WORKERS = "sigcli.workers"


class Refusal(Exception):
    """Ends a request with a status and ``{"error": message}``, or with an empty body if there is no message."""

    def __init__(
        self, status: int, message: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def caller_of(connection: HTTPConnection) -> Caller:
    """The caller, as identified by the gate."""
    return cast("Caller", connection.scope[_CALLER])


async def read_body(request: Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The whole body; raises Refusal for one that is too long (413) or too slow (408)."""
    body = bytearray()
    async for piece in body_pieces(request, max_bytes):
        body += piece
    return bytes(body)


async def body_pieces(request: Request, max_bytes: int = MAX_BODY_BYTES) -> AsyncIterator[bytes]:
    """The body as it arrives. Raises Refusal for one that is too long (413) or too slow (408)."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > max_bytes:
        raise Refusal(413, f"the request is longer than {max_bytes} bytes")
    started = time.monotonic()
    length = 0
    pieces = request.stream()
    while True:
        left_s = started + _FIRST_S + length / _SLOWEST_BYTES_PER_S - time.monotonic()
        try:
            async with asyncio.timeout(max(left_s, 0)):
                piece = await anext(pieces, None)
        except TimeoutError:
            raise Refusal(408, "the request arrives too slowly") from None
        except ClientDisconnect:
            raise Refusal(400) from None
        if piece is None:
            return
        length += len(piece)
        if length > max_bytes:
            raise Refusal(413, f"the request is longer than {max_bytes} bytes")
        yield piece


async def in_worker(connection: HTTPConnection, function: Callable[..., _T], *arguments: Any) -> _T:
    """Run a blocking function on a thread of the server's pool; its errors are raised here."""
    workers = cast("Workers", connection.scope[_WORKERS])
    caller: Caller | None = connection.scope.get(_CALLER)
    async with workers.share_of(None if caller is None else caller.name):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(workers.threads, function, *arguments)


def query_of(connection: HTTPConnection) -> dict[str, str]:
    """The last value of each name in the query; a + is kept as it is, since numbers begin with it."""
    text = connection.scope["query_string"].decode("latin-1").replace("+", "%2B")
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def introduce(scope: Scope, caller: Caller) -> None:
    """Record the caller, for ``caller_of``."""
    scope[_CALLER] = caller


class Workers:
    """The server's threads; no single caller gets all of them: its further requests wait."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.threads = ThreadPoolExecutor(_THREADS, "sigcli-http")
        self._shares: dict[str | None, asyncio.Semaphore] = {}

    def share_of(self, name: str | None) -> asyncio.Semaphore:
        """The semaphore that limits the threads of a caller; call it on the event loop's thread."""
        if name not in self._shares:
            self._shares[name] = asyncio.Semaphore(_THREADS_OF_ONE)
        return self._shares[name]

    def lend(self, scope: Scope) -> None:
        """Make them available to ``in_worker``."""
        scope[_WORKERS] = self
