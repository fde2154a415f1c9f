"""The command called by the name ``signal-cli``, in a sandbox: argv and output as programs know them."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli.cli.declared_commands import declaration_of
from sigcli.operations.table import OPERATIONS
from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import texts
from tests.support.sigcli_process import Sigcli, installed_command
from tests.support.signal_cli_archive import NUMBER, WAITING, SignalCliArchive
from tests.support.signal_cli_forms import RUNS, Form, sections

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6364f8cf500f00030e01805a347d6b0000000049454e44ae426082"
)
ALICE, BOB, CAROL, DAVE, ERIN = (f"+1555010{n}" for n in range(5))
BOBS_ACI = "2501300b-4a58-46b4-a0c1-25ff84437fe2"
"""As the list of forms has it."""
LEVELS = ("INFO  ", "WARN  ", "ERROR ")
FORMS = sections()


class StandIn:
    """``signal-cli`` as a link to the installed command; its account has friends and a group with them."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.control = RunningSandbox.find(sandbox.environment_file)
        self._environment_file = sandbox.environment_file
        self._folder = folder
        self._command = folder / "bin" / "signal-cli"
        self._command.parent.mkdir()
        self._command.symlink_to(installed_command())
        self._people = {number: self._registered(number) for number in (ALICE, BOB, CAROL, DAVE)}
        self._register(self._people[DAVE], ERIN)
        self.alice, self.bob = self._people[ALICE], self._people[BOB]
        for friend in (BOB, CAROL):
            self._people[friend].run("-a", friend, "send", "-m", "hi", ALICE)
        self.alice.run("receive", "-t", "1")
        self.alice.run("send", "-m", "hi", BOB, CAROL)
        self.picture = self.alice.home / "picture.png"
        self.picture.write_bytes(PICTURE)
        made = self.alice.run(
            "updateGroup",
            "-n",
            "Friends",
            "--avatar",
            str(self.picture),
            "-m",
            BOB,
            "-m",
            CAROL,
            "-o",
            "json",
        )
        self.group: str = made.json["groupId"]
        self.bobs_aci: str = self.alice.run("getUserStatus", BOB, "-o", "json").json[0]["uuid"]

    def name_group_again(self) -> None:
        """What another section has called the group is no name of one."""
        self.alice.run("updateGroup", "-g", self.group, "-n", "Friends")

    def _registered(self, number: str) -> Sigcli:
        sigcli = Sigcli(self._folder / number, self._environment_file)
        self._register(sigcli, number)
        return sigcli

    def _register(self, sigcli: Sigcli, number: str) -> None:
        sigcli.run("-a", number, "register", "--captcha", CAPTCHA)
        sigcli.run("-a", number, "verify", self.control.code(number))

    def start(self, words: str, *, stderr: int, **environment: str) -> subprocess.Popen[str]:
        """Start a command line."""
        owner = self._owner(words)
        named = {
            "CFG": str(owner.data_dir),
            "FILE": str(self.picture),
            "LOG": str(self._folder / "log"),
            "SOCKET": str(self._folder / "socket"),
            "GROUP": self.group,
            BOBS_ACI: self.bobs_aci,
            "localhost:8095": f"localhost:{free_port()}",
            "127.0.0.1:7590": f"127.0.0.1:{free_port()}",
        }
        given = [named.get(word, word).replace("NEWLINE", "\n") for word in shlex.split(words)]
        return subprocess.Popen(
            [str(self._command), *given],
            env={**owner.environment, **environment},
            cwd=self.alice.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def run(self, words: str, **environment: str) -> tuple[str, str, str]:
        """Run a command line to its end: exit code, stdout, stderr."""
        process = self.start(words, stderr=subprocess.PIPE, **environment)
        out, err = process.communicate("hello\n", timeout=60)
        return str(process.returncode), out, err

    def outcome(self, form: Form) -> tuple[str, str]:
        """How a form ends, and what it says on stderr."""
        if form.ours != RUNS:
            code, _, err = self.run(form.words)
            return code, err
        if "receive" in form.words:
            self.bob.run("send", "-m", "hi", ALICE)
        process = self.start(form.words, stderr=subprocess.STDOUT)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write('{"jsonrpc":"2.0","method":"version","id":1}\n')
            process.stdin.flush()
            begun = process.stdout.readline()
            return (RUNS if begun and not begun.startswith("ERROR") else "ended", begun)
        finally:
            process.kill()
            process.communicate()

    def _owner(self, words: str) -> Sigcli:
        """Whose data directory it is; Dave's has two accounts."""
        return self._people[DAVE if DAVE in words or "NoUser" in words else ALICE]

    def close(self) -> None:
        """End what was started."""
        for sigcli in self._people.values():
            sigcli.dispose()


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[StandIn]:
    made = StandIn(tmp_path_factory.mktemp("standin"), sandbox)
    yield made
    made.close()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def is_served(form: Form) -> bool:
    """Whether the commands and options of a form that runs are there to be tried."""
    for name in ("daemon", "jsonRpc"):
        if name in form.words.split():
            if name not in OPERATIONS:
                return False
            known = {one for it in declaration_of(name).parameters for one in it.spellings}
            options = form.words.partition(name)[2].split()
            return all(one in known for one in options if one.startswith("--"))
    return True


@pytest.mark.parametrize("section", FORMS)
def test_every_form_ends_as_with_signal_cli(stand_in: StandIn, section: str) -> None:
    wrong = []
    stand_in.name_group_again()
    for form in filter(is_served, FORMS[section]):
        ended, err = stand_in.outcome(form)
        if ended != form.ours:
            wrong.append(f"{form.words}\n    {ended}, not {form.ours}: {err.strip()[-400:]}")
        elif ended != RUNS and not all(line.startswith(LEVELS) for line in err.splitlines()):
            wrong.append(f"{form.words}\n    its stderr: {err}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_what_differs_from_signal_cli_is_named() -> None:
    every = [form for forms in FORMS.values() for form in forms]
    assert len(every) == 219
    assert all(bool(form.why) == (form.ours != form.signal_cli) for form in every)


@pytest.mark.parametrize(
    ("words", "environment", "answer"),
    [
        ("--version", {}, "signal-cli 0.14.6\n"),
        ("version", {}, "signal-cli 0.14.6\n"),
        ("--version", {"SIGCLI_COMPAT_VERSION": "0.13.4"}, "signal-cli 0.13.4\n"),
        ("-o json version", {"SIGCLI_COMPAT_VERSION": "0.13.4"}, '{"version":"0.13.4"}\n'),
    ],
)
def test_the_version(
    stand_in: StandIn, words: str, environment: dict[str, str], answer: str
) -> None:
    assert stand_in.run(words, **environment) == ("0", answer, "")


def test_the_variable_does_what_the_name_does(stand_in: StandIn) -> None:
    alice = stand_in.alice
    finished = alice.run("--version", env={"SIGCLI_COMPAT": "signal-cli"})
    assert finished.stdout == "signal-cli 0.14.6\n"
    assert alice.run("--version").stdout.startswith("sigcli ")


@pytest.fixture(params=["alone", "beside a daemon"])
def with_or_without_daemon(request: pytest.FixtureRequest, stand_in: StandIn) -> Iterator[None]:
    """A daemon of the account, which then does the commands."""
    if request.param == "alone":
        yield
        return
    daemon = stand_in.alice.start("daemon")
    daemon.wait_for_complaint("ready")
    yield
    daemon.terminate()
    daemon.wait().expect(0)


@pytest.mark.usefixtures("with_or_without_daemon")
def test_a_send_that_fails_says_so_on_stdout(stand_in: StandIn) -> None:
    code, out, err = stand_in.run(f"-a {ALICE} send -m hello +15559999 {BOB}")
    first, failed, timestamp = out.splitlines()
    assert (code, err) == ("0", "")
    assert first == "Failed to send (some) messages:"
    assert failed.startswith('+15559999: Unregistered user "+15559999"')
    assert timestamp.isdecimal()
    fault = stand_in.control.fault("status", status=503, path="/v1/messages/*")
    try:
        code, out, err = stand_in.run(f"-a {ALICE} send -m hello {BOB}")
    finally:
        stand_in.control.clear_faults(fault)
    first, failed, timestamp = out.splitlines()
    assert code == "1"
    assert failed.startswith(f'{BOB}: Network failure for "{BOB}"')
    assert timestamp.isdecimal()
    assert err.startswith("ERROR Failed to send message")


def test_attachments_are_in_one_folder(stand_in: StandIn) -> None:
    stand_in.bob.run("send", "-a", str(stand_in.picture), ALICE)
    _, out, _ = stand_in.run(f"-a {ALICE} -o json receive -t 2")
    messages = [json.loads(line)["envelope"].get("dataMessage") or {} for line in out.splitlines()]
    (attachment,) = [one for message in messages for one in message.get("attachments", ())]
    assert os.path.splitext(attachment["id"])[1] == ".png"
    folder = stand_in.alice.data_dir / "attachments"
    assert (folder / attachment["id"]).read_bytes() == PICTURE


def test_a_directory_of_signal_cli_is_not_empty(stand_in: StandIn, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.json").write_text('{"accounts":[],"version":2}')
    code, out, err = stand_in.run(f"--config {tmp_path} listAccounts")
    assert (code, out) == ("1", "")
    assert "is a data directory of signal-cli" in err
    assert f"sigcli --data-dir '{tmp_path}' import signal-cli" in err
    doctor = stand_in.alice.run("--data-dir", str(tmp_path), "doctor", exit_code=None)
    assert "import signal-cli" in doctor.stdout


def test_signal_cli_is_replaced_on_the_spot(tmp_path: Path) -> None:
    with SignalCliArchive(tmp_path) as archive:
        place, device = archive.source, archive.device()
        device.environment |= {"SIGCLI_DATA_DIR": str(place), "SIGCLI_COMPAT": "signal-cli"}
        refused = device.run("--config", str(place), "listAccounts", exit_code=1)
        hint = refused.stderr.splitlines()[-1]
        words = shlex.split(hint.partition("sigcli ")[2])
        device.run(*words, env={"SIGCLI_COMPAT": ""})
        listed = device.run("--config", str(place), "listAccounts")
        assert (listed.stdout, listed.stderr) == (f"Number: {NUMBER}\n", "")
        assert set(texts(device)) == WAITING
