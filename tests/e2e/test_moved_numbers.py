"""Numbers that change hands, and first messages that cross: what those meet who address people by number."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from sigcli.store.recipients import find_by_number, list_recipients
from tests.support.account_state import in_store
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

_numbers = itertools.count(15559700)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("moved")) as sandbox:
        yield sandbox


@pytest.fixture
def alice(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


@pytest.fixture
def bob(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


def a_day_passes(device: Sigcli) -> None:
    """Lets what the directory has answered be old."""
    in_store(device, lambda database: database.write("UPDATE recipient SET number_checked_ms = 1"))


def own_number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


def move(sandbox: SandboxProcess, device: Sigcli) -> str:
    """Gives an account another number, and the one that it leaves."""
    old, new = own_number(device), f"+{next(_numbers)}"
    device.run("startChangeNumber", new, "--captcha", CAPTCHA)
    device.run("finishChangeNumber", new, "-v", sandbox.code(new).strip())
    device.account = new
    return old


def test_a_number_that_somebody_else_has_now(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    bob.run("send", "-m", "hello", own_number(alice))
    texts(alice)
    alice.run("send", "-m", "hi", own_number(bob))
    assert texts(bob) == ["hi"]
    # As long as it is his, asking again changes nothing.
    a_day_passes(alice)
    asked = alice.run("send", "-m", "still there?", own_number(bob))
    assert asked.stderr == ""
    assert texts(bob) == ["still there?"]

    number = move(sandbox, bob)
    carol = sandbox.account_of(number)
    a_day_passes(alice)
    refused = alice.run("--json", "send", "-m", "for bob", number, exit_code=4)
    assert refused.json_error["code"] == "addressMoved"
    assert "sigcli trust" in refused.json_error["hint"]
    (result,) = refused.json["results"]
    assert result["type"] == "IDENTITY_FAILURE"
    # It is refused until she has decided; nobody else's message waits for that.
    both = alice.run("--json", "send", "-m", "for dave too", number, own_number(sandbox.account()))
    assert sorted(one["type"] for one in both.json["results"]) == ["IDENTITY_FAILURE", "SUCCESS"]
    assert texts(bob) == texts(carol) == []

    accepted = alice.run("trust", number, "-a")
    assert number[-4:] in accepted.stderr
    alice.run("send", "-m", "for carol", number)
    assert texts(carol) == ["for carol"]
    assert texts(bob) == []


def test_first_messages_that_cross(sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli) -> None:
    alice.run("send", "-m", "from alice", own_number(bob))
    bob.run("send", "-m", "from bob", own_number(alice))
    assert texts(alice) == ["from bob"]
    assert texts(bob) == ["from alice"]
    alice.run("sendMessageRequestResponse", "--type", "accept", own_number(bob))
    known = in_store(alice, lambda database: find_by_number(database, own_number(bob)))
    assert known is not None
    assert known.aci is not None
    assert known.contact.profile_sharing
    bob.run("send", "-m", "once more", own_number(alice))
    (message,) = (one for one in envelopes(alice) if one.get("dataMessage", {}).get("message"))
    assert not message.get("messageRequest")
    assert message["sourceNumber"] == own_number(bob)
    for device in (alice, bob):
        others = in_store(device, list_recipients)
        assert len([one for one in others if one.number != own_number(device)]) == 1


def test_a_group_by_number(sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli) -> None:
    """Who asks to join is known by their ACI; the number that the script has is theirs."""
    created = alice.run(
        "--json", "updateGroup", "-n", "Team", "--link", "enabled-with-approval"
    ).json
    group_id = created["groupId"]
    (group,) = alice.run("--json", "listGroups", "-g", group_id, "-d").json
    # A number alone is known of him.
    alice.run("send", "-m", "join us", own_number(bob))
    bob.run("joinGroup", "--uri", group["groupInviteLink"])
    alice.run("updateGroup", "-g", group_id, "-m", own_number(bob))
    (group,) = alice.run("--json", "listGroups", "-g", group_id, "-d").json
    assert [one["number"] for one in group["members"] if one["number"] != alice.account] == [
        own_number(bob)
    ]
    assert group["pendingMembers"] == group["requestingMembers"] == []
    # His account is gone; he can be removed all the same, and a second time there is nothing to do.
    number = own_number(bob)
    bob.run("unregister", "--delete-account")
    a_day_passes(alice)
    for _ in range(2):
        alice.run("updateGroup", "-g", group_id, "-r", number)
    (group,) = alice.run("--json", "listGroups", "-g", group_id, "-d").json
    assert len(group["members"]) == 1
    alice.run("block", number)
    alice.run("updateContact", number, "-n", "Bob")
    alice.run("unblock", number)
    alice.run("removeContact", "--forget", number)
