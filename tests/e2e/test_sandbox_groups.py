"""Groups between accounts of the sandbox, whose group service has all of the rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.account_state import in_store
from tests.support.sigcli_process import Sigcli


def number(sigcli: Sigcli) -> str:
    assert sigcli.account is not None
    return sigcli.account


@pytest.fixture
def three(register: Callable[[str], Sigcli]) -> tuple[Sigcli, Sigcli, Sigcli]:
    """Alice, who has talked to Bob and Carol."""
    alice, bob, carol = register("alice"), register("bob"), register("carol")
    alice.run("send", "-m", "hello", number(bob), number(carol))
    for other in (bob, carol):
        other.run("receive")
        other.run("send", "-m", "hello yourself", number(alice))
    alice.run("receive")
    return alice, bob, carol


def messages(sigcli: Sigcli) -> list[dict[str, Any]]:
    lines = sigcli.run("--json", "receive").json_lines
    return [line["envelope"]["dataMessage"] for line in lines if "dataMessage" in line["envelope"]]


def test_a_group_lives(three: tuple[Sigcli, Sigcli, Sigcli]) -> None:
    alice, bob, carol = three
    made = alice.run(
        "--json", "updateGroup", "-n", "Sandpit", "-m", number(bob), number(carol)
    ).json
    group_id = made["groupId"]
    assert [result["type"] for result in made["results"]] == ["SUCCESS", "SUCCESS"]
    for other in (bob, carol):
        (told,) = messages(other)
        assert told["groupInfo"]["groupName"] == "Sandpit"
    # One message to all, with a token that the service checks.
    alice.run("send", "-g", group_id, "-m", "to all")
    for other in (bob, carol):
        assert [message["message"] for message in messages(other)] == ["to all"]
    bob.run("send", "-g", group_id, "-m", "back")
    assert [message["message"] for message in messages(alice)] == ["back"]
    assert [message["message"] for message in messages(carol)] == ["back"]
    # What is changed is explained.
    alice.run("updateGroup", "-g", group_id, "-d", "for digging", "--admin", number(bob))
    (update,) = messages(bob)
    info = update["groupInfo"]
    assert (info["type"], info["editor"]["number"]) == ("UPDATE", number(alice))
    assert [change["type"] for change in info["changes"]] == [
        "ADMIN_GRANTED",
        "DESCRIPTION_CHANGED",
    ]
    assert "described the group: “for digging”" in carol.run("receive").stdout
    # Both administrators change it, neither knowing of the other's change.
    bob.run("updateGroup", "-g", group_id, "-e", "60")
    alice.run("updateGroup", "-g", group_id, "-n", "Sandbox")
    (listed,) = carol.run("--json", "listGroups", "-g", group_id).json
    assert (listed["name"], listed["messageExpirationTime"]) == ("Sandbox", 60)
    refused = carol.run("--json", "updateGroup", "-g", group_id, "-r", number(bob), exit_code=1)
    assert refused.json_error["code"] == "groupChangeRefused"
    # Who is removed is told so, and neither reads nor sends any more.
    messages(carol)
    alice.run("updateGroup", "-g", group_id, "-r", number(carol))
    (told,) = messages(carol)
    assert [change["type"] for change in told["groupInfo"]["changes"]] == ["MEMBER_REMOVED"]
    alice.run("send", "-g", group_id, "-m", "without Carol")
    assert messages(carol) == []
    lost = carol.run("--json", "send", "-g", group_id, "-m", "x", exit_code=1)
    assert lost.json_error["code"] == "notAGroupMember"
    assert [message["message"] for message in messages(bob)][-1] == "without Carol"
    # The administrator hands over and goes.
    alice.run("updateGroup", "-g", group_id, "--remove-admin", number(bob))
    last = alice.run("--json", "quitGroup", "-g", group_id, exit_code=1)
    assert last.json_error["code"] == "lastAdministrator"
    alice.run("quitGroup", "-g", group_id, "--admin", number(bob))
    messages(bob)
    (listed,) = bob.run("--json", "listGroups").json
    assert [(member["number"], member["isAdmin"]) for member in listed["members"]] == [
        (number(bob), True)
    ]


def test_people_join_by_the_link(three: tuple[Sigcli, Sigcli, Sigcli]) -> None:
    alice, bob, carol = three
    made = alice.run("--json", "updateGroup", "-n", "Open", "--link", "enabled").json
    group_id = made["groupId"]
    (listed,) = alice.run("--json", "listGroups").json
    joined = bob.run("--json", "joinGroup", "--uri", listed["groupInviteLink"]).json
    assert joined["groupId"] == group_id
    (update,) = messages(alice)
    assert update["groupInfo"]["changes"][0]["type"] == "MEMBER_JOINED_BY_LINK"
    alice.run("updateGroup", "-g", group_id, "--link", "enabled-with-approval")
    asked = carol.run("joinGroup", "--uri", listed["groupInviteLink"])
    assert asked.stdout == f'Requested to join group "{group_id}"\n'
    alice.run("updateGroup", "-g", group_id, "-m", number(carol))
    alice.run("send", "-g", group_id, "-m", "welcome")
    assert [message["message"] for message in messages(carol)][-1] == "welcome"


def test_the_rest_that_a_group_can_have(
    three: tuple[Sigcli, Sigcli, Sigcli], tmp_path: Path
) -> None:
    alice, bob, carol = three
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG picture")
    made = alice.run(
        "--json", "updateGroup", "-n", "All of it", "-a", str(picture), "-m", number(bob)
    )
    group_id = made.json["groupId"]
    bob.run("receive")

    def change(*options: str) -> list[dict[str, Any]]:
        """What Bob is told of a change that Alice makes."""
        alice.run("updateGroup", "-g", group_id, *options)
        (update,) = messages(bob)
        changes: list[dict[str, Any]] = update["groupInfo"]["changes"]
        return changes

    assert change("-a", str(picture)) == [{"type": "AVATAR_CHANGED", "isRemoved": False}]
    assert change("-a", "") == [{"type": "AVATAR_CHANGED", "isRemoved": True}]
    (label,) = change("--member-label", "digger", "--member-label-emoji", "⛏")
    assert (label["type"], label["label"], label["labelEmoji"]) == ("LABEL_CHANGED", "digger", "⛏")
    (banned,) = change("--ban", number(carol))
    (unbanned,) = change("--unban", number(carol))
    assert (banned["type"], unbanned["type"]) == ("MEMBER_BANNED", "MEMBER_UNBANNED")
    assert banned["member"] == unbanned["member"]
    assert change("--set-permission-send-messages", "only-admins") == [
        {"type": "PERMISSION_CHANGED", "permission": "sendMessage", "value": "ONLY_ADMINS"}
    ]
    refused = bob.run("--json", "send", "-g", group_id, "-m", "x", exit_code=1)
    assert refused.json_error["code"] == "groupSendRefused"
    assert [one["type"] for one in change("--terminate")] == ["TERMINATED"]
    ended = alice.run("--json", "updateGroup", "-g", group_id, "-n", "x", exit_code=1)
    assert ended.json_error["code"] == "groupChangeRefused"


def test_a_changed_key_is_met_before_the_message_leaves(
    three: tuple[Sigcli, Sigcli, Sigcli], register: Callable[..., Sigcli]
) -> None:
    alice, bob, carol = three
    made = alice.run(
        "--json", "updateGroup", "-n", "Sandpit", "-m", number(bob), number(carol)
    ).json
    alice.run("send", "-g", made["groupId"], "-m", "before")
    carol.run("receive")
    register("bob, on a new phone", number(bob))
    in_store(alice, lambda database: database.write("UPDATE identity SET added_ms = 1"))
    sent = alice.run("-v", "--json", "send", "-g", made["groupId"], "-m", "after")
    assert "the safety number with" in sent.stderr
    asked = [
        line.split("sigcli: ")[1] for line in sent.stderr.splitlines() if "(anonymous)" in line
    ]
    assert asked[0] == "POST /v1/profile/identity_check/batch (anonymous): 200"
    assert sum("multi_recipient" in line or "/v1/messages" in line for line in asked) == 1
    results = {
        result["recipientAddress"]["number"]: result["type"] for result in sent.json["results"]
    }
    assert results == {number(bob): "IDENTITY_FAILURE", number(carol): "SUCCESS"}
    assert [message["message"] for message in messages(carol)] == ["after"]
    again = alice.run("-v", "send", "-g", made["groupId"], "-m", "again")
    assert "identity_check" not in again.stderr
