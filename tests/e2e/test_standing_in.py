"""The command called by the name ``signal-cli``: argv as programs build it, in a sandbox."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigcli.sandbox.control import RunningSandbox
from sigcli.sandbox.server import Sandbox
from tests.support import signal_cli_forms as forms
from tests.support.sandbox_process import CAPTCHA
from tests.support.signal_cli_forms import RUNS, Form
from tests.support.sigcli_process import Sigcli, installed_command

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6364f8cf500f00030e0180 5a347d6b0000000049454e44ae426082"
)
ALICE, BOB, CAROL, DAVE, ERIN = (f"+1555010{n}" for n in range(5))
BOBS_ACI = "2501300b-4a58-46b4-a0c1-25ff84437fe2"


class StandIn:
    """``signal-cli`` as a link to the installed command, with an account that has a friend and a group."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._command = folder / "bin" / "signal-cli"
        self._command.parent.mkdir()
        self._command.symlink_to(installed_command())
        self._control = RunningSandbox.find(sandbox.environment_file)
        self._people = {number: self._registered(number) for number in (ALICE, BOB, CAROL, DAVE)}
        self.alice = self._people[ALICE]
        self._register(self._people[DAVE], ERIN)
        for friend in (BOB, CAROL):
            self._people[friend].run("-a", friend, "send", "-m", "hi", ALICE)
        self.alice.run("receive", "-t", "1")
        self.alice.run("send", "-m", "hi", BOB, CAROL)
        self.picture = self.alice.home / "picture.png"
        self.picture.write_bytes(PICTURE)
        made = self.alice.run(
            "updateGroup", "-n", "Test Group", "-m", BOB, "-m", CAROL, "-o", "json"
        )
        self.group: str = made.json["groupId"]
        self.bobs_aci: str = self.alice.run("getUserStatus", BOB, "-o", "json").json[0]["uuid"]

    def _registered(self, number: str) -> Sigcli:
        sigcli = Sigcli(self._folder / number, self.sandbox.environment_file)
        self._register(sigcli, number)
        return sigcli

    def _register(self, sigcli: Sigcli, number: str) -> None:
        sigcli.run("-a", number, "register", "--captcha", CAPTCHA)
        sigcli.run("-a", number, "verify", self._control.code(number))

    def start(self, words: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command line."""
        named = {
            "CFG": str(self._owner(words).data_dir),
            "FILE": str(self.picture),
            "LOG": str(self._folder / "log"),
            "SOCKET": str(self._folder / "socket"),
            "GROUP": self.group,
            BOBS_ACI: self.bobs_aci,
        }
        return subprocess.Popen(
            [str(self._command), *(named.get(word, word) for word in shlex.split(words))],
            env={**self._owner(words).environment, **environment},
            cwd=self.alice.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, words: str, **environment: str) -> tuple[int, str, str]:
        """Run a command line to its end: exit code, stdout, stderr."""
        process = self.start(words, **environment)
        out, err = process.communicate("hello\n", timeout=60)
        return process.returncode, out, err

    def ends_with(self, form: Form) -> tuple[int, str]:
        """The exit code, RUNS for what has begun and does not end; and stderr."""
        if form.expected != RUNS:
            code, _, err = self.run(form.words)
            return code, err
        if "receive" in form.words:
            self._people[BOB].run("send", "-m", "hi", ALICE)
        process = self.start(form.words)
        assert process.stdout is not None
        try:
            begun = process.stdout.readline()
            return (RUNS, "") if begun else (process.wait(10), process.communicate()[1])
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.communicate()

    def _owner(self, words: str) -> Sigcli:
        """Whose data directory it is; Dave's has two accounts."""
        return self._people[DAVE if DAVE in words or "NoUser" in words else ALICE]

    def close(self) -> None:
        for sigcli in self._people.values():
            sigcli.dispose()


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[StandIn]:
    made = StandIn(tmp_path_factory.mktemp("standin"), sandbox)
    yield made
    made.close()


SECTIONS = (
    "SENDING",
    "RECEIVING",
    "GROUPS",
    "REACTIONS_AND_POLLS",
    "PEOPLE",
    "ACCOUNT",
    "REGISTRATION",
    "THE_REST",
)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_form_ends_as_with_signal_cli(stand_in: StandIn, section: str) -> None:
    wrong = []
    for form in getattr(forms, section):
        code, err = stand_in.ends_with(form)
        if code != form.expected:
            wrong.append(f"{form.words}\n    {code}, not {form.expected}: {err.strip()[-400:]}")
    assert not wrong, "\n" + "\n".join(wrong)
