"""Groups with Signal's mock server: its service is libsignal's, and so are the other members."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigcli.wire.addresses import ServiceId
from tests.support.mock_server import MockDevice, MockGroup, MockPrimary, MockServer
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
