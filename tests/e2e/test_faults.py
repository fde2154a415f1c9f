"""Things that go wrong at the service and on the way to it: each is survived, or named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.arrived import next_message, texts_among
from tests.support.mock_server import (
    LoggedRequest,
    MockDevice,
    MockPrimary,
    MockServer,
    NothingHappened,
)
from tests.support.printed import (
    next_text,
    receive_texts,
)
from tests.support.sigcli_process import Finished, Sigcli


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
    finished = sending.wait(timeout_s=20)
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
            if receiving.running:
                continue
            break
        closes += mock_server.cut(device, code=4409)
        assert mock_server.wait_for_close(device) == 4409
    finished = receiving.wait().expect(3)
    assert finished.json_error["code"] == "connectedElsewhere"
    assert finished.json_error["hint"]
    assert 2 <= closes <= 8
