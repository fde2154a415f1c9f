"""Accounts registered with the sandbox: they talk, take in further devices, come back, and end."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigcli.client.account.account_secrets import has_pin
from sigcli.client.base.account import Account
from sigcli.sandbox.captcha import solved_captcha
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from sigcli.service.resources.accounts import put_registration_lock
from sigcli.store.accounts import DataDirectory
from sigcli.store.recipient_merging import resolve_recipient
from sigcli.store.recipients import update_recipient
from sigcli.store.sessions import session_devices
from sigcli.wire.addresses import ServiceIdKind
from tests.support.account_state import in_store
from tests.support.sigcli_process import Sigcli

CAPTCHA = f"signalcaptcha://{solved_captcha('registration')}"
_numbers = itertools.count(15550200)


@pytest.fixture(scope="module", params=["https", "websocket"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(requests=request.param) as sandbox:
        yield sandbox


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[RunningSandbox]:
    control = RunningSandbox.find(sandbox.environment_file)
    yield control
    control.clear_faults()
    control.switch(rateLimits=False)


@pytest.fixture
def new_device(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[[], Sigcli]]:
    """Makes `sigcli` runners that know the sandbox and have no account yet."""
    made: list[Sigcli] = []

    def make() -> Sigcli:
        made.append(Sigcli(tmp_path / f"device{len(made)}", sandbox.environment_file))
        return made[-1]

    yield make
    for runner in made:
        runner.dispose()


@pytest.fixture
def register(new_device: Callable[[], Sigcli], control: RunningSandbox) -> Callable[[], Sigcli]:
    """Makes `sigcli` runners with an account of their own."""

    def make() -> Sigcli:
        sigcli = new_device()
        sigcli.account = f"+{next(_numbers)}"
        return sign_up(sigcli, control)

    return make


def sign_up(sigcli: Sigcli, control: RunningSandbox) -> Sigcli:
    assert sigcli.account is not None
    sigcli.run("register", "--captcha", CAPTCHA)
    sigcli.run("verify", control.code(sigcli.account))
    return sigcli


def link(primary: Sigcli, other: Sigcli, name: str = "laptop") -> str:
    """Links a runner to the account of another; gives what the primary's command said."""
    linking = other.start("link", "-n", name)
    added = primary.run("addDevice", "--uri", linking.read_line())
    linking.wait().expect(0)
    assert added.stdout == ""
    other.account = primary.account
    return added.stderr


def received(sigcli: Sigcli, kind: str = "dataMessage") -> list[dict[str, Any]]:
    """The messages of a kind that wait for a device."""
    lines = sigcli.run("--json", "receive").json_lines
    return [line["envelope"][kind] for line in lines if kind in line["envelope"]]


def texts(sigcli: Sigcli) -> list[str]:
    return [message["message"] for message in received(sigcli) if message.get("message")]


def aci_of(sigcli: Sigcli) -> str:
    (entry,) = sigcli.run("--json", "listAccounts").json
    return str(entry["uuid"])


def opened(sigcli: Sigcli) -> Account:
    """The account of a runner, opened in this process."""
    from sigcli.client.base.account import open_account
    from sigcli.client.base.settings import Settings

    settings = Settings(sigcli.data_dir, print)
    return open_account(replace(settings, account=sigcli.account))


def test_two_accounts_talk_by_number_and_a_linked_device_sees_it_all(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli], tmp_path: Path
) -> None:
    alice, bob, laptop = register(), register(), new_device()
    assert alice.account is not None
    assert bob.account is not None
    assert "device 2 (laptop)" in link(alice, laptop)
    devices = alice.run("--json", "listDevices").json
    assert [(device["id"], device["name"]) for device in devices] == [(1, None), (2, "laptop")]

    alice.run("send", "-m", "hello", bob.account)
    (line,) = bob.run("--json", "receive").json_lines
    assert line["envelope"]["messageRequest"] is True
    assert line["envelope"]["dataMessage"]["message"] == "hello"
    file = tmp_path / "list.txt"
    file.write_text("bread\n" * 500)
    bob.run("send", "-m", "hello back", "-a", str(file), alice.account)
    (message,) = received(alice)
    assert message["message"] == "hello back"
    assert Path(message["attachments"][0]["localPath"]).read_text() == file.read_text()

    lines = laptop.run("--json", "receive").json_lines
    sent = [line["envelope"].get("syncMessage", {}).get("sentMessage") for line in lines]
    assert [one["message"] for one in sent if one] == ["hello"]
    came = [line["envelope"].get("dataMessage") for line in lines]
    assert [one["message"] for one in came if one] == ["hello back"]

    laptop.run("send", "-m", "from the laptop", bob.account)
    assert texts(bob) == ["from the laptop"]
    (transcript,) = [sync for sync in received(alice, "syncMessage") if "sentMessage" in sync]
    assert transcript["sentMessage"]["message"] == "from the laptop"


def test_a_linked_device_is_told_what_the_primary_knows(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli]
) -> None:
    alice, bob, eve, laptop = register(), register(), register(), new_device()
    assert bob.account is not None
    alice.run("send", "-m", "hello", bob.account)
    alice.run("getUserStatus", str(eve.account))
    with opened(alice) as account, account.database.transaction() as database:
        update_recipient(
            database, resolve_recipient(database, number=bob.account).id, given_name="Bob"
        )
        blocked = resolve_recipient(database, number=eve.account).id
        update_recipient(database, blocked, blocked=True)
        pool = account.keys.account_entropy_pool
    link(alice, laptop)
    alice.run("receive")
    laptop.run("receive")
    contacts = {contact["number"]: contact for contact in laptop.run("--json", "listContacts").json}
    assert contacts[bob.account]["givenName"] == "Bob"
    assert contacts[eve.account]["isBlocked"] is True
    with opened(laptop) as account:
        assert account.keys.account_entropy_pool == pool
        assert account.keys.media_root_backup_key


def test_a_device_is_removed(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli]
) -> None:
    alice, laptop = register(), new_device()
    link(alice, laptop)
    alice.run("removeDevice", "-d", "2")
    refused = laptop.run("--json", "receive", exit_code=3)
    assert refused.json_error["code"] in ("loginRefused", "reauthenticationRequired")
    assert len(alice.run("--json", "listDevices").json) == 1
    for number, code in (("2", "noSuchDevice"), ("1", "primaryNotRemovable")):
        refused = alice.run("--json", "removeDevice", "-d", number, exit_code=1)
        assert refused.json_error["code"] == code


def test_nobody_waits_behind_an_old_link_uri(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli]
) -> None:
    alice, laptop = register(), new_device()
    linking = laptop.start("link")
    uri = linking.read_line()
    linking.kill()
    linking.wait()
    refused = alice.run("--json", "addDevice", "--uri", uri, exit_code=1)
    assert refused.json_error["code"] == "noDeviceWaiting"
    assert len(alice.run("--json", "listDevices").json) == 1


def test_wrong_codes_and_captchas_can_be_mended(
    new_device: Callable[[], Sigcli], control: RunningSandbox
) -> None:
    sigcli = new_device()
    sigcli.account = f"+{next(_numbers)}"
    refused = sigcli.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "captchaRequired"
    assert "/captcha/registration" in refused.json_error["hint"]
    for captcha in ("signal-hcaptcha.sandbox.registration.wrong", "malformed"):
        refused = sigcli.run("--json", "register", "--captcha", captcha, exit_code=6)
        assert refused.json_error["code"] == "captchaRejected"
    sigcli.run("register", "--captcha", CAPTCHA)
    code = control.code(sigcli.account)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = sigcli.run("--json", "verify", wrong, exit_code=1)
    assert refused.json_error["code"] == "wrongVerificationCode"
    sigcli.run("verify", f"{code[:3]}-{code[3:]}")
    assert sigcli.run("--json", "listAccounts").json[0]["number"] == sigcli.account


def test_rate_limits_name_their_wait(
    new_device: Callable[[], Sigcli], control: RunningSandbox
) -> None:
    sigcli = new_device()
    sigcli.account = f"+{next(_numbers)}"
    control.switch(rateLimits=True)
    sigcli.run("register", "--captcha", CAPTCHA)
    refused = sigcli.run("--json", "register", exit_code=5)
    assert refused.json_error["code"] == "rateLimited"
    assert " seconds" in refused.json_error["message"]
    code = control.code(sigcli.account)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    codes = [sigcli.run("verify", wrong, exit_code=None).exit_code for _ in range(11)]
    assert codes == [1] * 10 + [5]
    assert not list(sigcli.data_dir.glob("*/account.db"))


@pytest.mark.parametrize(
    ("kind", "code"),
    [("sms-transport", "codeTransportImpossible"), ("sms-provider", "codeProviderRefused")],
)
def test_another_way_for_the_code(
    new_device: Callable[[], Sigcli], control: RunningSandbox, kind: str, code: str
) -> None:
    sigcli = new_device()
    sigcli.account = f"+{next(_numbers)}"
    control.fault(kind, times=1)
    refused = sigcli.run("--json", "register", "--captcha", CAPTCHA, exit_code=3)
    assert refused.json_error["code"] == code
    assert "--voice" in refused.json_error["hint"]
    sigcli.run("register", "--voice")
    sigcli.run("verify", control.code(sigcli.account))


def test_a_taken_number_goes_to_who_has_the_code(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli], control: RunningSandbox
) -> None:
    first, laptop, bob, second = register(), new_device(), register(), new_device()
    link(first, laptop)
    first.run("send", "-m", "it is me", str(bob.account))
    assert texts(bob) == ["it is me"]
    second.account = first.account
    sign_up(second, control)
    assert aci_of(second) == aci_of(first)
    for former in (first, laptop):
        former.run("receive", exit_code=3)
    assert len(second.run("--json", "listDevices").json) == 1
    # Somebody else may stand behind the number now.
    assert bob.run("send", "-m", "is it?", aci_of(first), exit_code=4).stdout == ""
    # The account's recovery password is the second one's: without a code the first cannot take it back.
    refused = first.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "captchaRequired"
    # With one it does, as the account that it was; its people stay.
    sign_up(first, control)
    assert aci_of(first) == aci_of(second)
    assert bob.account in {c["number"] for c in first.run("--json", "listContacts").json}
    second.run("receive", exit_code=3)


def test_an_account_that_comes_back_forgets_sessions_and_nothing_else(
    register: Callable[[], Sigcli],
) -> None:
    alice, bob = register(), register()
    assert alice.account is not None
    assert bob.account is not None
    alice.run("send", "-m", "hello", bob.account)
    assert texts(bob) == ["hello"]
    bob.run("send", "-m", "hello back", alice.account)
    assert texts(alice) == ["hello back"]
    refused = alice.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "alreadyRegistered"
    with opened(alice) as account:
        before = account.keys
    # The recovery password does without a code.
    again = alice.run("register", "--reregister")
    assert "no code was needed" in again.stderr
    with opened(alice) as account:
        after = account.keys
        (person,) = account.database.rows(
            "SELECT aci FROM recipient WHERE number = ?", (bob.account,)
        )
        assert person[0] is not None
        assert account.database.rows("SELECT 1 FROM session") == []
    assert (after.aci, after.aci_identity) == (before.aci, before.aci_identity)
    assert (after.profile_key, after.account_entropy_pool) == (
        before.profile_key,
        before.account_entropy_pool,
    )
    assert after.password != before.password
    # The same identity: nobody has to trust it anew.
    bob.run("send", "-m", "welcome back", alice.account)
    assert texts(alice) == ["welcome back"]
    alice.run("send", "-m", "thanks", bob.account)
    assert texts(bob) == ["thanks"]
    with opened(bob) as account:
        assert session_devices(account.database, ServiceIdKind.ACI, before.aci) == [1]


def test_a_linked_device_can_become_the_primary_one(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli], control: RunningSandbox
) -> None:
    alice, laptop, bob = register(), new_device(), register()
    link(alice, laptop)
    bob.run("send", "-m", "to both", str(alice.account))
    refused = laptop.run("--json", "register", exit_code=1)
    assert refused.json_error["code"] == "alreadyRegistered"
    assert "signs the phone out" in refused.json_error["hint"]
    laptop.run("register", "--reregister", "--captcha", CAPTCHA)
    laptop.run("verify", control.code(str(alice.account)))
    alice.run("receive", exit_code=3)
    (device,) = laptop.run("--json", "listDevices").json
    assert (device["id"], device["isThisDevice"]) == (1, True)
    # It has the account's identity key: bob has nothing to trust.
    bob.run("send", "-m", "to the new one", str(alice.account))
    assert texts(laptop) == ["to the new one"]


def test_a_registration_lock_is_explained(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli], control: RunningSandbox
) -> None:
    alice, thief = register(), new_device()
    with opened(alice) as account:
        put_registration_lock(account.identified, "ab" * 32)
    thief.account = alice.account
    assert thief.account is not None
    thief.run("register", "--captcha", CAPTCHA)
    refused = thief.run("--json", "verify", control.code(thief.account), exit_code=1)
    assert refused.json_error["code"] == "registrationLocked"
    assert "--pin PIN" in refused.json_error["hint"]
    assert thief.run("--json", "listAccounts").json == []


def test_who_signs_off_receives_no_more_until_it_says_so(register: Callable[[], Sigcli]) -> None:
    alice, bob = register(), register()
    assert alice.account is not None
    alice.run("unregister")
    bob.run("send", "-m", "lost", alice.account, exit_code=None)
    alice.run("updateAccount")
    bob.run("send", "-m", "found", alice.account)
    assert texts(alice) == ["found"]
    alice.run("unregister")
    assert "receives again" in alice.run("register").stderr
    bob.run("send", "-m", "found again", alice.account)
    assert texts(alice) == ["found again"]
    alice.run("setPin", "729-orchid")
    assert in_store(alice, has_pin)
    alice.run("unregister", "--delete-account")
    # The enclaves have forgotten what was behind the PIN.
    assert not in_store(alice, has_pin)
    alice.run("receive", exit_code=3)
    refused = bob.run("--json", "getUserStatus", alice.account).json
    assert refused[0]["isRegistered"] is False
    # What is stored here stays until it is deleted.
    assert len(alice.run("--json", "listAccounts").json) == 1
    alice.run("deleteLocalAccountData")
    assert alice.run("--json", "listAccounts").json == []


def test_a_linked_device_signs_itself_off(
    register: Callable[[], Sigcli], new_device: Callable[[], Sigcli]
) -> None:
    alice, laptop = register(), new_device()
    link(alice, laptop)
    refused = laptop.run("--json", "unregister", "--delete-account", exit_code=1)
    assert refused.json_error["code"] == "primaryOnly"
    laptop.run("unregister")
    assert len(alice.run("--json", "listDevices").json) == 1


def test_the_account_of_a_data_directory_is_the_only_folder_left(
    register: Callable[[], Sigcli],
) -> None:
    sigcli = register()
    (entry,) = DataDirectory(sigcli.data_dir).accounts()
    folders = {path.name for path in sigcli.data_dir.iterdir() if path.is_dir()}
    assert folders == {entry.folder}
