"""Accounts of the sandbox that are hardly used: what is said in time, and what happens in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sigcli.durations import DAY_MS
from sigcli.store import account_data
from sigcli.store.account_data import load_account_keys
from sigcli.store.database import Transaction
from sigcli.store.settings import AllSettings, write_setting
from tests.support.account_state import in_store
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, envelopes
from tests.support.sigcli_process import Sigcli


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("idle")) as sandbox:
        yield sandbox


def let_pass(device: Sigcli, days: int) -> None:
    """Makes a device believe that it received and logged in so long ago."""

    def set_back(database: Transaction) -> None:
        for setting in (account_data.LAST_RECEIVE_MS, account_data.LAST_CONTACT_MS):
            at_ms = AllSettings(database).require(setting) - days * DAY_MS
            write_setting(database, setting, at_ms)

    in_store(device, set_back)


def test_the_end_of_a_link_is_announced(sandbox: SandboxProcess) -> None:
    alice = sandbox.account()
    laptop = sandbox.linked(alice)
    assert alice.account is not None
    for device in (alice, laptop):
        envelopes(device)

    # A phone that is not used: said once.
    sandbox.age(alice.account, 31, device=1)
    assert "open the app on the phone" in laptop.run("receive").stderr
    assert laptop.run("receive").stderr == ""

    # A laptop that is not used: said when it comes back, by whatever needs the service.
    sandbox.age(alice.account, 40, device=2)
    let_pass(laptop, 40)
    assert "removes a linked device after 45" in laptop.run("listDevices").stderr
    assert laptop.run("listDevices").stderr == ""

    sandbox.age(alice.account, 46, device=2)
    failed = laptop.run("--json", "receive", exit_code=3)
    assert failed.json_error["code"] == "loginRefused"
    assert "link" in failed.json_error["hint"]


def test_the_end_of_an_account_is_announced(sandbox: SandboxProcess) -> None:
    alice = sandbox.account()
    assert alice.account is not None
    envelopes(alice)
    sandbox.age(alice.account, 100)
    let_pass(alice, 100)
    assert "deletes an account after 120" in alice.run("listDevices").stderr
    sandbox.age(alice.account, 121)
    alice.run("receive", exit_code=3)
    # Its number brings it back under its old id.
    former = in_store(alice, load_account_keys).aci
    alice.run("register", "--captcha", CAPTCHA)
    alice.run("verify", sandbox.code(alice.account).strip())
    assert in_store(alice, load_account_keys).aci == former
    assert alice.run("listDevices").stderr == ""
