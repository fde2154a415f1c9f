"""The checks before a route sees a request: is it meant for this server, not made by a web page, and who calls?"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from sigcli.daemon.access.access import is_forwarded
from sigcli.daemon.access.browsers import foreign_host, foreign_page
from sigcli.daemon.access.credentials import credentials_in, split_prefix
from sigcli.daemon.http.connections import connection_of
from sigcli.daemon.http.requests import Refusal, introduce
from sigcli.errors import AccessDenied, NotAdmitted, SigcliError, TooManyRequests, UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sigcli.daemon.access.access import Access
    from sigcli.daemon.http.address import Address

OPEN_PATHS = frozenset({"/v1/health", "/api/v1/check"})
"""They reveal nothing, so they need no token and no known Host."""
MAX_AT_ONCE = 256
"""The most requests at once, including event streams; further ones are refused."""
HOW_TO_AUTHENTICATE = (
    "a token is needed: as 'Authorization: Bearer TOKEN', as the password of basic authentication,"
    " or as the beginning of the path, /t/TOKEN/..."
)


class Gate:
    """The outermost application of one address."""

    def __init__(
        self, app: ASGIApp, access: Access, address: Address, warn: Callable[[str], None]
    ) -> None:
        self._app = app
        self._access = access
        self._address = address
        self._warn = warn
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return
        door = _Door(scope, receive, send)
        self._under_way += 1
        try:
            await self._answer(scope, receive, door)
        except Refusal as refusal:
            await door.refuse(refusal)
        except HTTPException as error:
            await door.refuse(Refusal(error.status_code, error.detail, error.headers))
        except NotAdmitted:
            await door.refuse(
                Refusal(401, HOW_TO_AUTHENTICATE, {"www-authenticate": 'Basic realm="sigcli"'})
            )
        except TooManyRequests as error:
            await door.refuse(
                Refusal(429, error.message, {"retry-after": str(error.retry_after_s)})
            )
        except AccessDenied as error:
            await door.refuse(Refusal(403, error.message))
        except SigcliError as error:
            await door.refuse(Refusal(400 if isinstance(error, UserError) else 500, error.message))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # Without the error's message, which may contain message text.
            self._warn(f"a request met an unexpected {type(error).__name__}")
            await door.refuse(Refusal(500, f"unexpected {type(error).__name__} inside sigcli"))
        finally:
            self._under_way -= 1

    async def _answer(self, scope: Scope, receive: Receive, door: _Door) -> None:
        token = split_prefix(scope["path"])
        if token is not None:
            prefix, scope["path"] = token
            # Nothing that is made from the path later contains the token.
            scope["raw_path"] = scope["path"].encode()
        if scope["path"] not in OPEN_PATHS:
            if self._under_way > MAX_AT_ONCE:
                raise Refusal(503, "too many requests at once", {"retry-after": "1"})
            headers = Headers(scope=scope)
            if foreign_host(headers.get("host"), self._address, self._access.options.host_names):
                raise Refusal(421)
            if foreign_page(headers, self._address, self._access.options.host_names):
                raise Refusal(403, "requests from web pages of other sites are refused")
            given = credentials_in(headers.get("authorization"))
            if token is not None:
                given = (*given, prefix)
            client = (scope.get("client") or ("",))[0]
            is_same_user = await self._is_same_user(scope, headers)
            introduce(scope, self._access.admit(given, client, is_same_user=is_same_user))
        await self._app(scope, receive, door.send)

    async def _is_same_user(self, scope: Scope, headers: Headers) -> bool:
        connection = connection_of(scope)
        if connection is None or not self._access.options.same_user:
            return False
        if connection.is_same_user is None:
            # Once for each connection: it reads a table of all connections of this machine.
            loop = asyncio.get_running_loop()
            connection.is_same_user = await loop.run_in_executor(
                None, self._access.is_same_user, scope["client"], scope["server"]
            )
        return connection.is_same_user and not is_forwarded(headers)


class _Door:
    """The way back to the client: the application's response, or a refusal if none has begun."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._is_websocket = scope["type"] == "websocket"
        self._receive = receive
        self._send = send
        self._has_begun = False

    async def send(self, message: Message) -> None:
        """Send what the application sends."""
        self._has_begun = True
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a status and, where there is something to say, ``{"error": …}``."""
        if self._has_begun:
            if self._is_websocket:
                await self._send({"type": "websocket.close", "code": 1011})
                return
            # Part of a response was sent: uvicorn ends the connection.
            raise BrokenAnswer
        body = b""
        headers = [(b"cache-control", b"no-store")]
        if refusal.message is not None:
            body = json.dumps({"error": refusal.message}).encode()
            headers.append((b"content-type", b"application/json"))
        headers.append((b"content-length", str(len(body)).encode()))
        headers += [
            (name.lower().encode(), value.encode()) for name, value in refusal.headers.items()
        ]
        kind = "websocket.http.response" if self._is_websocket else "http.response"
        await self._send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
        await self._send({"type": f"{kind}.body", "body": body})


class BrokenAnswer(Exception):
    """A response failed after part of it was sent."""
