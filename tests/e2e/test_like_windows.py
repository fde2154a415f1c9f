"""The daily commands in an interpreter without what Windows lacks (tests/support/like_windows.py)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import CAPTCHA
from tests.support.sandbox_process import SandboxProcess
from tests.support.sigcli_process import Sigcli

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path / "sandbox") as running:
        yield running


def test_registering_sending_and_receiving(sandbox: SandboxProcess, tmp_path: Path) -> None:
    bob = sandbox.account()
    here = Sigcli(tmp_path / "here", sandbox.environment_file)

    def sigcli(*words: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.support.like_windows", *words]
        finished = subprocess.run(
            command,
            env={**here.environment, "PYTHONPATH": str(ROOT)},
            cwd=here.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == exit_code, finished.stderr
        return finished

    sigcli("-a", "+15550100", "register", "--captcha", CAPTCHA)
    code = sandbox.code("+15550100").strip()
    sigcli("-a", "+15550100", "verify", code)
    bob.run("send", "-m", "hello", "+15550100")
    assert "Body: hello" in sigcli("receive").stdout
    (here.home / "note.txt").write_text("from afar")
    sigcli("send", "-m", "and back", "-a", "note.txt", "--", str(bob.account))
    received = [
        one["envelope"].get("dataMessage") for one in bob.run("receive", "--json").json_lines
    ]
    (message,) = filter(None, received)
    assert message["message"] == "and back"
    assert Path(message["attachments"][0]["localPath"]).read_text() == "from afar"
    assert "this system has no Unix sockets" in sigcli("daemon", "--socket", exit_code=1).stderr
