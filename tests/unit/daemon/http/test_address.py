"""Where a server listens."""

from __future__ import annotations

import pytest

from sigcli.daemon.http.address import Address, listen
from sigcli.errors import ChannelUnavailable, UsageError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", "localhost", 8080),
        ("localhost:9", "localhost", 9),
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("[::1]:80", "::1", 80),
        ("[::]", "::", 8080),
        ("::1", "::1", 8080),
        (":81", "localhost", 81),
        ("82", "localhost", 82),
        ("name", "name", 8080),
    ],
)
def test_addresses_as_options_have_them(text: str, host: str, port: int) -> None:
    assert Address.parse(text, 8080) == Address(host, port)


@pytest.mark.parametrize("text", ["a:b", "a:99999", "[::1", "[::1]x", "a:-1", "a:٣"])
def test_others_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Address.parse(text, 8080)


def test_which_addresses_others_can_reach() -> None:
    assert all(Address(host, 1).is_loopback for host in ("localhost", "127.1.2.3", "::1"))
    assert not any(Address(host, 1).is_loopback for host in ("0.0.0.0", "::", "name", "10.0.0.1"))
    assert Address("::", 1).is_any
    assert str(Address("::1", 8)) == "[::1]:8"


def test_a_taken_port_is_named() -> None:
    listeners = listen(Address("localhost", 0))
    port = listeners[0].getsockname()[1]
    try:
        assert {one.getsockname()[1] for one in listeners} == {port}
        with pytest.raises(ChannelUnavailable, match=f"localhost:{port}"):
            listen(Address("localhost", port))
    finally:
        for listener in listeners:
            listener.close()
