"""The chat service as a client sees it: an identified half, an unidentified half, and one that has no account yet.

Requests go as REST calls or through websockets, depending on the environment; callers see no difference. The halves are
separate classes and never share a connection: an access key or a group token cannot be given to the identified half,
and the unidentified one has no login.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sigcli.errors import ConnectionLost, LoginRefused
from sigcli.service.credentials import ACCESS_HEADERS
from sigcli.service.environments import RequestMode
from sigcli.service.exchange import REQUEST_TIMEOUT_S, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigcli.errors import SigcliError
    from sigcli.service.chat_socket import ChatSocket
    from sigcli.service.credentials import Access, Credentials
    from sigcli.service.environment_fields import BaseUrl
    from sigcli.service.exchange import Response
    from sigcli.service.network import Network
    from sigcli.service.rest import RestClient

CHAT_PATH = "/v1/websocket/"
PROVISIONING_PATH = "/v1/websocket/provisioning/"
PROVISIONING_KEEP_ALIVE_PATH = "/v1/keepalive/provisioning"
_USE_WEBSOCKET = 498


class IdentifiedChat:
    """Requests with the login of a device."""

    def __init__(self, half: _Half) -> None:
        self._half = half

    def request(self, request: Request, timeout_s: float = REQUEST_TIMEOUT_S) -> Response:
        """Send a request; returns the answer, whatever its status. Raises Unreachable, TimedOut, ConnectionLost."""
        assert not any(name.lower() in ACCESS_HEADERS for name in request.headers)
        return self._half.request(request, timeout_s)


class UnidentifiedChat:
    """Requests without a login, authorised by an access key or a group send token if one is needed."""

    def __init__(self, half: _Half) -> None:
        self._half = half

    def request(
        self, request: Request, access: Access | None = None, timeout_s: float = REQUEST_TIMEOUT_S
    ) -> Response:
        """Send a request; returns the answer, whatever its status. Raises Unreachable, TimedOut, ConnectionLost."""
        assert not any(name.lower() == "authorization" for name in request.headers)
        if access is not None:
            name, value = access.header
            request = Request(
                request.method,
                request.path,
                {**request.headers, name: value},
                request.body,
                request.repeatable,
            )
        return self._half.request(request, timeout_s)


class UnlinkedChat:
    """Requests of a device that has no account yet: verification, registration and linking.

    These carry their future login in the request itself, over a connection without one.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._half = _Half(network, None, None)

    def request(self, request: Request, timeout_s: float = REQUEST_TIMEOUT_S) -> Response:
        """Send a request; returns the answer, whatever its status. Raises Unreachable, TimedOut, ConnectionLost."""
        return self._half.request(request, timeout_s)

    def open_provisioning(self) -> ChatSocket:
        """A socket on which the service sends an address and then what a primary device sends to it."""
        return open_socket(
            self.network,
            PROVISIONING_PATH,
            {},
            takes_requests=True,
            keep_alive_path=PROVISIONING_KEEP_ALIVE_PATH,
        )

    def close(self) -> None:
        self._half.close()

    def __enter__(self) -> UnlinkedChat:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Chat:
    """The chat service for one linked or registered device.

    Connections are made when they are needed. ``refused_rest`` says that the service asked earlier for websockets
    instead of REST; ``on_use_websocket`` is called when it does so, so that the caller can remember it, and
    ``on_answer`` with every answer, on the thread of the request.
    """

    def __init__(
        self,
        network: Network,
        credentials: Credentials,
        *,
        refused_rest: bool = False,
        on_use_websocket: Callable[[], None] | None = None,
        on_answer: Callable[[Response], None] | None = None,
    ) -> None:
        self.network = network
        self._credentials = credentials
        self._identified = _Half(
            network, credentials, on_use_websocket, on_answer, refused_rest=refused_rest
        )
        self._unidentified = _Half(
            network, None, on_use_websocket, on_answer, refused_rest=refused_rest
        )
        self.identified = IdentifiedChat(self._identified)
        self.unidentified = UnidentifiedChat(self._unidentified)

    def open_reader(self, *, receive_stories: bool = True) -> ChatSocket:
        """A socket that receives this device's messages, and displaces another one that does.

        If requests travel by websocket, identified ones use this socket while it is open. The caller closes it. Raises
        LoginRefused, ClientRefused, Unreachable, TimedOut.
        """
        headers = {
            "Authorization": self._credentials.authorization,
            "X-Signal-Receive-Stories": "true" if receive_stories else "false",
        }
        reader = open_socket(self.network, CHAT_PATH, headers, takes_requests=True)
        self._identified.was_in_touch = True
        self._identified.prefer(reader)
        return reader

    def connect_ahead(self, *, identified: bool = False, unidentified: bool = False) -> None:
        """Start the connections that the next requests of these halves need; if neither is named, one for a reader."""
        if identified:
            self._identified.connect_ahead()
        if unidentified:
            self._unidentified.connect_ahead()
        if not (identified or unidentified):
            self.network.connect_ahead(self.network.environment.chat_url)

    @property
    def needs_reader(self) -> bool:
        """Whether identified requests travel on an open reader."""
        return not self._identified.by_rest

    @property
    def was_in_touch(self) -> bool:
        """Whether the service has accepted this device's login."""
        return self._identified.was_in_touch

    def close(self) -> None:
        """Close all connections except a reader's. Never raises."""
        self._identified.close()
        self._unidentified.close()
        self.network.give_up_ahead()

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Half:
    """One half of the chat service with its own connections: by REST, or by a websocket that is opened when needed."""

    def __init__(
        self,
        network: Network,
        credentials: Credentials | None,
        on_use_websocket: Callable[[], None] | None,
        on_answer: Callable[[Response], None] | None = None,
        *,
        refused_rest: bool = False,
    ) -> None:
        self._network = network
        self._credentials = credentials
        self._on_use_websocket = on_use_websocket
        self._on_answer = on_answer
        self.by_rest = network.environment.requests is RequestMode.HTTPS and not refused_rest
        self._rest: RestClient | None = None
        self._socket: ChatSocket | None = None
        self._preferred: ChatSocket | None = None
        self._under_way = 0
        """Requests by socket, counted before they know which one."""
        self.was_in_touch = False
        """Whether a request has succeeded."""
        self._lock = threading.Lock()
        self._problem: Exception | None = None
        """Why there is no connection although one was to be made ahead."""
        self._is_closed = False

    def request(self, request: Request, timeout_s: float) -> Response:
        response = self._exchange(request, timeout_s)
        self.was_in_touch = self.was_in_touch or response.ok
        if self._on_answer is not None:
            self._on_answer(response)
        if (trace := self._network.trace) is not None:
            half = "login" if self._credentials else "anonymous"
            trace(f"{request.method} {request.path} ({half}): {response.status}")
        return response

    def _exchange(self, request: Request, timeout_s: float) -> Response:
        if self.by_rest:
            response = self._rest_client().request(request, timeout_s)
            if response.status != _USE_WEBSOCKET:
                return response
            # A filter in front of every endpoint gives this answer: the request has had no effect.
            self.by_rest = False
            if self._on_use_websocket is not None:
                self._on_use_websocket()
        try:
            return self._exchange_by_socket(request, timeout_s)
        except ConnectionLost as loss:
            if not (loss.reconnectable and request.may_repeat):
                raise
        return self._exchange_by_socket(request, timeout_s)

    def _exchange_by_socket(self, request: Request, timeout_s: float) -> Response:
        try:
            return self._open_socket().request(request, timeout_s)
        finally:
            with self._lock:
                self._under_way -= 1
            self._close_unneeded()

    def connect_ahead(self) -> None:
        """Start the first connection on its own thread; with REST, either half may take it: it is still unused."""
        if self._rest is not None or self._socket is not None:
            return
        if self.by_rest:
            self._network.connect_ahead(self._network.environment.chat_url)
        else:
            threading.Thread(target=self._open_ahead, name="sigcli-connect", daemon=True).start()

    def _open_ahead(self) -> None:
        with self._lock:
            if self._socket is not None or self._is_closed:
                return
            try:
                self._socket = self._connect()
            except Exception as problem:  # the request that needs the connection gets the error
                self._problem = problem

    def prefer(self, socket: ChatSocket) -> None:
        """Use this socket, which someone else closes, while it is open, and no other beside it."""
        with self._lock:
            self._preferred = socket
        self._close_unneeded()

    def _close_unneeded(self) -> None:
        """Close this half's own socket once a preferred one is open and no request is under way any more."""
        with self._lock:
            preferred = self._preferred
            if self._under_way or preferred is None or not preferred.is_open:
                return
            socket, self._socket = self._socket, None
        if socket is not None:
            socket.close()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            rest, self._rest = self._rest, None
            socket, self._socket = self._socket, None
        if rest is not None:
            rest.close()
        if socket is not None:
            socket.close()

    def _rest_client(self) -> RestClient:
        with self._lock:
            if self._rest is None:
                from sigcli.service.rest import RestClient

                authorization = self._credentials.authorization if self._credentials else None
                url = self._network.environment.chat_url
                self._rest = RestClient(self._network, url, authorization=authorization)
            return self._rest

    def _open_socket(self) -> ChatSocket:
        """The socket for one request, which is under way from now on, even if this raises."""
        with self._lock:
            self._under_way += 1
            for socket in (self._preferred, self._socket):
                if socket is not None and socket.is_open:
                    return socket
            problem, self._problem = self._problem, None
            if problem is not None:
                raise problem
            if self._socket is not None:
                self._socket.close()
            self._socket = self._connect()
            return self._socket

    def _connect(self) -> ChatSocket:
        if self._credentials is None:
            return open_socket(self._network, CHAT_PATH, {})
        # Such a socket reads no messages and displaces none, but it has no subscription that a keep-alive request
        # could look for: the service would close it.
        headers = {
            "Authorization": self._credentials.authorization,
            "X-Signal-Disable-Messages": "true",
        }
        return open_socket(self._network, CHAT_PATH, headers, keep_alive_path=None)


def open_socket(
    network: Network,
    path: str,
    headers: Mapping[str, str],
    *,
    takes_requests: bool = False,
    keep_alive_path: str | None = "/v1/keepalive",
) -> ChatSocket:
    """Connect a websocket to the chat service.

    Raises LoginRefused, ClientRefused, RateLimited, ServerUnavailable, Unreachable, TimedOut.
    """
    from sigcli.service.chat_socket import ChatSocket
    from sigcli.service.websocket import UpgradeRefused, WebSocket

    url = network.environment.chat_url
    try:
        websocket = WebSocket.connect(network, url, path, headers)
    except UpgradeRefused as refusal:
        raise upgrade_error(refusal.response, url) from None
    return ChatSocket(websocket, takes_requests=takes_requests, keep_alive_path=keep_alive_path)


def upgrade_error(response: Response, url: BaseUrl) -> SigcliError:
    """The error for an HTTP answer to the upgrade; raises NotTheService if a captive portal may have given it."""
    from sigcli.service.status_errors import believed, error_for

    # Nothing is between this machine and itself, and not every stand-in for the service sends its time here.
    if not url.is_loopback:
        believed(response, url.host)
    if response.status in (401, 403):
        return LoginRefused()
    return error_for(response, "open a websocket")
