"""The PIN: what it protects, what it brings back after a loss, and what wrong ones cost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support.sandbox_process import CAPTCHA, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.sigcli_process import Sigcli

PIN, WRONG = "correct horse 17", "2580"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path) as sandbox:
        yield sandbox


def aci_of(device: Sigcli) -> str:
    (entry,) = device.run("--json", "listAccounts").json
    return str(entry["uuid"])


def lose_everything(device: Sigcli) -> None:
    shutil.rmtree(device.data_dir)


def test_a_lost_account_comes_back_with_its_pin(sandbox: SandboxProcess) -> None:
    alice = sandbox.account()
    assert alice.account is not None
    aci = aci_of(alice)
    alice.run("setPin", "-", stdin=f"{PIN}\n")
    kept = b"".join(path.read_bytes() for path in alice.data_dir.rglob("*") if path.is_file())
    assert PIN.encode() not in kept
    lose_everything(alice)

    alice.run("register", "--captcha", CAPTCHA)
    code = sandbox.code(alice.account).strip()
    locked = alice.run("--json", "verify", code, exit_code=1).json_error
    assert locked["code"] == "registrationLocked"
    assert "--pin" in locked["hint"]
    wrong = alice.run("--json", "verify", code, "--pin", WRONG, exit_code=1).json_error
    assert wrong["code"] == "wrongPin"
    assert "9 tries are left" in wrong["message"]
    alice.run("verify", code, "--pin", PIN)
    assert aci_of(alice) == aci


def test_the_pin_follows_when_it_is_changed_and_goes_when_it_is_removed(
    sandbox: SandboxProcess,
) -> None:
    alice, thief = sandbox.account(), sandbox.account()
    weak = alice.run("--json", "setPin", "1234", exit_code=1).json_error
    assert weak["code"] == "weakPin"
    alice.run("setPin", WRONG)
    alice.run("setPin", PIN)
    thief.account = alice.account
    thief.run("register", "--captcha", CAPTCHA)
    assert thief.account is not None
    code = sandbox.code(thief.account).strip()
    refused = thief.run("--json", "verify", code, "--pin", WRONG, exit_code=1).json_error
    assert refused["code"] == "wrongPin"
    # The attempt has locked alice's login out; her own machine comes back by what it has.
    alice.run("receive", exit_code=3)
