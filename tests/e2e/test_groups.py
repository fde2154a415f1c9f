"""Groups with Signal's mock server: its service is libsignal's, and so are the other members."""

from __future__ import annotations

from typing import Any

import pytest

from sigcli.store.accounts import DataDirectory
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import set_profile_key
from sigcli.wire.addresses import ServiceId
from sigcli.wire.key_types import ProfileKeyBytes
from tests.support.mock_server import Attachment, MockDevice, MockGroup, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def bob(mock_server: MockServer, linked: MockDevice) -> MockPrimary:
    """Somebody to share a group with; the command is linked."""
    return mock_server.create_primary("Bob")


@pytest.fixture
def carol(mock_server: MockServer, bob: MockPrimary) -> MockPrimary:
    return mock_server.create_primary("Carol")


@pytest.fixture
def group(
    mock_server: MockServer, primary: MockPrimary, bob: MockPrimary, carol: MockPrimary
) -> MockGroup:
    """A group of the phone's, with Bob and Carol."""
    return mock_server.create_group(primary, "Friends", [bob, carol])


def received(sigcli: Sigcli) -> list[dict[str, Any]]:
    """The envelopes that one receive prints."""
    return [line["envelope"] for line in sigcli.run("--json", "receive").json_lines]


def data_messages(sigcli: Sigcli) -> list[dict[str, Any]]:
    return [envelope["dataMessage"] for envelope in received(sigcli) if "dataMessage" in envelope]


def test_a_group_becomes_known_by_a_message_and_is_listed(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    bob: MockPrimary,
    group: MockGroup,
) -> None:
    assert sigcli.run("--json", "listGroups").json == []
    mock_server.send_text(bob, linked, "hello all", group=group)
    (message,) = data_messages(sigcli)
    assert message["message"] == "hello all"
    assert message["groupInfo"] == {
        "groupId": group.id,
        "groupName": "Friends",
        "revision": group.revision,
        "type": "DELIVER",
    }
    before = len(mock_server.requests())
    (listed,) = sigcli.run("--json", "listGroups").json
    assert len(mock_server.requests()) == before
    assert (listed["id"], listed["name"], listed["isMember"]) == (group.id, "Friends", True)
    assert {member["uuid"] for member in listed["members"]} == {uuid for uuid, _ in group.members}
    assert all(member["isAdmin"] for member in listed["members"])
    line = sigcli.run("listGroups").stdout
    assert line == f"Id: {group.id} Name: Friends  Active: true Blocked: false\n"
    (refreshed,) = sigcli.run("--json", "listGroups", "-g", group.id).json
    assert refreshed == listed
    unknown = sigcli.run("--json", "listGroups", "-g", "A" * 43 + "=", exit_code=1)
    assert unknown.json_error["code"] == "unknownGroup"


def know_group(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    sender: MockPrimary,
    group: MockGroup,
) -> None:
    """Let the command learn of the group as a linked device does: by a message."""
    mock_server.send_text(sender, linked, "first", group=group)
    assert [message["message"] for message in data_messages(sigcli)] == ["first"]


def test_one_request_carries_a_message_to_all_members(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
    group: MockGroup,
) -> None:
    know_group(mock_server, sigcli, linked, bob, group)
    mock_server.all_received()
    run = sigcli.run("--json", "send", "-g", group.id, "-m", "hello group")
    assert {result["recipientAddress"]["uuid"] for result in run.json["results"]} == {
        bob.aci,
        carol.aci,
    }
    for result in run.json["results"]:
        assert (result["type"], result["groupId"]) == ("SUCCESS", group.id)
        assert result["sealedSender"] is True
    for member in (bob, carol):
        key = mock_server.received(member, kind="senderKeyDistributionMessage")
        assert key.sealed
        message = mock_server.received(member, kind="dataMessage")
        assert (message.text, message.sealed) == ("hello group", True)
        assert message.data["timestamp"] == run.json["timestamp"]
        assert message.data["groupV2"]["masterKey"] == group.master_key
    sent = mock_server.received(primary, kind="syncMessage").content["syncMessage"]["sent"]
    assert sent["message"]["groupV2"]["masterKey"] == group.master_key
    assert {
        (status["destinationServiceIdBinary"], status["unidentified"])
        for status in sent["unidentifiedStatus"]
    } == {(ServiceId.parse(member.aci).to_binary(), True) for member in (bob, carol)}
    before = len(mock_server.requests())
    assert int(sigcli.run("send", "-g", group.id, "-m", "again").stdout) > run.json["timestamp"]
    paths = [entry.path.partition("?")[0] for entry in mock_server.requests()[before:]]
    assert paths == ["/v1/messages/multi_recipient", f"/v1/messages/{primary.aci}"]
    for member in (bob, carol):
        assert mock_server.received(member, kind="dataMessage").text == "again"
    assert mock_server.decryption_failures() == []


def test_a_message_by_sender_key_is_read(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    bob: MockPrimary,
    group: MockGroup,
) -> None:
    know_group(mock_server, sigcli, linked, bob, group)
    mock_server.send_text(bob, linked, "by sender key", group=group, sender_key=True, count=2)
    messages = data_messages(sigcli)
    assert [message["message"] for message in messages] == ["by sender key 0", "by sender key 1"]
    assert {message["groupInfo"]["groupName"] for message in messages} == {"Friends"}


def know_people(sigcli: Sigcli, *people: MockPrimary) -> None:
    """Let the store know their profile keys, as a contact sync does."""
    directory = DataDirectory(sigcli.data_dir)
    with (
        directory.open_database(directory.choose(None)) as database,
        database.transaction() as transaction,
    ):
        for person in people:
            aci = ServiceId.parse(person.aci)
            row = resolve_recipient(transaction, aci=aci, number=person.number).id
            set_profile_key(transaction, row, ProfileKeyBytes(person.profile_key))


def test_a_group_made_here_is_taken_by_the_service_and_written_to(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
) -> None:
    know_people(sigcli, bob, carol)
    made = sigcli.run(
        "--json", "updateGroup", "-n", "Made here", "-m", bob.aci, carol.number, "-e", "3600"
    ).json
    assert {result["type"] for result in made["results"]} == {"SUCCESS"}
    for member in (bob, carol):
        told = mock_server.received(member, kind="dataMessage")
        master_key = told.data["groupV2"]["masterKey"]
        assert told.data["expireTimer"] == 3600
    group = mock_server.adopt_group(master_key)
    assert (group.id, group.title, group.revision) == (made["groupId"], "Made here", 0)
    assert group.members == ((primary.aci, 2), (bob.aci, 1), (carol.aci, 1))
    sigcli.run("send", "-g", group.id, "-m", "welcome")
    for member in (bob, carol):
        assert mock_server.received(member, kind="dataMessage").text == "welcome"
    mock_server.send_text(bob, linked, "thanks", group=group)
    (message,) = data_messages(sigcli)
    assert message["groupInfo"]["groupName"] == "Made here"
    (listed,) = sigcli.run("--json", "listGroups").json
    assert listed["messageExpirationTime"] == 3600
    assert [member["isAdmin"] for member in listed["members"]] == [True, False, False]
    assert mock_server.decryption_failures() == []


def test_changes_are_made_and_told(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
    group: MockGroup,
) -> None:
    know_group(mock_server, sigcli, linked, bob, group)
    sigcli.run("updateGroup", "-g", group.id, "-n", "Enemies", "-e", "60")
    for member in (bob, carol):
        told = mock_server.received(member, kind="dataMessage").data["groupV2"]
        assert (told["revision"], "groupChange" in told) == (group.revision + 1, True)
    assert mock_server.describe_group(group).title == "Enemies"
    unchanged = sigcli.run("--json", "updateGroup", "-g", group.id, "-n", "Enemies").json
    assert unchanged["results"] == []
    # Who is removed is told so, and gets nothing from then on.
    sigcli.run("updateGroup", "-g", group.id, "-r", bob.aci)
    told = mock_server.received(bob, kind="dataMessage").data["groupV2"]
    assert told["revision"] == group.revision + 2
    assert mock_server.received(carol, kind="dataMessage").data["groupV2"]["groupChange"]
    assert [aci for aci, _ in mock_server.describe_group(group).members].count(bob.aci) == 0
    mock_server.all_received()
    sigcli.run("send", "-g", group.id, "-m", "among us")
    assert mock_server.received(carol, kind="dataMessage").text == "among us"
    assert [one for one in mock_server.all_received() if one.primary == bob.aci] == []
    # And what they write to the group is not printed any more.
    mock_server.send_text(bob, linked, "still here", group=mock_server.describe_group(group))
    assert data_messages(sigcli) == []


def test_an_invitation_is_accepted_and_a_group_is_left(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
) -> None:
    group = mock_server.create_group(bob, "By invitation", [carol])
    invited = mock_server.invite_to_group(bob, group, primary.aci)
    mock_server.send_text(bob, linked, "come in", group=invited)
    assert [message["message"] for message in data_messages(sigcli)] == ["come in"]
    (listed,) = sigcli.run("--json", "listGroups").json
    assert (listed["isMember"], len(listed["pendingMembers"])) == (False, 1)
    refused = sigcli.run("--json", "send", "-g", group.id, "-m", "x", exit_code=1)
    assert refused.json_error["code"] == "notAGroupMember"
    sigcli.run("updateGroup", "-g", group.id)
    assert (primary.aci, 1) in mock_server.describe_group(group).members
    forbidden = sigcli.run("--json", "updateGroup", "-g", group.id, "-r", carol.aci, exit_code=1)
    assert forbidden.json_error["code"] == "groupChangeRefused"
    sigcli.run("quitGroup", "-g", group.id)
    assert primary.aci not in dict(mock_server.describe_group(group).members)
    (listed,) = sigcli.run("--json", "listGroups").json
    assert listed["isMember"] is False
    sigcli.run("quitGroup", "-g", group.id, "--delete")
    assert sigcli.run("--json", "listGroups").json == []


def outcomes(sigcli: Sigcli, group: MockGroup, text: str, exit_code: int = 0) -> dict[str, str]:
    """What became of a text to the group, by member."""
    run = sigcli.run("--json", "send", "-g", group.id, "-m", text, exit_code=exit_code)
    return {one["recipientAddress"]["uuid"]: one["type"] for one in run.json["results"]}


def multi_recipient_requests(mock_server: MockServer) -> int:
    return len(mock_server.requests("^/v1/messages/multi_recipient", verb="PUT"))


def test_what_is_wrong_with_one_member_is_mended_or_told(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
    group: MockGroup,
) -> None:
    know_group(mock_server, sigcli, linked, bob, group)
    both = {bob.aci: "SUCCESS", carol.aci: "SUCCESS"}
    assert outcomes(sigcli, group, "one") == both
    # 409: another device of a member is given the sender key and addressed as well.
    mock_server.add_device(bob)
    before = multi_recipient_requests(mock_server)
    assert outcomes(sigcli, group, "two") == both
    assert multi_recipient_requests(mock_server) == before + 2
    # A token that the service refuses: each gets a message of their own.
    mock_server.all_received()
    mock_server.fail_next("PUT", "/v1/messages/multi_recipient", 401)
    assert outcomes(sigcli, group, "three") == both
    for member in (bob, carol):
        assert mock_server.received(member, kind="dataMessage").text == "three"
    # Everybody is told of a refusal that is nobody's fault.
    mock_server.fail_next("PUT", "/v1/messages/multi_recipient", 429)
    limited = outcomes(sigcli, group, "four", exit_code=5)
    assert set(limited.values()) == {"RATE_LIMIT_FAILURE"}
    # Somebody has gone: the others get it, and so does whoever is back.
    mock_server.set_registered(carol, False)
    gone = {bob.aci: "SUCCESS", carol.aci: "UNREGISTERED_FAILURE"}
    assert outcomes(sigcli, group, "five") == gone
    assert outcomes(sigcli, group, "six") == gone
    mock_server.set_registered(carol, True)
    assert outcomes(sigcli, group, "seven") == both
    assert mock_server.decryption_failures() == []


def test_a_member_with_a_new_phone_does_not_keep_the_others_from_reading(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    bob: MockPrimary,
    carol: MockPrimary,
    group: MockGroup,
) -> None:
    know_group(mock_server, sigcli, linked, bob, group)
    outcomes(sigcli, group, "one")
    mock_server.re_register(bob)
    assert outcomes(sigcli, group, "two") == {
        bob.aci: "IDENTITY_FAILURE",
        carol.aci: "SUCCESS",
    }
    sigcli.run("trust", "-a", bob.aci)
    assert set(outcomes(sigcli, group, "three").values()) == {"SUCCESS"}
    # 410: the same person with the same key on a device that was set up anew.
    mock_server.re_register(bob, keep_identity=True)
    assert set(outcomes(sigcli, group, "four").values()) == {"SUCCESS"}
    texts = [
        message.text
        for message in mock_server.all_received()
        if message.primary == carol.aci and message.kind == "dataMessage"
    ]
    assert texts == ["one", "two", "three", "four"]


def test_what_strangers_attach_is_fetched_in_a_group_of_the_users(
    mock_server: MockServer,
    sigcli: Sigcli,
    linked: MockDevice,
    bob: MockPrimary,
    group: MockGroup,
) -> None:
    picture = Attachment(b"picture", "image/png")
    mock_server.send_text(bob, linked, "who am I", group=group, attachments=[picture])
    (message,) = data_messages(sigcli)
    assert message["attachments"][0]["localPath"] is None
    sigcli.run("send", "-g", group.id, "-m", "taking part")
    mock_server.send_text(bob, linked, "look", group=group, attachments=[picture])
    (message,) = data_messages(sigcli)
    assert message["attachments"][0]["localPath"] is not None
