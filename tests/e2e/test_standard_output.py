"""Readers that go, terminals with few letters, and the limits that a process sets itself."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from sigcli.sandbox.server import Sandbox
from tests.support.sigcli_process import Sigcli, installed_command

COMMAND = str(installed_command())
OF_THE_FIRST_INSTANT: tuple[list[str], ...] = (
    [],
    ["--help"],
    ["-h"],
    ["--version"],
    ["send", "--help"],
    ["version"],
)


@pytest.mark.parametrize("words", OF_THE_FIRST_INSTANT)
def test_a_reader_that_is_gone_is_no_failure(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        finished = subprocess.run(
            [COMMAND, *words], stdout=pipe, stderr=subprocess.PIPE, timeout=60
        )
    assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", OF_THE_FIRST_INSTANT)
def test_an_output_that_cannot_be_written_is_one(words: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        finished = subprocess.run(
            [COMMAND, *words], stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert finished.returncode == 1
    assert finished.stderr.startswith(b"sigcli: error: standard output cannot be written")


@pytest.mark.parametrize("words", [["--help"], ["send", "--help"], ["receive", "--help"]])
def test_help_on_a_terminal_with_few_letters(words: list[str]) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    finished = subprocess.run(
        [COMMAND, *words], env=environment, capture_output=True, timeout=60, check=True
    )
    assert finished.stdout.decode("latin-1")
    assert finished.stderr == b""


def test_the_code_of_link_on_a_terminal_with_few_letters(sandbox: Sandbox, tmp_path: Path) -> None:
    sigcli = Sigcli(tmp_path, sandbox.environment_file)
    ours, theirs = pty.openpty()
    # Without half blocks the code is twice as wide.
    environment = {
        **sigcli.environment,
        "PYTHONIOENCODING": "latin-1",
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    process = subprocess.Popen(
        [COMMAND, "link"], env=environment, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    shown = b""
    try:
        while shown.count(b"\x1b[107m") <= 100:
            shown += os.read(ours, 65536)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        os.close(ours)
    assert b"Traceback" not in errors
    assert shown.startswith(b"sgnl://linkdevice")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    sandbox = Sigcli(tmp_path)
    running = sandbox.start("sandbox", "run")
    running.read_json()
    limits = Path(f"/proc/{running.pid}/limits").read_text()
    sandbox.dispose()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
