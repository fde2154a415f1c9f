"""Things that go wrong at the service, on the way to it and with peers: each is survived, or named."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.sessions import delete_sessions
from sigcli.wire.addresses import ServiceId
from tests.support.account_state import in_store, know
from tests.support.arrived import next_message, texts_among
from tests.support.linking import link_device
from tests.support.mock_server import (
    Attachment,
    LoggedRequest,
    MockDevice,
    MockPrimary,
    MockServer,
    NothingHappened,
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


@pytest.fixture
def device(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """The linked device; what the phone sent for a start has been read."""
    mock_server.wait_for_sync(linked)
    sigcli.run("receive")
    mock_server.all_received()
    return linked


@pytest.fixture
def bob(mock_server: MockServer, sigcli: Sigcli, device: MockDevice) -> MockPrimary:
    """A contact who takes sealed messages."""
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    return bob


@pytest.fixture
def carol(mock_server: MockServer, device: MockDevice) -> MockPrimary:
    """Somebody to whom messages go identified, since nothing is known of them."""
    return mock_server.create_primary("Carol")


def sends_to(mock_server: MockServer, person: MockPrimary) -> list[LoggedRequest]:
    return mock_server.requests(f"^/v1/messages/{person.aci}", verb="PUT")


def statuses(mock_server: MockServer, person: MockPrimary) -> list[int | str]:
    return [entry.status for entry in sends_to(mock_server, person)]


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


# --- devices that change ----------------------------------------------------------------------------


def test_devices_are_added_and_removed_under_a_conversation(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, carol: MockPrimary
) -> None:
    for person in (bob, carol):
        send(sigcli, "one", person)
        tablet = mock_server.add_device(person)
        desktop = mock_server.add_device(person)
        send(sigcli, "two", person)
        mock_server.remove_device(tablet)
        send(sigcli, "three", person)
        mock_server.remove_device(desktop)
        mock_server.add_device(person)
        send(sigcli, "four", person)
        assert texts_at(mock_server, person, 4) == ["one", "two", "three", "four"]
        assert 409 in statuses(mock_server, person)
        # One message has one timestamp, however often its devices had to be corrected.
        bodies = [json.loads(entry.body or b"") for entry in sends_to(mock_server, person)]
        assert len({body["timestamp"] for body in bodies}) == 4


@pytest.mark.parametrize("new_id", [True, False], ids=["410", "same id"])
def test_somebody_comes_back_with_the_old_identity(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary, new_id: bool
) -> None:
    mock_server.set_options(decrypt_failures="accept")
    send(sigcli, "one", bob)
    mock_server.re_register(bob, keep_identity=True, new_registration_id=new_id)
    if new_id:
        send(sigcli, "two", bob)
        assert texts_at(mock_server, bob, 2) == ["one", "two"]
        assert 410 in statuses(mock_server, bob)
        return
    # Nobody can know: the new phone cannot read it, and asks again from a new session.
    send(sigcli, "lost", bob)
    assert len(mock_server.decryption_failures()) == 1
    mock_server.send_text(bob, device, "who are you?", sealed=True)
    assert receive_texts(sigcli) == ["who are you?"]
    send(sigcli, "it is me", bob)
    assert texts_at(mock_server, bob, 2) == ["one", "it is me"]


def test_a_new_phone_while_devices_change(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    send(sigcli, "one", bob)
    mock_server.re_register(bob, keep_identity=True)
    mock_server.add_device(bob)
    send(sigcli, "two", bob)
    assert texts_at(mock_server, bob, 2) == ["one", "two"]
    assert {410, 409} <= set(statuses(mock_server, bob))


def test_an_answer_that_lies_about_devices_ends(
    mock_server: MockServer, sigcli: Sigcli, carol: MockPrimary
) -> None:
    send(sigcli, "before", carol)
    mock_server.fail_next(
        "PUT",
        f"^/v1/messages/{carol.aci}",
        409,
        body={"missingDevices": [2, 3], "extraDevices": []},
        times=None,
    )
    run = send(sigcli, "x", carol, exit_code=3)
    assert results(run)[0]["type"] == "NETWORK_FAILURE"
    assert len(sends_to(mock_server, carol)) <= 6
    mock_server.fail_next("PUT", f"^/v1/messages/{carol.aci}", 409, body="nonsense", times=None)
    send(sigcli, "x", carol, exit_code=3)


# --- limits -----------------------------------------------------------------------------------------


def test_a_challenge_is_answered(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    device: MockDevice,
    carol: MockPrimary,
) -> None:
    mock_server.fail_next(
        "PUT",
        f"^/v1/messages/{carol.aci}",
        428,
        headers={"Retry-After": "120"},
        body={"token": "t0k3n", "options": ["captcha"]},
        times=2,
    )
    failed = send(sigcli, "hello", carol, exit_code=5)
    (result,) = results(failed)
    assert (result["type"], result["token"]) == ("RATE_LIMIT_FAILURE", "t0k3n")
    assert result["retryAfterSeconds"] == 120
    assert failed.json_error["exitCode"] == 5
    text = sigcli.run("send", "-m", "hello", carol.aci, exit_code=5)
    assert text.stdout == ""
    assert "submitRateLimitChallenge --challenge t0k3n" in text.stderr
    assert "120" in text.stderr

    captcha = "signalcaptcha://signal-hcaptcha.a.challenge.b"
    submit = ("submitRateLimitChallenge", "--challenge", "t0k3n", "--captcha", captcha)
    mock_server.set_challenge_answer(428, {})
    refused = sigcli.run("--json", *submit, exit_code=6)
    assert refused.json_error["code"] == "captchaRejected"
    assert refused.json_error["hint"]
    assert refused.stdout == ""
    mock_server.set_challenge_answer(None)
    accepted = sigcli.run(*submit)
    assert accepted.stdout == ""
    send(sigcli, "hello again", carol)
    assert texts_at(mock_server, carol, 1) == ["hello again"]


def test_a_limit_says_how_long(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, carol: MockPrimary
) -> None:
    for person in (bob, carol):
        mock_server.rate_limit_next("PUT", f"^/v1/messages/{person.aci}", 33)
        (result,) = results(send(sigcli, "x", person, exit_code=5))
        assert (result["type"], result["retryAfterSeconds"]) == ("RATE_LIMIT_FAILURE", 33)
    # On the way to the keys of somebody new as well.
    dave = mock_server.create_primary("Dave")
    mock_server.rate_limit_next("GET", f"^/v2/keys/{dave.aci}", 44)
    (result,) = results(send(sigcli, "x", dave, exit_code=5))
    assert (result["type"], result["retryAfterSeconds"]) == ("RATE_LIMIT_FAILURE", 44)
    # One who got it makes the command a success.
    mock_server.rate_limit_next("PUT", f"^/v1/messages/{carol.aci}", 33)
    run = send(sigcli, "both", bob, carol)
    assert sorted(each["type"] for each in results(run)) == ["RATE_LIMIT_FAILURE", "SUCCESS"]
    mock_server.rate_limit_next("PUT", f"^/v1/messages/{carol.aci}", 33)
    run = sigcli.run("--json", "send", "--strict", "-m", "x", bob.aci, carol.aci, exit_code=1)
    assert run.json_error["exitCode"] == 1


# --- sealed -----------------------------------------------------------------------------------------


def test_a_refused_access_key_falls_back_once(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.fail_next("PUT", f"^/v1/messages/{bob.aci}", 401, authenticated=False)
    (result,) = results(send(sigcli, "hello", bob))
    assert (result["type"], result["sealedSender"]) == ("SUCCESS", False)
    message = next_message(mock_server, bob)
    assert (message.text, message.sealed) == ("hello", False)
    sealed, plain = sends_to(mock_server, bob)
    assert (sealed.authenticated, plain.authenticated) == (False, True)
    assert sealed.connection != plain.connection
    assert "unidentified-access-key" not in plain.headers
    assert "authorization" not in sealed.headers
    (result,) = results(send(sigcli, "hello", bob))
    assert result["sealedSender"] is True


# --- a server in trouble ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_in_trouble(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    bob: MockPrimary,
    carol: MockPrimary,
    status: int,
) -> None:
    for person in (bob, carol):
        mock_server.fail_next("PUT", f"^/v1/messages/{person.aci}", status, times=None)
        run = send(sigcli, "x", person, exit_code=3)
        assert results(run)[0]["type"] == "NETWORK_FAILURE"
        assert str(status) in run.json_error["message"]
    # The transcript is no reason to call the message unsent.
    dave = mock_server.create_primary("Dave")
    mock_server.fail_next("PUT", f"^/v1/messages/{primary.aci}", status, times=None)
    run = send(sigcli, "got it", dave)
    assert "sigcli: warning: " in run.stderr
    assert texts_at(mock_server, dave, 1) == ["got it"]


def test_what_receive_does_beside_receiving_does_not_fail_it(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    mock_server.send_text(bob, device, "n", count=3, sealed=True, with_profile_key=True)
    mock_server.fail_next("PUT", "^/v1/messages/", 503, times=None)
    mock_server.fail_next("GET", "^/v1/(profile|certificate)", 500, times=None)
    assert receive_texts(sigcli) == ["n 0", "n 1", "n 2"]
    assert mock_server.queue_size(device) == 0


def test_a_server_that_is_away_for_a_moment(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    mock_server.fail_next("UPGRADE", "/v1/websocket/", 503, times=3)
    mock_server.cut(device)
    mock_server.send_text(bob, device, "after")
    assert next_text(receiving) == "after"
    mock_server.cut(device, code=1011)
    mock_server.send_text(bob, device, "and again", sealed=True)
    assert next_text(receiving) == "and again"
    receiving.interrupt()
    receiving.wait().expect(0)
    # A run that has not begun says so instead.
    mock_server.fail_next("UPGRADE", "/v1/websocket/", 503, times=None)
    refused = sigcli.run("receive", "--json", exit_code=3)
    assert refused.json_error["code"] == "serverUnavailable"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("sealed", [False, True], ids=["identified", "sealed"])
def test_a_socket_cut_at_a_message(
    mock_server: MockServer,
    sigcli: Sigcli,
    bob: MockPrimary,
    carol: MockPrimary,
    after: bool,
    sealed: bool,
) -> None:
    # As in production the service does not know what the recipient makes of a message.
    mock_server.set_options(decrypt_failures="accept")
    person = bob if sealed else carol
    send(sigcli, "before", person)
    mock_server.cut_next("PUT", f"^/v1/messages/{person.aci}", after_handling=after)
    run = sigcli.run("--json", "send", "-m", "cut", person.aci, exit_code=None)
    (result,) = results(run)
    send(sigcli, "after", person)
    texts = [next_message(mock_server, person).text]
    while texts[-1] != "after":
        texts.append(next_message(mock_server, person).text)
    # Once, or named as failed; what took effect is never there twice.
    assert texts.count("cut") <= 1
    if result["type"] == "SUCCESS":
        assert run.exit_code == 0
        assert texts == ["before", "cut", "after"]
    else:
        assert (result["type"], run.exit_code) == ("NETWORK_FAILURE", 3)
    # If it was handed over again, then as the same ciphertext, which the recipient has already seen.
    for failure in mock_server.decryption_failures():
        assert "old counter" in failure["error"]


def test_a_message_that_is_never_answered(
    mock_server: MockServer, sigcli: Sigcli, carol: MockPrimary
) -> None:
    mock_server.ignore_next("PUT", f"^/v1/messages/{carol.aci}", times=None)
    sending = sigcli.start("send", "-m", "x", carol.aci)
    mock_server.wait_for_request(f"^/v1/messages/{carol.aci}")
    sending.interrupt()
    finished = sending.wait(timeout_s=5)
    assert finished.exit_code == 130
    assert finished.stdout == ""
    assert "Traceback" not in finished.stderr


# --- the login --------------------------------------------------------------------------------------


def test_a_login_that_is_refused(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, carol: MockPrimary
) -> None:
    mock_server.fail_next("UPGRADE", "/v1/websocket/", 403, times=None)
    for command in (["receive"], ["send", "-m", "x", carol.aci], ["listDevices"]):
        run = sigcli.run(*command, "--json", exit_code=3)
        assert run.json_error["code"] == "loginRefused"
        assert "link" in run.json_error["hint"]
    # Nobody hammers at a closed door.
    assert len(mock_server.requests("/v1/websocket/", verb="UPGRADE")) <= 6


def test_a_removed_device_is_told(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    mock_server.wait_for_reader(device)
    mock_server.send_text(bob, device, "last words")
    assert next_text(receiving) == "last words"
    mock_server.remove_device(device)
    finished = receiving.wait().expect(3)
    assert finished.json_error["code"] in ("loginRefused", "reauthenticationRequired")
    assert "link" in finished.json_error["hint"]


def test_a_reader_that_is_displaced_again_and_again_gives_up(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice
) -> None:
    receiving = sigcli.start("receive", "--json", "-t", "-1")
    closes = 0
    while True:
        try:
            mock_server.wait_for_reader(device, timeout_s=3)
        except NothingHappened:
            break
        closes += mock_server.cut(device, code=4409)
        assert mock_server.wait_for_close(device) == 4409
    finished = receiving.wait(timeout_s=5).expect(3)
    assert finished.json_error["code"] == "connectedElsewhere"
    assert finished.json_error["hint"]
    assert 2 <= closes <= 8


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


# --- long texts and attachments ---------------------------------------------------------------------


def test_long_texts_both_ways(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    whole = "0123456789äöü€😀" * 400
    run = sigcli.run("send", "--message-from-stdin", bob.aci, stdin=whole)
    data = next_message(mock_server, bob).data
    assert data["timestamp"] == int(run.stdout)
    assert len(data["body"].encode()) <= 2000
    assert whole.startswith(data["body"])
    (pointer,) = data["attachments"]
    assert pointer["contentType"] == "text/x-signal-plain"
    assert mock_server.attachment(pointer).decode() == whole
    # And back, with the beginning as body and the whole as an attachment.
    long_text = Attachment(whole.encode(), "text/x-signal-plain")
    mock_server.send_text(bob, device, data["body"], attachments=[long_text], sealed=True)
    (line,) = receive(sigcli)
    assert texts_of([line]) == [whole]
    assert not line["envelope"]["dataMessage"].get("attachments")
    # Exactly at the limit nothing is uploaded.
    send(sigcli, "x" * 2000, bob)
    data = next_message(mock_server, bob).data
    assert (data["body"], data.get("attachments")) == ("x" * 2000, None)


@pytest.mark.parametrize("cdn", [2, 3])
def test_attachments_both_ways_over_a_broken_line(
    mock_server: MockServer,
    sigcli: Sigcli,
    device: MockDevice,
    bob: MockPrimary,
    tmp_path: Path,
    cdn: int,
) -> None:
    mock_server.set_options(attachment_cdn=cdn)
    big, small = tmp_path / "big.bin", tmp_path / "small.txt"
    big.write_bytes(os.urandom(1_500_000))
    small.write_text("a few words")
    for verb in ("PATCH", "POST", "PUT"):
        mock_server.break_transfer(verb, f"/cdn{cdn}/", after_bytes=600_000)
    sigcli.run("send", "-m", "two files", bob.aci, "-a", str(big), str(small))
    data = next_message(mock_server, bob).data
    assert [pointer["cdnNumber"] for pointer in data["attachments"]] == [cdn, cdn]
    first, second = data["attachments"]
    assert mock_server.attachment(first) == big.read_bytes()
    assert mock_server.attachment(second) == small.read_bytes()
    assert second["contentType"] == "text/plain"
    assert [pointer["fileName"] for pointer in (first, second)] == ["big.bin", "small.txt"]
    # The padding hides the exact length.
    padded, _ = mock_server.attachment_sizes(second)
    assert padded > small.stat().st_size

    attachment = Attachment(os.urandom(1_500_000), "image/png", "picture.png", cdn=cdn)
    mock_server.break_transfer("GET", "/attachments/", after_bytes=700_000)
    mock_server.send_text(bob, device, "one file", attachments=[attachment])
    before = len(mock_server.requests("/attachments/", verb="GET"))
    (line,) = receive(sigcli)
    (shown,) = line["envelope"]["dataMessage"]["attachments"]
    assert Path(shown["localPath"]).read_bytes() == attachment.data
    assert (shown["contentType"], shown["filename"]) == ("image/png", "picture.png")
    assert Path(shown["localPath"]).name == shown["id"]
    gets = mock_server.requests("/attachments/", verb="GET")[before:]
    assert len(gets) == 2
    # The second attempt asks for the rest only.
    assert gets[1].headers["range"].startswith("bytes=")
    assert gets[1].headers["range"] != "bytes=0-"


def test_a_file_that_was_tampered_with_is_not_kept(
    mock_server: MockServer, sigcli: Sigcli, device: MockDevice, bob: MockPrimary
) -> None:
    attachment = Attachment(b"honest bytes", "text/plain", "x.txt")
    mock_server.fail_next("GET", "/attachments/", 200, body=os.urandom(4096), times=None)
    mock_server.send_text(bob, device, "see file", attachments=[attachment])
    run = sigcli.run("receive", "--json")
    (line,) = run.json_lines
    assert texts_of([line]) == ["see file"]
    assert not line["envelope"]["dataMessage"]["attachments"][0].get("localPath")
    assert "sigcli: warning: " in run.stderr
    assert list(sigcli.data_dir.glob("*/attachments/*")) == []


# --- the phone --------------------------------------------------------------------------------------


def test_a_fresh_link_knows_the_phones_contacts(mock_server: MockServer, sigcli: Sigcli) -> None:
    friends = [mock_server.create_primary(f"Friend {index}") for index in range(3)]
    phone = mock_server.create_primary("Phone", contacts=friends)
    link = link_device(mock_server, sigcli, phone)
    mock_server.wait_for_sync(link)
    lines = receive(sigcli)
    assert "CONTACTS_SYNC" in [
        line["envelope"].get("syncMessage", {}).get("type") for line in lines
    ]
    contacts = sigcli.run("--json", "listContacts").json
    assert {contact["uuid"] for contact in contacts} >= {friend.aci for friend in friends}
    assert {contact["name"] for contact in contacts} >= {"Friend 0", "Friend 1", "Friend 2"}
    # Known by their name, and no strangers.
    sigcli.run("send", "-m", "hello", "friend 1")
    assert next_message(mock_server, friends[1]).text == "hello"
    mock_server.send_text(friends[2], link, "hi")
    (line,) = receive(sigcli)
    assert not line["envelope"].get("messageRequest")
    assert line["envelope"]["sourceName"] == "Friend 2"


def test_transcripts_go_both_ways(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    device: MockDevice,
    bob: MockPrimary,
) -> None:
    timestamp = send(sigcli, "from the computer", bob).json["timestamp"]
    sent = mock_server.received(primary, kind="syncMessage").content["syncMessage"]["sent"]
    assert (sent["timestamp"], sent["message"]["body"]) == (timestamp, "from the computer")
    assert sent["destinationServiceIdBinary"] == ServiceId.parse(bob.aci).to_binary()
    theirs = mock_server.send_sync_text(device, "from the phone", bob.aci)
    (line,) = receive(sigcli)
    shown = line["envelope"]["syncMessage"]["sentMessage"]
    assert shown["message"] == "from the phone"
    assert (shown["destinationUuid"], shown["timestamp"]) == (bob.aci, theirs)
    # A note to self goes to the phone alone, as its own transcript.
    run = sigcli.run("--json", "send", "--note-to-self", "-m", "remember")
    sent = mock_server.received(primary, kind="syncMessage").content["syncMessage"]["sent"]
    assert sent["message"]["body"] == "remember"
    assert sent["destinationServiceIdBinary"] == ServiceId.parse(primary.aci).to_binary()
    assert results(run)[0]["type"] == "SUCCESS"
