"""``sandbox run --detach``: the server as a process of its own, which keeps running once it serves."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sigcli.cli import terminal
from sigcli.cli.surroundings import here
from sigcli.errors import SandboxFailed
from sigcli.store.private_files import create_private_file, make_private_folder

if TYPE_CHECKING:
    from sigcli.cli.commands.sandbox import Sandbox
    from sigcli.cli.options import GlobalOptions

_LAST_WORDS = 4096


def run_detached(asked: Sandbox, options: GlobalOptions, environment_file: Path) -> int:
    """Start the server and return when it listens; its line goes to stdout. Returns its exit code if it fails."""
    environment_file = environment_file.absolute()
    log_file = environment_file.with_name(environment_file.name + ".log")
    make_private_folder(str(environment_file.parent))
    log_file.unlink(missing_ok=True)
    log = create_private_file(str(log_file))
    try:
        server = subprocess.Popen(
            [sys.executable, "-m", "sigcli", *_words(asked, options, environment_file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            # This very program, and nothing from the working directory.
            env={**here().environ, "PYTHONPATH": _own_place(), "PYTHONSAFEPATH": "1"},
        )
    finally:
        os.close(log)
    assert server.stdout is not None
    with server.stdout as lines:
        line = lines.readline().decode()
    if not line:
        exit_code = server.wait()
        with open(log_file, errors="replace") as said:
            here().stderr.write(said.read(_LAST_WORDS))
        if exit_code == 0:
            raise SandboxFailed("the sandbox ended before it was ready")
        return exit_code
    terminal.print_json(json.loads(line))
    terminal.tell(
        f"the sandbox runs in the background (process {server.pid}) until"
        f" sigcli sandbox stop --environment-file {shlex.quote(str(environment_file))}"
    )
    return 0


def _words(asked: Sandbox, options: GlobalOptions, environment_file: Path) -> list[str]:
    """The same command without ``--detach``."""
    words = []
    if data_dir := options.given.get("data_dir"):
        words += ["--data-dir", str(Path(data_dir).absolute())]
    words += ["sandbox", "run", "--environment-file", str(environment_file)]
    words += ["--host", asked.host, "--port", str(asked.port), "--requests", asked.requests]
    for name in asked.names:
        words += ["--name", name]
    return [*words, "--legacy-ids"] if asked.legacy_ids else words


def _own_place() -> str:
    import sigcli

    return str(Path(sigcli.__file__).parent.parent)
