"""``sigcli link``: what it prints, and that a link that fails leaves nothing behind."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest

from sigcli.crypto.curve import KeyPair
from tests.support.account_state import account_folders, know
from tests.support.arrived import next_message
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import exceptions_of, receive, receive_texts, texts_of
from tests.support.scanning import Scan
from tests.support.shell import shell
from tests.support.sigcli_process import RunningSigcli, Sigcli

LINK = "^/v1/devices/link"


def url_of(linking: RunningSigcli) -> str:
    """The link that the command shows; with text output it has a line of its own."""
    url = linking.read_line()
    assert re.fullmatch(r"sgnl://linkdevice\?uuid=[^&\s]+&pub_key=[^&\s]+", url), url
    return url


def assert_nothing_is_here(sigcli: Sigcli) -> None:
    assert account_folders(sigcli) == []
    assert sigcli.run("--json", "listAccounts").json == []


def test_json_has_the_uri_first_and_the_device_last(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    linking = sigcli.start("link", "--json", "-n", "box")
    first = linking.read_json()
    assert list(first) == ["deviceLinkUri"]
    scan = Scan(mock_server, first["deviceLinkUri"], primary)
    finished = linking.wait().expect(0)
    device = scan.result()
    assert finished.json_lines == [first, {"number": primary.number, "deviceId": device.device_id}]
    assert finished.stderr == ""
    mock_server.wait_for_sync(device)
    (account,) = sigcli.run("--json", "listAccounts").json
    assert account["number"] == primary.number
    own = sigcli.run("--json", "listDevices").json[device.device_id - 1]
    assert (own["id"], own["name"]) == (device.device_id, "box")


def test_text_has_the_uri_on_a_line_of_its_own(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    linking = sigcli.start("link")
    url = url_of(linking)
    scan = Scan(mock_server, url, primary)
    finished = linking.wait().expect(0)
    device = scan.result()
    assert finished.lines == [url, f"Associated with: {primary.number}"]
    counts = mock_server.prekey_counts(device)
    # The phone has taken one of each for its answers.
    assert all(count >= 98 for identity in counts.values() for count in identity.values()), counts
    assert len(account_folders(sigcli)) == 1


def test_an_account_without_a_number(mock_server: MockServer, sigcli: Sigcli) -> None:
    primary = mock_server.create_primary("Nameless", has_number=False)
    linking = sigcli.start("link", "--json")
    scan = Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    finished = linking.wait().expect(0)
    assert finished.json_lines[-1]["number"] is None
    scan.result()
    bob = mock_server.create_primary("Bob")
    sigcli.run("send", "-m", "from nobody", bob.aci)
    assert next_message(mock_server, bob).text == "from nobody"


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "forbidden"), (409, "conflict"), (411, "deviceLimitExceeded"), (429, "rateLimited")],
)
def test_a_refusal_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, status: int, code: str
) -> None:
    body = {"current": 6, "max": 5} if status == 411 else None
    mock_server.fail_next("PUT", LINK, status, body=body)
    linking = sigcli.start("link", "--json")
    Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    finished = linking.wait().expect(5 if status == 429 else 3)
    assert len(finished.lines) == 1
    assert finished.json_error["code"] == code
    assert finished.json_error["hint"]
    assert finished.stderr.startswith("sigcli: error: ")
    assert_nothing_is_here(sigcli)
    # The next attempt is none the worse for it.
    link_device(mock_server, sigcli, primary)


def test_a_message_for_another_device_is_refused(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    linking = sigcli.start("link", "--json")
    url = linking.read_json()["deviceLinkUri"]
    other = base64.b64encode(KeyPair.generate().public_key.serialize()).decode()
    wrong = quote(other, safe="")
    Scan(mock_server, re.sub(r"pub_key=.*", f"pub_key={wrong}", url), primary)
    finished = linking.wait()
    assert finished.exit_code != 0
    assert finished.json_error["code"] == "incompleteProvisioning"
    assert finished.json_error["hint"]
    assert "Traceback" not in finished.stderr
    assert_nothing_is_here(sigcli)
    assert mock_server.requests(LINK) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_giving_up_while_waiting_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, number: signal.Signals
) -> None:
    linking = sigcli.start("link")
    url_of(linking)
    linking.send_signal(number)
    finished = linking.wait()
    assert finished.exit_code != 0
    assert "Traceback" not in finished.stderr
    assert len(finished.lines) == 1
    assert_nothing_is_here(sigcli)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_giving_up_in_the_middle_leaves_no_account(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, number: signal.Signals
) -> None:
    mock_server.ignore_next("PUT", LINK)
    linking = sigcli.start("link")
    Scan(mock_server, url_of(linking), primary)
    mock_server.wait_for_request(LINK)
    linking.send_signal(number)
    finished = linking.wait()
    assert finished.exit_code != 0
    assert "Traceback" not in finished.stderr
    assert sigcli.run("--json", "listAccounts").json == []
    if number is not signal.SIGKILL:
        assert account_folders(sigcli) == []
    link_device(mock_server, sigcli, primary)
    assert len(sigcli.run("--json", "listAccounts").json) == 1


def test_what_a_killed_link_left_is_removed_by_a_later_one(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    mock_server.ignore_next("PUT", LINK)
    linking = sigcli.start("link")
    Scan(mock_server, url_of(linking), primary)
    mock_server.wait_for_request(LINK)
    linking.kill()
    linking.wait()
    # It holds the keys of the account.
    (left,) = account_folders(sigcli)
    two_days_ago = time.time() - 2 * 86_400
    for path in (*left.iterdir(), left):
        os.utime(path, (two_days_ago, two_days_ago))
    link_device(mock_server, sigcli, primary)
    assert left not in account_folders(sigcli)


@pytest.mark.parametrize(
    "moment", ["^/v2/keys\\?identity=aci", "^/v2/keys\\?identity=pni", "^/v1/messages/"]
)
@pytest.mark.parametrize("kill", [True, False], ids=["killed", "failed"])
def test_what_a_link_did_not_get_done_the_next_receive_does(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, moment: str, kill: bool
) -> None:
    if kill:
        mock_server.ignore_next("PUT", moment)
    else:
        mock_server.fail_next("PUT", moment, 503, times=None)
    linking = sigcli.start("link")
    scan = Scan(mock_server, url_of(linking), primary)
    if kill:
        mock_server.wait_for_request(moment, verb="PUT")
        linking.kill()
        linking.wait()
    else:
        # The device is linked, so that the command has not failed.
        assert "sigcli: warning: " in linking.wait().expect(0).stderr
        mock_server.reset()
    assert len(sigcli.run("--json", "listAccounts").json) == 1
    sigcli.run("receive")
    device = scan.result()
    assert all(
        count >= 95
        for identity in mock_server.prekey_counts(device).values()
        for count in identity.values()
    )
    mock_server.wait_for_sync(device)
    assert exceptions_of(receive(sigcli)) == []


def test_a_refused_link_over_a_dead_one_loses_nothing(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    bob = mock_server.create_primary("Bob")
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    mock_server.send_text(bob, linked, "kept", count=3)
    json.loads(shell(sigcli, "sigcli receive --json | head -n 1").stdout)
    mock_server.remove_device(linked)
    sigcli.account = None
    mock_server.fail_next("PUT", LINK, 409)
    linking = sigcli.start("link", "--json")
    Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    linking.wait().expect(3)
    assert len(sigcli.run("--json", "listAccounts").json) == 1
    refused = sigcli.run("listDevices", "--json", exit_code=3)
    assert refused.json_error["code"] == "loginRefused"
    link_device(mock_server, sigcli, primary)
    assert receive_texts(sigcli)[:2] == ["kept 1", "kept 2"]


def test_every_request_over_https(
    mock_server: MockServer, new_sigcli: Callable[[str], Sigcli], primary: MockPrimary
) -> None:
    runner = new_sigcli("https")
    environment = mock_server.environment_file(runner.home.parent / "https.toml", requests="https")
    runner.environment["SIGCLI_SERVICE_ENVIRONMENT"] = str(environment)
    device = link_device(mock_server, runner, primary)
    mock_server.wait_for_sync(device)
    runner.run("receive")
    bob = mock_server.create_primary("Bob")
    know(runner, bob)
    result = runner.run("--json", "send", "-m", "over HTTPS", bob.aci).json["results"][0]
    assert (result["type"], result["sealedSender"]) == ("SUCCESS", True)
    assert next_message(mock_server, bob).text == "over HTTPS"
    sends = mock_server.requests("^/v1/messages/", verb="PUT")
    assert {entry.transport for entry in sends} == {"http"}
    assert all(
        "unidentified-access-key" not in entry.headers or "authorization" not in entry.headers
        for entry in sends
    )
    mock_server.send_text(bob, device, "and back", sealed=True)
    assert receive_texts(runner) == ["and back"]


def test_a_lost_answer_leaves_nothing(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary
) -> None:
    mock_server.cut_next("PUT", LINK, after_handling=True)
    linking = sigcli.start("link", "--json")
    Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    finished = linking.wait().expect(3)
    assert finished.json_error["code"] == "connectionLost"
    assert len(mock_server.requests(LINK)) == 1
    assert_nothing_is_here(sigcli)


def test_an_account_must_not_be_named(mock_server: MockServer, sigcli: Sigcli) -> None:
    finished = sigcli.run("link", "-a", "+15550100", "--json", exit_code=1)
    assert finished.json_error["code"] == "usage"
    assert finished.stdout == ""
    assert mock_server.opened_sockets() == []


def test_a_live_account_is_not_linked_over(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    before = len(mock_server.requests(LINK))
    folders = account_folders(sigcli)
    accounts = (sigcli.data_dir / "accounts.toml").read_bytes()
    sigcli.account = None
    linking = sigcli.start("link", "--json")
    Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    finished = linking.wait().expect(1)
    assert finished.json_error["code"] == "accountExists"
    assert len(finished.lines) == 1
    assert len(mock_server.requests(LINK)) == before
    assert account_folders(sigcli) == folders
    assert (sigcli.data_dir / "accounts.toml").read_bytes() == accounts
    assert len(sigcli.run("--json", "listDevices").json) == 2
    bob = mock_server.create_primary("Bob")
    sigcli.run("send", "-m", "still here", bob.aci)
    assert next_message(mock_server, bob).text == "still here"


def test_a_server_that_is_down_does_not_make_the_account_look_dead(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    mock_server.fail_next(None, "^/v1/accounts/whoami", 503, times=None)
    before = len(mock_server.requests(LINK))
    sigcli.account = None
    linking = sigcli.start("link", "--json")
    Scan(mock_server, linking.read_json()["deviceLinkUri"], primary)
    finished = linking.wait().expect(3)
    assert finished.json_error["code"] == "serverUnavailable"
    assert len(mock_server.requests(LINK)) == before
    assert len(sigcli.run("--json", "listAccounts").json) == 1


def test_a_dead_link_is_taken_over_in_place(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
) -> None:
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    # Something received and not printed: the reader goes before it takes a line.
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    mock_server.send_text(bob, linked, "kept over the new link", count=3)
    first = json.loads(shell(sigcli, "sigcli receive --json | head -n 1").stdout)
    assert texts_of([first]) == ["kept over the new link 0"]
    sigcli.run("send", "-m", "before", bob.aci)
    folders = account_folders(sigcli)
    mock_server.remove_device(linked)
    carol = mock_server.create_primary("Carol")
    for command in (["listDevices", "--json"], ["--json", "send", "-m", "x", carol.aci]):
        refused = sigcli.run(*command, exit_code=3)
        assert refused.json_error["code"] == "loginRefused"
        assert "link" in refused.json_error["hint"]
    sigcli.account = None
    device = link_device(mock_server, sigcli, primary)
    assert account_folders(sigcli) == folders
    (account,) = sigcli.run("--json", "listAccounts").json
    assert account["number"] == primary.number
    assert [each["id"] for each in sigcli.run("--json", "listDevices").json] == [
        1,
        device.device_id,
    ]
    sigcli.run("send", "-m", "after", bob.aci)
    assert [next_message(mock_server, bob).text for _ in range(2)] == [
        "before",
        "after",
    ]
    mock_server.send_text(bob, device, "and back", sealed=True)
    texts = receive_texts(sigcli)
    assert texts == ["kept over the new link 1", "kept over the new link 2", "and back"]


def test_several_accounts_stand_beside_each_other(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    other = mock_server.create_primary("Other")
    sigcli.account = None
    link_device(mock_server, sigcli, other)
    sigcli.account = None
    listed = sigcli.run("--json", "listAccounts").json
    assert sorted(each["number"] for each in listed) == sorted([primary.number, other.number])
    bob = mock_server.create_primary("Bob")
    for sender in (primary, other):
        for name in (sender.number, sender.aci):
            sigcli.run("-a", name, "send", "-m", name, bob.aci)
            message = next_message(mock_server, bob)
            assert (message.text, message.source.aci) == (name, sender.aci)
