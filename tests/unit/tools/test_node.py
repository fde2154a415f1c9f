"""A machine on which npm cannot install is told so before the tests, once, with what is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.node import NodeUnavailable, find_node

ROOT = Path(__file__).resolve().parents[3]


def machine(folder: Path, npm: str) -> dict[str, str]:
    """An environment with a Node that is new enough, an npm that does this, and packages to install."""
    for name, script in (("node", "echo v99.0.0"), ("npm", npm)):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    packages = folder / "packages"
    (packages / "node_modules").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (packages / name).write_text("{}")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "SIGCLI_NODE_DIRECTORY": str(packages)}


def asked(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.node"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_an_npm_that_fails_is_told_with_what_is_not_tested(tmp_path: Path) -> None:
    told = asked(machine(tmp_path, "echo no way to the registry; exit 1"))
    assert told.returncode == 1
    first, *_, last = told.stderr.strip().splitlines()
    assert first.startswith("NOT PROVEN: ")
    assert "tests/interop" in told.stderr
    assert last == "no way to the registry"


def test_an_npm_that_works_says_nothing(tmp_path: Path) -> None:
    told = asked(machine(tmp_path, "exit 0"))
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_what_was_told_at_the_beginning_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGCLI_NODE_UNAVAILABLE", "as told")
    with pytest.raises(NodeUnavailable, match="as told"):
        find_node()
