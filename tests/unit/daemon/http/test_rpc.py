"""``/api/v1/rpc`` as signal-cli has it."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.daemon.http.conftest import Site

VERSION = '{"jsonrpc":"2.0","method":"version","id":1}'


def test_requests_and_batches_are_answered(site: Site) -> None:
    answer = site.ask("POST", "/api/v1/rpc", VERSION)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {"jsonrpc": "2.0", "result": {"version": "0.14.6"}, "id": 1}
    batch = site.ask("POST", "/api/v1/rpc", f"[{VERSION},{VERSION}]")
    assert len(batch.json()) == 2


def test_notifications_are_answered_201(site: Site) -> None:
    for body in ('{"jsonrpc":"2.0","method":"version"}', '[{"jsonrpc":"2.0","method":"version"}]'):
        answer = site.ask("POST", "/api/v1/rpc", body)
        assert (answer.status, answer.body) == (201, b"")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", -32700),
        ("{", -32700),
        (b"\xff\xfe", -32700),
        ("[]", -32600),
        ("1", -32600),
        ('{"jsonrpc":"1.0","method":"version","id":1}', -32600),
        ('{"jsonrpc":"2.0","method":"nothing","id":1}', -32601),
        ('{"jsonrpc":"2.0","method":"subscribeReceive","id":1}', -32601),
        ("[" * 100_000, -32700),
        ('{"a":' * 100_000, -32700),
    ],
)
def test_what_is_wrong_is_an_error_object(site: Site, body: str | bytes, code: int) -> None:
    answer = site.ask("POST", "/api/v1/rpc", body)
    assert answer.status == 200
    assert answer.json()["error"]["code"] == code


def test_the_content_type_is_json(site: Site) -> None:
    for kind, status in (
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
    ):
        assert site.ask("POST", "/api/v1/rpc", VERSION, Content_Type=kind).status == status


def test_requests_run_side_by_side_and_are_counted(site: Site) -> None:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(site.call("listContacts"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [list(one) for one in answers] == [["jsonrpc", "result", "id"]] * 8  # type: ignore[call-overload]
    assert ("listContacts", "ok", 8) in site.desk.core.counters.operations()
    site.call("removeContact", recipient="nobody at all")
    text = site.ask("GET", "/metrics").body.decode()
    assert 'sigcli_operations_total{operation="listContacts",result="ok"} 8' in text
    assert 'operation="removeContact",result="' in text


def test_metrics_tell_of_accounts_and_consumers(site: Site) -> None:
    site.desk.come("one")
    with site.events() as stream:
        stream.next()
        answer = site.ask("GET", "/metrics")
    text = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    aci = str(site.desk.core.all_accounts()[0].entry.aci)
    assert f'sigcli_consumer_connected{{account="{aci}",consumer="bot"}} 1' in text
    assert f'sigcli_consumer_lag_events{{account="{aci}",consumer="default"}} 1' in text
    assert f'sigcli_account_connected{{account="{aci}"}} 0' in text
    assert "process_open_fds " in text
    assert "+1555" not in text


def test_the_audit_tells_who_had_what_done_and_no_content(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from sigcli.daemon.access.audit import Audit

    path = tmp_path_factory.mktemp("audit") / "audit.log"
    audit = site.desk.core.audit = Audit(path, lambda: 7, site.desk.warnings.append)
    site.call("listContacts")
    site.call("send", recipient="+15550101", message="secret", attachment="/etc/hostname")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(one["caller"], one["operation"], one["result"]) for one in lines] == [
        ("bot", "listContacts", "ok"),
        ("bot", "send", "pathNotAllowed"),
    ]
    assert lines[0]["time"] == 7
    assert "secret" not in path.read_text()
    assert "+1555" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    site.desk.core.audit = None
    audit.close()
