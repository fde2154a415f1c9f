"""The units in contrib/systemd are what systemd takes, and start commands that there are."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

import pytest

from sigcli.cli.arguments import arrange, split_at_command
from sigcli.cli.building import typer_command
from sigcli.cli.declared_commands import declaration_of
from sigcli.cli.plain_words import shape_of
from sigcli.operations.table import OPERATIONS
from tests.support.requirements import needs_program
from tests.support.sigcli_process import installed_command

UNITS = Path(__file__).parents[2] / "contrib" / "systemd"
FOLDERS = ("system", "user")
ALL = [unit for folder in FOLDERS for unit in sorted((UNITS / folder).iterdir())]
KINDS = {"sigcli.service", "sigcli.socket", "sigcli-upkeep.service", "sigcli-upkeep.timer"}
ALERT = "sigcli-alert@.service"


def complaints(units: dict[str, str], folder: Path, *options: str) -> str:
    """What systemd-analyze verify says of units, by their names."""
    program = needs_program("systemd-analyze", "systemd")
    folder.mkdir()
    for name, text in units.items():
        # systemd looks for a bare command in the system's folders.
        (folder / name).write_text(text.replace("=sigcli ", f"={installed_command()} "))
    named = [str(folder / name.replace("@.", "@root.")) for name in units]
    # A short path: systemd's own units have sockets there.
    with tempfile.TemporaryDirectory(prefix="run-", dir="/tmp") as runtime:
        finished = subprocess.run(
            [program, *options, "--man=no", "verify", *named],
            env={**os.environ, "XDG_RUNTIME_DIR": runtime},
            capture_output=True,
            text=True,
            check=False,
        )
    said = [
        line for line in finished.stderr.splitlines() if str(folder) in line or "sigcli" in line
    ]
    return "\n".join(said) or finished.returncode * "failed"


def units_in(folder: str) -> dict[str, str]:
    return {unit.name: unit.read_text() for unit in ALL if unit.parent.name == folder}


def test_each_folder_has_every_kind() -> None:
    assert set(units_in("user")) == KINDS | {ALERT}
    assert {name.replace("@", "") for name in units_in("system")} == KINDS | {
        ALERT.replace("@", "")
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_systemd_takes_them(folder: str, tmp_path: Path) -> None:
    options = ("--user",) if folder == "user" else ()
    assert complaints(units_in(folder), tmp_path / "units", *options) == ""


def test_the_check_would_notice(tmp_path: Path) -> None:
    units = {name: text.replace("UMask", "YouMask") for name, text in units_in("system").items()}
    assert "YouMask" in complaints(units, tmp_path / "units")


@pytest.mark.parametrize("unit", ALL, ids=lambda unit: f"{unit.parent.name}/{unit.name}")
def test_what_they_start_is_a_command_with_its_options(unit: Path) -> None:
    for line in unit.read_text().splitlines():
        if not line.startswith("ExecStart="):
            continue
        program, *words = shlex.split(line.removeprefix("ExecStart="))
        assert program == "sigcli"
        split = split_at_command(words)
        assert split.command in OPERATIONS
        declared = declaration_of(split.command)
        arranged = arrange(split, shape_of(declared)).words
        command = typer_command(split.command, declared, lambda _: 0)
        assert command.main(arranged, standalone_mode=False) == 0
