"""Network access to a service: TLS connections to its hosts, direct or through a proxy, with sigcli's errors."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sigcli.errors import (
    ConnectionLost,
    ProxyRefused,
    ServiceError,
    TimedOut,
    TlsRejected,
    Unreachable,
)
from sigcli.service.connecting_ahead import ConnectionAhead
from sigcli.service.credentials import basic_authorization
from sigcli.service.deadlines import Deadline, send_within
from sigcli.service.exchange import CONNECT_TIMEOUT_S, USER_AGENT
from sigcli.service.proxies import proxy_for
from sigcli.service.tls import client_context
from sigcli.system import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.environments import Environment
    from sigcli.service.proxies import Proxy

_MAX_PROXY_ANSWER = 16 * 1024
_CLOSED = (
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ConnectionResetError,
    ConnectionAbortedError,
    BrokenPipeError,
)


class Network:
    """Connects to the hosts of one environment.

    ``user_agent`` goes with every request; ``variables`` are the process's environment variables. ``trace`` is told of
    every request, without its contents. One TLS context serves all connections, but no session is ever resumed, so
    connections cannot be linked.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        user_agent: str = USER_AGENT,
        variables: Mapping[str, str] | None = None,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.environment = environment
        self.user_agent = user_agent
        self.trace = trace
        self._variables = os.environ if variables is None else variables
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._ahead: dict[str, list[ConnectionAhead]] = {}

    @property
    def tls_context(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = client_context(self.environment.ca_pem)
            return self._context

    def server_name(self, url: BaseUrl) -> str:
        """The name that the certificate of this host must carry."""
        return self.environment.server_name or url.host

    def proxy_for(self, url: BaseUrl) -> Proxy | None:
        return proxy_for(url.host, self._variables)

    def connect_ahead(self, url: BaseUrl, count: int = 1) -> None:
        """Start this many connections, side by side, for the next calls of ``connect``."""
        begun = [
            ConnectionAhead(lambda: self._connect(url, CONNECT_TIMEOUT_S)) for _ in range(count)
        ]
        with self._lock:
            self._ahead.setdefault(url.authority, []).extend(begun)

    def give_up_ahead(self) -> None:
        """Close the connections that were made ahead and were not taken."""
        with self._lock:
            ahead, self._ahead = self._ahead, {}
        for connections in ahead.values():
            for one in connections:
                one.give_up()

    def connect(self, url: BaseUrl, timeout_s: float = CONNECT_TIMEOUT_S) -> ssl.SSLSocket:
        """Open a verified TLS connection within ``timeout_s``, which later becomes the limit of every operation on it.

        Raises Unreachable, TimedOut, TlsRejected, ProxyRefused or UnsupportedProxy.
        """
        with self._lock:
            ahead = self._ahead.get(url.authority)
            begun = ahead.pop(0) if ahead else None
        connection = None if begun is None else begun.take(timeout_s)
        if connection is None:
            return self._connect(url, timeout_s)
        connection.settimeout(timeout_s)
        return connection

    def _connect(self, url: BaseUrl, timeout_s: float) -> ssl.SSLSocket:
        proxy = self.proxy_for(url)
        deadline = Deadline(timeout_s)
        with network_errors(url.host):
            plain = (
                _open_through(proxy, url, deadline)
                if proxy
                else _open(url.host, url.port, deadline)
            )
            try:
                # The whole handshake keeps to the time limit of the socket.
                plain.settimeout(deadline.left_s())
                connection = self.tls_context.wrap_socket(
                    plain, server_hostname=_plain_name(self.server_name(url))
                )
            except BaseException:
                plain.close()
                raise
            connection.settimeout(timeout_s)
            return connection


def _plain_name(host: str) -> str | bytes:
    """The name as bytes if it is ASCII only: as text it would load the tables for all other names."""
    return host.encode() if host.isascii() else host


def _open(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of the host that answers; none may use up the time of the others."""
    addresses = socket.getaddrinfo(_plain_name(host), port, type=socket.SOCK_STREAM)
    problem: OSError | None = None
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(deadline.left_s() / (len(addresses) - tried))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            problem = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise problem or OSError("the name has no address")


def _open_through(proxy: Proxy, url: BaseUrl, deadline: Deadline) -> socket.socket:
    with network_errors(f"the proxy {proxy.host}"):
        connection = _open(proxy.host, proxy.port, deadline)
    host = f"[{url.host}]" if ":" in url.host else url.host
    lines = [f"CONNECT {host}:{url.port} HTTP/1.1", f"Host: {host}:{url.port}"]
    if proxy.user:
        lines.append(f"Proxy-Authorization: {basic_authorization(proxy.user, proxy.password)}")
    try:
        send_within(connection, "\r\n".join([*lines, "", ""]).encode(), deadline)
        status = _proxy_status(connection, deadline)
    except BaseException:
        connection.close()
        raise
    if status != 200:
        connection.close()
        what = "wants a login" if status == 407 else f"answered {status}"
        raise ProxyRefused(f"the proxy {proxy.host} {what}")
    return connection


def _proxy_status(connection: socket.socket, deadline: Deadline) -> int:
    # Byte by byte: what follows the empty line belongs to TLS.
    answer = bytearray()
    while not answer.endswith(b"\r\n\r\n"):
        connection.settimeout(deadline.left_s())
        byte = connection.recv(1)
        if not byte or len(answer) > _MAX_PROXY_ANSWER:
            raise ProxyRefused("the proxy gave no HTTP answer")
        answer += byte
    words = answer.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise ProxyRefused("the proxy gave no HTTP answer")
    return int(words[1])


@contextmanager
def network_errors(host: str) -> Iterator[None]:
    """Turn errors of sockets and TLS into sigcli's; ``host`` names the other side in messages."""
    try:
        yield
    except ServiceError:
        raise
    except OSError as problem:
        raise named_network_error(problem, host) from problem


def named_network_error(problem: OSError, host: str) -> ServiceError:
    """The error class of sigcli for an error of a socket or of TLS."""
    if isinstance(problem, TimeoutError):
        return TimedOut(f"{host} did not answer in time")
    if isinstance(problem, ssl.SSLCertVerificationError):
        return TlsRejected(f"the TLS certificate of {host} was refused: {problem.verify_message}")
    if isinstance(problem, _CLOSED):
        return ConnectionLost(f"{host} closed the connection")
    if isinstance(problem, ssl.SSLError):
        return TlsRejected(f"no TLS connection to {host}: {problem.reason or 'handshake failed'}")
    reason = problem.strerror or str(problem)
    return Unreachable(f"{host} cannot be reached: {reason}" if reason else None)


def wait_readable(connection: socket.socket, timeout_s: float | None) -> bool:
    """Wait until bytes or the end can be read; False if the time ran out."""
    return bool(wait_until(timeout_s, reading=(connection.fileno(),)))


def wait_writable(connection: socket.socket, timeout_s: float | None) -> bool:
    """Wait until bytes can be written; False if the time ran out."""
    return bool(wait_until(timeout_s, writing=(connection.fileno(),)))
