"""Messages that come twice or damaged, people with new keys, and strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from tests.support.account_state import in_store, know
from tests.support.arrived import next_message, texts_among
from tests.support.mock_server import (
    Attachment,
    LoggedRequest,
    MockDevice,
    MockPrimary,
    MockServer,
    ReceivedMessage,
)
from tests.support.printed import (
    exceptions_of,
    next_line_with,
    next_text,
    receive,
    receive_texts,
    texts_of,
)
from tests.support.sigcli_process import Finished, Sigcli
from tests.support.stored import delete_sessions


def sends_to(mock_server: MockServer, person: MockPrimary) -> list[LoggedRequest]:
    return mock_server.requests(f"^/v1/messages/{person.aci}", verb="PUT")


def results(run: Finished) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run.json["results"]
    return found


def send(sigcli: Sigcli, text: str, *people: MockPrimary, exit_code: int = 0) -> Finished:
    addresses = [person.aci for person in people]
    return sigcli.run("--json", "send", "-m", text, *addresses, exit_code=exit_code)


def texts_at(mock_server: MockServer, person: MockPrimary, count: int) -> list[str]:
    """The next texts that somebody decrypted, and that there are no more and no failures."""
    texts = [next_message(mock_server, person).text for _ in range(count)]
    assert texts_among(mock_server.all_received(), person) == []
    assert mock_server.decryption_failures() == []
    return texts


def retry_requests(mock_server: MockServer, person: MockPrimary) -> list[ReceivedMessage]:
    return [
        message
        for message in mock_server.all_received()
        if message.primary == person.aci and "decryptionError" in message.content
    ]


# --- what comes twice, or damaged -------------------------------------------------------------------


def test_what_is_delivered_twice_is_printed_once(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    for sealed in (False, True):
        expected = [f"n {index}" for index in range(20)]
        mock_server.drop_acks(device, 20)
        mock_server.duplicate_delivery(device, 20)
        mock_server.send_text(bob, device, "n", count=20, sealed=sealed)
        assert receive_texts(sigcli, "-t", "0") == expected
        assert mock_server.queue_size(device) == 20
        assert receive(sigcli) == []
        assert mock_server.queue_size(device) == 0
    assert retry_requests(mock_server, bob) == []


@pytest.mark.parametrize("damage", ["content", "truncate"])
def test_a_damaged_message_is_asked_for_once(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, damage: Any
) -> None:
    mock_server.send_text(bob, device, "good")
    assert receive_texts(sigcli) == ["good"]
    # Only with an answer is the session settled on both sides.
    send(sigcli, "hello", bob)
    mock_server.all_received()
    mock_server.corrupt_next(device, damage)
    mock_server.drop_acks(device, 1)
    timestamp = mock_server.send_text(bob, device, "damaged on the way")
    lines = receive(sigcli, "-t", "0")
    (line,) = lines
    assert line["exception"]["type"] == "ProtocolInvalidMessageException"
    assert line["envelope"]["sourceUuid"] == bob.aci
    assert line["envelope"]["timestamp"] == timestamp
    assert "dataMessage" not in line["envelope"]
    # It comes again as it is, and is neither printed nor asked for another time.
    assert receive(sigcli) == []
    assert mock_server.queue_size(device) == 0
    (request,) = retry_requests(mock_server, bob)
    error = request.content["decryptionError"]
    assert (error["timestamp"], error["deviceId"]) == (timestamp, 1)
    # Bob sends it again under its old timestamp.
    mock_server.send_text(bob, device, "damaged on the way", timestamp_ms=timestamp)
    (line,) = receive(sigcli)
    assert texts_of([line]) == ["damaged on the way"]
    assert line["envelope"]["timestamp"] == timestamp
    send(sigcli, "got it", bob)
    assert texts_at(mock_server, bob, 1) == ["got it"]


def test_a_sealed_message_without_a_session_is_asked_for_sealed(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "good", sealed=True)
    assert receive_texts(sigcli) == ["good"]
    send(sigcli, "hello", bob)
    mock_server.send_text(bob, device, "settled", sealed=True)
    assert receive_texts(sigcli) == ["settled"]
    mock_server.all_received()
    bob_id = ServiceId.parse(bob.aci)
    in_store(sigcli, lambda database: delete_sessions(database, bob_id))
    timestamp = mock_server.send_text(bob, device, "cannot be read", sealed=True)
    (line,) = receive(sigcli)
    assert line["exception"]["type"] == "ProtocolNoSessionException"
    assert line["envelope"]["sourceUuid"] == bob.aci
    (request,) = retry_requests(mock_server, bob)
    assert request.sealed
    assert request.content["decryptionError"]["timestamp"] == timestamp
    mock_server.forget_sessions(bob)
    mock_server.send_text(bob, device, "cannot be read", sealed=True, timestamp_ms=timestamp)
    assert receive_texts(sigcli) == ["cannot be read"]


def test_damage_does_not_hold_up_what_follows(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.corrupt_next(device, "content", "truncate", "empty", "envelope")
    mock_server.send_text(bob, device, "n", count=4, sealed=True)
    mock_server.send_text(bob, device, "fine", sealed=True)
    lines = receive(sigcli)
    assert len(exceptions_of(lines)) == 4
    assert texts_of(lines) == ["fine"]
    assert mock_server.queue_size(device) == 0
    assert receive(sigcli) == []


# --- identities -------------------------------------------------------------------------------------


def test_a_changed_identity_is_held_back_until_trusted(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "old phone")
    assert receive_texts(sigcli) == ["old phone"]
    send(sigcli, "hello", bob)
    mock_server.all_received()
    changed = mock_server.re_register(bob)
    refused = send(sigcli, "secret", bob, exit_code=4)
    assert results(refused)[0]["type"] == "IDENTITY_FAILURE"
    assert refused.json_error["exitCode"] == 4
    assert "trust" in refused.json_error["hint"]

    # Before somebody has looked, messages are named and kept, plain and sealed.
    mock_server.send_text(bob, device, "p", count=3)
    mock_server.send_text(bob, device, "s", count=3, sealed=True)
    kept = receive(sigcli)
    assert set(exceptions_of(kept)) == {"UntrustedIdentityException"}
    assert texts_of(kept) == []
    assert {line["envelope"]["sourceUuid"] for line in kept} == {bob.aci}
    assert receive(sigcli) == []
    assert mock_server.queue_size(device) == 0
    assert retry_requests(mock_server, bob) == []
    (listed,) = sigcli.run("--json", "listIdentities", "-n", bob.aci).json
    assert listed["trustLevel"] == "UNTRUSTED"
    assert bytes.fromhex(listed["fingerprint"]) == changed.identity_key

    wrong = sigcli.run("--json", "trust", "-v", "0" * 60, bob.aci, exit_code=1)
    assert wrong.json_error["hint"] is not None or wrong.json_error["message"]
    assert receive(sigcli) == []
    sigcli.run("trust", "-v", listed["safetyNumber"].replace(" ", ""), bob.aci)
    assert receive_texts(sigcli) == [f"{kind} {n}" for kind in "ps" for n in range(3)]
    (listed,) = sigcli.run("--json", "listIdentities", "-n", bob.aci).json
    assert listed["trustLevel"] == "TRUSTED_VERIFIED"
    mock_server.send_text(bob, device, "new phone", sealed=True)
    assert receive_texts(sigcli) == ["new phone"]
    mock_server.all_received()
    send(sigcli, "welcome back", bob)
    assert texts_at(mock_server, bob, 1) == ["welcome back"]


def test_a_changed_identity_in_the_middle_of_receive(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    """Trust in another process releases what a running receiver prints."""
    carol = mock_server.create_primary("Carol")
    know(sigcli, carol)
    for person in (bob, carol):
        mock_server.send_text(person, device, "old")
    receive_texts(sigcli)
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    for person in (bob, carol):
        mock_server.re_register(person)
        mock_server.send_text(person, device, "kept", count=2)
        for _ in range(2):
            line = next_line_with(receiving, "exception")
            assert line["exception"]["type"] == "UntrustedIdentityException"
    sigcli.run("trust", "--all-pending")
    assert [next_text(receiving) for _ in range(4)] == ["kept 0", "kept 1"] * 2
    receiving.terminate()
    receiving.wait().expect(0)


@pytest.mark.parametrize(
    ("policy", "verified", "taken"),
    [
        ("always", True, True),
        ("unless-verified", False, True),
        ("unless-verified", True, False),
        ("on-first-use", False, False),
        ("never", False, False),
    ],
)
def test_policies_for_changed_identities(
    mock_server: MockServer,
    sigcli: Sigcli,
    device: MockDevice,
    bob: MockPrimary,
    policy: str,
    verified: bool,
    taken: bool,
) -> None:
    send(sigcli, "first", bob)
    if verified:
        (listed,) = sigcli.run("--json", "listIdentities", "-n", bob.aci).json
        sigcli.run("trust", "-v", listed["safetyNumber"], bob.aci)
    mock_server.all_received()
    mock_server.re_register(bob)
    mock_server.send_text(bob, device, "from the new phone", sealed=True)
    lines = receive(sigcli, "--trust-new-identities", policy)
    if taken:
        assert texts_of(lines) == ["from the new phone"]
    else:
        assert exceptions_of(lines) == ["UntrustedIdentityException"]
    run = sigcli.run(
        *("--json", "--trust-new-identities", policy, "send", "-m", "to the new phone", bob.aci),
        exit_code=0 if taken else 4,
    )
    assert (results(run)[0]["type"] == "SUCCESS") == taken


# --- strangers --------------------------------------------------------------------------------------


def test_a_stranger_learns_nothing(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, device: MockDevice
) -> None:
    stranger = mock_server.create_primary("Stranger")
    before = len(mock_server.requests())
    attachment = Attachment(b"look at me", "text/plain", "look.txt")
    mock_server.send_text(
        stranger, device, "hi", sealed=True, with_profile_key=True, attachments=[attachment]
    )
    mock_server.send_text(stranger, device, "hello?", sealed=True)
    lines = receive(sigcli)
    assert texts_of(lines) == ["hi", "hello?"]
    assert all(line["envelope"]["messageRequest"] for line in lines)
    assert not lines[0]["envelope"]["dataMessage"]["attachments"][0].get("localPath")
    # Nothing was sent to them, and nothing of theirs was fetched from a CDN.
    assert sends_to(mock_server, stranger) == []
    assert not [entry for entry in mock_server.requests()[before:] if "/attachments/" in entry.path]
    # Whoever answers has accepted.
    send(sigcli, "hello", stranger)
    message = next_message(mock_server, stranger)
    assert message.data["profileKey"] == primary.profile_key
    mock_server.send_text(stranger, device, "good", sealed=True, attachments=[attachment])
    (line,) = receive(sigcli)
    assert not line["envelope"].get("messageRequest")
    path = line["envelope"]["dataMessage"]["attachments"][0]["localPath"]
    assert Path(path).read_bytes() == attachment.data
    receipt = mock_server.received(stranger, kind="receiptMessage")
    assert receipt.content["receiptMessage"]["timestamp"] == [line["envelope"]["timestamp"]]


def test_the_phone_accepts_a_stranger(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice
) -> None:
    stranger = mock_server.create_primary("Stranger")
    mock_server.send_text(stranger, device, "hi", sealed=True)
    (line,) = receive(sigcli)
    assert line["envelope"]["messageRequest"]
    mock_server.send_sync_text(device, "hello", stranger.aci)
    mock_server.send_text(stranger, device, "good", sealed=True)
    lines = receive(sigcli)
    assert texts_of(lines) == ["good"]
    assert not lines[-1]["envelope"].get("messageRequest")
    mock_server.received(stranger, kind="receiptMessage")
