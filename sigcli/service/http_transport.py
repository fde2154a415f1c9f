"""The transport under ``http.py``: like the library's own, but nothing exceeds the deadline of the exchange.

The library's time limits are for single operations. Its pool gets another backend, in which each operation gets what is
left of the whole time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

from sigcli.service.deadlines import current_deadline, send_within

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator


class TimedTransport(httpx2.HTTPTransport):
    """Connections that keep to the deadline of the thread that uses them."""

    def __init__(self, verify: ssl.SSLContext, proxy: httpx2.Proxy | None) -> None:
        super().__init__(verify=verify, trust_env=False, proxy=proxy)
        pool: Any = self._pool
        # The transport has no option for it, only the pool that it makes.
        pool._network_backend = _Backend(pool._network_backend)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, plain: httpcore2.NetworkBackend) -> None:
        self._plain = plain

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left_s = _left_s(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._plain.connect_tcp(host, port, left_s, local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, plain: httpcore2.NetworkStream) -> None:
        self._plain = plain

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, _left_s(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        deadline = current_deadline()
        connection = self._plain.get_extra_info("socket")
        if deadline is None or connection is None:
            self._plain.write(buffer, timeout)
            return
        with _library_errors():
            send_within(connection, buffer, deadline)

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left_s = _left_s(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, left_s))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


@contextmanager
def _library_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as problem:
        raise httpcore2.WriteTimeout from problem
    except OSError as problem:
        raise httpcore2.WriteError from problem


def _left_s(timeout_s: float | None, error: type[httpcore2.TimeoutException]) -> float | None:
    """How long one operation may take: its own limit, or what is left of the exchange."""
    deadline = current_deadline()
    if deadline is None:
        return timeout_s
    try:
        left_s = deadline.left_s()
    except TimeoutError as problem:
        raise error from problem
    return left_s if timeout_s is None else min(timeout_s, left_s)
