"""A command that is killed at a random moment, and what it had printed by then."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.shell import child_environment
from tests.support.sigcli_process import Sigcli, installed_command


@dataclass(frozen=True, slots=True)
class Killed:
    """What was printed; `exit_code` is that of a run which ended before its time had come, else -9."""

    exit_code: int
    lines: list[str]
    stderr: str


def run_and_kill(
    sigcli: Sigcli, arguments: Sequence[str], *, after_s: float, after_lines: int | None = None
) -> Killed:
    """Starts the command and kills it after that time, or at once when it has printed so many lines.

    An unfinished last line does not count as printed.
    """
    process = subprocess.Popen(
        [str(installed_command()), *arguments],
        env=child_environment(sigcli),
        cwd=sigcli.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    descriptor = process.stdout.fileno()
    deadline = time.monotonic() + after_s
    data = b""
    with process:
        while (left_s := deadline - time.monotonic()) > 0:
            if not select.select([descriptor], [], [], left_s)[0]:
                break
            chunk = os.read(descriptor, 1 << 16)
            data += chunk
            if not chunk or (after_lines is not None and data.count(b"\n") >= after_lines):
                break
        process.kill()
        data += process.stdout.read()
        stderr = process.stderr.read().decode()
        exit_code = process.wait()
    return Killed(exit_code, data.decode().split("\n")[:-1], stderr)


_KILLED_AT_STEP = """
import os, signal, sys

folder, left = os.path.realpath(sys.argv[1]), int(sys.argv[2])

def watch(event, arguments):
    global left
    if event not in _STEPS or not any(
        isinstance(one, str) and os.path.realpath(one).startswith(folder) for one in arguments
    ):
        return
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

_STEPS = {"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}
sys.addaudithook(watch)
sys.argv = ["sigcli", *sys.argv[3:]]
from sigcli.__main__ import run
sys.exit(run())
"""


def run_until_step(sigcli: Sigcli, step: int, *arguments: str) -> bool:
    """Runs a command that is killed when it is about to touch its data directory for the so-manieth time.

    False if it ended before, which must be well.
    """
    command = [sys.executable, "-c", _KILLED_AT_STEP, str(sigcli.data_dir), str(step), *arguments]
    finished = subprocess.run(
        command,
        env=child_environment(sigcli),
        cwd=sigcli.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode in (0, -9), finished.stderr
    return finished.returncode == -9
