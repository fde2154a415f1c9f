"""The storage service: what the phone keeps there is here after linking, and what is changed here is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.linking import link_device
from tests.support.mock_server import MockPrimary, MockServer
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def bob(mock_server: MockServer) -> MockPrimary:
    return mock_server.create_primary("Bob")


def contacts(sigcli: Sigcli, *arguments: str) -> dict[str, dict[str, Any]]:
    """The listed contacts by ACI."""
    listed: list[dict[str, Any]] = sigcli.run("listContacts", "--json", *arguments).json
    return {contact["uuid"]: contact for contact in listed}


def test_contacts_and_groups_of_the_phone_are_here_after_linking(
    mock_server: MockServer, sigcli: Sigcli, primary: MockPrimary, bob: MockPrimary
) -> None:
    blocked = mock_server.create_primary("Mallory")
    stranger = mock_server.create_primary("Stranger")
    group = mock_server.create_group(primary, "Friends", [bob])
    mock_server.set_storage(
        primary,
        contacts=[
            (
                bob,
                {
                    "systemGivenName": "Robert",
                    "systemFamilyName": "Roe",
                    "nickname": {"given": "Bobby", "family": ""},
                    "note": "from the phone",
                },
            ),
            (blocked, {"blocked": True, "whitelisted": False}),
            (stranger, {"whitelisted": False}),
        ],
        groups=[(group, {})],
        account={"givenName": "Alice", "readReceipts": True, "linkPreviews": True},
    )
    link_device(mock_server, sigcli, primary)
    listed = contacts(sigcli)
    assert set(listed) == {bob.aci, blocked.aci}
    found = listed[bob.aci]
    assert (found["givenName"], found["familyName"]) == ("Robert", "Roe")
    assert (found["nickGivenName"], found["note"]) == ("Bobby", "from the phone")
    assert found["profile"]["givenName"] == "Bob"
    assert listed[blocked.aci]["isBlocked"] is True
    (listed_group,) = sigcli.run("listGroups", "--json").json
    assert (listed_group["id"], listed_group["name"]) == (group.id, "Friends")
    assert listed_group["isMember"] is True
