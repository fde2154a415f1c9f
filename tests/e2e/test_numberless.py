"""sigcli as a device of an account without a phone number, in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.numberless import NumberlessDevice
from tests.support.sandbox_client import SandboxClient
from tests.support.sandbox_process import texts
from tests.support.sigcli_process import Sigcli


@pytest.fixture(scope="module")
def client() -> Iterator[SandboxClient]:
    with Sandbox() as sandbox:
        client = SandboxClient.of(sandbox)
        yield client
        client.close()


@pytest.fixture
def bob(client: SandboxClient, tmp_path: Path) -> Iterator[Sigcli]:
    bob = Sigcli(tmp_path / "bob", client.sandbox.environment_file)
    bob.account = "+15558100"
    bob.run("register", "--captcha", CAPTCHA)
    bob.run("verify", client.control.code(bob.account))
    yield bob
    bob.dispose()


@pytest.fixture
def laptop(client: SandboxClient, tmp_path: Path) -> Iterator[Sigcli]:
    laptop = Sigcli(tmp_path / "laptop", client.sandbox.environment_file)
    yield laptop
    laptop.dispose()


def test_messages_groups_and_a_username(client: SandboxClient, bob: Sigcli, laptop: Sigcli) -> None:
    phone = NumberlessDevice(client)
    assert phone.registration(client.control.receipt()).status == 200
    linking = laptop.start("link", "-n", "laptop")
    phone.let_in(linking.read_line())
    linking.wait().expect(0)
    aci = str(phone.device.aci)
    assert laptop.run("listAccounts").stdout == f"Number: {aci}\n"
    laptop.run("updateProfile", "--given-name", "Alice")

    name = laptop.run("--json", "updateAccount", "-u", "numberless.42").json["username"]
    bob.run("send", "-m", "by name", f"u:{name}")
    assert texts(laptop) == ["by name"]
    laptop.run("send", "-m", "and back", str(bob.account))
    assert texts(bob) == ["and back"]

    # The group service knows the account by its ACI and the salt in place of a PNI.
    group = laptop.run("--json", "updateGroup", "-n", "all", "-m", str(bob.account)).json["groupId"]
    bob.run("receive")
    bob.run("updateGroup", "-g", group)
    laptop.run("receive")
    laptop.run("send", "-m", "to all", "-g", group)
    assert texts(bob) == ["to all"]
    bob.run("send", "-m", "from bob", "-g", group)
    assert texts(laptop) == ["from bob"]

    refused = laptop.run("--json", "updateAccount", "--number-sharing", "true", exit_code=1)
    assert refused.json_error["code"] == "numberRequired"
    assert laptop.run("doctor", exit_code=None).exit_code == 0
