"""Invitations to a group by PNI: who was invited accepts and is a member under their ACI, or declines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sigcli.client.base.account import open_account
from sigcli.client.base.settings import Settings
from tests.support.sigcli_process import Sigcli


def ids(sigcli: Sigcli) -> tuple[str, str]:
    """The ACI and the PNI of an account, as a user writes them."""
    settings = replace(Settings(sigcli.data_dir, print), account=sigcli.account)
    with open_account(settings) as account:
        assert account.pni is not None
        return str(account.aci), str(account.pni)


def messages(sigcli: Sigcli) -> list[dict[str, Any]]:
    lines = sigcli.run("--json", "receive").json_lines
    return [line["envelope"]["dataMessage"] for line in lines if "dataMessage" in line["envelope"]]


def people(sigcli: Sigcli, group_id: str) -> tuple[set[str], set[str]]:
    """Who is a member and who is invited, as kept here (nothing is fetched)."""
    (group,) = [one for one in sigcli.run("--json", "listGroups").json if one["id"] == group_id]
    return (
        {member["uuid"] for member in group["members"]},
        {invited["uuid"] for invited in group["pendingMembers"]},
    )


def change_types(message: dict[str, Any]) -> list[str]:
    return [change["type"] for change in message["groupInfo"]["changes"]]


@pytest.mark.parametrize("afterwards", [False, True], ids=["new group", "existing group"])
def test_who_is_invited_by_pni_accepts_and_is_a_member_by_aci(
    register: Callable[[str], Sigcli], afterwards: bool
) -> None:
    alice, bob = register("alice"), register("bob")
    (alice_aci, _), (bob_aci, bob_pni) = ids(alice), ids(bob)
    assert bob_pni.startswith("PNI:")
    if afterwards:
        group_id = alice.run("--json", "updateGroup", "-n", "By number").json["groupId"]
        made = alice.run("--json", "updateGroup", "-g", group_id, "-m", bob_pni).json
    else:
        made = alice.run("--json", "updateGroup", "-n", "By number", "-m", bob_pni).json
        group_id = made["groupId"]
    assert [result["type"] for result in made["results"]] == ["SUCCESS"]
    assert [one["uuid"] for one in made["invitedMembers"]] == [bob_pni]
    assert people(alice, group_id) == ({alice_aci}, {bob_pni})

    (told,) = messages(bob)
    assert told["groupInfo"]["groupId"] == group_id
    # Bob knows himself by his ACI, whichever id was invited.
    assert people(bob, group_id) == ({alice_aci}, {bob_aci})
    refused = bob.run("--json", "send", "-g", group_id, "-m", "too early", exit_code=1)
    assert refused.json_error["code"] == "notAGroupMember"

    accepted = bob.run("--json", "updateGroup", "-g", group_id).json
    assert [result["type"] for result in accepted["results"]] == ["SUCCESS"]
    assert people(bob, group_id) == ({alice_aci, bob_aci}, set())
    (update,) = messages(alice)
    assert change_types(update) == ["INVITATION_ACCEPTED"]
    assert people(alice, group_id) == ({alice_aci, bob_aci}, set())

    alice.run("send", "-g", group_id, "-m", "welcome")
    assert [message["message"] for message in messages(bob)] == ["welcome"]
    bob.run("send", "-g", group_id, "-m", "thank you")
    assert [message["message"] for message in messages(alice)] == ["thank you"]


def test_who_is_invited_by_pni_declines(register: Callable[[str], Sigcli]) -> None:
    alice, bob = register("alice"), register("bob")
    (alice_aci, _), (_, bob_pni) = ids(alice), ids(bob)
    group_id = alice.run("--json", "updateGroup", "-n", "No thanks", "-m", bob_pni).json["groupId"]
    assert people(alice, group_id) == ({alice_aci}, {bob_pni})
    messages(bob)
    declined = bob.run("--json", "quitGroup", "-g", group_id).json
    assert [result["type"] for result in declined["results"]] == ["SUCCESS"]
    (update,) = messages(alice)
    assert change_types(update) == ["INVITATION_DECLINED"]
    assert people(alice, group_id) == ({alice_aci}, set())
    lost = bob.run("--json", "updateGroup", "-g", group_id, exit_code=1)
    assert lost.json_error["code"] == "notAGroupMember"
    # Alice goes on as before, and may ask again.
    alice.run("updateGroup", "-g", group_id, "-m", bob_pni)
    assert people(alice, group_id) == ({alice_aci}, {bob_pni})
