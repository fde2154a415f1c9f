"""Usernames of accounts in the sandbox: being called one, being found by it, and losing it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from sigcli.store import account_data
from sigcli.store.settings import read_setting
from tests.support.account_state import in_store
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess, envelopes, texts
from tests.support.sigcli_process import Sigcli

LINK = re.compile(r"https://signal\.me/#eu/[A-Za-z0-9_-]{64}")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("usernames")) as sandbox:
        yield sandbox


@pytest.fixture
def alice(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


@pytest.fixture
def bob(sandbox: SandboxProcess) -> Sigcli:
    return sandbox.account()


def known_username(device: Sigcli) -> str | None:
    return in_store(device, lambda database: read_setting(database, account_data.USERNAME))


def test_a_username_and_its_link_lead_to_the_account(alice: Sigcli, bob: Sigcli) -> None:
    named = alice.run("--json", "updateAccount", "-u", "Alice_e2e").json
    name, link = named["username"], named["usernameLink"]
    assert re.fullmatch(r"Alice_e2e\.[0-9]{2,}", name)
    assert LINK.fullmatch(link)

    for words in ([f"u:{name}"], [f"u:{name.lower()}"], [link], ["-u", name]):
        sent = bob.run("--json", "send", "-m", "by name", *words).json
        assert sent["results"][0]["type"] == "SUCCESS"
        assert sent["results"][0]["recipientAddress"]["username"] == name
    assert texts(alice) == ["by name"] * 4
    assert bob.run("--json", "listContacts").json[0]["username"] == name

    statuses = bob.run("--json", "getUserStatus", "--username", name, "nobody_e2e.77", link).json
    assert {status["recipient"]: status["isRegistered"] for status in statuses} == {
        name: True,
        "nobody_e2e.77": False,
        link: True,
    }
    assert {status["username"] for status in statuses} == {name, "nobody_e2e.77"}
    assert bob.run("getUserStatus", "--username", name).stdout == f"{name}: true\n"

    # The same name in other letters keeps number and link.
    again = alice.run("updateAccount", "--username", "ALICE_E2E").stdout
    assert again == f"Your new username: {name.upper()} ({link})\n"
    # Another one makes the old link void.
    other = alice.run("--json", "updateAccount", "-u", "alice_other.42").json
    assert other["username"] == "alice_other.42"
    assert other["usernameLink"] != link
    lost = bob.run("getUserStatus", "--username", name, link)
    assert lost.stdout == f"{name}: false\n{link}: false\n"
    failed = bob.run("send", "-m", "too late", f"u:{name}", exit_code=1)
    assert "nobody has the username" in failed.stderr


def test_names_that_cannot_be_had(alice: Sigcli, bob: Sigcli) -> None:
    alice.run("updateAccount", "-u", "taken_e2e.42")
    codes = {}
    for word in ("taken_e2e.42", "ab.42", "x" * 33 + ".42", "1digit.42", "b b.42", "name.1"):
        failed = bob.run("--json", "updateAccount", "-u", word, exit_code=1)
        codes[word] = failed.json_error["code"]
    assert list(codes.values()) == [
        "usernameTaken",
        "usernameTooShort",
        "usernameTooLong",
        "usernameStartsWithDigit",
        "badUsernameCharacter",
        "badDiscriminator",
    ]
    assert known_username(bob) is None
    alice.run("updateAccount", "--delete-username")
    assert known_username(alice) is None
    # What was given up is kept from others for a while.
    assert (
        bob.run("--json", "updateAccount", "-u", "taken_e2e.42", exit_code=1).json_error["code"]
        == "usernameTaken"
    )
    alice.run("updateAccount", "-u", "taken_e2e.42")


def test_a_linked_device_names_the_account(sandbox: SandboxProcess, alice: Sigcli) -> None:
    laptop = sandbox.linked(alice)
    envelopes(alice)
    named = laptop.run("--json", "updateAccount", "-u", "laptop_e2e").json
    assert LINK.fullmatch(named["usernameLink"])
    # The other device reads it from the storage service: its own is the same, link included.
    alice.run("receive")
    assert known_username(alice) == named["username"]
    assert alice.run("--json", "updateAccount", "-u", "laptop_e2e").json == named
    alice.run("updateAccount", "--delete-username")
    laptop.run("receive")
    assert known_username(laptop) is None


def test_a_lost_answer(sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli) -> None:
    sandbox.fault(
        "afterwards",
        "--path",
        "/v1/accounts/username_hash/confirm",
        "--status",
        "503",
        "--times",
        "1",
    )
    alice.run("updateAccount", "-u", "lost_e2e.42", exit_code=3)
    assert known_username(alice) is None
    # Whether it is repeated or the account is looked at: the link fits to what the service keeps.
    link = alice.run("--json", "updateAccount", "-u", "lost_e2e.42").json["usernameLink"]
    assert bob.run("getUserStatus", "--username", link).stdout == f"{link}: true\n"


def test_registering_anew_brings_username_and_link_back(
    sandbox: SandboxProcess, alice: Sigcli, bob: Sigcli
) -> None:
    link = alice.run("--json", "updateAccount", "-u", "again_e2e.42").json["usernameLink"]
    alice.run("register", "--reregister", "--captcha", CAPTCHA)
    statuses = bob.run("getUserStatus", "--username", "again_e2e.42", link).stdout
    assert statuses == f"again_e2e.42: true\n{link}: true\n"
