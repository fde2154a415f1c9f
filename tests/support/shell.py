"""The command inside a shell's pipelines, as scripts use it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.support.sigcli_process import Sigcli, installed_command


def child_environment(sigcli: Sigcli, *folders: Path) -> dict[str, str]:
    """The environment of a run, with the installed command, and what lies in some folders, on PATH."""
    environment = dict(sigcli.environment)
    if sigcli.account is not None:
        environment["SIGCLI_ACCOUNT"] = sigcli.account
    places = (*folders, installed_command().parent, environment["PATH"])
    environment["PATH"] = os.pathsep.join(map(str, places))
    return environment


def shell(
    sigcli: Sigcli, script: str, *, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Runs a script in which ``sigcli`` is the command under test."""
    return subprocess.run(
        ["sh", "-c", script],
        env=child_environment(sigcli),
        cwd=sigcli.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
