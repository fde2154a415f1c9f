"""What README and docs show in blocks, run as it stands by somebody whose home is empty, with the sandbox as service.

``PAGES`` has every block of every page in its order: what runs it, or why it cannot run here.
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.accounts import register_account
from tests.support.sandbox_process import SandboxProcess, texts
from tests.support.sigcli_process import Sigcli, installed_command
from tests.unit.test_systemd_units import complaints

ROOT = Path(__file__).resolve().parents[2]
ME, OPS, BOSS = "+15550199", "+15550100", "+15550101"
PATIENCE_S = 120
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CRON_LINE = re.compile(r"(?:\S+\s+){5}(.*)")


class Stage:
    """A home with the command in ``~/.local/bin``, the account +15550199, and friends who are called ops and boss."""

    def __init__(self, folder: Path, sandbox: SandboxProcess, *, has_account: bool) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.sandbox = sandbox
        self.phone = self._friend(ME)
        self.ops = self._friend(OPS)
        self.boss = self._friend(BOSS)
        self.programs = folder / "programs"
        runtime = folder / "run"
        commands = self.home / ".local" / "bin"
        for made in (commands, self.programs, runtime):
            made.mkdir(parents=True)
        (commands / "sigcli").symlink_to(installed_command())
        self.program("uv", f'[ "$*" = "tool dir" ] && echo {self.home}/tools')
        self.program("systemctl", f'echo "$*" >> {folder}/systemctl')
        self.environment = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": f"{self.programs}:{commands}:/usr/bin:/bin",
            "SIGCLI_SERVICE_ENVIRONMENT": str(self.sandbox.environment_file),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        if has_account:
            (readme_toml,) = (text for kind, text in blocks("README.md") if kind == "toml")
            toml(self, readme_toml)
            data_dir = self.home / ".local" / "share" / "sigcli"
            register_account(self.sandbox.environment_file, data_dir, ME)
            self.shell("sigcli --quiet send -m hello ops boss")  # they are no strangers
            assert [texts(friend) for friend in (self.ops, self.boss)] == [["hello"], ["hello"]]

    def program(self, name: str, script: str) -> None:
        """What stands in for a program that a test machine cannot use."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def start(
        self, *command: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            env=environment or self.environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def shell(self, script: str, environment: dict[str, str] | None = None) -> tuple[str, str]:
        """What a script prints on stdout and stderr, each line of it having succeeded."""
        with self.start("bash", "-ec", script, environment=environment) as running:
            try:
                stdout, stderr = running.communicate(timeout=PATIENCE_S)
            except BaseException:
                os.killpg(running.pid, signal.SIGKILL)
                raise
        assert running.returncode == 0, f"{script}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        return stdout, stderr

    def _friend(self, number: str) -> Sigcli:
        friend = self.sandbox.account_of(number)
        assert friend.account == number
        return friend


# --- what runs a block ----------------------------------------------------------------------------


def sh(stage: Stage, text: str) -> None:
    stage.shell(text)


def links(stage: Stage, text: str) -> None:
    """The phone scans what is shown."""
    with stage.start("bash", "-ec", text) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("sgnl://"):
                stage.phone.run("addDevice", "--uri", line.strip())
        assert running.stderr is not None
        told = running.stderr.read()
    assert running.returncode == 0, told
    assert texts(stage.ops) == ["disk full"]
    assert any(text.startswith("hello from ") for text in sent_by_me(stage.phone))


def toml(stage: Stage, text: str) -> None:
    tomllib.loads(text)
    place = stage.home / ".config" / "sigcli" / "config.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    assert stage.shell("sigcli listAccounts")[1] == ""


def cron(stage: Stage, text: str) -> None:
    """As cron runs it: with next to no environment, and a % for the end of the line. It says nothing: no mail."""
    stage.program("df", "echo Use%; echo ' 100%'")
    cron_environment = {
        **{name: stage.environment[name] for name in ("HOME", "SIGCLI_SERVICE_ENVIRONMENT")},
        "PATH": "/usr/bin:/bin",
    }
    full = {**cron_environment, "PATH": f"{stage.programs}:/usr/bin:/bin"}
    for line in text.splitlines():
        scheduled = CRON_LINE.fullmatch(line)
        assert scheduled
        command = re.split(r"(?<!\\)%", scheduled[1])[0].replace("\\%", "%")
        for environment in (cron_environment, full) if "df " in command else (cron_environment,):
            with stage.start("/bin/sh", "-c", command, environment=environment) as running:
                assert running.communicate(timeout=PATIENCE_S) == ("", "")
            assert running.returncode == 0
    assert any(text.startswith("disk full on ") for text in texts(stage.ops))


def answered(stage: Stage, text: str) -> None:
    """Ops answers what it is asked; nobody else is."""

    def answer() -> None:
        stage.ops.run("receive", "-t", str(PATIENCE_S), "--max-messages", "1")
        stage.ops.run("send", "-m", "ack, on it", ME)

    texts(stage.ops)
    answering = threading.Thread(target=answer)
    answering.start()
    stdout, _ = stage.shell(text)
    answering.join()
    assert "ack, on it" in stdout
    assert texts(stage.boss) == []


def bot(stage: Stage, text: str) -> None:
    """It answers the word that its text looks for."""
    asked = re.search(r'message\.text == "(\w+)"', text)
    assert asked
    with running_python(stage, text):
        stage.ops.run("send", "-m", asked[1], ME)
        waiting = ("receive", "-t", str(PATIENCE_S), "--max-messages", "1", "--ignore-stories")
        came = ""
        while "Body: " not in came:  # receipts come, too
            came = stage.ops.run(*waiting, timeout_s=2 * PATIENCE_S).stdout
    assert "Body: pong" in came if asked[1] == "ping" else "load average" in came


def alertmanager(stage: Stage, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    alerts = [{"status": "firing", "labels": {"alertname": "DiskFull", "instance": "web-1"}}]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/", json.dumps({"version": "4", "alerts": alerts}).encode()
    )
    texts(stage.ops)
    with running_python(stage, text, OPS, str(port)) as running:
        pause = threading.Event()
        while True:
            assert running.poll() is None
            with contextlib.suppress(ConnectionRefusedError, urllib.error.URLError):
                assert urllib.request.urlopen(request, timeout=PATIENCE_S).status == 204
                break
            pause.wait(0.1)
    assert texts(stage.ops) == ["firing: DiskFull"]


def own_sandbox(stage: Stage, text: str) -> None:
    environment = {**stage.environment}
    del environment["SIGCLI_SERVICE_ENVIRONMENT"]
    stdout, _ = stage.shell(text, environment)
    assert "refused, as ordered: exit code 5" in stdout


def over_http(stage: Stage, text: str) -> None:
    """With the port that stands there, which one at a time can have."""
    texts(stage.ops)
    with open("/tmp/sigcli-tests-port-8080", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stdout, _ = stage.shell(text)
    assert json.loads(stdout)["result"]["results"][0]["type"] == "SUCCESS"
    assert texts(stage.ops) == ["disk full"]


def json_rpc(stage: Stage, text: str) -> None:
    stdout, _ = stage.shell(text)
    assert json.loads(stdout.splitlines()[-1])["result"]["results"][0]["type"] == "SUCCESS"


def socket_daemon(stage: Stage, text: str) -> None:
    place = Path(stage.environment["XDG_RUNTIME_DIR"], "signal-cli", "socket")
    with stage.start("bash", "-ec", f"{text}wait") as running:
        pause = threading.Event()
        while not place.exists():
            assert running.poll() is None
            pause.wait(0.05)
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate(timeout=PATIENCE_S)


def compatible_name(stage: Stage, text: str) -> None:
    stage.shell(text)
    assert stage.shell("signal-cli --version")[0] == "signal-cli 0.14.6\n"


def user_units(stage: Stage, text: str) -> None:
    shipped = stage.home / "tools" / "sigcli" / "lib" / "systemd"
    shipped.mkdir(parents=True, exist_ok=True)
    (shipped / "user").symlink_to(ROOT / "contrib" / "systemd" / "user")
    stage.shell(text)
    assert "enable --now sigcli.service" in (stage.folder / "systemctl").read_text()
    units = {
        unit.name: unit.read_text() for unit in (stage.home / ".config/systemd/user").iterdir()
    }
    assert f"ExecStart={stage.home}/.local/bin/sigcli daemon" in units["sigcli.service"]
    assert complaints(units, stage.folder / "units", "--user") == ""


def linked_man_page(stage: Stage, text: str) -> None:
    shared = stage.home / "tools" / "sigcli" / "share"
    for source, target in (
        ("man/sigcli.1", "man/man1"),
        ("completions/sigcli.bash", "bash-completion/completions"),
    ):
        (shared / target).mkdir(parents=True)
        name = "sigcli" if source.endswith("bash") else "sigcli.1"
        (shared / target / name).symlink_to(ROOT / source)
    stage.shell(text)
    assert (stage.home / ".local/share/man/man1/sigcli.1").read_text().startswith(".TH SIGCLI 1")
    assert (stage.home / ".local/share/bash-completion/completions/sigcli").is_file()


def ini(_: Stage, text: str) -> None:
    parsed = configparser.ConfigParser(interpolation=None)
    parsed.read_string(text)
    assert parsed["Unit"]["OnFailure"].startswith("sigcli-alert@")


def well_formed(_: Stage, text: str) -> None:
    """YAML of a program that is not here; the programs of tests/e2e/programs speak to the same routes."""
    (part,) = yaml.safe_load(text).values()
    assert part[0]["name"] == "signal"


REGISTRY = "installs from a registry; tests/unit/test_packaging.py installs the wheel"
OTHER_TEST = "run by tests/e2e/{}"
Run = Callable[[Stage, str], None]
PAGES: dict[str, list[tuple[str, Run | str]]] = {
    "README.md": [
        ("$ df -h | sigcli send", OTHER_TEST.format("test_readme_examples.py")),
        ("python3 -m venv .venv", REGISTRY + ", tests/e2e/test_demo.py runs the demo"),
        ("uv tool install .", REGISTRY),
        ("sigcli link -n server", links),
        ("# ~/.config/sigcli/config.toml", toml),
        ("*/15 * * * *", cron),
        ('sigcli send -m "disk full" ops &&', answered),
        ("import sigcli", bot),
        ("sigcli receive --json | jq", OTHER_TEST.format("test_readme_examples.py")),
        ("box=$(mktemp -d)", own_sandbox),
        ("export TOKEN=$(sigcli token", over_http),
        ("tests/run", "is what runs this"),
    ],
    "docs/README.md": [],
    "docs/comparison.md": [],
    "docs/errors.md": [],
    "docs/library.md": [
        (start, OTHER_TEST.format("test_library.py"))
        for start in (
            "pip install",
            *("",) * len(FENCED.findall((ROOT / "docs/library.md").read_text())[1:]),
        )
    ],
    "docs/packaging.md": [
        ("share=$(uv tool dir)", linked_man_page),
        ("python3 -m venv /opt/sigcli", REGISTRY + ", and into /opt"),
    ],
    "docs/platforms.md": [("sudo apt install", REGISTRY + ", and needs another machine")],
    "docs/programs.md": [
        ("ln -s", compatible_name),
        ('echo \'{"jsonrpc"', json_rpc),
        ("sigcli daemon --socket", socket_daemon),
    ],
    "docs/recipes.md": [
        ("*/15 * * * *", cron),
        ("mkdir -p ~/.config/systemd/user", user_units),
        ("[Unit]", ini),
        ("for who in ops boss", answered),
        ("sigcli receive --json | jq", OTHER_TEST.format("test_readme_examples.py")),
        ("sigcli receive -t -1", OTHER_TEST.format("test_readme_examples.py")),
        ("import subprocess", bot),
        ("notify:", well_formed),
        ("import http.server", alertmanager),
        ("receivers:", well_formed),
        ("sigcli -a +15550198 register", "the code comes by SMS; run by tests/e2e/test_pin.py"),
        ("(umask 077", sh),
        ("sigcli restore", "it would stop this account; run by tests/e2e/test_backup.py"),
        ("systemctl --user stop", "needs signal-cli's data; run by tests/e2e/test_import.py"),
    ],
}


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and text of each block of a page."""
    return FENCED.findall((ROOT / page).read_text())


def test_every_block_of_every_page_is_in_the_table() -> None:
    pages = ["README.md", *(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
    assert set(pages) == set(PAGES)
    for page in pages:
        found = [text for _, text in blocks(page)]
        starts = [start for start, _ in PAGES[page]]
        assert len(found) == len(starts), page
        for text, start in zip(found, starts, strict=True):
            assert text.startswith(start), page


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("has_account", [False, True], ids=["README", "docs"])
def test_the_blocks_run_as_they_stand(tmp_path: Path, has_account: bool) -> None:
    """The README begins with nothing; who reads on has an account."""
    pages = [page for page in PAGES if (page != "README.md") == has_account]
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        stage = Stage(tmp_path, sandbox, has_account=has_account)
        for page in pages:
            for (_, text), (_, how) in zip(blocks(page), PAGES[page], strict=True):
                if not isinstance(how, str):
                    how(stage, text)


@contextlib.contextmanager
def running_python(stage: Stage, text: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    script = stage.folder / "program.py"
    script.write_text(text)
    with stage.start(sys.executable, str(script), *arguments) as running:
        try:
            yield running
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            _, told = running.communicate(timeout=PATIENCE_S)
            assert "Traceback" not in told, told


def sent_by_me(device: Sigcli) -> list[str]:
    """What another device of the account has sent."""
    received = device.run("receive", "--json").json_lines
    messages = [one["envelope"].get("syncMessage", {}).get("sentMessage") for one in received]
    return [one["message"] for one in messages if one and one["message"]]
