"""The command inside a shell's pipelines, as scripts use it."""

from __future__ import annotations

import os
import subprocess

from tests.support.sigcli_process import Sigcli, installed_command


def child_environment(sigcli: Sigcli) -> dict[str, str]:
    """The environment of a run, with the installed command on PATH."""
    environment = dict(sigcli.environment)
    if sigcli.account is not None:
        environment["SIGCLI_ACCOUNT"] = sigcli.account
    environment["PATH"] = f"{installed_command().parent}{os.pathsep}{environment['PATH']}"
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
