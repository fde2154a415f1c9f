"""The storage service of the sandbox: a primary and a linked device of sigcli share what is noted about people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigcli.store.account_data import load_account_keys
from tests.support.account_state import in_store
from tests.support.sandbox_process import SandboxProcess
from tests.support.sigcli_process import Sigcli


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path) as sandbox:
        yield sandbox


def contact(device: Sigcli, number: str) -> dict[str, Any]:
    listed = device.run("--json", "listContacts", "-a", number).json
    assert len(listed) == 1, listed
    found: dict[str, Any] = listed[0]
    return found


def test_what_one_device_notes_the_other_knows(sandbox: SandboxProcess) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    number = str(bob.account)
    alice.run("updateProfile", "--given-name", "Alice")
    alice.run("updateContact", number, "--nick-given-name", "Bobby")
    alice.run("updateGroup", "--name", "Notes")
    laptop = sandbox.linked(alice)
    # What the primary device had is there when the link is made, before any message.
    assert contact(laptop, number)["nickGivenName"] == "Bobby"
    (group,) = laptop.run("--json", "listGroups").json
    assert (group["name"], group["isMember"]) == ("Notes", True)

    laptop.run("updateContact", number, "--note", "from the laptop")
    alice.run("updateContact", number, "--nick-family-name", "Roe")
    for device in (alice, laptop):
        device.run("receive")
        found = contact(device, number)
        assert (found["nickGivenName"], found["nickFamilyName"]) == ("Bobby", "Roe")
        assert found["note"] == "from the laptop"

    laptop.run("block", number)
    alice.run("receive")
    assert contact(alice, number)["isBlocked"] is True
    alice.run("unblock", number)
    alice.run("updateConfiguration", "--read-receipts", "false", "--link-previews", "true")
    laptop.run("receive")
    assert contact(laptop, number)["isBlocked"] is False

    # What cannot be handed in now is a warning, and handed in by the next receive.
    sandbox.fault("status", "--status", "503", "--path", "/v1/storage/auth", "--times", "1")
    late = laptop.run("updateContact", number, "--note", "later")
    assert "the storage service does not have this change yet" in late.stderr
    laptop.run("receive")
    alice.run("receive")
    assert contact(alice, number)["note"] == "later"


def pool(device: Sigcli) -> str | None:
    return in_store(device, lambda database: load_account_keys(database).account_entropy_pool)


def test_the_entropy_pool_is_replaced_and_the_linked_device_follows(
    sandbox: SandboxProcess,
) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    number = str(bob.account)
    alice.run("updateContact", number, "--nick-given-name", "Bobby")
    laptop = sandbox.linked(alice)
    before = pool(alice)
    refused = laptop.run("--json", "updateAccount", "--renew-keys", exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    assert alice.run("updateAccount", "--renew-keys").stderr == ""
    assert pool(alice) != before
    laptop.run("receive")
    assert pool(laptop) == pool(alice)
    laptop.run("updateContact", number, "--note", "under the new key")
    alice.run("receive")
    found = contact(alice, number)
    assert (found["nickGivenName"], found["note"]) == ("Bobby", "under the new key")
