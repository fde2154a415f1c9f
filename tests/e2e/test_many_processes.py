"""Several processes on one account at the same time."""

from __future__ import annotations

import os
import sqlite3

import pytest

from tests.support.account_state import database_path, know
from tests.support.arrived import next_message
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import exceptions_of, next_text, receive_texts, texts_of
from tests.support.scanning import Scan
from tests.support.sigcli_process import Sigcli

SENDS = 10


@pytest.fixture
def bob(mock_server: MockServer, device: MockDevice) -> MockPrimary:
    """Somebody to talk to."""
    return mock_server.create_primary("Bob")


@pytest.mark.parametrize("known", [False, True], ids=["identified", "sealed"])
def test_ten_sends_beside_a_receiver(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    device: MockDevice,
    bob: MockPrimary,
    known: bool,
) -> None:
    if known:
        know(sigcli, bob)
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    expected = {f"message {index}" for index in range(SENDS)}
    runs = [sigcli.start("send", "-m", text, bob.aci) for text in sorted(expected)]
    # The session is used in both directions at once.
    mock_server.send_text(bob, device, "in between", count=20, sealed=known)
    stamps = set()
    for run in runs:
        finished = run.wait().expect(0)
        assert finished.stderr == ""
        stamps.add(int(finished.stdout))
    assert len(stamps) == SENDS
    messages = [next_message(mock_server, bob) for _ in expected]
    assert {message.text for message in messages} == expected
    assert {message.data["timestamp"] for message in messages} == stamps
    transcripts = [
        mock_server.received(primary, kind="syncMessage").content["syncMessage"]["sent"]
        for _ in expected
    ]
    assert {sent["timestamp"] for sent in transcripts} == stamps
    assert mock_server.decryption_failures() == []
    assert [next_text(receiving) for _ in range(20)] == [f"in between {n}" for n in range(20)]
    # The receiver goes on, and was never displaced.
    assert receiving.running
    assert len(mock_server.sockets(device)) == 1
    mock_server.send_text(bob, device, "after", sealed=True)
    assert next_text(receiving) == "after"
    receiving.terminate()
    finished = receiving.wait().expect(0)
    assert exceptions_of(finished.json_lines) == []
    assert finished.stderr == ""


def test_the_reader_comes_back_where_a_sender_displaces_it(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.set_options(honour_disable_messages=False)
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    for turn in range(3):
        mock_server.send_text(bob, device, f"before {turn}")
        assert next_text(receiving) == f"before {turn}"
        sigcli.run("send", "-m", f"sent {turn}", bob.aci)
        assert next_message(mock_server, bob).text == f"sent {turn}"
        mock_server.send_text(bob, device, f"after {turn}")
        assert next_text(receiving, timeout_s=30) == f"after {turn}"
    closes = [socket.get("closeCode") for socket in mock_server.opened_sockets()]
    assert 4409 in closes
    receiving.terminate()
    receiving.wait().expect(0)


def test_a_sender_acknowledges_nothing(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.set_options(honour_disable_messages=False)
    mock_server.send_text(bob, device, "n", count=10)
    sigcli.run("send", "-m", "hello", bob.aci)
    assert mock_server.queue_size(device) == 10
    assert receive_texts(sigcli) == [f"n {index}" for index in range(10)]


def test_a_held_database_is_waited_for_and_named(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    path = database_path(sigcli)
    before = len(mock_server.requests("^/v1/messages/"))
    # Longer than this test waits for a command: only the option ends the wait.
    (sigcli.data_dir / "config.toml").write_text("lock_timeout = 3600\n")
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = sigcli.run(
            "--json", "--lock-timeout", "0.5", "send", "-m", "hello", bob.aci, exit_code=3
        )
        assert refused.json_error["code"] == "lockTimeout"
        assert str(os.getpid()) in refused.json_error["message"]
        assert refused.json_error["hint"]
        assert refused.stdout == ""
        # Local lists ask for no lock.
        for command in ("listAccounts", "listContacts", "listIdentities"):
            assert sigcli.run(command, "--json", "--lock-timeout", "0").json is not None
        waiting = sigcli.start("send", "-m", "hello", bob.aci)
        other.execute("ROLLBACK")
    other.close()
    waiting.wait().expect(0)
    assert next_message(mock_server, bob).text == "hello"
    assert len(mock_server.requests("^/v1/messages/")) == before + 2


def test_local_lists_need_no_server(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    before = len(mock_server.opened_sockets())
    for command in ("listAccounts", "listContacts", "listIdentities"):
        sigcli.run(command, "--json")
    assert len(mock_server.opened_sockets()) == before


def test_a_message_sent_in_the_middle_of_a_drain(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=150, sealed=True)
    receiving = sigcli.start("receive", "--json")
    assert next_text(receiving) == "n 0"
    sends = [sigcli.start("send", "-m", f"reply {index}", bob.aci) for index in range(3)]
    finished = receiving.wait().expect(0)
    assert texts_of(finished.json_lines) == [f"n {index}" for index in range(150)]
    for send in sends:
        send.wait().expect(0)
    replies: set[str | None] = set()
    while len(replies) < 3:
        replies.add(next_message(mock_server, bob).text)
    assert replies == {"reply 0", "reply 1", "reply 2"}
    assert mock_server.decryption_failures() == []


def test_two_links_into_one_directory_at_once(mock_server: MockServer, sigcli: Sigcli) -> None:
    first, second = (mock_server.create_primary(name) for name in ("First", "Second"))
    linkings = [sigcli.start("link", "--json") for _ in range(2)]
    scans = [
        Scan(mock_server, linking.read_json()["deviceLinkUri"], who)
        for linking, who in zip(linkings, (first, second), strict=True)
    ]
    for linking, scan in zip(linkings, scans, strict=True):
        linking.wait().expect(0)
        scan.result()
    numbers = {account["number"] for account in sigcli.run("--json", "listAccounts").json}
    assert numbers == {first.number, second.number}
    # And once more, into the same place.
    third = mock_server.create_primary("Third")
    link_device(mock_server, sigcli, third)
    sigcli.account = None
    assert len(sigcli.run("--json", "listAccounts").json) == 3
