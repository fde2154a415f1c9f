"""HTTP for everything except the chat service: CDNs, storage and groups. Only this file and its transport
(``http_transport.py``) import httpx2.

The library is imported at the first request, since it takes more start-up time than a one-shot command can spend; chat
requests do without it (``rest.py``). Bodies stream both ways. One instance is one unidentified or one identified
client: instances share no connection, and none keeps cookies or follows redirects.
"""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.errors import (
    ConnectionLost,
    MalformedAnswer,
    ProxyRefused,
    ServiceError,
    TimedOut,
    TlsRejected,
    Unreachable,
)
from sigcli.service.deadlines import Deadline, within
from sigcli.service.exchange import REQUEST_TIMEOUT_S, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import httpx2

    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.network import Network

MAX_ANSWER = 16 * 1024 * 1024
CHUNK = 64 * 1024


class StreamedResponse:
    """An answer whose body has not been read yet."""

    def __init__(self, response: httpx2.Response, host: str, deadline: Deadline) -> None:
        self.status = response.status_code
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._host = host
        self._deadline = deadline

    def chunks(self) -> Iterator[bytes]:
        """The body as it arrives, in pieces of at most 64 KiB; raises ConnectionLost or TimedOut.

        Each piece extends the deadline by its time at the minimum rate; a slower body ends with TimedOut.
        """
        # Raw: a content encoding would be the other side's mistake, and its length would not be checked.
        pieces = self._response.iter_raw()
        while True:
            with _named_errors(self._host), within(self._deadline):
                piece = next(pieces, None)
            if piece is None:
                return
            self._deadline.moved(len(piece))
            yield piece

    def read(self, limit: int = MAX_ANSWER) -> Response:
        """The whole answer; raises MalformedAnswer if it is larger than ``limit`` bytes."""
        body = bytearray()
        for chunk in self.chunks():
            body += chunk
            if len(body) > limit:
                raise MalformedAnswer(f"the answer of {self._host} is too large")
        return Response(self.status, self.headers, bytes(body))


class HttpClient:
    """Requests to one host of the environment, over persistent connections."""

    def __init__(self, network: Network, url: BaseUrl, *, authorization: str | None = None) -> None:
        self._network = network
        self._url = url
        self._headers = {"User-Agent": network.user_agent, "Accept-Encoding": "identity"}
        if authorization is not None:
            self._headers["Authorization"] = authorization
        self._client: httpx2.Client | None = None

    @property
    def url(self) -> BaseUrl:
        return self._url

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
        limit: int = MAX_ANSWER,
    ) -> Response:
        """Send a request and read its whole answer, whatever its status.

        It may take ``timeout_s`` in all, plus the time of its bodies at the minimum rate (``deadlines.py``). An
        iterable body needs a ``Content-Length`` among the headers. Raises Unreachable, TimedOut, TlsRejected,
        ProxyRefused, ConnectionLost, MalformedAnswer.
        """
        with self.stream(method, path, headers=headers, body=body, timeout_s=timeout_s) as response:
            return response.read(limit)

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> Iterator[StreamedResponse]:
        """Like ``request``, with the answer's body to be read inside the ``with`` block."""
        client = self._open_client()
        deadline = Deadline(timeout_s)
        with _named_errors(self._url.host), within(deadline):
            request = client.build_request(
                method,
                f"https://{self._url.authority}{path}",
                headers={**self._headers, **(headers or {})},
                content=body,
                timeout=timeout_s,
                extensions=self._extensions(),
            )
            response = client.send(request, stream=True)
        try:
            yield StreamedResponse(response, self._url.host, deadline)
        finally:
            response.close()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _extensions(self) -> dict[str, str]:
        name = self._network.environment.server_name
        return {} if name is None else {"sni_hostname": name}

    def _open_client(self) -> httpx2.Client:
        if self._client is None:
            from http.cookiejar import CookieJar, DefaultCookiePolicy

            import httpx2

            from sigcli.service.http_transport import TimedTransport

            proxy = self._network.proxy_for(self._url)
            self._client = httpx2.Client(
                transport=TimedTransport(
                    self._network.tls_context,
                    None
                    if proxy is None
                    else httpx2.Proxy(
                        proxy.url, auth=(proxy.user, proxy.password) if proxy.user else None
                    ),
                ),
                # The proxy is chosen by the same rules as for other connections.
                trust_env=False,
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            )
        return self._client


@contextmanager
def _named_errors(host: str) -> Iterator[None]:
    """Turn the library's errors into sigcli's."""
    import httpx2

    try:
        yield
    except httpx2.TimeoutException as problem:
        raise TimedOut(f"{host} did not answer in time") from problem
    except httpx2.ProxyError as problem:
        raise ProxyRefused(f"the proxy does not lead to {host}: {problem}") from problem
    except httpx2.ConnectError as problem:
        raise _connect_error(problem, host) from problem
    except (httpx2.NetworkError, httpx2.RemoteProtocolError) as problem:
        raise ConnectionLost(f"{host} closed the connection") from problem
    except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
        raise MalformedAnswer(f"{host} sent an invalid answer") from problem


def _connect_error(problem: BaseException, host: str) -> ServiceError:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsRejected(f"the TLS certificate of {host} was refused: {cause.verify_message}")
        if isinstance(cause, ssl.SSLEOFError | ConnectionResetError):
            return ConnectionLost(f"{host} closed the connection")
        if isinstance(cause, ssl.SSLError):
            return TlsRejected(f"no TLS connection to {host}")
        cause = cause.__cause__ or cause.__context__
    return Unreachable(f"{host} cannot be reached: {problem}")
