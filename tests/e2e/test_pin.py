"""The PIN: what it protects, what it brings back after a loss, and what wrong ones cost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.support.sigcli_process import Sigcli

PIN, WRONG = "correct horse 17", "2580"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path) as sandbox:
        yield sandbox


def number(device: Sigcli) -> str:
    assert device.account is not None
    return device.account


def aci_of(device: Sigcli) -> str:
    (entry,) = device.run("--json", "listAccounts").json
    return str(entry["uuid"])


def names_of(device: Sigcli) -> dict[str, str | None]:
    contacts: list[dict[str, Any]] = device.run("--json", "listContacts").json
    return {contact["uuid"]: contact["name"] for contact in contacts}


def registering(device: Sigcli, sandbox: SandboxProcess) -> str:
    """Has a code sent and gives it."""
    device.run("register", "--captcha", CAPTCHA)
    return sandbox.code(number(device)).strip()


def refused(device: Sigcli, *words: str) -> dict[str, Any]:
    """The error of a command that the user can mend."""
    return device.run("--json", *words, exit_code=1).json_error


def test_a_lost_account_comes_back_with_its_pin(sandbox: SandboxProcess) -> None:
    alice, bob = sandbox.account(), sandbox.account()
    for device, name in ((alice, "Alice"), (bob, "Bob")):
        device.run("updateProfile", "--given-name", name)
    alice.run("send", "-m", "hello", number(bob))
    assert texts(bob) == ["hello"]
    bob.run("send", "-m", "hello yourself", number(alice))
    assert texts(alice) == ["hello yourself"]
    alice.run("updateContact", aci_of(bob), "--name", "Bobby")
    alice.run("updateGroup", "--name", "Three", "--member", aci_of(bob))
    bob.run("receive")
    alice.run("setPin", "-", stdin=f"{PIN}\n")
    alice.run("receive")
    kept = b"".join(path.read_bytes() for path in alice.data_dir.rglob("*") if path.is_file())
    assert PIN.encode() not in kept
    aci, people = aci_of(alice), names_of(alice)
    groups = [group["id"] for group in alice.run("--json", "listGroups").json]
    assert (len(groups), people[aci_of(bob)]) == (1, "Bobby")
    shutil.rmtree(alice.data_dir)

    code = registering(alice, sandbox)
    locked = refused(alice, "verify", code)
    assert (locked["code"], "--pin" in locked["hint"]) == ("registrationLocked", True)
    wrong = refused(alice, "verify", code, "--pin", WRONG)
    assert (wrong["code"], "9 tries" in wrong["message"]) == ("wrongPin", True)
    sandbox.fault("status", "--status", "503", "--path", "/storage/v1/storage*", "--times", "1")
    told = alice.run("verify", code, "--pin", PIN)
    assert ("not all is set up yet" in told.stderr, "no PIN" in told.stderr) == (True, False)
    assert (aci_of(alice), names_of(alice)) == (aci, {})
    # What was cut off, the next receive makes up for.
    alice.run("receive")
    assert names_of(alice)[aci_of(bob)] == "Bobby"
    assert [group["id"] for group in alice.run("--json", "listGroups").json] == groups
    alice.run("send", "-m", "here again", "-g", groups[0])
    # To others it is a new device with a new key, as a new phone is.
    assert texts(bob) == []
    bob.run("trust", "-a", aci)
    assert texts(bob) == ["here again"]

    # What was renewed is protected as before. Without a lock (phones set none by themselves) the PIN may come later.
    alice.run("api", "DELETE", "/v1/accounts/registration_lock")
    shutil.rmtree(alice.data_dir)
    code = registering(alice, sandbox)
    assert "--pin PIN brings them back" in alice.run("verify", code).stderr
    alice.run("receive")
    assert (aci_of(alice), names_of(alice)) == (aci, {})
    assert "9 tries" in refused(alice, "verify", code, "--pin", WRONG)["message"]
    alice.run("verify", code, "--pin", PIN)
    assert names_of(alice)[aci_of(bob)] == "Bobby"
    assert [group["id"] for group in alice.run("--json", "listGroups").json] == groups


def test_wrong_pins_count_down_and_who_is_locked_out_is_told(sandbox: SandboxProcess) -> None:
    alice, thief = sandbox.account(), sandbox.account()
    assert refused(alice, "setPin", "1234")["code"] == "weakPin"
    alice.run("setPin", WRONG)
    alice.run("setPin", PIN)
    thief.account = alice.account
    shutil.rmtree(thief.data_dir)
    code = registering(thief, sandbox)
    tries = [refused(thief, "verify", code, "--pin", WRONG)["message"] for _ in range(2)]
    assert [message[-16:] for message in tries] == ["9 tries are left", "8 tries are left"]
    # The attempts have locked alice out; the PIN lets her in again, and nobody else.
    lost = alice.run("--json", "receive", exit_code=3).json_error
    assert "registration lock then ends this login" in lost["hint"]
    code = registering(alice, sandbox)
    alice.run("verify", code)
    alice.run("removePin")
    code = registering(thief, sandbox)
    told = thief.run("verify", code, "--pin", PIN)
    assert "no enclave keeps anything behind a PIN" in told.stderr
    assert "the account has no PIN" in told.stderr
