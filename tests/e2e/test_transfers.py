"""Long texts, attachments over a line that breaks, and what goes to and comes from the own phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from tests.support.arrived import next_message
from tests.support.linking import link_device
from tests.support.mock_server import (
    Attachment,
    MockDevice,
    MockPrimary,
    MockServer,
)
from tests.support.printed import (
    receive,
    texts_of,
)
from tests.support.sigcli_process import Finished, Sigcli


def results(run: Finished) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run.json["results"]
    return found


def send(sigcli: Sigcli, text: str, *people: MockPrimary, exit_code: int = 0) -> Finished:
    addresses = [person.aci for person in people]
    return sigcli.run("--json", "send", "-m", text, *addresses, exit_code=exit_code)


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
    (shown,) = line["envelope"]["dataMessage"]["attachments"]
    assert shown["contentType"] == "text/x-signal-plain"
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
    assert [path for path in sigcli.data_dir.glob("*/attachments/**/*") if path.is_file()] == []


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
    # Shown by the names of the list, which they may have chosen themselves: none is a name to write to.
    names = {contact["profile"]["givenName"] for contact in contacts}
    assert names >= {"Friend 0", "Friend 1", "Friend 2"}
    assert friends[1].aci in sigcli.run("send", "-m", "hello", "Friend 1", exit_code=1).stderr
    sigcli.run("send", "-m", "hello", friends[1].aci)
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
