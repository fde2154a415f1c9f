"""Contacts, blocks, message requests and stored files of a linked device, against Signal's mock server."""

from __future__ import annotations

import base64
import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.files import AccountFiles
from sigcli.wire.addresses import ServiceId
from tests.support.account_state import account_folders, in_store, know
from tests.support.mock_server import Attachment, MockDevice, MockPrimary, MockServer
from tests.support.printed import receive, receive_texts
from tests.support.sigcli_process import Sigcli

PICTURE = b"\x89PNG picture"


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


@pytest.fixture
def drained(mock_server: MockServer, sigcli: Sigcli, linked: MockDevice) -> MockDevice:
    """A linked device that has received the answers to its sync requests, so knows the blocked list."""
    mock_server.wait_for_sync(linked)
    receive(sigcli)
    mock_server.all_received()
    return linked


def next_sync(mock_server: MockServer, primary: MockPrimary, member: str) -> Any:
    """The next sync message with that member that the primary gets."""
    for _ in range(10):
        message = mock_server.received(primary, kind="syncMessage").content["syncMessage"]
        if member in message.get("content", message):
            return message.get("content", message)[member]
    raise AssertionError(f"no {member}")


def raw(aci: str) -> bytes:
    return uuid.UUID(aci).bytes


# --- contacts ---------------------------------------------------------------------------------------


def test_a_contact_is_named_found_by_that_name_and_removed(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    sigcli.run("updateContact", bob.aci, "-n", "Bob", "--family-name", "Lee", "--note", "plumber")
    (contact,) = sigcli.run("--json", "listContacts", "--name", "Bob Lee").json
    assert (contact["givenName"], contact["note"]) == ("Bob", "plumber")
    sigcli.run("send", "-m", "by name", "Bob Lee")
    assert mock_server.received(bob).text == "by name"
    sigcli.run("removeContact", "Bob Lee", "--forget")
    (own,) = sigcli.run("--json", "listIdentities").json
    assert own["trustLevel"] == "TRUSTED_VERIFIED"
    others = sigcli.run("--json", "listContacts", "--all-recipients").json
    assert [one for one in others if one["uuid"] != own["uuid"]] == []
    failed = sigcli.run("send", "-m", "again", "Bob Lee", exit_code=1)
    assert "no contact called" in failed.stderr


def test_a_timer_is_told_with_its_version(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    know(sigcli, bob)
    sigcli.run("updateContact", bob.aci, "-e", "3600")
    data = mock_server.received(bob, kind="dataMessage").data
    assert (data["flags"], data["expireTimer"], data["expireTimerVersion"]) == (2, 3600, 2)
    sent = next_sync(mock_server, primary, "sent")
    assert sent["message"]["expireTimer"] == 3600
    # The same again is no news.
    sigcli.run("updateContact", bob.aci, "-e", "3600")
    sigcli.run("updateContact", bob.aci, "-e", "0")
    data = mock_server.received(bob, kind="dataMessage").data
    assert (data.get("expireTimer", 0), data["expireTimerVersion"]) == (0, 3)


# --- blocking ---------------------------------------------------------------------------------------


def test_a_block_shows_on_the_primary_and_silences_until_it_is_lifted(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    know(sigcli, bob)
    assert sigcli.run("block", bob.aci).stderr == ""
    response = next_sync(mock_server, primary, "messageRequestResponse")
    assert (response["threadAciBinary"], response["type"]) == (raw(bob.aci), 3)
    blocked = next_sync(mock_server, primary, "blocked")
    assert blocked["acisBinary"] == [raw(bob.aci)]
    (contact,) = sigcli.run("--json", "listContacts", "--blocked", "true").json
    assert contact["uuid"] == bob.aci
    mock_server.send_text(bob, drained, "unheard", sealed=True)
    assert receive(sigcli) == []
    # A linked device leaves the profile key alone.
    assert mock_server.requests("/v1/profile$", verb="PUT") == []

    sigcli.run("unblock", bob.aci)
    assert next_sync(mock_server, primary, "messageRequestResponse")["type"] == 1
    assert "acisBinary" not in next_sync(mock_server, primary, "blocked")
    mock_server.send_text(bob, drained, "heard", sealed=True)
    assert receive_texts(sigcli) == ["heard"]


def test_a_list_that_is_not_known_replaces_nobodys(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    mock_server.wait_for_sync(linked)
    mock_server.all_received()
    # From now on the primary answers as one that has heard of the block, which comes before the question.
    mock_server.set_blocked(primary, acis=[raw(bob.aci)])
    blocking = sigcli.run("block", bob.aci)
    assert "sigcli receive takes its answer" in blocking.stderr
    kinds = [
        name
        for message in mock_server.all_received()
        for name in message.content["syncMessage"].get("content", message.content["syncMessage"])
    ]
    assert "blocked" not in kinds
    # The answer to the request of linking, still in the queue, is older than the block, which holds all the same.
    mock_server.send_text(bob, linked, "unheard", sealed=True)
    receive(sigcli, "--max-messages", "1")
    (contact,) = sigcli.run("--json", "listContacts", "--blocked", "true").json
    assert contact["uuid"] == bob.aci
    assert receive_texts(sigcli) == []
    assert next_sync(mock_server, primary, "blocked")["acisBinary"] == [raw(bob.aci)]


# --- message requests -------------------------------------------------------------------------------


def test_who_is_accepted_gets_the_profile_key_and_receipts(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    mock_server.send_text(bob, drained, "may I?", sealed=True, with_profile_key=True)
    (line,) = receive(sigcli)
    assert line["envelope"]["messageRequest"] is True
    assert [one for one in mock_server.all_received() if one.primary == bob.aci] == []
    sigcli.run("sendMessageRequestResponse", "--type", "accept", bob.aci)
    assert next_sync(mock_server, primary, "messageRequestResponse")["type"] == 1
    update = mock_server.received(bob, kind="dataMessage").data
    assert (update["flags"], update["profileKey"]) == (4, primary.profile_key)
    timestamp = mock_server.send_text(bob, drained, "thanks", sealed=True)
    (line,) = receive(sigcli)
    assert not line["envelope"].get("messageRequest")
    receipt = mock_server.received(bob, kind="receiptMessage").content["receiptMessage"]
    assert receipt["timestamp"] == [timestamp]
    sigcli.run("sendMessageRequestResponse", "--type", "maybe", bob.aci, exit_code=1)


def test_a_friend_who_writes_unsealed_is_told_the_profile_key_once(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    know(sigcli, bob)
    mock_server.send_text(bob, drained, "hi", count=3)
    assert len(receive_texts(sigcli)) == 3
    assert mock_server.received(bob, kind="dataMessage").data["profileKey"] == primary.profile_key
    mock_server.send_text(bob, drained, "hi again")
    assert receive_texts(sigcli) == ["hi again"]
    assert [one for one in mock_server.all_received() if "dataMessage" in one.content] == []


# --- what a linked device asks for, and leaves to the primary ---------------------------------------


def test_the_primary_is_asked_for_everything_and_does_the_rest(
    mock_server: MockServer,
    sigcli: Sigcli,
    drained: MockDevice,
    primary: MockPrimary,
    bob: MockPrimary,
) -> None:
    mock_server.set_contacts(primary, [bob])
    sigcli.run("sendSyncRequest")
    kinds = [next_sync(mock_server, primary, "request")["type"] for _ in range(4)]
    assert sorted(kinds) == [1, 3, 4, 5]
    receive(sigcli)
    (contact,) = sigcli.run("--json", "listContacts").json
    assert contact["uuid"] == bob.aci
    for command in (["sendContacts"], ["updateConfiguration", "--read-receipts", "true"]):
        failed = sigcli.run("--json", *command, exit_code=1)
        assert '"code": "primaryOnly"' in failed.stderr


# --- profiles ---------------------------------------------------------------------------------------


def test_profiles_are_fetched_when_they_are_new_or_old(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    def fetched() -> list[str]:
        requests = mock_server.requests(f"^/v1/profile/{bob.aci}", verb="GET")
        return [one.path for one in requests]

    know(sigcli, bob, accepted=True)
    for text in ("one", "two"):
        mock_server.send_text(bob, drained, text, sealed=True, with_profile_key=True)
        receive(sigcli)
        sigcli.run("send", "-m", "yes", bob.aci)
    (path,) = fetched()
    assert len(path.removeprefix(f"/v1/profile/{bob.aci}/").split("?")[0]) == 64  # a version
    (contact,) = sigcli.run("--json", "listContacts", bob.aci).json
    assert contact["profile"]["givenName"] == "Bob"
    # Once it has become old, the next message has it looked at again.
    older = "UPDATE recipient SET profile_fetched_ms = profile_fetched_ms - 6 * 3600 * 1000"
    in_store(sigcli, lambda database: database.write(older))
    mock_server.send_text(bob, drained, "three", sealed=True, with_profile_key=True)
    receive(sigcli)
    assert len(fetched()) == 2


# --- files ------------------------------------------------------------------------------------------


def test_attachments_are_had_by_id_also_later(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    picture = Attachment(PICTURE, "image/png", "a.png")
    mock_server.send_text(bob, drained, "look", sealed=True, attachments=[picture])
    (line,) = receive(sigcli, "--ignore-attachments")
    (attachment,) = line["envelope"]["dataMessage"]["attachments"]
    assert sigcli.run("--json", "listAttachments").json == []
    got = sigcli.run("--json", "getAttachment", "--id", attachment["id"], "--recipient", bob.aci)
    assert got.json == {"data": base64.b64encode(PICTURE).decode()}
    text = sigcli.run("getAttachment", "--id", attachment["id"])
    assert text.stdout == base64.b64encode(PICTURE).decode() + "\n"
    (stored,) = sigcli.run("--json", "listAttachments").json
    assert (stored["id"], stored["contentType"], stored["size"]) == (
        attachment["id"],
        "image/png",
        len(PICTURE),
    )
    assert Path(stored["localPath"]).read_bytes() == PICTURE
    assert sigcli.run("--json", "removeAttachment", stored["id"]).json == {"removed": 1}
    failed = sigcli.run("--json", "getAttachment", "--id", stored["id"], exit_code=1)
    assert '"code": "noSuchFile"' in failed.stderr


def test_old_attachments_go_if_the_configuration_says_so(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, bob: MockPrimary
) -> None:
    (folder,) = account_folders(sigcli)
    files = AccountFiles(folder)
    with files.attachment_writer("old.png") as writer:
        writer.write(PICTURE)
    os.utime(files.attachment_path("old.png"), (1, 1))
    config = sigcli.home / ".config" / "sigcli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('keep_attachments = "90d"\n')
    receive(sigcli)
    assert sigcli.run("--json", "listAttachments").json == []


def test_pictures_of_contacts_and_profiles(
    mock_server: MockServer, sigcli: Sigcli, drained: MockDevice, bob: MockPrimary
) -> None:
    know(sigcli, bob)
    failed = sigcli.run("--json", "getAvatar", "-p", bob.aci, exit_code=1)
    assert '"code": "noSuchFile"' in failed.stderr
    (folder,) = account_folders(sigcli)
    AccountFiles(folder).write_contact_avatar(ServiceId.parse(bob.aci), [PICTURE])
    shown = sigcli.run("--json", "getAvatar", "-c", bob.aci).json
    assert base64.b64decode(shown["data"]) == PICTURE
    sigcli.run("getAvatar", "-c", bob.aci, "-p", bob.aci, exit_code=1)
