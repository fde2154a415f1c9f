"""Who is admitted, by token, by the user of the process, or because everybody is."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from sigcli.daemon.access import access as access_module
from sigcli.daemon.access.access import Access, AccessOptions, is_forwarded
from sigcli.daemon.access.browsers import foreign_host, foreign_page
from sigcli.daemon.access.credentials import credentials_in, split_prefix
from sigcli.daemon.access.rates import Rates
from sigcli.daemon.access.same_user import connection_owner, require_same_user_possible
from sigcli.daemon.http.address import Address
from sigcli.errors import DoorOpen, NotAdmitted, SameUserUnavailable, TooManyRequests
from sigcli.store.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path

HERE = Address("localhost", 8080)


def _access(folder: Path, options: AccessOptions | None = None) -> Access:
    return Access(options or AccessOptions(), Tokens(folder), Rates(lambda: 0.0))


def test_doors_beyond_this_machine_need_tokens(tmp_path: Path) -> None:
    closed = _access(tmp_path)
    closed.check_address(Address("0.0.0.0", 80))
    with pytest.raises(DoorOpen):
        closed.check_tcp(HERE)
    opened = _access(tmp_path, AccessOptions(no_auth=True))
    opened.check_address(HERE)
    opened.check_tcp(HERE)
    for host in ("0.0.0.0", "::", "10.0.0.1", "name.example"):
        with pytest.raises(DoorOpen):
            opened.check_address(Address(host, 80))
        with pytest.raises(DoorOpen):
            opened.check_tcp(Address(host, 80))


def test_a_token_decides_even_where_everybody_may(tmp_path: Path) -> None:
    secret = Tokens(tmp_path).create("bot", os.urandom, 0, scopes=frozenset({"send"}))
    open_access = _access(tmp_path, AccessOptions(no_auth=True))
    caller = open_access.admit(("wrong", secret), "127.0.0.1", is_same_user=False)
    assert (caller.name, caller.scopes) == ("bot", frozenset({"send"}))
    anybody = open_access.admit(("wrong",), "127.0.0.1", is_same_user=False)
    assert anybody.name is None
    assert not anybody.may_read_paths
    with pytest.raises(NotAdmitted):
        _access(tmp_path).admit((), "127.0.0.1", is_same_user=False)


def test_the_same_user_needs_no_token_and_may_name_files(tmp_path: Path) -> None:
    access = _access(tmp_path)
    caller = access.admit((), "127.0.0.1", is_same_user=True)
    assert caller.may_read_paths
    assert caller.is_local
    with pytest.raises(NotAdmitted):
        access.admit(("wrong",), "127.0.0.1", is_same_user=True)


def test_same_user_is_refused_where_it_says_nothing() -> None:
    for uid in (0, 65534):
        with pytest.raises(SameUserUnavailable):
            require_same_user_possible(uid)
    require_same_user_possible(1000)


def test_a_proxy_is_not_the_same_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "require_same_user_possible", lambda: None)
    monkeypatch.setattr(access_module, "connection_owner", lambda *_: os.geteuid())
    access = _access(tmp_path, AccessOptions(same_user=True))
    ends = ("127.0.0.1", 5), ("127.0.0.1", 6)
    assert access.is_same_user(*ends, {"host": "localhost"})
    for header in ("forwarded", "x-forwarded-for", "x-forwarded-host"):
        assert is_forwarded({header: "x"})
        assert not access.is_same_user(*ends, {header: "x"})
    assert not _access(tmp_path).is_same_user(*ends)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_owner_of_a_connection_is_found(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        listener.listen()
        with socket.create_connection(listener.getsockname()[:2]) as client:
            server, _ = listener.accept()
            with server:
                ends = client.getsockname()[:2], server.getsockname()[:2]
                assert connection_owner(*ends) == os.geteuid()
                assert connection_owner((host, 1), ends[1]) is None
                assert connection_owner(("10.0.0.1", 5), ("10.0.0.2", 6)) is None


def test_a_table_of_connections_is_read_as_the_kernel_writes_it(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    rows = [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000  0 1 1",
        "   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001  0 1 1",
        "   2: 0100007F:C351 0100007F:1F90 06 00000000:00000000 00:00000000 00000000  1002  0 1 1",
    ]
    table.write_text("\n".join(rows) + "\n")
    server = ("127.0.0.1", 8080)
    assert connection_owner(("127.0.0.1", 50000), server, [str(table)]) == 1001
    assert connection_owner(("::ffff:127.0.0.1", 50000), server, [str(table)]) == 1001
    assert connection_owner(("127.0.0.1", 50001), server, [str(table)]) is None
    assert connection_owner(("127.0.0.1", 50000), server, ["/nowhere"]) is None


def test_a_bucket_fills_up_again() -> None:
    now_s = 0.0
    rates = Rates(lambda: now_s)
    assert [rates.spend("a", 2) for _ in range(3)] == [None, None, 30]
    assert rates.spend("b", 2) is None
    now_s = 30.0
    assert rates.spend("a", 2) is None
    assert rates.spend("a", 2) == 30


def test_wrong_tokens_are_counted_by_client(tmp_path: Path) -> None:
    access = _access(tmp_path)
    for _ in range(60):
        with pytest.raises(NotAdmitted):
            access.admit(("wrong",), "10.0.0.1", is_same_user=False)
    with pytest.raises(TooManyRequests):
        access.admit(("wrong",), "10.0.0.1", is_same_user=False)
    with pytest.raises(NotAdmitted):
        access.admit(("wrong",), "10.0.0.2", is_same_user=False)


def test_where_tokens_stand() -> None:
    assert credentials_in("Bearer  abc ") == ("abc",)
    assert credentials_in("basic YTpi") == ("b", "a")
    assert credentials_in("Basic OnQ=") == ("t",)
    assert credentials_in(None) == ()
    assert credentials_in("Digest x") == ("",)
    assert split_prefix("/t/abc/v1/send") == ("abc", "/v1/send")
    assert split_prefix("/t/abc") == ("abc", "/")
    assert split_prefix("/v1/t/abc") is None


def test_names_of_this_address() -> None:
    for host in ("localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST.:8080"):
        assert not foreign_host(host, HERE)
    assert foreign_host(None, HERE)
    for host in ("", "localhost", "a:8080", "localhost:80", "x@localhost:8080", "[::1:8080"):
        assert foreign_host(host, HERE)
    assert not foreign_host("signal.example", HERE, {"signal.example"})
    assert not foreign_host("anything", Address("0.0.0.0", 8080))
    assert foreign_page({"origin": "http://b:8080", "host": "a:8080"}, Address("::", 8080))
    assert not foreign_page({"origin": "http://a:8080", "host": "a:8080"}, Address("::", 8080))
    assert not foreign_page({"origin": "https://signal.example"}, HERE, {"signal.example"})
    assert foreign_page({"origin": "file://localhost:8080"}, HERE)
