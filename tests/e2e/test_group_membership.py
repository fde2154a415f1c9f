"""Whose messages for groups are printed, and whom messages to groups reach, with the installed command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_group_invitations import ids, messages
from tests.support.json_lines import Big
from tests.support.mock_server import MockDevice, MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli


def received(sigcli: Sigcli) -> list[dict[str, Any]]:
    """The envelopes of messages that one receive prints."""
    envelopes = [line["envelope"] for line in sigcli.run("--json", "receive").json_lines]
    return [envelope for envelope in envelopes if "dataMessage" in envelope]


def test_a_group_is_learned_of_in_one_run_and_judges_who_wrote(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, linked: MockDevice
) -> None:
    bob, mallory = mock_server.create_primary("Bob"), mock_server.create_primary("Mallory")
    group = mock_server.create_group(primary, "Friends", [bob])
    mock_server.send_text(mallory, linked, "from outside", group=group)
    mock_server.send_text(bob, linked, "from inside", group=group)
    mock_server.send_text(mallory, linked, "to the account itself")
    printed = {
        envelope["dataMessage"]["message"]: envelope.get("messageRequest", False)
        for envelope in received(sigcli)
    }
    assert printed == {"to the account itself": True, "from inside": False}


def test_an_invented_group_is_asked_for_once_and_listed_nowhere(
    mock_server: MockServer, sigcli: Sigcli, linked: MockDevice
) -> None:
    mallory = mock_server.create_primary("Mallory")

    def invent(timestamp_ms: int) -> None:
        data = {
            "timestamp": Big(timestamp_ms),
            "body": "join me",
            "groupV2": {"masterKey": b"i" * 32, "revision": 2**31},
        }
        content = {"content": {"dataMessage": data}}
        mock_server.send_content(mallory, linked, content, timestamp_ms=timestamp_ms)

    for timestamp_ms in (1001, 1002, 1003):
        invent(timestamp_ms)
        assert received(sigcli) == []
    assert len(mock_server.requests("/v2/groups", verb="GET")) == 1
    assert sigcli.run("--json", "listGroups").json == []


def test_whoever_has_just_accepted_an_invitation_gets_the_message(
    register: Callable[[str], Sigcli],
) -> None:
    alice, bob = register("alice"), register("bob")
    _, bob_pni = ids(bob)
    group_id = alice.run("--json", "updateGroup", "-n", "Two", "-m", bob_pni).json["groupId"]
    nobody = alice.run("--json", "send", "-g", group_id, "-m", "anybody?", exit_code=1)
    assert nobody.json["results"] == []
    assert nobody.json_error["code"] == "nobodyInGroup"
    others = alice.run("send", "-g", group_id, "--note-to-self", "-m", "anybody?")
    assert group_id in others.stderr
    messages(bob)
    bob.run("updateGroup", "-g", group_id)
    # Alice has not received anything since.
    sent = alice.run("--json", "send", "--strict", "-g", group_id, "-m", "welcome").json
    assert [result["type"] for result in sent["results"]] == ["SUCCESS"]
    assert "welcome" in [message["message"] for message in messages(bob)]


def test_members_react_where_only_administrators_write(register: Callable[[str], Sigcli]) -> None:
    alice, bob = register("alice"), register("bob")
    _, bob_pni = ids(bob)
    only = ("--set-permission-send-messages", "only-admins")
    made = alice.run("--json", "updateGroup", "-n", "News", "-m", bob_pni, *only).json
    group_id = made["groupId"]
    messages(bob)
    bob.run("updateGroup", "-g", group_id)
    messages(alice)
    news = alice.run("--json", "send", "-g", group_id, "-m", "news").json
    messages(bob)
    at = ("-g", group_id, "-a", str(alice.account), "-t", str(news["timestamp"]))
    bob.run("sendReaction", *at, "-e", "\N{FIRE}")
    (reaction,) = messages(alice)
    assert reaction["reaction"]["emoji"] == "\N{FIRE}"
    for refused in (
        ("send", "-g", group_id, "-m", "me too"),
        ("sendPollCreate", "-g", group_id, "-q", "?", "-o", "a", "-o", "b"),
        ("sendAdminDelete", *at),
        ("sendTyping", "-g", group_id),
    ):
        error = bob.run("--json", *refused, exit_code=1).json_error
        assert error["code"] == "groupSendRefused", refused
    assert messages(alice) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sendReaction", "-e", "\N{FIRE}\N{FIRE}", "-a", "{me}", "-t", "1"), "notOneEmoji"),
        (("sendPinMessage", "-d", "0", "-a", "{me}", "-t", "1"), "appLimitExceeded"),
        (("sendPollCreate", "-q", "q" * 101, "-o", "a", "-o", "b"), "appLimitExceeded"),
        (("sendPollCreate", "-q", "q", "-o", "a"), "appLimitExceeded"),
        (("send", "-m", "a" * 65_537), "appLimitExceeded"),
        (("send", "-a", *["{file}"] * 33), "appLimitExceeded"),
        (("send", "-m", "x", "-a", "{file}", "--view-once"), "unsuitableViewOnce"),
        (("send", "-a", "{file}", "--view-once"), "unsuitableViewOnce"),
    ],
)
def test_what_apps_would_not_show_is_refused_before_anything_leaves(
    mock_server: MockServer,
    sigcli: Sigcli,
    primary: MockPrimary,
    linked: MockDevice,
    tmp_path: Path,
    words: tuple[str, ...],
    code: str,
) -> None:
    mock_server.wait_for_sync(linked)
    mock_server.all_received()
    bob = mock_server.create_primary("Bob")
    file = tmp_path / "note.txt"
    file.write_text("text")
    said = [word.format(me=primary.aci, file=file) for word in words]
    failed = sigcli.run("--json", said[0], bob.aci, *said[1:], exit_code=1)
    assert failed.json_error["code"] == code
    assert mock_server.all_received() == []
    assert mock_server.requests("/v4/attachments.*") == []
