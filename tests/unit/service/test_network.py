from __future__ import annotations

import socket

import pytest

from sigcli.errors import InvalidEnvironment, ProxyRefused, TimedOut, TlsRejected, Unreachable
from sigcli.service.connecting_ahead import ConnectionAhead
from sigcli.service.environment_fields import BaseUrl
from sigcli.service.network import Network
from tests.support.loopback_server import ConnectProxy, LoopbackServer, authority


def connect(
    server: LoopbackServer, url: BaseUrl | None = None, timeout_s: float = 10, **changes: object
) -> str | None:
    network = Network(server.environment(**changes), variables={})  # type: ignore[arg-type]
    with network.connect(url or server.url, timeout_s) as connection:
        return connection.selected_alpn_protocol()


def test_a_private_authority_without_key_identifier_is_accepted_and_http_1_1_agreed_on() -> None:
    with LoopbackServer() as server:
        assert connect(server) == "http/1.1"


def test_a_certificate_of_a_foreign_authority_is_refused() -> None:
    with LoopbackServer(signed_by=authority("Foreign CA")) as server:
        with pytest.raises(TlsRejected) as caught:
            connect(server, ca_pem=authority().ca_pem)
        assert caught.value.exit_code == 3
        # The system's store does not know it either.
        with pytest.raises(TlsRejected):
            connect(server, ca_pem=None)
        assert server.connections == 0


def test_the_certificate_must_name_the_host_or_the_server_name_that_is_set() -> None:
    with LoopbackServer(signed_by=authority("Named CA", "chat.test")) as server:
        with pytest.raises(TlsRejected):
            connect(server)
        assert connect(server, server_name="chat.test") == "http/1.1"


def test_a_file_without_certificates_is_named() -> None:
    with LoopbackServer() as server, pytest.raises(InvalidEnvironment):
        connect(server, ca_pem="no certificate")


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with LoopbackServer() as server, pytest.raises(Unreachable):
            connect(server, BaseUrl("127.0.0.1", unused.getsockname()[1]))


def test_a_server_that_never_speaks_times_out() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        LoopbackServer() as server,
        pytest.raises(TimedOut),
    ):
        connect(server, BaseUrl("127.0.0.1", silent.getsockname()[1]), timeout_s=0.05)


def test_a_proxy_tunnels_with_its_login() -> None:
    with LoopbackServer() as server, ConnectProxy() as proxy:
        address = proxy.url.replace("http://", "http://me:secret@")
        network = Network(server.environment(), variables={"ALL_PROXY": address})
        network.connect(server.url).close()
        assert proxy.targets == [f"127.0.0.1:{server.port}"]
        assert proxy.logins == ["Basic bWU6c2VjcmV0"]


def test_a_proxy_that_refuses_is_named() -> None:
    with LoopbackServer() as server, ConnectProxy(status=407) as proxy:
        network = Network(server.environment(), variables={"HTTPS_PROXY": proxy.url})
        with pytest.raises(ProxyRefused, match="login"):
            network.connect(server.url)
        assert server.connections == 0


def test_a_connection_made_ahead_is_taken_once() -> None:
    with LoopbackServer() as server:
        network = Network(server.environment(), variables={})
        network.connect_ahead(server.url)
        with network.connect(server.url), network.connect(server.url):
            pass
    # Its threads have ended, and counted.
    assert server.connections == 2


def test_a_connection_that_has_waited_for_long_is_not_taken() -> None:
    with LoopbackServer() as server:
        network = Network(server.environment(), variables={})
        made = network.connect(server.url)
        ahead = ConnectionAhead(lambda: made, kept_s=0.0)
        assert ahead.take(60) is None
        assert made.fileno() == -1


def test_a_connection_that_is_given_up_on_its_way_is_closed() -> None:
    with LoopbackServer() as server:
        network = Network(server.environment(), variables={})
        network.connect_ahead(server.url)
        network.give_up_ahead()
        with network.connect(server.url):
            pass
    # The server waits for its threads, which end with their connections.
