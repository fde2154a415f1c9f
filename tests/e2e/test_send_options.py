"""Options of ``sigcli send`` and its relatives: edits, files, urgency, trying again, and words that make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.test_message_kinds import FIRE, next_sync
from tests.support.linking import link_device
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.printed import receive
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def bob(mock_server: MockServer, linked: MockDevice) -> MockPrimary:
    """Somebody to write to; the command is linked."""
    return mock_server.create_primary("Bob")


@pytest.fixture
def carol(mock_server: MockServer, bob: MockPrimary) -> MockPrimary:
    """Somebody else to write to."""
    return mock_server.create_primary("Carol")


def test_to_the_own_devices_as_from_somebody_else(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    sigcli.run("send", "-m", "ring", "--note-to-self", "--notify-self")
    message = mock_server.received(primary, kind="dataMessage")
    assert (message.text, message.source.aci) == ("ring", primary.aci)


def test_an_edit(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    first = int(sigcli.run("send", "-m", "frist", bob.aci).stdout)
    mock_server.received(bob, kind="dataMessage")
    second = int(sigcli.run("send", "-m", "first", "--edit-timestamp", str(first), bob.aci).stdout)
    edit = mock_server.received(bob, kind="editMessage").content["editMessage"]
    assert edit["targetSentTimestamp"] == first
    assert (edit["dataMessage"]["body"], edit["dataMessage"]["timestamp"]) == ("first", second)
    transcripts = [next_sync(mock_server, primary, "sent")["sent"] for _ in range(2)]
    assert transcripts[1]["editMessage"]["targetSentTimestamp"] == first
    assert "message" not in transcripts[1]


def test_files_of_a_message(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, tmp_path: Path
) -> None:
    picture = tmp_path / "small.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\0\x07" + bytes(40))
    sound = "data:audio/aac;base64,AAAA"
    quoted = f"image/png:big.png:{picture}"
    sigcli.run(
        *("send", "-m", "https://example.org", "-a", sound, "--voice-note"),
        *("--quote-timestamp", "5", "--quote-author", bob.aci, "--quote-attachment", quoted),
        *("--preview-url", "https://example.org", "--preview-image", str(picture), "--", bob.aci),
    )
    data = mock_server.received(bob).data
    (voice,) = data["attachments"]
    assert (voice["flags"], voice["contentType"]) == (1, "audio/aac")
    (attachment,) = data["quote"]["attachments"]
    assert (attachment["contentType"], attachment["fileName"]) == ("image/png", "big.png")
    for pointer in (attachment["thumbnail"], data["preview"][0]["image"]):
        assert (pointer["width"], pointer["height"]) == (5, 7)
        assert mock_server.attachment(pointer) == picture.read_bytes()


def test_a_picture_to_be_seen_once(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    sigcli.run("send", "-a", "data:image/png;base64,iVBORw0KGgo=", "--view-once", "--", bob.aci)
    data = mock_server.received(bob).data
    assert (data["isViewOnce"], data["requiredProtocolVersion"]) == (True, 3)


def test_nobody_is_woken(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    sigcli.run("send", "-m", "loud", bob.aci)
    sigcli.run("send", "-m", "quiet", "--no-urgent", bob.aci)
    for person in (bob, primary):
        requests = mock_server.requests(f"^/v1/messages/{person.aci}", verb="PUT")[-2:]
        urgent = [json.loads(request.body or b"")["urgent"] for request in requests]
        assert urgent == [True, False]


def test_a_session_is_started_anew(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary
) -> None:
    sigcli.run("send", "-m", "one", bob.aci)
    requests = len(mock_server.requests())
    run = sigcli.run("--json", "send", "-e", bob.aci)
    assert (run.stdout, len(mock_server.requests())) == ("", requests)
    sigcli.run("send", "-m", "two", bob.aci)
    assert [mock_server.received(bob).text for _ in range(2)] == ["one", "two"]
    assert len(mock_server.requests(f"^/v2/keys/{bob.aci}")) == 2


def test_trying_again_until_it_gets_through(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    path = f"^/v1/messages/{bob.aci}"
    sigcli.run("send", "-m", "before", bob.aci)
    mock_server.received(bob)
    next_sync(mock_server, primary, "sent")
    before = len(mock_server.requests(path))
    mock_server.cut_next("PUT", path, times=2)
    mock_server.rate_limit_next("PUT", path, 1)
    run = sigcli.run("--json", "send", "--retry", "60s", "-m", "disk full", bob.aci)
    assert [one["type"] for one in run.json["results"]] == ["SUCCESS"]
    message = mock_server.received(bob)
    assert (message.text, message.data["timestamp"]) == ("disk full", run.json["timestamp"])
    assert next_sync(mock_server, primary, "sent")["sent"]["timestamp"] == run.json["timestamp"]
    bodies = [json.loads(one.body or b"{}") for one in mock_server.requests(path)[before:]]
    assert len(bodies) >= 3
    assert {body["timestamp"] for body in bodies} == {run.json["timestamp"]}
    assert not [one for one in mock_server.all_received() if one.kind == "dataMessage"]


def test_what_is_tried_again_is_printed_once(
    mock_server: MockServer,
    sigcli: Sigcli,
    bob: MockPrimary,
    new_sigcli: Callable[[str], Sigcli],
) -> None:
    other = new_sigcli("other")
    device = link_device(mock_server, other, bob)
    mock_server.wait_for_sync(device)
    other.run("receive")
    # The service takes it, but its answers get lost.
    mock_server.cut_next("PUT", f"^/v1/messages/{bob.aci}", times=2, after_handling=True)
    run = sigcli.run("--json", "send", "--retry", "60s", "-m", "disk full", bob.aci)
    assert [one["type"] for one in run.json["results"]] == ["SUCCESS"]
    assert mock_server.queue_size(device) > 1
    (line,) = receive(other)
    assert line["envelope"]["dataMessage"]["message"] == "disk full"
    assert line["envelope"]["timestamp"] == run.json["timestamp"]


def test_each_is_tried_again_in_their_time(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, carol: MockPrimary
) -> None:
    mock_server.rate_limit_next("PUT", f"^/v1/messages/{carol.aci}", 4)
    mock_server.fail_next("PUT", f"^/v1/messages/{bob.aci}", 503, times=2)
    run = sigcli.run("--json", "send", "--retry", "60s", "-m", "alert", bob.aci, carol.aci)
    assert [one["type"] for one in run.json["results"]] == ["SUCCESS"] * 2
    assert {mock_server.received(one).data["timestamp"] for one in (bob, carol)} == {
        run.json["timestamp"]
    }
    # Nobody is asked again before the time that they named.
    assert len(mock_server.requests(f"^/v1/messages/{carol.aci}")) == 2
    assert len(mock_server.requests(f"^/v1/messages/{bob.aci}")) == 3


def test_trying_again_ends(mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary) -> None:
    path = f"^/v1/messages/{bob.aci}"
    mock_server.fail_next("PUT", path, 503, times=None)
    failed = sigcli.run("--json", "send", "--retry", "5s", "-m", "x", bob.aci, exit_code=3)
    assert [one["type"] for one in failed.json["results"]] == ["NETWORK_FAILURE"]
    # At once, after 1 s, 2 s more, and when time is up; on a busy machine there is time for fewer.
    assert 2 <= len(mock_server.requests(path)) <= 4
    mock_server.reset()
    # Longer than there is time for: it is not tried before.
    mock_server.rate_limit_next("PUT", path, 3600, times=None)
    limited = sigcli.run("--json", "send", "--retry", "5s", "-m", "x", bob.aci, exit_code=5)
    assert limited.json["results"][0]["retryAfterSeconds"] == 3600
    assert len(mock_server.requests(path)) == 1
    # What does not pass is not tried again.
    mock_server.reset()
    mock_server.set_registered(bob, False)
    sigcli.run("send", "--retry", "60s", "-m", "x", bob.aci, exit_code=1)


@pytest.mark.parametrize(
    "words",
    [
        ("send", "-m", "x", "--quote-timestamp", "5"),
        ("send", "-m", "x", "--quote-message", "x"),
        ("send", "-m", "x", "--story-timestamp", "5"),
        ("send", "-m", "x", "--preview-title", "x"),
        ("send", "-m", "x", "--mention", "0:2"),
        ("send", "-m", "x", "--text-style", "0:2:BOLD"),
        ("send", "-m", "x", "--markdown", "--text-style", "0:1:BOLD"),
        ("send", "-m", "x", "--view-once"),
        ("send", "-m", "x", "--retry", "soon"),
        ("send", "-e", "--note-to-self"),
        ("sendReaction", "-e", "x", "-a", "{bob}", "-t", "5"),
        ("sendReaction", "-e", FIRE, "-a", "PNI:{bob}", "-t", "5"),
        ("sendReceipt", "-t", "5", "--type", "delivered"),
        ("sendPollCreate", "-q", "x", "-o", "one"),
        ("sendPaymentNotification", "--receipt", "not base64"),
    ],
)
def test_words_that_make_no_sense(
    mock_server: MockServer, sigcli: Sigcli, bob: MockPrimary, words: tuple[str, ...]
) -> None:
    filled = [word.replace("{bob}", bob.aci) for word in words]
    failed = sigcli.run("--json", *filled, bob.aci, exit_code=1)
    assert failed.json_error["exitCode"] == 1
    assert failed.stdout == ""
    assert not mock_server.requests(f"^/v1/messages/{bob.aci}")
