"""``sigcli send`` against Signal's mock server, whose primaries are official libsignal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.accounts import DataDirectory
from sigcli.store.challenges import open_challenges
from sigcli.store.database import Database
from sigcli.store.identity_keys import TrustLevel, find_identity
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipient_values import Recipient
from sigcli.store.recipients import load_recipient, set_profile_key, update_recipient
from sigcli.store.send_log import SentMessage, find_sent
from sigcli.wire.addresses import ProtocolAddress, ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Finished, Sigcli


@pytest.fixture
def bob(mock_server: MockServer, linked: MockDevice) -> MockPrimary:
    """Somebody to write to; the command is linked."""
    return mock_server.create_primary("Bob")


def in_store(sigcli: Sigcli, action: Callable[[Any], Any]) -> Any:
    """Do something with the database of the only account."""
    directory = DataDirectory(sigcli.data_dir)
    with (
        directory.open_database(directory.choose(None)) as database,
        database.transaction() as transaction,
    ):
        return action(transaction)


def know(
    sigcli: Sigcli, primary: MockPrimary, profile_key: bytes | None = None, **change: Any
) -> None:
    """Let the store know somebody's ids and profile key, as a contact sync does."""

    def learn(database: Any) -> None:
        row = resolve_recipient(
            database,
            aci=ServiceId.parse(primary.aci),
            pni=ServiceId.parse(primary.pni) if primary.pni else None,
            number=primary.number,
        ).id
        set_profile_key(database, row, ProfileKeyBytes(profile_key or primary.profile_key))
        if change:
            update_recipient(database, row, **change)

    in_store(sigcli, learn)


def stored(sigcli: Sigcli, primary: MockPrimary) -> Recipient:
    found: Recipient = in_store(
        sigcli,
        lambda database: load_recipient(
            database, resolve_recipient(database, aci=ServiceId.parse(primary.aci)).id
        ),
    )
    return found


def send_json(sigcli: Sigcli, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
    """The result object of a send."""
    result: dict[str, Any] = sigcli.run("--json", "send", *arguments, exit_code=exit_code).json
    return result


def types(result: dict[str, Any]) -> list[str]:
    return [one["type"] for one in result["results"]]


def message_requests(mock_server: MockServer, primary: MockPrimary) -> list[Any]:
    return mock_server.requests(f"^/v1/messages/{primary.aci}", verb="PUT")


def next_sync(mock_server: MockServer, primary: MockPrimary, name: str) -> dict[str, Any]:
    """The next sync message of a kind that the phone decrypted; others, such as requests after linking, go by."""
    while True:
        received: dict[str, Any] = mock_server.received(primary, kind="syncMessage").content
        if name in received["syncMessage"]:
            sync: dict[str, Any] = received["syncMessage"]
            return sync


def test_a_text_reaches_its_recipient_and_the_own_phone(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    run = sigcli.run("send", "-m", "hello", bob.aci)
    timestamp = int(run.stdout)
    assert run.stderr == ""
    message = mock_server.received(bob)
    assert (message.text, message.sealed) == ("hello", False)
    assert message.data["timestamp"] == timestamp
    assert message.data["profileKey"] == primary.profile_key
    sent = next_sync(mock_server, primary, "sent")["sent"]
    assert (sent["timestamp"], sent["message"]["body"]) == (timestamp, "hello")
    assert sent["destinationServiceIdBinary"] == ServiceId.parse(bob.aci).to_binary()
    assert sent["unidentifiedStatus"][0]["unidentified"] is False
    # Writing to somebody makes them a contact who may see the profile.
    assert stored(sigcli, bob).contact.profile_sharing
    later = int(sigcli.run("send", "-m", "again", bob.aci).stdout)
    assert later > timestamp


def test_a_known_profile_key_seals_the_message(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    result = send_json(sigcli, "-m", "one", bob.number)
    assert result["results"] == [
        {
            "recipientAddress": {"uuid": bob.aci, "number": bob.number, "username": None},
            "type": "SUCCESS",
            "sealedSender": True,
        }
    ]
    message = mock_server.received(bob)
    assert (message.text, message.sealed, message.source.device_id) == ("one", True, 2)
    sent = next_sync(mock_server, primary, "sent")["sent"]
    assert sent["unidentifiedStatus"][0]["unidentified"] is True
    (certificate,) = mock_server.requests("/v1/certificate/delivery")
    assert certificate.path.endswith("includeE164=false")
    before = len(mock_server.requests())
    send_json(sigcli, "-m", "two", bob.aci)
    requests = mock_server.requests()[before:]
    assert [(entry.verb, entry.path, entry.authenticated) for entry in requests] == [
        ("PUT", f"/v1/messages/{bob.aci}", False),
        ("PUT", f"/v1/messages/{primary.aci}", True),
    ]
    assert "unidentified-access-key" not in requests[1].headers


def test_the_same_requests_as_rest_calls(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, mock_environment: Path
) -> None:
    know(sigcli, bob)
    mock_server.environment_file(mock_environment, requests="https")
    before = len(mock_server.requests())
    result = send_json(sigcli, "-m", "over HTTPS", bob.aci)
    assert result["results"][0]["sealedSender"] is True
    assert mock_server.received(bob).text == "over HTTPS"
    requests = mock_server.requests()[before:]
    assert {entry.transport for entry in requests} == {"http"}
    sealed = [entry for entry in requests if "unidentified-access-key" in entry.headers]
    assert sealed
    assert not any("authorization" in entry.headers for entry in sealed)


def test_what_a_send_does_not_need_is_not_loaded(sigcli: Sigcli, bob: MockPrimary) -> None:
    know(sigcli, bob)
    sigcli.run("send", "-m", "one", bob.aci)
    run = sigcli.run("send", "-m", "two", bob.aci, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "sigcli.client.sending.sending" in loaded
    unwanted = {
        *("asyncio", "httpx2", "rich", "pydantic", "concurrent.futures", "sigcli.zkgroup"),
        *("sigcli.client.receiving.receiving", "sigcli.client.content.attachments_out"),
        *(
            "sigcli.client.sending.message_extras",
            "sigcli.client.sending.send_retrying",
            "sigcli.client.content.markdown",
        ),
        *("sigcli.service.cdn", "sigcli.service.resources.keys"),
    }
    assert not loaded.intersection(unwanted)


def test_a_long_text_and_attachments(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, tmp_path: Path
) -> None:
    mock_server.set_options(attachment_cdn="alternate")
    picture = tmp_path / "picture.png"
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (300).to_bytes(4, "big") + (200).to_bytes(4, "big")
    picture.write_bytes(header + b"x" * 2_000_000)
    text = "ä" * 3000
    uri = "data:text/plain;filename=note.txt;base64,aGVsbG8="
    carol = mock_server.create_primary("Carol")
    arguments = ("-a", str(picture), uri, "--message-from-stdin", bob.aci, carol.aci)
    sigcli.run("send", *arguments, stdin=text)
    data = mock_server.received(bob).data
    assert data["body"] == "ä" * 1000
    pictured, note, whole = data["attachments"]
    assert (pictured["contentType"], pictured["fileName"]) == ("image/png", "picture.png")
    assert (pictured["width"], pictured["height"]) == (300, 200)
    assert mock_server.attachment(pictured) == picture.read_bytes()
    assert (note["contentType"], note["fileName"]) == ("text/plain", "note.txt")
    assert mock_server.attachment(note) == b"hello"
    assert whole["contentType"] == "text/x-signal-plain"
    assert mock_server.attachment(whole).decode() == text
    assert {pictured["cdnNumber"], note["cdnNumber"]} == {2, 3}
    # Each is uploaded once, for however many recipients.
    assert len(mock_server.requests("/v4/attachments/form/upload")) == 3
    assert mock_server.received(carol).data["attachments"] == data["attachments"]


def test_an_upload_goes_on_where_it_broke(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, tmp_path: Path
) -> None:
    mock_server.break_transfer("POST", "/cdn3/", after_bytes=400_000)
    file = tmp_path / "big.bin"
    file.write_bytes(bytes(range(256)) * 8000)
    sigcli.run("send", "-a", str(file), "-m", "", bob.aci)
    (pointer,) = mock_server.received(bob).data["attachments"]
    assert mock_server.attachment(pointer) == file.read_bytes()
    assert mock_server.requests("/cdn3/", verb="PATCH")


def test_a_note_to_self_is_only_a_transcript(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    before = len(message_requests(mock_server, primary))
    for arguments in (("--note-to-self",), (primary.number,), (primary.aci, "--note-to-self")):
        result = send_json(sigcli, "-m", "remember", *arguments)
        assert types(result) == ["SUCCESS"]
        sent = next_sync(mock_server, primary, "sent")["sent"]
        assert sent["destinationServiceIdBinary"] == ServiceId.parse(primary.aci).to_binary()
        assert sent["message"]["body"] == "remember"
    assert len(message_requests(mock_server, primary)) == before + 3


def test_a_wrong_access_key_falls_back_to_an_identified_send(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    know(sigcli, bob, profile_key=bytes(32))
    result = send_json(sigcli, "-m", "hello", bob.aci)
    assert result["results"][0]["sealedSender"] is False
    message = mock_server.received(bob)
    assert (message.text, message.sealed) == ("hello", False)
    assert [entry.status for entry in message_requests(mock_server, bob)] == [401, 200]


def test_somebody_who_is_not_registered(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    carol = mock_server.create_primary("Carol")
    mock_server.set_registered(bob, False)
    result = send_json(sigcli, "-m", "hello", bob.aci, exit_code=1)
    assert types(result) == ["UNREGISTERED_FAILURE"]
    run = sigcli.run("send", "-m", "hello", bob.aci, exit_code=1)
    assert run.stdout == ""
    assert "Unregistered user" in run.stderr
    assert stored(sigcli, bob).contact.unregistered_ms is not None
    # One success is a success, unless all are asked for; all share one timestamp.
    run = sigcli.run("--json", "send", "-m", "both", bob.aci, carol.aci)
    assert types(run.json) == ["UNREGISTERED_FAILURE", "SUCCESS"]
    assert mock_server.received(carol).data["timestamp"] == run.json["timestamp"]
    sigcli.run("send", "-m", "both", bob.aci, carol.aci, "--strict", exit_code=1)
    mock_server.set_registered(bob, True)
    sigcli.run("send", "-m", "back", bob.aci)
    assert mock_server.received(bob).text == "back"
    assert stored(sigcli, bob).contact.unregistered_ms is None


def test_a_new_phone_with_the_old_identity_is_written_to_at_once(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    sigcli.run("send", "-m", "one", bob.aci)
    mock_server.re_register(bob, keep_identity=True)
    send_json(sigcli, "-m", "two", bob.aci)
    assert [mock_server.received(bob).text for _ in range(2)] == ["one", "two"]
    assert [entry.status for entry in message_requests(mock_server, bob)] == [200, 410, 200]


def test_a_changed_identity_stops_the_message_until_it_is_trusted(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    sigcli.run("send", "-m", "one", bob.aci)
    changed = mock_server.re_register(bob)
    result = send_json(sigcli, "-m", "two", bob.aci, exit_code=4)
    assert types(result) == ["IDENTITY_FAILURE"]
    known = in_store(sigcli, lambda database: find_identity(database, ServiceId.parse(bob.aci)))
    assert known.identity_key.serialize() == changed.identity_key
    assert known.trust_level is TrustLevel.UNTRUSTED
    # No prekeys are used up for a message that cannot go.
    fetches = len(mock_server.requests(f"^/v2/keys/{bob.aci}"))
    sigcli.run("send", "-m", "two", bob.aci, exit_code=4)
    assert len(mock_server.requests(f"^/v2/keys/{bob.aci}")) == fetches
    sigcli.run("--trust-new-identities", "always", "send", "-m", "three", bob.aci)
    assert [mock_server.received(bob).text for _ in range(2)] == ["one", "three"]


def test_devices_come_and_go(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> None:
    sigcli.run("send", "-m", "one", bob.aci)
    tablet = mock_server.add_device(bob)
    sigcli.run("send", "-m", "two", bob.aci)
    assert [entry.status for entry in message_requests(mock_server, bob)] == [200, 409, 200]
    mock_server.remove_device(tablet)
    sigcli.run("send", "-m", "three", bob.aci)
    assert [entry.status for entry in message_requests(mock_server, bob)][3:] == [409, 200]
    assert [mock_server.received(bob).text for _ in range(3)] == ["one", "two", "three"]
    timestamps = [
        json.loads(entry.body or b"")["timestamp"] for entry in message_requests(mock_server, bob)
    ]
    assert timestamps[1] == timestamps[2]


def test_devices_that_never_fit_are_given_up(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    stale = {"staleDevices": [1]}
    mock_server.fail_next("PUT", f"/v1/messages/{bob.aci}", 410, body=stale, times=None)
    result = send_json(sigcli, "-m", "hello", bob.aci, exit_code=3)
    assert types(result) == ["NETWORK_FAILURE"]
    assert len(message_requests(mock_server, bob)) <= 5


def test_the_service_wants_a_person(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.limit_rate(primary.aci, bob.aci)
    (failed,) = send_json(sigcli, "-m", "hello", bob.aci, exit_code=5)["results"]
    assert failed["type"] == "RATE_LIMIT_FAILURE"
    token = failed["token"]
    kept = in_store(sigcli, lambda database: open_challenges(database, 0))
    assert [challenge.token for challenge in kept] == [token]
    submit = ("submitRateLimitChallenge", "--challenge", token, "--captcha")
    wrong = "signalcaptcha://signal-hcaptcha.key.registration.answer"
    refused = sigcli.run(*submit, wrong, exit_code=6)
    assert "registration" in refused.stderr
    assert not mock_server.requests("/v1/challenge")
    mock_server.set_challenge_answer(428, {})
    right = "signalcaptcha://signal-hcaptcha.key.challenge.answer"
    sigcli.run(*submit, right, exit_code=6)
    mock_server.set_challenge_answer(None)
    sigcli.run(*submit, right)
    handed_in = json.loads(mock_server.requests("/v1/challenge")[-1].body or b"")
    assert handed_in == {"type": "captcha", "token": token, "captcha": right[16:]}
    assert in_store(sigcli, lambda database: open_challenges(database, 0)) == []
    mock_server.stop_limiting_rate(primary.aci, bob.aci)
    sigcli.run("send", "-m", "hello", bob.aci)


def test_limits_and_losses_have_their_names(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    path = f"^/v1/messages/{bob.aci}"
    mock_server.rate_limit_next("PUT", path, 7)
    (limited,) = send_json(sigcli, "-m", "hello", bob.aci, exit_code=5)["results"]
    assert (limited["type"], limited["retryAfterSeconds"]) == ("RATE_LIMIT_FAILURE", 7)
    mock_server.fail_next("PUT", path, 503, times=None)
    assert types(send_json(sigcli, "-m", "hello", bob.aci, exit_code=3)) == ["NETWORK_FAILURE"]
    mock_server.fail_next("UPGRADE", "/v1/websocket/", 403, times=None)
    refused = sigcli.run("--json", "send", "-m", "hello", bob.aci, exit_code=3)
    assert refused.json_error["code"] == "loginRefused"


def test_a_transcript_that_fails_is_a_warning(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    mock_server.fail_next("PUT", f"^/v1/messages/{primary.aci}", 413)
    run = sigcli.run("send", "-m", "hello", bob.aci)
    assert "your other devices" in run.stderr
    assert mock_server.received(bob).text == "hello"


def test_many_at_once(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> None:
    know(sigcli, bob)
    texts = {f"message {index}" for index in range(10)}
    runs = [sigcli.start("send", "-m", text, bob.aci) for text in sorted(texts)]
    ends: list[Finished] = [run.wait() for run in runs]
    for end in ends:
        end.expect(0)
    assert {mock_server.received(bob).text for _ in texts} == texts
    assert len({end.stdout for end in ends}) == len(texts)
    assert not mock_server.decryption_failures()
    # One of them fetched the prekeys, the others waited for its session.
    assert len(mock_server.requests(f"^/v2/keys/{bob.aci}")) == 1


def test_many_recipients(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> None:
    others = [mock_server.create_primary(f"Friend {index}") for index in range(6)]
    for other in others:
        know(sigcli, other)
    result = send_json(sigcli, "-m", "all", bob.aci, *(other.aci for other in others))
    assert types(result) == ["SUCCESS"] * 7
    for other in others:
        message = mock_server.received(other)
        assert (message.text, message.sealed) == ("all", True)
    assert len(mock_server.requests("/v1/certificate/delivery")) == 1


def test_who_is_meant(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, tmp_path: Path
) -> None:
    carol = mock_server.create_primary("Carol")
    know(sigcli, bob, given_name="Bob", family_name="Builder", is_contact=True)
    know(sigcli, carol, profile_given_name="Carol")
    config = sigcli.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[aliases]\nboss = "{carol.aci}"\n')
    sigcli.run("send", "-m", "by name", "bob builder")
    assert mock_server.received(bob).text == "by name"
    sigcli.run("send", "-m", "by alias", "boss")
    assert mock_server.received(carol).text == "by alias"
    for words, code in (
        ("Carol", "unknownRecipient"),
        ("+15550199999", "discoveryUnavailable"),
        ("u:9carol.42", "usernameStartsWithDigit"),
        ("0155501000", "unknownRecipient"),
    ):
        failed = sigcli.run("--json", "send", "-m", "x", words, bob.aci, exit_code=1)
        assert failed.json_error["code"] == code
    missing = sigcli.run("send", "-a", str(tmp_path / "none.jpg"), "--", bob.aci, exit_code=1)
    assert "none.jpg" in missing.stderr
    database = str(next(sigcli.data_dir.glob("*/account.db")))
    refused = sigcli.run("--json", "send", "-a", database, "--", bob.aci, exit_code=1)
    assert refused.json_error["code"] == "attachmentRefused"
    # Nothing was sent to anybody by a command that failed.
    assert len(message_requests(mock_server, bob)) == 1


def test_what_was_sent_can_be_asked_for_again(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    timestamp = int(sigcli.run("send", "-m", "kept", bob.aci).stdout)
    other = int(sigcli.run("--disable-send-log", "send", "-m", "not kept", bob.aci).stdout)
    device = ProtocolAddress(ServiceId.parse(bob.aci), 1)

    def logged(database: Database, sent_ms: int) -> SentMessage | None:
        known = find_identity(database, device.service_id)
        assert known is not None
        return find_sent(database, sent_ms, device, known.identity_key.serialize(), sent_ms)

    kept = in_store(sigcli, lambda database: logged(database, timestamp))
    assert b"kept" in kept.content
    assert in_store(sigcli, lambda database: logged(database, other)) is None


def test_whether_people_are_registered(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    nobody = "00000000-0000-4000-8000-000000000000"
    run = sigcli.run("--json", "getUserStatus", bob.aci, bob.number, nobody)
    assert run.json == [
        {"recipient": bob.aci, "number": bob.number, "uuid": bob.aci, "isRegistered": True},
        {"recipient": bob.number, "number": bob.number, "uuid": bob.aci, "isRegistered": True},
        {"recipient": nobody, "number": None, "uuid": nobody, "isRegistered": False},
    ]


def test_a_killed_send_harms_no_later_one(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    # At each point where a request is under way, the first fetch of prekeys included.
    keys, messages = f"^/v2/keys/{bob.aci}", f"^/v1/messages/{bob.aci}"
    for path, count in ((keys, 1), (messages, 1), (messages, 2)):
        mock_server.ignore_next(None, path)
        run = sigcli.start("send", "-m", "killed", bob.aci)
        mock_server.wait_for_request(path, count=count)
        run.kill()
        run.wait()
    texts = [f"later {index}" for index in range(2)]
    for text in texts:
        sigcli.run("send", "-m", text, bob.aci)
    assert [mock_server.received(bob).text for _ in texts] == texts
    assert not mock_server.decryption_failures()
