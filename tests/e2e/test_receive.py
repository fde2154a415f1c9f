"""``sigcli receive`` and ``trust`` against Signal's mock server."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from sigcli.protocol.decryption_error import DecryptionErrorMessage
from sigcli.wire.content import Content, encode_content
from tests.support.json_lines import Big
from tests.support.linking import link_device
from tests.support.mock_server import Attachment
from tests.support.sigcli_process import installed_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.mock_server import MockDevice, MockPrimary, MockServer
    from tests.support.sigcli_process import Sigcli

LONG_TEXT = "text/x-signal-plain"


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


@pytest.fixture
def drained(sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """A linked device that has received the answers to its sync requests."""
    sigcli.run("receive", "--json")
    return linked


@pytest.fixture
def synced(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> MockDevice:
    """A linked device that knows Bob as a contact and has an empty queue."""
    mock_server.set_contacts(primary, [bob])
    device = link_device(mock_server, sigcli, primary)
    mock_server.wait_for_sync(device)
    sigcli.run("receive", "--json")
    return device


def texts(lines: Iterable[dict[str, Any]]) -> list[str]:
    """The bodies of data messages."""
    return [
        line["envelope"]["dataMessage"]["message"]
        for line in lines
        if "dataMessage" in line["envelope"]
    ]


def failures(lines: Iterable[dict[str, Any]]) -> list[str]:
    return [line["exception"]["type"] for line in lines if "exception" in line]


# --- the queue --------------------------------------------------------------------------------------


def test_texts_plain_and_sealed_arrive_in_order(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, linked, "plain", count=300)
    mock_server.send_text(bob, linked, "sealed", count=300, sealed=True)
    finished = sigcli.run("receive", "--json")
    assert texts(finished.json_lines) == [
        *(f"plain {n}" for n in range(300)),
        *(f"sealed {n}" for n in range(300)),
    ]
    assert mock_server.queue_size(linked) == 0
    assert [line["envelope"]["sealedSender"] for line in finished.json_lines].count(True) == 300
    assert len({line["envelope"]["serverGuid"] for line in finished.json_lines}) >= 600
    assert sigcli.run("receive", "--json").lines == []


def test_a_reader_that_stops_loses_nothing_and_repeats_nothing(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, drained, "n", count=50, sealed=True)
    assert sigcli.account is not None
    environment = {**sigcli.environment, "SIGCLI_ACCOUNT": sigcli.account}
    seen: list[str] = []
    for _ in range(10):
        piped = subprocess.run(
            f"{installed_command()} receive --json | head -n 5",
            shell=True,
            env=environment,
            cwd=sigcli.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert piped.stderr == ""
        seen += texts(map(json.loads, piped.stdout.splitlines()))
    assert seen == [f"n {n}" for n in range(50)]
    assert sigcli.run("receive", "--json").lines == []


def test_a_kill_at_any_moment_loses_nothing(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    chance = random.Random(5)
    sent = 0
    seen: list[dict[str, Any]] = []
    for _ in range(12):
        mock_server.send_text(bob, drained, f"{sent}", count=40, sealed=True)
        sent += 1
        process = sigcli.start("receive", "--json")
        time.sleep(chance.uniform(0.15, 0.45))
        process.kill()
        killed = process.wait()
        whole = killed.stdout[: killed.stdout.rfind("\n") + 1]
        seen += [json.loads(line) for line in whole.splitlines()]
    seen += sigcli.run("receive", "--json").json_lines
    assert failures(seen) == []
    by_guid = {line["envelope"]["serverGuid"]: line for line in seen}
    assert sorted(texts(by_guid.values())) == sorted(
        f"{batch} {n}" for batch in range(sent) for n in range(40)
    )


def test_redelivered_messages_are_acknowledged_in_silence(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.drop_acks(drained, 5)
    mock_server.send_text(bob, drained, "n", count=5)
    assert len(texts(sigcli.run("receive", "-t", "0.5", "--json").json_lines)) == 5
    assert mock_server.queue_size(drained) == 5
    assert sigcli.run("receive", "--json").lines == []
    assert mock_server.queue_size(drained) == 0
    mock_server.duplicate_delivery(drained, 3)
    mock_server.send_text(bob, drained, "m", count=3, sealed=True)
    assert texts(sigcli.run("receive", "--json").json_lines) == ["m 0", "m 1", "m 2"]
    assert not [m for m in mock_server.all_received() if m.kind == "decryptionErrorMessage"]


def test_a_connection_that_breaks_is_made_again(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, linked, "n", count=100)
    mock_server.cut_after_messages(linked, 40, acknowledged=False)
    assert texts(sigcli.run("receive", "--json").json_lines) == [f"n {n}" for n in range(100)]


def test_a_displaced_reader_comes_back(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    receiving = sigcli.start("receive", "-t", "-1", "--json")
    mock_server.wait_for_reader(drained)
    assert mock_server.cut(drained, code=4409) >= 1
    mock_server.send_text(bob, drained, "after")
    assert receiving.read_json()["envelope"]["dataMessage"]["message"] == "after"
    receiving.terminate()
    receiving.wait().expect(0)


# --- how long ---------------------------------------------------------------------------------------


def test_the_options_say_how_long_to_receive(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, drained, "n", count=10)
    assert len(sigcli.run("receive", "--json", "--max-messages", "3").lines) == 3
    assert len(sigcli.run("receive", "--json", "--max-messages", "3").lines) == 3
    assert len(sigcli.run("receive", "--json").lines) == 4
    waiting = sigcli.start("receive", "--json", "-t", "6")
    mock_server.wait_for_reader(drained)
    time.sleep(1)
    mock_server.send_text(bob, drained, "new")
    finished = waiting.wait()
    assert texts(finished.json_lines) == ["new"]
    assert finished.duration_s > 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_waiting_receive_at_once(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    bob: MockPrimary,
    number: signal.Signals,
) -> None:
    waiting = sigcli.start("receive", "-t", "-1", "--json")
    mock_server.wait_for_reader(drained)
    mock_server.send_text(bob, drained, "hello")
    assert waiting.read_json()["envelope"]["dataMessage"]["message"] == "hello"
    asked = time.monotonic()
    waiting.send_signal(number)
    finished = waiting.wait().expect(0)
    assert time.monotonic() - asked < 2
    assert finished.stderr == ""
    assert sigcli.run("receive", "--json").lines == []


def test_one_process_receives_at_a_time(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice
) -> None:
    waiting = sigcli.start("receive", "-t", "-1")
    mock_server.wait_for_reader(linked)
    refused = sigcli.run("receive", "--lock-timeout", "0.5", exit_code=3)
    assert str(waiting.pid) in refused.stderr
    waiting.kill()
    waiting.wait()
    sigcli.run("receive", "--lock-timeout", "0.5")


def test_a_removed_device_says_so(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice
) -> None:
    mock_server.remove_device(linked)
    refused = sigcli.run("receive", "--json", exit_code=3)
    assert refused.json_error["code"] == "loginRefused"
    assert "link" in refused.json_error["hint"]


# --- what cannot be decrypted -----------------------------------------------------------------------


def test_a_corrupt_message_is_a_line_and_asked_for_again(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, synced, "first", sealed=True, with_profile_key=True)
    sigcli.run("receive", "--json")  # its receipt ends Bob's prekey messages
    mock_server.corrupt_next(synced, "content")
    timestamp = mock_server.send_text(bob, synced, "lost")
    mock_server.send_text(bob, synced, "kept")
    lines = sigcli.run("receive", "--json").json_lines
    assert failures(lines) == ["ProtocolInvalidMessageException"]
    assert lines[0]["envelope"]["sourceUuid"] == bob.aci
    assert texts(lines) == ["kept"]
    asked = mock_server.received(bob, kind="decryptionErrorMessage")
    assert asked.content["decryptionError"]["timestamp"] == timestamp
    assert asked.content["decryptionError"]["deviceId"] == 1
    assert mock_server.queue_size(synced) == 0


@pytest.mark.parametrize("mode", ["truncate", "empty", "envelope", "content"])
def test_hostile_envelopes_are_acknowledged_and_named(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary, mode: Any
) -> None:
    mock_server.corrupt_next(drained, mode)
    mock_server.send_text(bob, drained, "lost", sealed=True)
    mock_server.send_text(bob, drained, "kept", sealed=True)
    lines = sigcli.run("receive", "--json").json_lines
    assert len(failures(lines)) == 1
    assert texts(lines) == ["kept"]
    assert mock_server.queue_size(drained) == 0


def test_messages_of_a_changed_identity_come_after_trust(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, drained, "before", sealed=True)
    assert texts(sigcli.run("receive", "--json").json_lines) == ["before"]
    mock_server.re_register(bob)
    mock_server.send_text(bob, drained, "after", count=3, sealed=True)
    lines = sigcli.run("receive", "--json").json_lines
    assert failures(lines) == ["UntrustedIdentityException"] * 3
    (identity,) = sigcli.run("listIdentities", "-n", bob.aci, "--json").json
    assert identity["trustLevel"] == "UNTRUSTED"
    wrong = "1" * 60
    refused = sigcli.run("trust", bob.aci, "-v", wrong, "--json", exit_code=1)
    assert refused.json_error["code"] == "safetyNumberMismatch"
    assert sigcli.run("receive", "--json").lines == []
    sigcli.run("trust", bob.aci, "-v", identity["safetyNumber"])
    lines = sigcli.run("receive", "--json").json_lines
    assert texts(lines) == ["after 0", "after 1", "after 2"]
    (identity,) = sigcli.run("listIdentities", "-n", bob.aci, "--json").json
    assert identity["trustLevel"] == "TRUSTED_VERIFIED"


def test_a_running_receive_prints_what_trust_releases(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, drained, "before")
    sigcli.run("receive", "--json")
    mock_server.re_register(bob)
    receiving = sigcli.start("receive", "-t", "-1", "--json")
    mock_server.send_text(bob, drained, "after")
    assert receiving.read_json()["exception"]["type"] == "UntrustedIdentityException"
    sigcli.run("trust", "--all-pending")
    assert receiving.read_json()["envelope"]["dataMessage"]["message"] == "after"
    receiving.terminate()
    receiving.wait().expect(0)


# --- what it causes ---------------------------------------------------------------------------------


def test_contacts_are_synced_and_get_delivery_receipts(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice, bob: MockPrimary
) -> None:
    contacts = sigcli.run("listContacts", "--json").json
    assert bob.aci in {contact["uuid"] for contact in contacts}
    first = mock_server.send_text(bob, synced, "n", count=4, sealed=True, with_profile_key=True)
    (line, *_) = sigcli.run("receive", "--json").json_lines
    assert not line["envelope"].get("messageRequest")
    receipt = mock_server.received(bob, kind="receiptMessage")
    assert receipt.content["receiptMessage"]["timestamp"] == [first + n for n in range(4)]


def test_a_stranger_gets_no_receipt(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice
) -> None:
    carol = mock_server.create_primary("Carol")
    mock_server.send_text(
        carol, synced, "hi", sealed=True, attachments=[Attachment(b"picture", "image/png")]
    )
    (line,) = sigcli.run("receive", "--json").json_lines
    assert line["envelope"]["messageRequest"] is True
    assert line["envelope"]["dataMessage"]["attachments"][0]["localPath"] is None
    assert [m for m in mock_server.all_received() if m.primary == carol.aci] == []


def test_blocked_people_are_not_printed_and_their_ratchet_advances(
    mock_server: MockServer,
    sigcli: Sigcli,
    synced: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    def sync_blocked(*acis: str) -> None:
        blocked = {"acisBinary": [bytes.fromhex(aci.replace("-", "")) for aci in acis]}
        content = {"content": {"syncMessage": {"content": {"blocked": blocked}}}}
        mock_server.send_content(primary, synced, content)

    mock_server.send_text(bob, synced, "one", sealed=True)
    sigcli.run("receive", "--json")
    sync_blocked(bob.aci)
    mock_server.send_text(bob, synced, "two", sealed=True)
    assert texts(sigcli.run("receive", "--json").json_lines) == []
    sync_blocked()
    mock_server.send_text(bob, synced, "three", sealed=True)
    assert texts(sigcli.run("receive", "--json").json_lines) == ["three"]


def test_attachments_are_downloaded_and_long_texts_replaced(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice, bob: MockPrimary
) -> None:
    picture, text = os.urandom(70_000), "long " * 1000
    mock_server.send_text(
        bob,
        synced,
        text[:2000],
        sealed=True,
        attachments=[Attachment(picture, "image/png"), Attachment(text.encode(), LONG_TEXT)],
    )
    (line,) = sigcli.run("receive", "--json").json_lines
    message = line["envelope"]["dataMessage"]
    assert message["message"] == text
    attachment, whole = message["attachments"]
    assert whole["contentType"] == LONG_TEXT
    with open(attachment["localPath"], "rb") as file:
        assert file.read() == picture
    mode = os.stat(attachment["localPath"]).st_mode & 0o777
    assert mode == 0o600


def test_an_attachment_that_fails_is_fetched_later(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice, bob: MockPrimary
) -> None:
    mock_server.fail_next("GET", "/cdn3/", 500, times=None)
    mock_server.send_text(
        bob, synced, "look", sealed=True, attachments=[Attachment(b"data" * 500, "image/png")]
    )
    (line,) = sigcli.run("receive", "--json").json_lines
    assert line["envelope"]["dataMessage"]["attachments"][0]["localPath"] is None


def test_a_transcript_accepts_and_keeps_the_timer(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_sync_text(drained, "from the phone", bob.aci)
    (line,) = sigcli.run("receive", "--json").json_lines
    sent = line["envelope"]["syncMessage"]["sentMessage"]
    assert (sent["message"], sent["destinationUuid"]) == ("from the phone", bob.aci)
    contacts = sigcli.run("listContacts", "--json").json
    assert {contact["uuid"]: contact["profileSharing"] for contact in contacts}[bob.aci] is True


def test_a_retry_request_is_answered_out_of_the_send_log(
    mock_server: MockServer, sigcli: Sigcli, synced: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, synced, "hi", with_profile_key=True, sealed=True)
    sigcli.run("receive", "--json")
    sent = json.loads(sigcli.run("send", bob.aci, "-m", "again please", "--json").stdout)
    assert mock_server.received(bob, kind="dataMessage").text == "again please"
    request = DecryptionErrorMessage(None, sent["timestamp"], synced.device_id)
    content = Content(decryption_error_message=request.serialize())
    mock_server.send_content(bob, synced, encode_content(content))
    assert sigcli.run("receive", "--json").lines == []
    assert mock_server.received(bob, kind="dataMessage").text == "again please"
    mock_server.send_content(bob, synced, {"content": {"nullMessage": {}}})
    assert sigcli.run("receive", "--json").lines == []


def test_read_receipts_on_request(
    mock_server: MockServer,
    sigcli: Sigcli,
    synced: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    timestamp = mock_server.send_text(bob, synced, "read me", sealed=True, with_profile_key=True)
    sigcli.run("receive", "--json", "--send-read-receipts")
    kinds = set()
    for _ in range(2):
        receipt = mock_server.received(bob, kind="receiptMessage").content["receiptMessage"]
        assert receipt["timestamp"] == [timestamp]
        kinds.add(receipt.get("type", "DELIVERY"))
    assert len(kinds) == 2


def test_used_prekeys_are_replaced(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    mock_server.take_prekeys(drained, 95)
    mock_server.send_text(bob, drained, "first")
    sigcli.run("receive", "--json")
    counts = mock_server.prekey_counts(drained)["ACI"]
    assert min(counts.values()) >= 90


def test_a_typing_message_and_a_server_receipt_are_lines(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    typing = {"content": {"typingMessage": {"timestamp": Big(17), "action": 0, "groupId": None}}}
    mock_server.send_content(bob, drained, typing, sealed=True, timestamp_ms=17)
    mock_server.send_server_receipt(bob, drained, 1234)
    typed, receipt = sigcli.run("receive", "--json").json_lines
    assert typed["envelope"]["typingMessage"]["action"] == "STARTED"
    assert receipt["envelope"]["receiptMessage"]["isDelivery"] is True
    assert receipt["envelope"]["receiptMessage"]["timestamps"] == [1234]


def test_group_messages_by_sender_key(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    group = mock_server.create_group(bob, "Friends", [primary])
    mock_server.send_text(
        bob, drained, "to all", count=3, group=group, sender_key=True, sealed=True
    )
    lines = sigcli.run("receive", "--json").json_lines
    assert texts(lines) == ["to all 0", "to all 1", "to all 2"]
    assert {line["envelope"]["dataMessage"]["groupInfo"]["groupId"] for line in lines} == {group.id}


def test_a_new_number_reaches_the_linked_device(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    mock_server.send_text(bob, drained, "to the old number", identity="PNI")
    assert texts(sigcli.run("receive", "--json").json_lines) == ["to the old number"]
    changed = mock_server.change_number(primary)
    finished = sigcli.run("receive", "--json")
    assert finished.stderr == ""
    sigcli.account = changed.number
    mock_server.send_text(bob, drained, "to the new number", identity="PNI")
    assert texts(sigcli.run("receive", "--json").json_lines) == ["to the new number"]
    accounts = sigcli.run("listAccounts", "--json").json
    assert [account["number"] for account in accounts] == [changed.number]
