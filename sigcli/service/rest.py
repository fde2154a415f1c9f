"""REST calls to the chat service over HTTP/1.1.

It uses the standard library's client, because a one-shot send can afford no more: the HTTP library (``http.py``) takes
as much start-up time as everything else together. One instance serves one login, or none: instances never share a
connection, so an identified and an unidentified request cannot meet on one.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING

from sigcli.errors import ConnectionLost, MalformedAnswer
from sigcli.leaving_out import left_out
from sigcli.service.deadlines import Deadline, TimedConnection
from sigcli.service.exchange import Response
from sigcli.service.network import named_network_error, wait_readable
from sigcli.service.status_errors import believed

# What it imports for mails: their dates, the names of their parts, headers in other character sets.
import_module("email")
with left_out("calendar", "random", "email.header"):
    from http.client import HTTPConnection, HTTPException, IncompleteRead

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPResponse

    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.exchange import Request
    from sigcli.service.network import Network

MAX_ANSWER = 16 * 1024 * 1024


class RestClient:
    """Sends requests to one host, over persistent connections; usable from several threads."""

    def __init__(
        self,
        network: Network,
        url: BaseUrl,
        *,
        authorization: str | None = None,
        max_answer: int = MAX_ANSWER,
    ) -> None:
        self._network = network
        self._url = url
        self._headers = {"Host": url.authority, "User-Agent": network.user_agent}
        if authorization is not None:
            self._headers["Authorization"] = authorization
        self._max_answer = max_answer
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()

    def request(self, request: Request, timeout_s: float) -> Response:
        """Send one request and read its answer, whatever its status, in ``timeout_s`` plus the time of the bodies.

        Repeats it once on a new connection if an idle one turns out to be closed, unless that could carry it out twice.
        Raises Unreachable, TimedOut, TlsRejected, ConnectionLost, MalformedAnswer, and NotTheService for a 3xx, or a
        4xx that lacks the service's timestamp.
        """
        connection = self._take_idle()
        if connection is not None:
            try:
                return self._exchange(connection, request, timeout_s)
            except ConnectionLost:
                if not request.may_repeat and connection.sent:
                    raise
        return self._exchange(
            _Connection(self._network, self._url, self._max_answer), request, timeout_s
        )

    def close(self) -> None:
        with self._lock:
            connections, self._idle = self._idle, []
        for connection in connections:
            connection.close()

    def _take_idle(self) -> _Connection | None:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if connection.is_usable():
                    return connection
                connection.close()
        return None

    def _exchange(self, connection: _Connection, request: Request, timeout_s: float) -> Response:
        try:
            response, reusable = connection.exchange(
                request, {**self._headers, **request.headers}, timeout_s
            )
        except BaseException:
            connection.close()
            raise
        if reusable:
            with self._lock:
                self._idle.append(connection)
        else:
            connection.close()
        return believed(response, self._url.host)


class _Connection:
    """One connection, and whether its current request was sent completely."""

    def __init__(self, network: Network, url: BaseUrl, max_answer: int) -> None:
        self._network = network
        self._url = url
        self._max_answer = max_answer
        self._http = HTTPConnection(url.host, url.port)
        # It never connects by itself, since that would be without TLS.
        self._http.auto_open = 0
        self._socket: ssl.SSLSocket | None = None
        self.sent = False

    def is_usable(self) -> bool:
        # An idle connection has nothing to read: readable bytes are its end.
        return self._socket is not None and not wait_readable(self._socket, 0)

    def close(self) -> None:
        self._http.close()

    def exchange(
        self, request: Request, headers: dict[str, str], timeout_s: float
    ) -> tuple[Response, bool]:
        """The answer, and whether the connection may serve another request."""
        self.sent = False
        deadline = Deadline(timeout_s)
        try:
            if self._socket is None:
                self._socket = self._network.connect(self._url, timeout_s)
            timed = TimedConnection(self._socket, deadline)
            self._http.sock = timed
            self._http.request(request.method, self._url.path + request.path, request.body, headers)
            self.sent = True
            return self._read_answer(timed)
        except OSError as problem:
            raise named_network_error(problem, self._url.host) from problem

    def _read_answer(self, timed: TimedConnection) -> tuple[Response, bool]:
        """Also takes the end of the connection inside headers for one, which the library takes for the headers' end."""
        try:
            answer = self._http.getresponse()
            if timed.at_end:
                raise ConnectionLost(f"{self._url.host} closed the connection")
            return self._read_body(answer, timed)
        except IncompleteRead:
            raise ConnectionLost(f"{self._url.host} closed the connection") from None
        except HTTPException as problem:
            if timed.at_end:
                raise ConnectionLost(f"{self._url.host} closed the connection") from None
            raise MalformedAnswer(f"{self._url.host} does not answer with HTTP") from problem

    def _read_body(self, answer: HTTPResponse, timed: TimedConnection) -> tuple[Response, bool]:
        timed.in_body = True
        body = answer.read(self._max_answer + 1)
        if len(body) > self._max_answer:
            raise MalformedAnswer(f"the answer of {self._url.host} is too large")
        # A read up to a limit does not notice by itself that the body ended early, or inside the length of a chunk.
        if answer.length or (answer.chunked and timed.at_end):
            raise ConnectionLost(f"{self._url.host} closed the connection")
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, body), not answer.will_close
