"""Who is let in, in which form, and what the others learn."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest

from sigcli.daemon.access import access
from sigcli.daemon.access.access import AccessOptions
from tests.unit.daemon.http.conftest import serving

if TYPE_CHECKING:
    from tests.unit.daemon.conftest import Desk
    from tests.unit.daemon.http.conftest import Site

PATHS = ("/api/v1/rpc", "/api/v1/events", "/metrics", "/v1/about", "/", "/v1/health/", "/t/")


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_without_a_token_nothing_is_learned(site: Site) -> None:
    for path in PATHS:
        for method in ("GET", "POST", "DELETE"):
            answer = site.ask(method, path, token=None)
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
            assert "token" in answer.json()["error"]
            assert "server" not in answer.headers
    assert {site.ask("GET", path, token="wrong").status for path in PATHS} == {401}


def test_health_and_check_say_that_it_lives(site: Site) -> None:
    health = site.ask("GET", "/v1/health", token=None)
    assert (health.status, health.body) == (204, b"")
    check = site.ask("GET", "/api/v1/check", token=None, Host="elsewhere.example")
    assert (check.status, check.body) == (200, b"")


def test_all_forms_of_a_token_are_equal(site: Site) -> None:
    for header in (
        f"Bearer {site.token}",
        f"bearer {site.token}",
        _basic(f"anybody:{site.token}"),
        _basic(f"{site.token}:"),
    ):
        assert site.ask("GET", "/metrics", token=None, Authorization=header).status == 200
    assert site.ask("GET", f"/t/{site.token}/metrics", token=None).status == 200
    assert site.ask("GET", f"/t/{site.token}x/metrics", token=None).status == 401
    for header in ("Bearer", "Basic !", _basic("a:b"), "Digest x", _basic("\x00")):
        assert site.ask("GET", "/metrics", token=None, Authorization=header).status == 401


def test_a_removed_token_is_refused_at_once(site: Site) -> None:
    assert site.ask("GET", "/metrics").status == 200
    site.tokens.remove("bot")
    assert site.ask("GET", "/metrics").status == 401


def test_foreign_hosts_and_web_pages_are_refused(site: Site) -> None:
    port = site.address.port
    for host in ("evil.example", f"evil.example:{port}", "localhost:1", f"localhost:{port}@evil"):
        answer = site.ask("GET", "/metrics", Host=host)
        assert (answer.status, answer.body) == (421, b"")
    for host in (f"127.0.0.1:{port}", f"[::1]:{port}", f"LOCALHOST:{port}"):
        assert site.ask("GET", "/metrics", Host=host).status == 200
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        answer = site.ask("POST", "/api/v1/rpc", "{}", **headers)
        assert answer.status == 403
        assert "error" in answer.json()
    for headers in (
        {"Origin": f"http://localhost:{port}"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Mode": "cors"},
    ):
        assert site.ask("GET", "/metrics", **headers).status == 200


def test_websockets_pass_the_same_gate(site: Site) -> None:
    head = (
        f"Host: localhost:{site.address.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    given = f"Authorization: Bearer {site.token}\r\n"
    for more, status in (
        ("", 401),
        (f"{given}Origin: https://evil.example\r\n", 403),
        (f"{given}Sec-Fetch-Site: cross-site\r\n", 403),
    ):
        with site.connect() as connected:
            connected.sendall(f"GET /v1/receive/x HTTP/1.1\r\n{head}{more}\r\n".encode())
            assert connected.recv(1000).startswith(f"HTTP/1.1 {status} ".encode())


def test_an_http_1_0_request_without_host_is_refused(site: Site) -> None:
    with site.connect() as connected:
        connected.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert connected.recv(100).startswith(b"HTTP/1.1 421 ")


def test_no_auth_lets_every_program_in_but_no_path(desk: Desk) -> None:
    with serving(desk, AccessOptions(no_auth=True)) as site:
        assert site.ask("GET", "/metrics", token=None).status == 200
        assert site.ask("GET", "/metrics", token=None, Host="evil.example").status == 421
        answer = site.call(
            "send", token=None, recipient="+15550101", message="x", attachment="/etc/hostname"
        )
        assert answer["error"]["code"] == -1
        assert "may not name files" in answer["error"]["message"]


def test_the_same_user_is_let_in_and_a_proxy_of_theirs_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, where this says nothing.
    monkeypatch.setattr(access, "require_same_user_possible", lambda: None)
    with serving(desk, AccessOptions(same_user=True)) as site:
        assert site.ask("GET", "/metrics", token=None).status == 200
        assert site.ask("GET", "/metrics", token="wrong").status == 401
        assert site.ask("GET", "/metrics", token=None, X_Forwarded_For="1.2.3.4").status == 401
        assert site.ask("GET", "/metrics", X_Forwarded_For="1.2.3.4").status == 200
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        assert site.ask("GET", "/metrics", token=None).status == 401


def test_scopes_and_accounts_of_a_token_hold(site: Site) -> None:
    narrow = site.tokens.create("narrow", _bytes, 0, scopes=frozenset({"send"}))
    assert "lacks the scope receive" in site.call("listContacts", narrow)["error"]["message"]
    assert site.call("version", narrow)["result"]["version"] == "0.14.6"
    assert site.ask("GET", "/api/v1/events", token=narrow).status == 403
    assert site.ask("GET", "/metrics", token=narrow).status == 403
    foreign = site.tokens.create(
        "foreign", _other, 0, scopes=frozenset({"send", "receive"}), accounts=frozenset({"none"})
    )
    assert "error" in site.call("listContacts", foreign, account="+15550100")
    assert site.ask("GET", "/api/v1/events?account=+15550100", token=foreign).status == 403


def test_events_without_an_account_are_those_of_the_tokens_accounts(site: Site) -> None:
    (live,) = site.desk.core.all_accounts()
    foreign = site.tokens.create(
        "foreign", _other, 0, scopes=frozenset({"receive"}), accounts=frozenset({"none"})
    )
    own = site.tokens.create(
        "own", _bytes, 0, scopes=frozenset({"receive"}), accounts=frozenset({str(live.entry.aci)})
    )
    site.token = foreign
    with site.events() as nothing:
        assert nothing.status == 200
        site.token = own
        with site.events() as stream:
            site.desk.come("one")
            assert stream.next()[1]["envelope"]["dataMessage"]["message"] == "one"
            subscriptions = site.desk.core.handing_out.subscriptions()
            assert [one.accounts for one in subscriptions] == [[], [live]]


def test_a_token_has_a_rate(site: Site) -> None:
    slow = site.tokens.create("slow", _bytes, 0, scopes=frozenset({"receive"}), per_minute=2)
    answers = [site.ask("GET", "/metrics", token=slow) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30


def test_wrong_tokens_are_answered_more_slowly(site: Site) -> None:
    statuses = [site.ask("GET", "/metrics", token="wrong").status for _ in range(70)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert site.ask("GET", "/metrics").status == 200


@pytest.mark.parametrize("kind", ["GET", "POST", "PUT", "DELETE", "BREW"])
def test_what_is_not_there_is_told_as_json(site: Site, kind: str) -> None:
    answer = site.ask(kind, "/api/v1/rpc/more")
    assert answer.status == 404
    assert "error" in answer.json()
    if kind != "POST":
        assert site.ask(kind, "/api/v1/rpc").status == 405


def _bytes(count: int) -> bytes:
    return b"n" * count


def _other(count: int) -> bytes:
    return b"o" * count
