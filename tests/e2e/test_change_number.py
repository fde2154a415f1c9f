"""Accounts of the sandbox move to other numbers, and their linked devices with them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.store import account_data
from sigcli.store.account_data import load_account_keys
from sigcli.store.settings import read_setting, write_setting
from tests.support.account_state import in_store
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

_numbers = itertools.count(15559300)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("numbers")) as sandbox:
        yield sandbox


@pytest.fixture
def alice(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


@pytest.fixture
def bob(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


@pytest.fixture
def number() -> str:
    return f"+{next(_numbers)}"


def pni(device: Sigcli) -> str:
    return in_store(device, lambda database: str(load_account_keys(database).pni))


def start(sandbox: SandboxProcess, device: Sigcli, number: str) -> str:
    """Has a code sent, and gives it."""
    device.run("startChangeNumber", number, "--captcha", CAPTCHA)
    return sandbox.code(number).strip()


def test_all_devices_move(sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli, number: str) -> None:
    laptop = sandbox.linked(alice)
    former = alice.account
    assert former is not None
    for device in (alice, laptop):
        envelopes(device)
    bob.run("send", "-m", "to the old number", former)
    assert texts(alice) == texts(laptop) == ["to the old number"]
    old_pni = pni(alice)

    refused = laptop.run("--json", "startChangeNumber", number, exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    same = alice.run("--json", "startChangeNumber", former, exit_code=1)
    assert same.json_error["code"] == "sameNumber"
    unasked = alice.run("finishChangeNumber", number, "-v", "123456", exit_code=1)
    assert "startChangeNumber" in unasked.stderr

    code = start(sandbox, alice, number)
    wrong = alice.run("--json", "finishChangeNumber", number, "-v", "000000", exit_code=1)
    assert wrong.json_error["code"] == "wrongVerificationCode"
    # The devices are found out again as often as the service says that they do not fit.
    control = RunningSandbox.find(sandbox.environment_file)
    refusals: list[tuple[int, dict[str, list[int]]]] = [
        (409, {"missingDevices": [2], "extraDevices": []}),
        (410, {"staleDevices": [2]}),
    ]
    for status, body in refusals:
        control.fault("status", path="/v2/accounts/number", status=status, body=body, times=1)
    alice.run("finishChangeNumber", number, "-v", code)
    alice.account = number
    # Once more does no harm.
    alice.run("finishChangeNumber", number, "-v", code)
    assert alice.run("listAccounts").stdout == f"Number: {number}\n"

    laptop.run("receive")
    assert laptop.run("listAccounts").stdout == f"Number: {number}\n"
    assert pni(alice) == pni(laptop) != old_pni
    laptop.account = number

    # By number and ACI, and by the new phone number identity, all devices are reached on.
    bob.run("send", "-m", "to the new number", number)
    bob.run("send", "-m", "to the new identity", pni(alice))
    arrived = ["to the new number", "to the new identity"]
    assert texts(alice) == texts(laptop) == arrived
    laptop.run("send", "-m", "from the laptop", str(bob.account))
    alice.run("send", "-m", "from the phone", str(bob.account))
    assert texts(bob) == ["from the laptop", "from the phone"]


def test_a_lost_answer_loses_nothing(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli, number: str
) -> None:
    laptop = sandbox.linked(alice)
    envelopes(alice)
    code = start(sandbox, alice, number)
    sandbox.fault("afterwards", "--path", "/v2/accounts/number", "--status", "503", "--times", "1")
    alice.run("finishChangeNumber", number, "-v", code, exit_code=3)
    pending = in_store(
        alice, lambda database: read_setting(database, account_data.PENDING_NUMBER_CHANGE)
    )
    assert pending is not None
    # The next account check finds out; so would the same command.
    in_store(alice, lambda database: write_setting(database, account_data.LAST_ACCOUNT_CHECK_MS, 0))
    alice.run("receive")
    alice.account = number
    assert alice.run("listAccounts").stdout == f"Number: {number}\n"
    alice.run("finishChangeNumber", number, "-v", code)
    laptop.run("receive")
    laptop.account = number
    bob.run("send", "-m", "still there", pni(alice))
    assert texts(alice) == texts(laptop) == ["still there"]


def test_moving_to_a_number_that_somebody_has(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    number = bob.account
    assert number is not None
    bob.run("setPin", "729-orchid")
    code = start(sandbox, alice, number)
    finish = ("--json", "finishChangeNumber", number, "-v", code)
    assert alice.run(*finish, exit_code=None).json_error["code"] == "registrationLocked"
    wrong = alice.run(*finish, "--pin", "728-orchid", exit_code=None)
    assert wrong.json_error["code"] == "wrongPin"
    alice.run(*finish, "--pin", "-", stdin="729-orchid\n")
    gone = bob.run("receive", exit_code=None)
    assert gone.exit_code != 0
