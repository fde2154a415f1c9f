"""Stories of one's own: for My Story and for groups, in the sandbox and to the mock server's libsignal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from tests.support.account_state import in_store, know
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(50)
MY_STORY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "view.png"
    path.write_bytes(PICTURE)
    return str(path)


# --- the sandbox --------------------------------------------------------------------------------------


def number(sigcli: Sigcli) -> str:
    assert sigcli.account is not None
    return sigcli.account


def befriend(one: Sigcli, *others: Sigcli) -> None:
    one.run("send", "-m", "hello", *map(number, others))
    for other in others:
        other.run("receive")
        other.run("send", "-m", "hello yourself", number(one))
    one.run("receive")


def received(sigcli: Sigcli, member: str, *options: str) -> list[Any]:
    """That part of what one receive prints."""
    envelopes = [line["envelope"] for line in sigcli.run("--json", "receive", *options).json_lines]
    return [envelope[member] for envelope in envelopes if member in envelope]


def test_a_story_is_seen_answered_and_deleted(
    register: Callable[[str], Sigcli], in_sandbox: Callable[[str], Sigcli], picture: str
) -> None:
    alice, bob, carol, eve = (register(name) for name in ("alice", "bob", "carol", "eve"))
    nobody = alice.run("--json", "sendStory", "-a", picture, exit_code=1).json_error
    assert nobody["code"] == "noStoryViewers"
    befriend(alice, bob, carol)
    eve.run("send", "-m", "who are you?", number(alice))
    alice.run("receive")
    alice.run("block", number(carol))
    laptop = in_sandbox("laptop")
    linking = laptop.start("link", "-n", "laptop")
    alice.run("addDevice", "--uri", linking.read_line())
    linking.wait().expect(0)
    laptop.account = alice.account
    alice.run("receive")
    laptop.run("receive")

    # Only Bob is somebody whom Alice talks to.
    sent = alice.run("--json", "sendStory", "-a", picture).json
    (result,) = sent["results"]
    assert result["recipientAddress"]["number"] == number(bob)
    assert (result["type"], result["sealedSender"]) == ("SUCCESS", True)
    timestamp = str(sent["timestamp"])
    (envelope,) = [
        line["envelope"]
        for line in bob.run("--json", "receive").json_lines
        if "storyMessage" in line["envelope"]
    ]
    assert (envelope["sourceNumber"], envelope["timestamp"]) == (number(alice), sent["timestamp"])
    story = envelope["storyMessage"]
    assert story["allowsReplies"] is True
    assert story["fileAttachment"]["contentType"] == "image/png"
    assert Path(story["fileAttachment"]["localPath"]).read_bytes() == PICTURE
    assert received(carol, "storyMessage") == received(eve, "storyMessage") == []
    (sync,) = received(laptop, "syncMessage")
    seen = sync["sentStoryMessage"]
    assert seen["fileAttachment"]["contentType"] == "image/png"
    assert seen["destinationNumber"] == number(alice)
    assert Path(seen["fileAttachment"]["localPath"]).exists()

    at_story = ("--story-timestamp", timestamp, "--story-author", number(alice))
    bob.run("send", "-m", "nice view", *at_story, number(alice))
    reaction = ("-e", "🔥", "-a", number(alice), "-t", timestamp, "--story")
    bob.run("sendReaction", *reaction, number(alice))
    reply, heart = received(alice, "dataMessage")
    context = {"sentTimestamp": sent["timestamp"], "authorNumber": number(alice)}
    assert reply["message"] == "nice view"
    assert reply["storyContext"].items() >= context.items()
    assert heart["reaction"]["emoji"] == "🔥"
    assert heart["storyContext"].items() >= context.items()

    laptop.run("remoteDelete", "--story", "-t", timestamp)
    laptop.run("receive")
    assert not Path(seen["fileAttachment"]["localPath"]).exists()
    (deleted,) = received(bob, "dataMessage")
    assert deleted["remoteDelete"] == {"timestamp": sent["timestamp"]}
    (sync,) = received(alice, "syncMessage")
    assert sync["sentMessage"]["remoteDelete"] == {"timestamp": sent["timestamp"]}
    named = ("remoteDelete", "--story", "-t", timestamp, number(bob))
    assert alice.run("--json", *named, exit_code=1).json_error["code"] == "usage"


def test_a_story_for_a_group_and_who_wants_none(
    register: Callable[[str], Sigcli], picture: str, tmp_path: Path
) -> None:
    alice, bob, carol = (register(name) for name in ("alice", "bob", "carol"))
    befriend(alice, bob, carol)
    members = (number(bob), number(carol))
    group_id = alice.run("--json", "updateGroup", "-n", "Views", "-m", *members).json["groupId"]
    for other in (bob, carol):
        other.run("receive")
    words = ("sendStory", "-a", picture, "-g", group_id, "--no-replies")
    sent = alice.run("--json", *words).json
    assert [result["type"] for result in sent["results"]] == ["SUCCESS", "SUCCESS"]
    assert {result["groupId"] for result in sent["results"]} == {group_id}
    (story,) = received(bob, "storyMessage")
    assert (story["groupId"], story["allowsReplies"]) == (group_id, False)
    # Who wants no stories has none of it, but can read what comes after it.
    assert received(carol, "storyMessage", "--ignore-stories") == []
    assert received(carol, "storyMessage") == []
    alice.run("send", "-g", group_id, "-m", "to all")
    (message,) = received(carol, "dataMessage")
    assert message["message"] == "to all"
    reply = ("--story-timestamp", str(sent["timestamp"]), "--story-author", number(alice))
    bob.run("send", "-m", "where is it?", "-g", group_id, *reply)
    assert [one["message"] for one in received(alice, "dataMessage")] == ["where is it?"]
    assert received(carol, "dataMessage", "--ignore-stories") == []
    alice.run("remoteDelete", "--story", "-t", str(sent["timestamp"]), "-g", group_id)
    deletions = [one.get("remoteDelete") for one in received(bob, "dataMessage")]
    assert {"timestamp": sent["timestamp"]} in deletions

    text = tmp_path / "note.txt"
    text.write_text("no picture")
    refused = alice.run("--json", "sendStory", "-a", str(text), exit_code=1).json_error
    assert refused["code"] == "unsuitableStory"


# --- the mock server ----------------------------------------------------------------------------------


def test_a_story_as_libsignal_reads_it(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    primary: MockPrimary,
    picture: str,
) -> None:
    bob, carol = mock_server.create_primary("Bob"), mock_server.create_primary("Carol")
    for friend in (bob, carol):
        know(sigcli, friend)
    # Without Carol's profile key there is no access key: a story needs none.
    forget = "UPDATE recipient SET profile_key = NULL WHERE aci = ?"
    carols = (ServiceId.parse(carol.aci).to_binary(),)
    assert in_store(sigcli, lambda database: database.write(forget, carols)) == 1
    result = sigcli.run("--json", "sendStory", "-a", picture, "--no-replies").json
    assert [one["type"] for one in result["results"]] == ["SUCCESS", "SUCCESS"]
    for friend in (bob, carol):
        message = mock_server.received(friend, kind="storyMessage")
        assert message.sealed
        story = message.content["storyMessage"]
        assert len(story["profileKey"]) == 32
        assert not story.get("allowsReplies")
        assert mock_server.attachment(story["attachment"]["fileAttachment"]) == PICTURE
        (request,) = mock_server.requests(f"/v1/messages/{friend.aci}", verb="PUT")
        assert request.path.endswith("?story=true")
        assert not request.authenticated
        assert not request.headers.keys() & {"unidentified-access-key", "group-send-token"}
    while True:
        sync = mock_server.received(primary, kind="syncMessage").content["syncMessage"]
        if sent := sync.get("sent"):
            break
    assert sent["timestamp"] == result["timestamp"]
    assert sent["destinationServiceIdBinary"] == ServiceId.parse(primary.aci).to_binary()
    assert not sent.get("isRecipientUpdate")
    pointer = sent["storyMessage"]["attachment"]["fileAttachment"]
    assert pointer["contentType"] == "image/png"
    assert {
        ServiceId.from_binary(one["destinationServiceIdBinary"])
        for one in sent["storyMessageRecipients"]
    } == {ServiceId.parse(bob.aci), ServiceId.parse(carol.aci)}
    for one in sent["storyMessageRecipients"]:
        assert one["distributionListIds"] == [MY_STORY]
        assert not one.get("isAllowedToReply")


def test_one_request_without_a_token_carries_a_story_to_a_group(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    primary: MockPrimary,
    picture: str,
) -> None:
    bob, carol = mock_server.create_primary("Bob"), mock_server.create_primary("Carol")
    group = mock_server.create_group(primary, "Friends", [bob, carol])
    mock_server.send_text(bob, linked, "first", group=group)
    received(sigcli, "dataMessage")
    mock_server.all_received()
    result = sigcli.run("--json", "sendStory", "-a", picture, "-g", group.id).json
    assert {one["recipientAddress"]["uuid"] for one in result["results"]} == {bob.aci, carol.aci}
    (request,) = mock_server.requests("^/v1/messages/multi_recipient", verb="PUT")
    assert request.path.endswith("story=true")
    assert not request.headers.keys() & {"unidentified-access-key", "group-send-token"}
    for member in (bob, carol):
        story = mock_server.received(member, kind="storyMessage").content["storyMessage"]
        assert story["group"]["masterKey"] == group.master_key
        assert story["allowsReplies"] is True
        # The sender key came as an ordinary message: it serves those as well.
        for entry in mock_server.requests(f"/v1/messages/{member.aci}", verb="PUT"):
            assert "story" not in entry.path
    reply = ("--story-timestamp", str(result["timestamp"]), "--story-author", primary.aci)
    sigcli.run("send", "-m", "where is it?", "-g", group.id, *reply)
    request = mock_server.requests("^/v1/messages/multi_recipient", verb="PUT")[-1]
    assert request.path.endswith("story=true")
    assert mock_server.received(bob, kind="dataMessage").text == "where is it?"
    assert mock_server.decryption_failures() == []


def test_a_service_that_takes_no_stories_is_not_asked_with_a_login(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice, picture: str
) -> None:
    bob = mock_server.create_primary("Bob")
    know(sigcli, bob)
    mock_server.fail_next("PUT", f"/v1/messages/{bob.aci}", 401)
    failed = sigcli.run("--json", "sendStory", "-a", picture, exit_code=3)
    assert [one["type"] for one in failed.json["results"]] == ["NETWORK_FAILURE"]
    assert len(mock_server.requests(f"/v1/messages/{bob.aci}", verb="PUT")) == 1
